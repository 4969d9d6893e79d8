/*
 * attempt.c - one login to a server elsewhere (see attempt.h).
 */
#include "attempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"

/* More than any mechanism has: a conversation of EAP may have fifty. */
#define CHALLENGES_MAX 100

#define PROC(function) ((int (*)(void))(void (*)(void))(function))

struct login {
    struct remote *remote;
    struct attempt *attempt;
    struct outcome *outcome; /* the attempt's */
    sasl_conn_t *conn;
    sasl_callback_t callbacks[2];
    sasl_channel_binding_t holder;
    int code;                /* of the client's last step */
};

/* --- messages ------------------------------------------------------------- */

static bool
receive(struct login *login, struct answer *answer_out)
{
    struct gs2_error err;

    return login->remote->protocol->answer(login->remote, answer_out, &err) ||
           outcome_fail_because(login->outcome, &err);
}

static bool
respond(struct login *login, const char *out, unsigned len)
{
    struct gs2_error err;

    login->outcome->messages++;
    return login->remote->protocol->respond(login->remote, out, len, &err) ||
           outcome_fail_because(login->outcome, &err);
}

/* One message of the server, to which *out_out is the client's answer. */
static bool
step(struct login *login, const struct answer *answer, const char **out_out,
     unsigned *len_out)
{
    *out_out = NULL;
    *len_out = 0;
    login->outcome->messages++;
    login->code = sasl_client_step(login->conn, answer->token,
                                   (unsigned)answer->len, NULL, out_out,
                                   len_out);
    return login->code == SASL_OK || login->code == SASL_CONTINUE ||
           outcome_fail_sasl(login->outcome, false, login->code, login->conn);
}

/* Finds libsasl's words for SASL_BADBINDING, and the plugin's. */
bool
attempt_is_of_binding(const char *text)
{
    return strcasestr(text, "channel binding") != NULL;
}

/* --- the end -------------------------------------------------------------- */

/* What the server says last; its success may have a message (RFC 4422 section
 * 3.6). */
static void
finish(struct login *login, const struct answer *answer)
{
    const char *out;
    unsigned len;

    if (answer->kind == ANSWER_REFUSAL)
        outcome_fail(login->outcome, true, SASL_BADAUTH, "%s", answer->text);
    else if (answer->token != NULL && login->code == SASL_CONTINUE &&
             !step(login, answer, &out, &len))
        return;
    else if (login->code != SASL_OK)
        outcome_fail(login->outcome, false, SASL_BADSERV, "the server says OK "
                     "before it has proved who it is");
    else
        login->outcome->in = true;
}

/* --- the login ------------------------------------------------------------ */

/*
 * The client does not go on, and has said why.  If the reason is an error
 * token of krb5, which has no code of its own for a channel binding, the
 * server's words are better: the server says them when it is answered.
 * Returns false.
 */
static bool
give_up(struct login *login)
{
    struct answer last;
    struct gs2_error err;

    if (login->outcome->bound &&
        login->remote->protocol->respond(login->remote, NULL, 0, &err) &&
        login->remote->protocol->answer(login->remote, &last, &err)) {
        if (last.kind == ANSWER_REFUSAL &&
            (attempt_is_of_binding(last.text) ||
             strstr(login->outcome->text, "Generic error") != NULL))
            outcome_fail(login->outcome, true, SASL_BADBINDING, "%s",
                         last.text);
        answer_free(&last);
    }
    return false;
}

/* Answers a challenge: with first, the client's first message, if it was not
 * sent yet, else NULL. */
static bool
answer_challenge(struct login *login, const struct answer *challenge,
                 const char *first, unsigned len)
{
    const char *out = first;

    if (first == NULL && !step(login, challenge, &out, &len))
        return give_up(login);
    return respond(login, out, len);
}

/* Challenges up to the server's last word; first is a message that did not go
 * with the command, or NULL. */
static void
exchange(struct login *login, const char *first, unsigned len)
{
    struct answer answer;
    bool more;

    for (unsigned n = 0; n < CHALLENGES_MAX; n++, first = NULL) {
        more = receive(login, &answer);
        if (more && answer.kind != ANSWER_CHALLENGE) {
            finish(login, &answer);
            more = false;
        }
        more = more && answer_challenge(login, &answer, first, len);
        answer_free(&answer);
        if (!more)
            return;
    }
    outcome_fail(login->outcome, false, SASL_BADPROT,
                 "the server has more than %d challenges", CHALLENGES_MAX);
}

