/*
 * header_input.h - what the tests of the gs2-header share: decoding, and that
 * a message is refused.
 */
#ifndef GS2_TESTS_HEADER_INPUT_H
#define GS2_TESTS_HEADER_INPUT_H

#include <check.h>

#include "common/wire/header.h"
#include "octets.h"

#define MALFORMED "malformed GS2 header: "

static struct gs2_error err;

/* Decodes a copy of exactly len octets.  (What runs a million times does
 * without ck_assert(), which writes to a file each time.) */
static inline gs2_status
decode(const void *message, size_t len, struct gs2_header *hdr)
{
    void *copy = exact_copy(message, len);
    gs2_status status;

    memset(&err, 0, sizeof(err));
    memset(hdr, 0xff, sizeof(*hdr));
    status = gs2_header_decode(copy, len, hdr, &err);
    free(copy);
    return status;
}

static inline void
assert_refused(const void *message, size_t len)
{
    static const struct gs2_header empty;
    struct gs2_header hdr;
    char shown[256];

    if (decode(message, len, &hdr) != GS2_BADPROT ||
        strncmp(err.text, MALFORMED, strlen(MALFORMED)) != 0)
        ck_abort_msg("\"%s\": \"%s\"",
                     gs2_escape(shown, sizeof(shown), message, len), err.text);
    if (memcmp(&hdr, &empty, sizeof(hdr)) != 0)
        ck_abort_msg("\"%s\" leaves something behind",
                     gs2_escape(shown, sizeof(shown), message, len));
    gs2_header_free(&hdr);
}

#endif
