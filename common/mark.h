/*
 * mark.h - the mark of our plugins of libsasl, by which a file of ours is told
 * from one of the same name: a note of ELF (`readelf -n' shows it).
 *
 * It proves nothing: whoever can write to the directory that libsasl loads
 * from can put a mark into any file.
 */
#ifndef GS2_MARK_H
#define GS2_MARK_H

#include <stdbool.h>
#include <stddef.h>

#define GS2_MARK_OWNER "cyrus-sasl-gs2"
#define GS2_MARK_TYPE  1

/* Of a segment of notes: its alignment is that of the mark. */
#define GS2_MARK_ALIGN 4

/* True where the mark is one of the notes in the size octets at notes, which
 * may be anything. */
bool gs2_mark_is_in(const void *notes, size_t size);

#endif
