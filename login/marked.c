/*
 * marked.c - the mark of each plugin that this library is linked into
 * (common/mark.h).
 */
#include <stdint.h>

#include "common/mark.h"

extern const struct gs2_mark gs2_mark;
/* A note of ELF that says no more than whose it is. */
const struct gs2_mark {
    uint32_t owner_len, text_len, type;
    char owner[(sizeof(GS2_MARK_OWNER) + GS2_MARK_ALIGN - 1) /
               GS2_MARK_ALIGN * GS2_MARK_ALIGN];
} gs2_mark __attribute__((section(".note.gs2"), used,
                          aligned(GS2_MARK_ALIGN))) = {
    sizeof(GS2_MARK_OWNER), 0, GS2_MARK_TYPE, GS2_MARK_OWNER
};
