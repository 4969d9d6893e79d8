/*
 * header.h - the gs2-header, first part of the first message (RFC 5801
 * section 4), decoded and encoded exactly.
 *
 * Where this is stricter than the RFC: the escapes =2C and =3D and the letters
 * of the header are taken in capitals and as written alone, since the octets
 * are bound to the context as sent and no client writes them otherwise.
 */
#ifndef GS2_HEADER_H
#define GS2_HEADER_H

#include <stdbool.h>

#include "common/text/error.h"

/* gs2-cb-flag, by its letter on the wire. */
enum gs2_cb_flag {
    GS2_CB_NONE = 'n',     /* the client has no channel binding */
    GS2_CB_OFFERED = 'y',  /* it has, and believes that the server has none */
    GS2_CB_USED = 'p'      /* it binds the context to the channel */
};

struct gs2_header {
    bool nonstd;               /* F,: the token after it has no framing */
    enum gs2_cb_flag cb_flag;
    char *cb_name;             /* binding type; NULL unless GS2_CB_USED */
    char *authzid;             /* unescaped; NULL for none, never "" */
    size_t length;             /* octets on the wire, F, included */
    size_t bound_at;           /* the part that is bound begins here ... */
    size_t bound_len;          /* ... and is so long: all but F, (5.1) */
};

/*
 * Decodes the header at the front of the len octets at message, which need not
 * be terminated and are not read past their end.  Gives hdr_out, to be freed
 * with gs2_header_free(); strings in it are terminated and hold no other NUL.
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADPROT with a text that says which rule of the
 * syntax is broken and where; hdr_out is then empty, and freeing it is
 * harmless.
 */
GS2_MUST_USE gs2_status
gs2_header_decode(const void *message, size_t len, struct gs2_header *hdr_out,
                  struct gs2_error *err);

/* Frees what gs2_header_decode() gave, and empties *hdr. */
void gs2_header_free(struct gs2_header *hdr);

/*
 * Encodes nonstd, cb_flag, cb_name and authzid of *hdr and sets its lengths.
 * Gives *wire_out, hdr->length octets and a NUL, freed with free().
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADPROT where a value cannot be said: a cb_name
 * that is not 1*(ALPHA / DIGIT / "." / "-"), an authzid that is empty or no
 * UTF-8.  *wire_out is then NULL.
 */
GS2_MUST_USE gs2_status
gs2_header_encode(struct gs2_header *hdr, char **wire_out,
                  struct gs2_error *err);

#endif
