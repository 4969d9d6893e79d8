/*
 * client_prompts.c - callbacks and interactions of a client (see
 * client_prompts.h).
 */
#include "client_prompts.h"

#include <stdlib.h>
#include <string.h>

#include "sasl_error.h"

/* An empty result counts as none; one with a NUL cannot be meant. */
static int
keep(char **out, const char *text, size_t len, const char *what,
     struct gs2_error *err)
{
    if (text == NULL || len == 0)
        return SASL_OK;
    if (memchr(text, '\0', len) != NULL) {
        (void)gs2_fail(err, GS2_BADPROT, "the %s has a NUL in it", what);
        return SASL_BADPROT;
    }
    free(*out);
    *out = strndup(text, len);
    if (*out != NULL)
        return SASL_OK;
    (void)gs2_fail_nomem(err);
    return SASL_NOMEM;
}

static int
keep_password(struct gs2_prompts *prompts, const void *data, size_t len,
              struct gs2_error *err)
{
    gs2_prompts_forget_password(prompts);
    if (data == NULL || len == 0)
        return SASL_OK; /* sssd gives an empty one if it has none */
    prompts->password = malloc(len + 1);
    if (prompts->password == NULL) {
        (void)gs2_fail_nomem(err);
        return SASL_NOMEM;
    }
    memcpy(prompts->password, data, len);
    prompts->password[len] = '\0';
    prompts->password_len = len;
    return SASL_OK;
}

/* Asks a callback for a line of text.  SASL_INTERACT if we are to prompt. */
static int
ask(const sasl_client_params_t *params, unsigned long id, const char *what,
    char **out, struct gs2_error *err)
{
    const sasl_utils_t *utils = params->utils;
    sasl_getsimple_t *callback;
    const char *text = NULL;
    unsigned len = 0;
    void *context;
    int code;

    code = utils->getcallback(utils->conn, id, (sasl_callback_ft *)&callback,
                              &context);
    if (code == SASL_INTERACT)
        return SASL_INTERACT;
    /* libsasl's own callback for AUTHNAME, which gives $USER, has the
     * connection as its context. */
    if (code != SASL_OK || callback == NULL || context == utils->conn)
        return SASL_OK;
    code = callback(context, (int)id, &text, &len);
    if (code == SASL_INTERACT)
        return code;
    if (code != SASL_OK) {
        (void)gs2_fail(err, GS2_FAIL,
                       "the application did not give the %s (SASL code %d)",
                       what, code);
        return code > SASL_OK ? SASL_FAIL : code; /* never CONTINUE */
    }
    if (text != NULL && len == 0)
        len = (unsigned)strlen(text);
    return keep(out, text, len, what, err);
}

static int
ask_password(struct gs2_prompts *prompts, const sasl_client_params_t *params,
             struct gs2_error *err)
{
    const sasl_utils_t *utils = params->utils;
    sasl_secret_t *secret = NULL;
    sasl_getsecret_t *callback;
    void *context;
    int code;

    code = utils->getcallback(utils->conn, SASL_CB_PASS,
                              (sasl_callback_ft *)&callback, &context);
    if (code == SASL_INTERACT)
        return SASL_INTERACT;
    if (code != SASL_OK || callback == NULL)
        return SASL_OK;
    code = callback(utils->conn, context, SASL_CB_PASS, &secret);
    if (code == SASL_INTERACT)
        return code;
    if (code != SASL_OK) {
        (void)gs2_fail(err, GS2_FAIL,
                       "the application did not give the password (SASL code "
                       "%d)", code);
        return code > SASL_OK ? SASL_FAIL : code; /* never CONTINUE */
    }
    return secret == NULL ? SASL_OK
                          : keep_password(prompts, secret->data, secret->len,
                                          err);
}

static void
free_pending(struct gs2_prompts *prompts, const sasl_utils_t *utils)
{
    if (prompts->pending != NULL)
        utils->free(prompts->pending);
    prompts->pending = NULL;
}

/* For an application that cannot answer: err says why it was asked.  The
 * text that it shows begins with the connection's code, which a question
 * does not set; asking libsasl for a callback that no client has sets it to
 * SASL_FAIL. */
static void
set_reason(const sasl_utils_t *utils, const struct gs2_error *err)
{
    sasl_callback_ft callback;
    void *context;

    (void)utils->getcallback(utils->conn, SASL_CB_SERVER_USERDB_SETPASS,
                             &callback, &context);
    gs2_sasl_error_set(utils, err->text);
}

