/*
 * layer_message.h - the two messages of RFC 4752 sections 3.1 and 3.2 in which
 * the layer is agreed, before they are wrapped:
 *
 *   layers or layer (1 octet) | size (3 octets, network order) | authzid
 *
 * The server's has no authzid, and offers; the client's chooses.
 */
#ifndef GS2_LAYER_MESSAGE_H
#define GS2_LAYER_MESSAGE_H

#include "common/text/error.h"

/* Octets in front of the authzid. */
#define GS2_LAYER_MESSAGE_OCTETS 4

struct gs2_layer_message {
    unsigned layers; /* bits (ssf.h), those that are not understood as well */
    unsigned size;   /* the longest wrapped message that its sender receives */
};

/* Row KS8: writes the server's.  size is at most GS2_LAYER_OCTETS_MAX. */
void gs2_layer_message_encode(
    const struct gs2_layer_message *message,
    unsigned char octets_out[GS2_LAYER_MESSAGE_OCTETS]);

/* Row KC10: the client's, with authzid, NULL for none.  Gives *octets_out, of
 * *len_out octets, freed with free().  GS2_OK, GS2_NOMEM, or GS2_BADPROT where
 * the authzid is no UTF-8. */
GS2_MUST_USE gs2_status
gs2_layer_message_encode_choice(const struct gs2_layer_message *message,
                                const char *authzid, char **octets_out,
                                size_t *len_out, struct gs2_error *err);

/* Rows KC7 and KC8: the server's, of exactly four octets.  GS2_OK or
 * GS2_BADPROT. */
GS2_MUST_USE gs2_status
gs2_layer_message_decode_offer(const void *data, size_t len,
                               struct gs2_layer_message *message_out,
                               struct gs2_error *err);

/*
 * Row KS9: the client's.  Gives *authzid_out, freed with free(), NULL where the
 * client asks for no other identity than its own.  It is well-formed UTF-8
 * without a NUL, exactly as long as what came.  GS2_OK, GS2_NOMEM or
 * GS2_BADPROT.
 */
GS2_MUST_USE gs2_status
gs2_layer_message_decode_choice(const void *data, size_t len,
                                struct gs2_layer_message *message_out,
                                char **authzid_out, struct gs2_error *err);

#endif
