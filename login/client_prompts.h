/*
 * client_prompts.h - what the client's application says about its user: by
 * callback, or, where it has listed the callback without a function, by
 * SASL_INTERACT.
 */
#ifndef GS2_CLIENT_PROMPTS_H
#define GS2_CLIENT_PROMPTS_H

#include <stdbool.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/text/error.h"

struct gs2_prompts {
    char *authzid;  /* NULL for none */
    char *authname; /* NULL for none */
    char *password; /* NULL for none; wiped when freed */
    size_t password_len;
    bool authname_prompted;       /* the user typed it */
    bool asked_user, asked_login; /* each is asked for once */
    sasl_interact_t *pending;     /* the interactions not yet answered */
};

/* Takes the results of pending interactions.  SASL_OK or a failure. */
int gs2_prompts_collect(struct gs2_prompts *prompts,
                        const sasl_client_params_t *params,
                        sasl_interact_t **prompt_need, struct gs2_error *err);

/*
 * The authorization identity (SASL_CB_USER) into prompts->authzid.  SASL_OK,
 * also if there is none; SASL_INTERACT with *prompt_need set, and err, which
 * libsasl is told as well; or a failure.
 */
int gs2_prompts_user(struct gs2_prompts *prompts,
                     const sasl_client_params_t *params,
                     sasl_interact_t **prompt_need, struct gs2_error *err);

/* The authentication name, from a callback of the application's alone: nobody
 * is prompted, and libsasl's own callback ($USER) does not count. */
int gs2_prompts_authname(struct gs2_prompts *prompts,
                         const sasl_client_params_t *params,
                         struct gs2_error *err);

/*
 * Name and password, for when no credential was found.  SASL_OK, where either
 * is NULL if the application does not have it (or has an empty one);
 * SASL_INTERACT with *prompt_need set, and err unchanged, which says why they
 * are needed, and which libsasl is told; or a failure.
 */
int gs2_prompts_login(struct gs2_prompts *prompts,
                      const sasl_client_params_t *params,
                      sasl_interact_t **prompt_need, struct gs2_error *err);

/* Wipes and frees the password, once it was used. */
void gs2_prompts_forget_password(struct gs2_prompts *prompts);

/* Frees everything and wipes the password. */
void gs2_prompts_clear(struct gs2_prompts *prompts,
                       const sasl_utils_t *utils);

#endif
