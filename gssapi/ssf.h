/*
 * ssf.h - which security layers a login may have (RFC 4752 sections 3.1 to 3.3):
 * one arithmetic for client and server.
 *
 * It knows the octet of RFC 4752 and numbers, and neither GSS nor a connection.
 */
#ifndef GS2_SSF_H
#define GS2_SSF_H

#include <stdbool.h>

#include <sasl/sasl.h>

#include "common/text/error.h"

/* The layers, as bits of an offer; a choice is one of them (row KL1). */
#define GS2_LAYER_NONE 1u
#define GS2_LAYER_INTEGRITY 2u
#define GS2_LAYER_PRIVACY 4u

/* The longest wrapped message that three octets can say (row KL3). */
#define GS2_LAYER_OCTETS_MAX 0xffffffu

/* The strength of a layer without confidentiality. */
#define GS2_SSF_INTEGRITY 1u

/* How long messages may be, in octets. */
struct gs2_layer_sizes {
    unsigned peer;  /* wrapped ones that are sent */
    unsigned own;   /* wrapped ones that are received */
    unsigned plain; /* what one of these carries, for the application */
};

/* What an application wants of this layer, beside what is below it. */
struct gs2_ssf_range {
    sasl_ssf_t need, allowed;
    unsigned max_buffer; /* octets that it receives at most; 0: no layer */
};

/* What the application has said, less the strength of TLS below.  max_buffer
 * is at most GS2_LAYER_OCTETS_MAX. */
struct gs2_ssf_range gs2_ssf_range(const sasl_security_properties_t *props,
                                   sasl_ssf_t external);

/* The strength of a layer whose confidentiality has the strength sealed. */
sasl_ssf_t gs2_ssf_of(unsigned layer, sasl_ssf_t sealed);

/*
 * The layers that the range allows, of the possible ones (bits; NONE is always
 * possible).  0: no layer is strong enough.
 */
unsigned gs2_ssf_allowed(const struct gs2_ssf_range *range, unsigned possible,
                         sasl_ssf_t sealed);

/* The strongest of these layers, or 0 for none. */
unsigned gs2_ssf_strongest(unsigned layers);

/* GSSAPI: wrapped messages are as long as both sides have said. */
struct gs2_layer_sizes gs2_ssf_sizes(const struct gs2_ssf_range *range,
                                     unsigned peer);

/*
 * GSS-SPNEGO exchanges no sizes (row KP4).  What is sent is no longer than all
 * known peers take, and than the own buffer.  Peers count the content of a
 * message, not the message: so the buffer bounds the content of what is
 * received.
 */
struct gs2_layer_sizes
gs2_ssf_sizes_without_offer(const struct gs2_ssf_range *range);

/* No possible layer (bits) is in the range: sets the reason.  GS2_TOOWEAK. */
gs2_status gs2_ssf_too_weak(const struct gs2_ssf_range *range,
                            unsigned possible, sasl_ssf_t sealed,
                            struct gs2_error *err);

/* "none", "integrity" or "privacy": "privacy" only where confidentiality is
 * stronger than integrity alone. */
const char *gs2_ssf_word(unsigned layer, sasl_ssf_t sealed);

#endif