/* The client's first message, which *out_out borrows.  libsasl takes a list of
 * one mechanism for the user's choice, and the client then does not say that
 * it could bind to the channel: so a word is added to the server's list. */
static bool
begin(struct login *login, const char **out_out, unsigned *len_out)
{
    const char *mech = NULL;
    char *list;

    *out_out = NULL;
    *len_out = 0;
    if (asprintf(&list, "%s X-NONE", login->attempt->offers) < 0)
        list = need(NULL);
    login->code = sasl_client_start(login->conn, login->attempt->mech != NULL
                                    ? login->attempt->mech : list, NULL,
                                    out_out, len_out, &mech);
    free(list);
    outcome_note_mech(login->outcome, mech, *out_out, *len_out);
    return login->code == SASL_OK || login->code == SASL_CONTINUE ||
           outcome_fail_sasl(login->outcome, false, login->code, login->conn);
}

static void
authenticate(struct login *login)
{
    const struct protocol *protocol = login->remote->protocol;
    const char *mech = login->outcome->mech, *out;
    struct gs2_error err;
    unsigned len;
    bool initial;

    if (!begin(login, &out, &len))
        return;
    initial = protocol->takes_initial(login->remote, mech, len);
    login->outcome->messages += initial;
    if (!protocol->authenticate(login->remote, mech, initial ? out : NULL, len,
                                &err))
        outcome_fail_because(login->outcome, &err);
    else
        exchange(login, initial ? NULL : out, len);
}

static int
give_user(void *context, int id, const char **result, unsigned *len)
{
    const struct login *login = context;
    const char *authzid = login->attempt->authzid;

    (void)id;
    *result = authzid != NULL ? authzid : "";
    if (len != NULL)
        *len = (unsigned)strlen(*result);
    return SASL_OK;
}

static bool
start_sasl(struct login *login)
{
    const sasl_callback_t callbacks[] = {
        { SASL_CB_USER, PROC(give_user), login },
        { SASL_CB_LIST_END, NULL, NULL },
    };
    int code;

    memcpy(login->callbacks, callbacks, sizeof(callbacks));
    code = sasl_client_new(login->remote->protocol->name, login->remote->host,
                           NULL, NULL, login->callbacks, 0, &login->conn);
    if (code == SASL_OK)
        code = channel_binding_set(login->conn, &login->attempt->binding,
                                   &login->holder);
    return code == SASL_OK ||
           outcome_fail_sasl(login->outcome, false, code, NULL);
}

static void
log_in(struct login *login)
{
    const void *user = NULL;

    if (login->attempt->offers[0] == '\0')
        outcome_fail(login->outcome, true, SASL_NOMECH,
                     "the server offers no mechanism of GS2");
    else if (start_sasl(login))
        authenticate(login);
    if (login->outcome->in) {
        login->remote->protocol->leave(login->remote);
        if (sasl_getprop(login->conn, SASL_AUTHUSER, &user) == SASL_OK &&
            user != NULL)
            login->attempt->user = need(strdup(user));
    }
    sasl_dispose(&login->conn);
}

bool
attempt_make(struct remote *remote, struct attempt *attempt)
{
    struct login login = { .remote = remote, .attempt = attempt,
                           .outcome = &attempt->outcome };
    const double started = outcome_clock();
    struct gs2_error err;
    bool made = false;
    SSL *ssl;

    if (remote_open(remote, &err)) {
        ssl = channel_tls(remote->channel);
        attempt->offers = need(strdup(remote->offers));
        attempt->tls = SSL_get_version(ssl);
        made = channel_binding_of_tls(ssl, attempt->type,
                                      remote->protocol->is_libldap,
                                      &attempt->binding, &err);
    }
    if (made)
        log_in(&login);
    else
        outcome_fail_because(&attempt->outcome, &err);
    remote_close(remote);
    attempt->outcome.milliseconds = outcome_clock() - started;
    return made;
}

void
attempt_free(struct attempt *attempt)
{
    free(attempt->offers);
    free(attempt->user);
    attempt->offers = attempt->user = NULL;
}
