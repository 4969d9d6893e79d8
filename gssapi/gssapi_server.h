/*
 * gssapi_server.h - one attempt at a login by GSSAPI or GSS-SPNEGO, on the
 * server's side: shared by its steps (gssapi_server.c) and by what is agreed of
 * a layer (server_layer.c).
 */
#ifndef GS2_GSSAPI_SERVER_H
#define GS2_GSSAPI_SERVER_H

#include <stddef.h>

#include "layer.h"
#include "login/server_attempt.h"
#include "ssf.h"

struct gs2_gssapi_server {
    struct gs2_layer layer; /* first: see layer.h */
    struct gs2_server s;
    bool asked_first;      /* the client was asked for its first message */
    bool http;             /* RFC 4559: no layer */
    char *end_point;       /* what the application calls the channel's binding,
                              which the acceptor was given; NULL: none */
    struct gs2_ssf_range range;
    sasl_ssf_t sealed;     /* the strength of the context's confidentiality */
    unsigned offered;      /* layers, as bits */
    unsigned chosen;       /* one of them */
};

/* The attempt that this is a part of. */
static inline struct gs2_gssapi_server *
gs2_gssapi_server_of(struct gs2_server *s)
{
    return (struct gs2_gssapi_server *)(
        (char *)s - offsetof(struct gs2_gssapi_server, s));
}

/*
 * All that an attempt needs before its first token is given to GSS:
 * configuration, bindings, credential, the inputs of s.nego.  GS2_OK, or a
 * failure with the reason in s.why; GS2_BADPROT where the token is of another
 * mechanism and GSS, with this credential, would not notice.
 */
GS2_MUST_USE gs2_status
gs2_gssapi_server_begin(struct gs2_gssapi_server *a,
                        const sasl_server_params_t *params,
                        const gss_buffer_desc *token);

/*
 * The context is complete: its flags, its binding, and the layers that it can
 * have (rows KS6 and KP2).  Sets a->offered, which GSSAPI offers, or
 * a->chosen, the layer of GSS-SPNEGO.  GS2_OK, GS2_TOOWEAK where nothing is
 * strong enough, or another failure with the reason in s.why.
 */
GS2_MUST_USE gs2_status
gs2_gssapi_server_check(struct gs2_gssapi_server *a,
                        const sasl_server_params_t *params);

/* Row KS8: what is offered, wrapped, in s.out. */
GS2_MUST_USE gs2_status
gs2_gssapi_server_offer(struct gs2_gssapi_server *a);

/* Rows KS9 to KS12: the client's answer: s.requested, and what is chosen. */
GS2_MUST_USE gs2_status
gs2_gssapi_server_choose(struct gs2_gssapi_server *a, gss_buffer_t message);

#endif
