/*
 * layer.h - a security layer in force (RFC 4752 section 3.3, RFC 4422 section
 * 3.7; rows KL1 to KL6 of doc/gssapi.md):
 *
 *   length of the wrapped message (4 octets, network order) | wrapped message
 *
 * libsasl calls its two functions for as long as the connection lives, from
 * one thread each.  Once one of them has refused, it refuses for good: what
 * follows a message that cannot be decoded cannot be decoded either.
 */
#ifndef GS2_LAYER_H
#define GS2_LAYER_H

#include <stdbool.h>

#include <gssapi/gssapi.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/text/error.h"
#include "ssf.h"

/* Octets in front of each wrapped message. */
#define GS2_LAYER_LENGTH_OCTETS 4

/* What is sent, by the thread that encodes. */
struct gs2_layer_sender {
    unsigned max;    /* octets that one wrapped message can carry */
    char *frame;     /* the one last given to libsasl */
    size_t size;     /* of its memory */
    bool failed;
};

/* What is received, by the thread that decodes. */
struct gs2_layer_receiver {
    unsigned max;        /* octets of a wrapped message */
    unsigned plain_max;  /* octets of what it carries */
    unsigned char length[GS2_LAYER_LENGTH_OCTETS];
    size_t have;         /* octets of length and wrapped message, together */
    char *wrapped;       /* the message, as far as it came */
    size_t wrapped_size; /* of its memory */
    char *plain;         /* what was last given to libsasl */
    size_t plain_size;
    bool failed;
};

/*
 * The first member of an attempt, because libsasl 2.1.28 calls its functions
 * with the context of the mechanism, not with encode_context.  After another
 * start that is the context of a new attempt, perhaps of another mechanism:
 * libsasl's client neither disposes of the old attempt nor asks the new one
 * before it calls.
 */
struct gs2_layer {
    const void *mark;     /* while it is in force: no other context has it */
    gss_ctx_id_t context; /* borrowed */
    bool sealed;          /* confidentiality, else integrity alone */
    const sasl_utils_t *utils;
    struct gs2_layer_sender sender;
    struct gs2_layer_receiver receiver;
};

/*
 * Prepares *layer for a context, which must live as long as it;
 * gss_wrap_size_limit() says how much fits into messages of sizes->peer (row
 * KL3).  GS2_OK; too_small where nothing fits into that; or GS2_FAIL.
 */
GS2_MUST_USE gs2_status
gs2_layer_prepare(struct gs2_layer *layer, gss_ctx_id_t context, bool sealed,
                  const struct gs2_layer_sizes *sizes, gs2_status too_small,
                  struct gs2_error *err);

/* From now on sasl_encode() and sasl_decode() call this layer, which was
 * prepared; libsasl is told the strength ssf. */
void gs2_layer_install(struct gs2_layer *layer, const sasl_utils_t *utils,
                       sasl_ssf_t ssf, sasl_out_params_t *oparams);

/* Frees what it holds.  Where it is in force, libsasl has from now on functions
 * that refuse (row KL6; see gs2_oparams_refuse()). */
void gs2_layer_remove(struct gs2_layer *layer, const sasl_utils_t *utils,
                      sasl_out_params_t *oparams);

/* sasl_encode() and sasl_decode() of a mechanism (saslplug.h).  SASL_NOTDONE for
 * a context that is NULL or does not begin with a layer in force. */
int gs2_layer_encode(void *context, const struct iovec *in, unsigned count,
                     const char **out, unsigned *out_len);
int gs2_layer_decode(void *context, const char *in, unsigned len,
                     const char **out, unsigned *out_len);

#endif
