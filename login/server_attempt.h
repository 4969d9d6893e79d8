/*
 * server_attempt.h - one attempt at a login, on the server's side: shared by the
 * steps of a mechanism and by what comes after its handshake (server_login.c).
 */
#ifndef GS2_SERVER_ATTEMPT_H
#define GS2_SERVER_ATTEMPT_H

#include "common/peer/identity.h"
#include "common/gss/nego.h"
#include "common/nss.h"
#include "plug_init.h"

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
    unsigned state;               /* in the step tables of the mechanism */
    char *requested;              /* the authzid the client asks for; NULL */
    char *binding;                /* the type of a verified one; NULL */
    const char *binding_name;     /* the application's name of it, of the
                                     mechanism; NULL: the type */
    const char *layer;            /* gs2:layer; the mechanism's to say */
    sasl_cbinding_disp_t binding_disp; /* what the client says of it */
    struct gs2_nego nego;
    struct gs2_borrowed_cred borrowed; /* until the handshake is over */
    gss_name_t acceptor;          /* asked of the context, where not lent */
    const struct gs2_config *config; /* from the first message on */
    struct gs2_attrs *attrs;      /* of the initiator's name */
    struct gs2_identity identity; /* until the login is logged, as above */
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
    int code;                     /* it failed: what libsasl is told */
    struct gs2_error *why;        /* a step's own: the reason of a failure */
    char *reason;                 /* its text, for steps behind it; NULL */
};

/* mech_new of a mechanism whose attempt is *s, all zero before.  No property of
 * an attempt before is left. */
void gs2_server_begin(struct gs2_server *s, const void *glob_context,
                      const sasl_server_params_t *params);

/* The handshake no longer needs the credential.  failed: the key may be gone,
 * so the pool looks for it anew. */
void gs2_server_return_credential(struct gs2_server *s, bool failed);

/* The attempt is over, for the reason in s->why: logged once, now, and what
 * libsasl was told is taken back.  code is what it is told, s->code from now
 * on; blamed is as in gs2_server_log_failed(). */
void gs2_server_fail(struct gs2_server *s, const sasl_server_params_t *params,
                     int code, bool blamed);

/* Frees what *s holds, and takes back what libsasl was told. */
void gs2_server_clear(struct gs2_server *s);

/*
 * After the handshake: identity, what the application may ask of the context,
 * canon_user, rules, properties.  SASL_OK with doneflag set, or libsasl's code
 * for the reason in s->why.
 */
int gs2_server_login_complete(struct gs2_server *s,
                              sasl_server_params_t *params);

/* Frees what was needed to decide about the login and to log it, and is not
 * behind it: names, attributes. */
void gs2_server_login_forget(struct gs2_server *s);

/* Puts back to nothing all that gs2_server_login_complete() set. */
void gs2_server_login_retract(struct gs2_server *s);

#endif
