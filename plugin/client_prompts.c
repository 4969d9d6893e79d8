/*
 * client_prompts.c - callbacks and interactions of a client (see client_prompts.h).
 */
#include "client_prompts.h"

#include <stdlib.h>
#include <string.h>

/* An answer that is empty is none; one with a NUL cannot be meant. */
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
keep_password(struct gs2_answers *answers, const void *data, size_t len,
              struct gs2_error *err)
{
    if (data == NULL)
        return SASL_OK;
    gs2_prompts_forget_password(answers);
    answers->password = malloc(len + 1);
    if (answers->password == NULL) {
        (void)gs2_fail_nomem(err);
        return SASL_NOMEM;
    }
    memcpy(answers->password, data, len);
    answers->password[len] = '\0';
    answers->password_len = len;
    return SASL_OK;
}

/* Asks a callback for a line of text.  SASL_INTERACT where it is for us to
 * prompt. */
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
    /* libsasl answers AUTHNAME itself, with $USER and its connection. */
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
ask_password(struct gs2_answers *answers, const sasl_client_params_t *params,
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
                          : keep_password(answers, secret->data, secret->len,
                                          err);
}

static void
close_questions(struct gs2_answers *answers, const sasl_utils_t *utils)
{
    if (answers->open != NULL)
        utils->free(answers->open);
    answers->open = NULL;
}

/* Puts questions out; those whose flag is false are left out. */
static int
put_questions(struct gs2_answers *answers, const sasl_client_params_t *params,
              bool user, bool authname, bool password,
              sasl_interact_t **prompt_need, struct gs2_error *err)
{
    const sasl_utils_t *utils = params->utils;
    sasl_interact_t *q;

    close_questions(answers, utils);
    q = utils->calloc(4, sizeof(*q));
    if (q == NULL) {
        (void)gs2_fail_nomem(err);
        return SASL_NOMEM;
    }
    answers->open = q;
    if (user)
        *q++ = (sasl_interact_t){
            .id = SASL_CB_USER, .challenge = "Authorization Name",
            .prompt = "Please enter your authorization name", .defresult = "" };
    if (authname)
        *q++ = (sasl_interact_t){
            .id = SASL_CB_AUTHNAME, .challenge = "Authentication Name",
            .prompt = "Please enter your authentication name" };
    if (password)
        *q++ = (sasl_interact_t){
            .id = SASL_CB_PASS, .challenge = "Password",
            .prompt = "Please enter your password" };
    q->id = SASL_CB_LIST_END;
    *prompt_need = answers->open;
    return SASL_INTERACT;
}

static int
collect_one(struct gs2_answers *answers, const sasl_interact_t *q,
            struct gs2_error *err)
{
    switch (q->id) {
    case SASL_CB_USER:
        return keep(&answers->authzid, q->result, q->len,
                    "authorization identity", err);
    case SASL_CB_AUTHNAME:
        answers->authname_prompted = true;
        return keep(&answers->authname, q->result, q->len,
                    "authentication name", err);
    default:
        return keep_password(answers, q->result, q->len, err);
    }
}

int
gs2_prompts_collect(struct gs2_answers *answers,
                    const sasl_client_params_t *params,
                    sasl_interact_t **prompt_need, struct gs2_error *err)
{
    int code = SASL_OK;

    if (answers->open == NULL)
        return SASL_OK;
    for (sasl_interact_t *q = answers->open;
         code == SASL_OK && q->id != SASL_CB_LIST_END; q++)
        code = collect_one(answers, q, err);
    close_questions(answers, params->utils);
    if (prompt_need != NULL)
        *prompt_need = NULL;
    return code;
}

int
gs2_prompts_user(struct gs2_answers *answers,
                 const sasl_client_params_t *params,
                 sasl_interact_t **prompt_need, struct gs2_error *err)
{
    int code;

    if (answers->asked_user)
        return SASL_OK;
    answers->asked_user = true;
    code = ask(params, SASL_CB_USER, "authorization identity",
               &answers->authzid, err);
    if (code != SASL_INTERACT)
        return code;
    if (prompt_need == NULL)
        return SASL_OK;
    return put_questions(answers, params, true, false, false, prompt_need, err);
}

int
gs2_prompts_authname(struct gs2_answers *answers,
                     const sasl_client_params_t *params, struct gs2_error *err)
{
    int code;

    if (answers->authname != NULL)
        return SASL_OK;
    code = ask(params, SASL_CB_AUTHNAME, "authentication name",
               &answers->authname, err);
    return code == SASL_INTERACT ? SASL_OK : code;
}

int
gs2_prompts_login(struct gs2_answers *answers,
                  const sasl_client_params_t *params,
                  sasl_interact_t **prompt_need, struct gs2_error *err)
{
    int authname = SASL_OK, password;

    if (answers->asked_login)
        return SASL_OK;
    answers->asked_login = true;
    if (answers->authname == NULL)
        authname = ask(params, SASL_CB_AUTHNAME, "authentication name",
                       &answers->authname, err);
    if (authname != SASL_OK && authname != SASL_INTERACT)
        return authname;
    if (authname == SASL_OK && answers->authname == NULL)
        return SASL_OK; /* a password of whom? */
    password = ask_password(answers, params, err);
    if (password != SASL_OK && password != SASL_INTERACT)
        return password;
    if ((authname == SASL_OK && password == SASL_OK) || prompt_need == NULL)
        return SASL_OK;
    return put_questions(answers, params, false, authname == SASL_INTERACT,
                         password == SASL_INTERACT, prompt_need, err);
}

void
gs2_prompts_forget_password(struct gs2_answers *answers)
{
    if (answers->password != NULL)
        explicit_bzero(answers->password, answers->password_len);
    free(answers->password);
    answers->password = NULL;
    answers->password_len = 0;
}

void
gs2_prompts_clear(struct gs2_answers *answers, const sasl_utils_t *utils)
{
    close_questions(answers, utils);
    gs2_prompts_forget_password(answers);
    free(answers->authname);
    free(answers->authzid);
    memset(answers, 0, sizeof(*answers));
}
