/*
 * framing.h - the framing of an initial token (RFC 2743 section 3.1), which
 * GS2 takes off on the wire (RFC 5801 section 4):
 *
 *   0x60 | DER length of the rest | 0x06 | length of the OID | OID | inner
 */
#ifndef GS2_FRAMING_H
#define GS2_FRAMING_H

#include "common/text/error.h"

/* Octets of a message that a peer may send, before any part of it is read:
 * applications hand on lengths that cannot be true. */
#define GS2_MESSAGE_OCTETS_MAX 1048576 /* 1 MiB */

/*
 * Finds the inner token of a framed one.  Borrows: *inner_out points into
 * token.  The framing must name oid (oid_len octets, at most 127), its DER
 * length must be minimal and cover the rest of the token exactly.
 *
 * GS2_OK, or GS2_BADPROT with the reason; *inner_out is then NULL.
 */
GS2_MUST_USE gs2_status
gs2_framing_strip(const void *token, size_t len, const void *oid,
                  size_t oid_len, const void **inner_out, size_t *inner_len_out,
                  struct gs2_error *err);

/*
 * Frames an inner token anew.  Gives *token_out, *len_out octets, freed with
 * free().  oid_len is 1 to 127; inner_len below 2^32 - 256.
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADPROT where a length is out of bounds.
 */
GS2_MUST_USE gs2_status
gs2_framing_add(const void *inner, size_t inner_len, const void *oid,
                size_t oid_len, void **token_out, size_t *len_out,
                struct gs2_error *err);

#endif
