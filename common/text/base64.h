/*
 * base64.h - base64 (RFC 4648 section 4), for octets in options and in
 * properties.
 */
#ifndef GS2_BASE64_H
#define GS2_BASE64_H

#include "error.h"

/* Gives the base64 of the len octets at data, padded, terminated, on one line,
 * freed with free().  NULL where there is no memory. */
char *gs2_base64_encode(const void *data, size_t len);

/*
 * Decodes the len octets at text, which are not read past their end.  Gives
 * *data_out, never NULL on success, freed with free().  Only what
 * gs2_base64_encode() would write is taken: padded, nothing else in between,
 * unused bits zero (RFC 4648 section 3.5).
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG with *bad_at_out, offset of the first
 * octet that is wrong (len where something is missing).
 */
GS2_MUST_USE gs2_status
gs2_base64_decode(const char *text, size_t len, void **data_out,
                  size_t *data_len_out, size_t *bad_at_out);

#endif
