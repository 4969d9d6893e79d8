/*
 * mark.h - the marks of our plugins of libsasl, by which a file of ours is told
 * from one of the same name: notes of ELF (`readelf -n' shows them), which are
 * read without running the file.
 *
 * They prove nothing: whoever can write to the directory that libsasl loads
 * from can put them into any file.
 */
#ifndef GS2_MARK_H
#define GS2_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The owner and the types of the notes. */
#define GS2_MARK_OWNER "cyrus-sasl-gs2"
enum gs2_mark {
    GS2_MARK_PLUGIN = 1, /* it is a plugin of ours ... */
    GS2_MARK_GSSAPI = 2  /* ... and has GSSAPI and GSS-SPNEGO */
};

/* Of a segment of notes: its alignment is that of the marks. */
#define GS2_MARK_ALIGN 4

/* Such a note; it has no text. */
struct gs2_mark_note {
    uint32_t owner_len, text_len, type;
    char owner[(sizeof(GS2_MARK_OWNER) + GS2_MARK_ALIGN - 1) /
               GS2_MARK_ALIGN * GS2_MARK_ALIGN];
};

/* Clang's AddressSanitizer would put octets of its own around a note. */
#ifdef __clang__
#define GS2_MARK_ALONE __attribute__((no_sanitize("address")))
#else
#define GS2_MARK_ALONE
#endif

/* Puts the mark of this type into the file that the code is linked into. */
#define GS2_MARK(name, type)                                                  \
    extern const struct gs2_mark_note name;                                   \
    GS2_MARK_ALONE const struct gs2_mark_note name __attribute__((            \
        section(".note.gs2"), used, aligned(GS2_MARK_ALIGN))) = {             \
        sizeof(GS2_MARK_OWNER), 0, (type), GS2_MARK_OWNER                     \
    }

/* True where the mark of this type is one of the notes in the size octets at
 * notes, which may be anything. */
bool gs2_mark_is_in(const void *notes, size_t size, enum gs2_mark type);

#endif
