/*
 * gssapi_client.h - one attempt at a login by GSSAPI or GSS-SPNEGO, on the
 * client's side: shared by its steps (gssapi_client.c) and by what is agreed of
 * a layer (client_layer.c).
 */
#ifndef GS2_GSSAPI_CLIENT_H
#define GS2_GSSAPI_CLIENT_H

#include <stddef.h>

#include "layer.h"
#include "login/client_attempt.h"
#include "ssf.h"

struct gs2_gssapi_client {
    struct gs2_layer layer; /* first: see layer.h */
    struct gs2_client c;
    bool http;             /* RFC 4559: no layer */
    struct gs2_ssf_range range;
    sasl_ssf_t sealed;     /* the strength of the context's confidentiality */
    unsigned chosen;       /* the layer */
};

/* The attempt that this is a part of. */
static inline struct gs2_gssapi_client *
gs2_gssapi_client_of(struct gs2_client *c)
{
    return (struct gs2_gssapi_client *)(
        (char *)c - offsetof(struct gs2_gssapi_client, c));
}

/* A gs2_client_inputs_maker: bindings and flags (rows KC1 to KC3, KP3, KP7). */
gs2_status gs2_gssapi_client_inputs(struct gs2_client *c,
                                    const sasl_client_params_t *params);

/* Rows KC7 to KC11: chooses a layer of the server's offer, and puts the
 * wrapped answer into c.out.  GS2_OK, GS2_TOOWEAK where nothing is strong
 * enough, or another failure with the reason in c.why. */
GS2_MUST_USE gs2_status
gs2_gssapi_client_choose(struct gs2_gssapi_client *a,
                         const sasl_utils_t *utils, gss_buffer_t offer);

/* Row KP2: GSS-SPNEGO's layer, by the flags of its context.  As
 * gs2_gssapi_client_choose(). */
GS2_MUST_USE gs2_status
gs2_gssapi_client_layer_of_flags(struct gs2_gssapi_client *a);

#endif
