/*
 * cmd_imap.c - the command imap: a login to a real IMAP server (RFC 9051, RFC
 * 4959 for the initial response), always within TLS.
 */
#include "cmd.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "channel_binding.h"
#include "common/text/base64.h"
#include "imap.h"
#include "print.h"
#include "report.h"

/* More than any mechanism has: a conversation of EAP may have fifty. */
#define CHALLENGES_MAX 100

#define PROC(function) ((int (*)(void))(void (*)(void))(function))

struct login {
    const struct arguments *arguments;
    struct imap imap;
    struct channel_binding binding;
    sasl_conn_t *conn;
    sasl_callback_t callbacks[2];
    sasl_channel_binding_t holder;
    struct outcome *outcome;
};

/* The server's answer is no OK.  Returns false. */
static bool
refuse(struct login *login, const char *answer)
{
    return outcome_fail(login->outcome, true, SASL_BADAUTH, "%s", answer);
}

/* --- messages ------------------------------------------------------------- */

/* The channel's reason, where there is none before it. */
static bool
send_text(struct login *login, const char *text)
{
    struct gs2_error err;

    return channel_put(login->imap.channel, text, &err) ||
           outcome_fail_because(login->outcome, &err);
}

static bool
send_token(struct login *login, const char *before, const char *out,
           unsigned len)
{
    char *base64 = need(gs2_base64_encode(out, len)), *text;
    bool sent;

    if (asprintf(&text, "%s%s\r\n", before, base64) < 0)
        text = need(NULL);
    sent = send_text(login, text);
    login->outcome->messages++;
    free(base64);
    free(text);
    return sent;
}

static bool
receive(struct login *login, const char **answer_out)
{
    struct gs2_error err;

    return imap_answer(&login->imap, "a1", answer_out, &err) ||
           outcome_fail_because(login->outcome, &err);
}

/* The initial response goes with the command (RFC 4959) or after a "+". */
static bool
send_first(struct login *login, const char *out, unsigned len)
{
    const bool initial = login->imap.initial;
    const char *answer;
    char before[64];

    (void)snprintf(before, sizeof(before), "a1 AUTHENTICATE %s%s",
                   login->outcome->mech, initial ? " " : "\r\n");
    if (initial)
        return send_token(login, before, out, len);
    if (!send_text(login, before) || !receive(login, &answer))
        return false;
    return answer[0] == '+' ? send_token(login, "", out, len)
                            : refuse(login, answer);
}

/* The client gives up, for a reason that it has told.  What the server says of
 * it is not of interest. */
static bool
cancel(struct login *login)
{
    struct gs2_error err;
    const char *answer;

    if (channel_put(login->imap.channel, "*\r\n", &err))
        (void)imap_answer(&login->imap, "a1", &answer, &err);
    return false;
}

/* One challenge and its answer; false where the client gives up. */
static bool
answer_challenge(struct login *login, const char *challenge, int *code)
{
    const char *out = NULL;
    unsigned out_len = 0;
    size_t len, bad_at;
    void *in;

    challenge += strspn(challenge, " ");
    if (gs2_base64_decode(challenge, strlen(challenge), &in, &len, &bad_at) !=
        GS2_OK) {
        outcome_fail(login->outcome, false, SASL_BADPROT,
                     "the server's challenge is no base64");
        return cancel(login);
    }
    login->outcome->messages++;
    *code = sasl_client_step(login->conn, in, (unsigned)len, NULL, &out,
                             &out_len);
    free(in);
    if (*code == SASL_OK || *code == SASL_CONTINUE)
        return send_token(login, "", out != NULL ? out : "", out_len);
    outcome_fail_sasl(login->outcome, false, *code, login->conn);
    return cancel(login);
}

/* --- the login ------------------------------------------------------------ */

/* What the server says at the end; code is the client's state. */
static void
finish(struct login *login, const char *answer, int code)
{
    if (strncasecmp(answer, "OK", 2) != 0)
        (void)refuse(login, answer);
    else if (code != SASL_OK)
        outcome_fail(login->outcome, false, SASL_BADSERV,
                     "the server says OK before it has proved who it is");
    else
        login->outcome->in = true;
}

