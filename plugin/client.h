/*
 * client.h - one attempt at a login, on the client's side: shared by its steps
 * (client.c) and by what makes the first message (client_first.c).
 */
#ifndef GS2_CLIENT_H
#define GS2_CLIENT_H

#include "common/gss/nego.h"
#include "plugin.h"
#include "client_prompts.h"

enum gs2_client_state {
    GS2_CLIENT_START,       /* nothing was sent yet */
    GS2_CLIENT_WAITING,     /* for the acceptor's next token */
    GS2_CLIENT_ESTABLISHED, /* the context is complete and verified */
    GS2_CLIENT_FAILED,      /* the reason stays */
    GS2_CLIENT_STATES
};

struct gs2_client {
    struct gs2_mech *mech;
    const char *service;        /* libsasl's, as long as the connection; ... */
    const char *host;           /* ... NULL where it was not told */
    enum gs2_client_state state;
    struct gs2_prompts prompts;
    struct gs2_header header;   /* borrows its strings */
    char *wire;                 /* the header, encoded; NULL before that */
    struct gs2_nego nego;
    gss_cred_id_t cred;         /* acquired by us; until the handshake's end */
    struct gs2_target_cache *targets; /* the plugin's */
    struct gs2_target *target;  /* held; NULL before the first message */
    gss_name_t initiator;       /* our own name, from the context */
    gss_buffer_desc out;        /* the token last given to libsasl ... */
    char *message;              /* ... or the first message, header in front */
    sasl_out_params_t *oparams; /* what we set there we take back */
    int code;                   /* it failed: what libsasl is told ... */
    struct gs2_error why;       /* ... and the reason */
};

#endif
