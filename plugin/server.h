/*
 * server.h - one attempt at a login, on the server's side: shared by its steps
 * (server.c) and by what comes after the handshake (server_login.c).
 */
#ifndef GS2_SERVER_H
#define GS2_SERVER_H

#include "common/peer/identity.h"
#include "common/gss/nego.h"
#include "common/nss.h"
#include "plugin.h"

enum gs2_server_state {
    GS2_SERVER_START,         /* no message yet */
    GS2_SERVER_WAITING,       /* for the initiator's next token */
    GS2_SERVER_LAST_RESPONSE, /* context complete; the response to our last
                                 token is to come */
    GS2_SERVER_ESTABLISHED,   /* libsasl was told OK */
    GS2_SERVER_FAILED,        /* the reason stays */
    GS2_SERVER_STATES
};

/* What gs2_require and gs2_proxy_require say to a login. */
enum gs2_rules {
    GS2_RULES_NOT_ASKED, /* it did not come to that */
    GS2_RULES_NONE,      /* none is for this login */
    GS2_RULES_MET,
    GS2_RULES_NOT_MET
};

struct gs2_server {
    struct gs2_plugin *plugin;
    struct gs2_mech *mech;
    const sasl_utils_t *utils;
    enum gs2_server_state state;
    struct gs2_header header;     /* authzid and binding name live here */
    struct gs2_nego nego;
    struct gs2_borrowed_cred borrowed; /* until the handshake is over */
    gss_name_t acceptor;          /* asked of the context, where not lent */
    const struct gs2_config *config; /* from the first message on */
    struct gs2_attrs *attrs;      /* of the initiator's name */
    struct gs2_identity identity; /* its strings are libsasl's until dispose */
    char *acceptor_text;          /* facts, NULL until they are asked for */
    char *ticket_service;
    gs2_role_set roles;           /* once the rules were asked */
    char *authid, *authzid;       /* as canon_user made them, without a tag */
    char *tagged;                 /* the identity with tag and role; NULL */
    struct gs2_nss_login unix_login; /* they are Unix groups as well */
    enum gs2_rules rules;
    bool kept;                    /* the delegated credential, in a file */
    gss_buffer_desc out;          /* the message last given to libsasl */
    sasl_out_params_t *oparams;   /* what we set there we take back */
    struct propctx *propctx;      /* and there */
    int code;                     /* it failed: what libsasl is told ... */
    struct gs2_error why;         /* ... and the reason */
};

/*
 * After the handshake: identity, what the application may ask of the context,
 * canon_user, rules, properties.  SASL_OK with doneflag set, or libsasl's code
 * for the reason in s->why.
 */
int gs2_server_login_complete(struct gs2_server *s,
                              sasl_server_params_t *params);

/* Puts back to nothing all that gs2_server_login_complete() set. */
void gs2_server_login_retract(struct gs2_server *s);

#endif