/* Challenges up to the server's last word. */
static void
exchange(struct login *login, int code)
{
    const char *answer;

    for (unsigned n = 0; n < CHALLENGES_MAX; n++) {
        if (!receive(login, &answer))
            return;
        if (answer[0] != '+') {
            finish(login, answer, code);
            return;
        }
        if (!answer_challenge(login, answer + 1, &code))
            return;
    }
    outcome_fail(login->outcome, false, SASL_BADPROT,
                 "the server has more than %d challenges", CHALLENGES_MAX);
}

static void
authenticate(struct login *login)
{
    const char *wanted = login->arguments->mech, *out = NULL, *mech = NULL;
    unsigned len = 0;
    int code;

    code = sasl_client_start(login->conn,
                             wanted != NULL ? wanted : login->imap.offers,
                             NULL, &out, &len, &mech);
    outcome_note_mech(login->outcome, mech, out, len);
    if (code != SASL_OK && code != SASL_CONTINUE)
        outcome_fail_sasl(login->outcome, false, code, login->conn);
    else if (send_first(login, out, len))
        exchange(login, code);
}

static int
give_user(void *context, int id, const char **result, unsigned *len)
{
    const struct login *login = context;
    const char *authzid = login->arguments->authzid;

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
    code = sasl_client_new("imap", login->imap.host, NULL, NULL,
                           login->callbacks, 0, &login->conn);
    if (code == SASL_OK)
        code = channel_binding_set(login->conn, &login->binding,
                                   &login->holder);
    return code == SASL_OK ||
           outcome_fail_sasl(login->outcome, false, code, NULL);
}

/* One login, from the connection on; false, with a reason, where there was none
 * to speak of. */
static bool
log_in(struct login *login, struct gs2_error *err)
{
    struct gs2_error ignored;

    if (!imap_open(&login->imap, err) ||
        !channel_binding_of_tls(channel_tls(login->imap.channel),
                                login->arguments->binding, &login->binding,
                                err))
        return false;
    if (login->imap.offers[0] == '\0')
        outcome_fail(login->outcome, true, SASL_NOMECH,
                     "the server offers no mechanism of GS2");
    else if (start_sasl(login))
        authenticate(login);
    if (login->outcome->in)
        (void)imap_command(&login->imap, "l1", "LOGOUT", &ignored);
    return true;
}

/* --- the command ---------------------------------------------------------- */

static void
tell(struct login *login)
{
    struct report report = {
        .arguments = login->arguments, .service = "imap",
        .host = login->imap.host, .outcome = login->outcome,
        .binding = &login->binding, .offers = login->imap.offers,
        .tls = SSL_get_version(channel_tls(login->imap.channel)),
    };
    const void *user = NULL;

    if (login->outcome->in &&
        sasl_getprop(login->conn, SASL_AUTHUSER, &user) == SASL_OK)
        report.user = user;
    tickets_read(&report.tickets);
    report_print(&report);
    tickets_free(&report.tickets);
}

static int
run(struct login *login)
{
    const double started = outcome_clock();
    struct gs2_error err;

    if (!imap_parse(login->arguments->operand, &login->imap, &err) ||
        !log_in(login, &err)) {
        outcome_fail_because(login->outcome, &err);
        return report_failure(login->arguments, true, login->outcome);
    }
    login->outcome->milliseconds = outcome_clock() - started;
    tell(login);
    return outcome_status(login->outcome);
}

int
cmd_imap(const struct arguments *arguments, struct outcome *outcome)
{
    struct login login = { .arguments = arguments, .outcome = outcome };
    const int code = sasl_client_init(NULL);
    int status;

    (void)signal(SIGPIPE, SIG_IGN);
    if (code != SASL_OK) {
        outcome_fail(outcome, false, code, "libsasl does not start: %s",
                     sasl_errstring(code, NULL, NULL));
        return report_failure(arguments, true, outcome);
    }
    status = run(&login);
    sasl_dispose(&login.conn);
    imap_free(&login.imap);
    sasl_client_done();
    return status;
}