/* Asks for an interaction, about each item whose flag is true. */
static int
prompt_for(struct gs2_prompts *prompts, const sasl_client_params_t *params,
           bool user, bool authname, bool password,
           sasl_interact_t **prompt_need, struct gs2_error *err)
{
    const sasl_utils_t *utils = params->utils;
    sasl_interact_t *q;

    free_pending(prompts, utils);
    q = utils->calloc(4, sizeof(*q));
    if (q == NULL) {
        (void)gs2_fail_nomem(err);
        return SASL_NOMEM;
    }
    prompts->pending = q;
    if (user)
        *q++ = (sasl_interact_t){
            .id = SASL_CB_USER, .challenge = "Authorization Name",
            .prompt = "Please enter your authorization name",
            .defresult = "" };
    if (authname)
        *q++ = (sasl_interact_t){
            .id = SASL_CB_AUTHNAME, .challenge = "Authentication Name",
            .prompt = "Please enter your authentication name" };
    if (password)
        *q++ = (sasl_interact_t){
            .id = SASL_CB_PASS, .challenge = "Password",
            .prompt = "Please enter your password" };
    q->id = SASL_CB_LIST_END;
    *prompt_need = prompts->pending;
    set_reason(utils, err);
    return SASL_INTERACT;
}

static int
collect_one(struct gs2_prompts *prompts, const sasl_interact_t *q,
            struct gs2_error *err)
{
    switch (q->id) {
    case SASL_CB_USER:
        return keep(&prompts->authzid, q->result, q->len,
                    "authorization identity", err);
    case SASL_CB_AUTHNAME:
        prompts->authname_prompted = true;
        return keep(&prompts->authname, q->result, q->len,
                    "authentication name", err);
    default:
        return keep_password(prompts, q->result, q->len, err);
    }
}

int
gs2_prompts_collect(struct gs2_prompts *prompts,
                    const sasl_client_params_t *params,
                    sasl_interact_t **prompt_need, struct gs2_error *err)
{
    int code = SASL_OK;

    if (prompts->pending == NULL)
        return SASL_OK;
    for (sasl_interact_t *q = prompts->pending;
         code == SASL_OK && q->id != SASL_CB_LIST_END; q++)
        code = collect_one(prompts, q, err);
    free_pending(prompts, params->utils);
    if (prompt_need != NULL)
        *prompt_need = NULL;
    return code;
}

int
gs2_prompts_user(struct gs2_prompts *prompts,
                 const sasl_client_params_t *params,
                 sasl_interact_t **prompt_need, struct gs2_error *err)
{
    int code;

    if (prompts->asked_user)
        return SASL_OK;
    prompts->asked_user = true;
    code = ask(params, SASL_CB_USER, "authorization identity",
               &prompts->authzid, err);
    if (code != SASL_INTERACT)
        return code;
    if (prompt_need == NULL)
        return SASL_OK;
    gs2_error_set(err, "the application is asked for the authorization "
                       "identity");
    return prompt_for(prompts, params, true, false, false, prompt_need, err);
}

int
gs2_prompts_authname(struct gs2_prompts *prompts,
                     const sasl_client_params_t *params, struct gs2_error *err)
{
    int code;

    if (prompts->authname != NULL)
        return SASL_OK;
    code = ask(params, SASL_CB_AUTHNAME, "authentication name",
               &prompts->authname, err);
    return code == SASL_INTERACT ? SASL_OK : code;
}

int
gs2_prompts_login(struct gs2_prompts *prompts,
                  const sasl_client_params_t *params,
                  sasl_interact_t **prompt_need, struct gs2_error *err)
{
    int authname = SASL_OK, password;

    if (prompts->asked_login)
        return SASL_OK;
    prompts->asked_login = true;
    if (prompts->authname == NULL)
        authname = ask(params, SASL_CB_AUTHNAME, "authentication name",
                       &prompts->authname, err);
    if (authname != SASL_OK && authname != SASL_INTERACT)
        return authname;
    if (authname == SASL_OK && prompts->authname == NULL)
        return SASL_OK; /* a password of whom? */
    password = ask_password(prompts, params, err);
    if (password != SASL_OK && password != SASL_INTERACT)
        return password;
    if ((authname == SASL_OK && password == SASL_OK) || prompt_need == NULL)
        return SASL_OK;
    return prompt_for(prompts, params, false, authname == SASL_INTERACT,
                      password == SASL_INTERACT, prompt_need, err);
}

void
gs2_prompts_forget_password(struct gs2_prompts *prompts)
{
    if (prompts->password != NULL)
        explicit_bzero(prompts->password, prompts->password_len);
    free(prompts->password);
    prompts->password = NULL;
    prompts->password_len = 0;
}

void
gs2_prompts_clear(struct gs2_prompts *prompts, const sasl_utils_t *utils)
{
    free_pending(prompts, utils);
    gs2_prompts_forget_password(prompts);
    free(prompts->authname);
    free(prompts->authzid);
    memset(prompts, 0, sizeof(*prompts));
}
