/*
 * client_attempt.h - one attempt at a login, on the client's side: shared by
 * the steps of a mechanism, by what takes the first of them (client_first.c)
 * and by what comes after its handshake (client_attempt.c).
 */
#ifndef GS2_CLIENT_ATTEMPT_H
#define GS2_CLIENT_ATTEMPT_H

#include "common/gss/nego.h"
#include "plug_init.h"
#include "client_prompts.h"

struct gs2_client {
    struct gs2_mech *mech;
    const char *service;        /* libsasl's, as long as the connection; ... */
    const char *host;           /* ... NULL where libsasl has none */
    unsigned state;             /* in the step table of the mechanism */
    struct gs2_prompts prompts;
    char *header;               /* before the first token; NULL for none */
    size_t header_len;
    struct gs2_nego nego;
    bool no_ci_flags;           /* krb5 must not add these by itself */
    gss_cred_id_t cred;         /* acquired by us; until the handshake's end */
    struct gs2_target_cache *targets; /* the plugin's */
    struct gs2_target *target;  /* held; NULL before the first message */
    gss_name_t initiator;       /* our own name, from the context */
    gss_buffer_desc out;        /* the token last given to libsasl ... */
    char *message;              /* ... or the first message, header in front */
    sasl_out_params_t *oparams; /* what we set there we take back */
    int code;                   /* it failed: what libsasl is told */
    struct gs2_error *why;      /* a step's own: the reason of a failure */
    char *reason;               /* its text, for steps behind it; NULL */
};

/* mech_new of a mechanism whose attempt is *c: all zero before.  */
void gs2_client_begin(struct gs2_client *c, const void *glob_context,
                      const sasl_client_params_t *params);

/* After the handshake: tells libsasl who logged in, and as whom.  SASL_OK, or
 * its code for the reason in c->why. */
int gs2_client_login_complete(struct gs2_client *c,
                              const sasl_client_params_t *params);

/* Frees the credential, which must not be kept longer than it is needed. */
void gs2_client_drop_credential(struct gs2_client *c);

/*
 * Frees all that an attempt holds but its reason, and takes back what libsasl
 * was told.  libsasl 2.1.28 may never dispose of a failed context: it forgets
 * it at the next sasl_client_start().
 */
void gs2_client_clear(struct gs2_client *c, const sasl_utils_t *utils);

/* mech_dispose: the same, and what libsasl was given.  Logged where nobody has
 * answered a question. */
void gs2_client_end(struct gs2_client *c, const sasl_utils_t *utils);

#endif
