/*
 * cmd_imap.c - the command imap: a login to a real IMAP server (RFC 9051, RFC 4959
 * for the initial response), always within TLS.
 */
#include "outcome.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "channel.h"
#include "common/text/base64.h"
#include "report.h"
#include "watch.h"

#define ANSWER_LINES_MAX 1000
#define PROC(function) ((int (*)(void))(void (*)(void))(function))

struct imap {
    const struct inspect_options *options;
    char *host, *port;
    bool starttls;

    struct channel *channel;
    char *offers;       /* mechanisms of GS2, separated by spaces */
    bool has_starttls, initial;
    struct inspect_binding binding;
    char tls[16];
    sasl_conn_t *conn;
    sasl_callback_t callbacks[2];
    sasl_channel_binding_t holder;
    struct inspect_outcome outcome;
};

/* [imap://|imaps://]HOST[:PORT], an IPv6 address in brackets. */
static bool
parse_server(const char *text, struct imap *imap)
{
    const char *rest = text, *end;

    imap->starttls = strncasecmp(text, "imap://", 7) == 0;
    if (imap->starttls || strncasecmp(text, "imaps://", 8) == 0)
        rest = strchr(text, '/') + 2;
    end = rest[0] == '[' ? strchr(rest, ']') : rest + strcspn(rest, ":/");
    if (end == NULL || end == rest) {
        inspect_say("%s is no HOST[:PORT]", text);
        return false;
    }
    imap->host = inspect_need(rest[0] == '['
                              ? strndup(rest + 1, (size_t)(end - rest - 1))
                              : strndup(rest, (size_t)(end - rest)));
    end += *end == ']';
    if (*end == ':')
        imap->port = strndup(end + 1, strcspn(end + 1, "/"));
    else
        imap->port = strdup(imap->starttls ? "143" : "993");
    (void)inspect_need(imap->port);
    return true;
}

/* --- the protocol --------------------------------------------------------- */

/* Adds the word behind AUTH= of a capability to what the server offers. */
static void
add_offer(struct imap *imap, const char *mech, size_t len)
{
    char *offers;

    if (asprintf(&offers, "%s%s%.*s", imap->offers,
                 imap->offers[0] != '\0' ? " " : "", (int)len, mech) < 0)
        offers = inspect_need(NULL);
    free(imap->offers);
    imap->offers = offers;
}

/* Capabilities: a list of words, up to a "]" where it is in a response code.
 * A mechanism is shown to people: one whose name has other letters than RFC
 * 4422 section 3.1 allows is none. */
static void
take_capabilities(struct imap *imap, const char *list)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789-_";

    size_t len;

    free(imap->offers);
    imap->offers = inspect_need(strdup(""));
    imap->has_starttls = imap->initial = false;
    for (; *list != '\0' && *list != ']'; list += len) {
        list += strspn(list, " ");
        len = strcspn(list, " ]");
        if (len > 5 && strncasecmp(list, "AUTH=", 5) == 0 &&
            strspn(list + 5, letters) == len - 5 &&
            inspect_is_gs2(list + 5, len - 5))
            add_offer(imap, list + 5, len - 5);
        else if (len == 8 && strncasecmp(list, "STARTTLS", len) == 0)
            imap->has_starttls = true;
        else if (len == 7 && strncasecmp(list, "SASL-IR", len) == 0)
            imap->initial = true;
    }
}

/* Lines up to the one that begins with tag, which is given, or the first "+"
 * where continues is true.  False where the connection ends, or the answer
 * does not. */
static bool
read_answer(struct imap *imap, const char *tag, bool continues,
            const char **line_out)
{
    static const char capability[] = "* CAPABILITY ";
    const size_t len = strlen(tag);
    const char *line;

    for (unsigned n = 0; channel_get(imap->channel, &line); n++) {
        if (n == ANSWER_LINES_MAX) {
            inspect_say("%s answers with more than %d lines", imap->host,
                        ANSWER_LINES_MAX);
            return false;
        }
        *line_out = line;
        if (strncmp(line, tag, len) == 0 && line[len] == ' ') {
            *line_out = line + len + 1;
            return true;
        }
        if (continues && line[0] == '+')
            return true;
        if (strncasecmp(line, capability, sizeof(capability) - 1) == 0)
            take_capabilities(imap, line + sizeof(capability) - 1);
    }
    return false;
}

/* A command of one line, and "OK". */
static bool
command(struct imap *imap, const char *tag, const char *name)
{
    const char *answer;
    char text[64], shown[256];

    (void)snprintf(text, sizeof(text), "%s %s\r\n", tag, name);
    if (!channel_put(imap->channel, text) ||
        !read_answer(imap, tag, false, &answer))
        return false;
    if (strncasecmp(answer, "OK", 2) == 0)
        return true;
    inspect_say("%s refuses %s: %s", imap->host, name,
                gs2_escape(shown, sizeof(shown), answer, strlen(answer)));
    return false;
}

/* Up to capabilities within TLS. */
static bool
enter(struct imap *imap)
{
    const char *greeting;

    take_capabilities(imap, "");
    imap->channel = channel_open(imap->host, imap->port);
    if (imap->channel == NULL ||
        (!imap->starttls && !channel_start_tls(imap->channel)) ||
        !channel_greet(imap->channel, &greeting) ||
        !command(imap, "c1", "CAPABILITY"))
        return false;
    if (imap->starttls && !imap->has_starttls) {
        inspect_say("%s offers no STARTTLS: nothing is said without TLS\n"
                    "next: imaps://%s", imap->host, imap->host);
        return false;
    }
    if (imap->starttls) {
        if (!command(imap, "t1", "STARTTLS") ||
            !channel_start_tls(imap->channel))
            return false;
        /* What was said before TLS, anybody may have said (RFC 9051 section
         * 6.2.1). */
        take_capabilities(imap, "");
        if (!command(imap, "c2", "CAPABILITY"))
            return false;
    }
    (void)snprintf(imap->tls, sizeof(imap->tls), "%s",
                   channel_tls(imap->channel));
    return channel_bind(imap->channel, imap->options->binding,
                        &imap->binding);
}

/* --- the login ------------------------------------------------------------ */

static int
give_user(void *context, int id, const char **result, unsigned *len)
{
    const struct imap *imap = context;

    (void)id;
    *result = imap->options->authzid != NULL ? imap->options->authzid : "";
    if (len != NULL)
        *len = (unsigned)strlen(*result);
    return SASL_OK;
}

static bool
send_token(struct imap *imap, const char *before, const char *out,
           unsigned len)
{
    char *base64 = inspect_need(gs2_base64_encode(out, len)), *text;
    bool sent;

    if (asprintf(&text, "%s%s\r\n", before, base64) < 0)
        text = inspect_need(NULL);
    sent = channel_put(imap->channel, text);
    imap->outcome.messages++;
    free(base64);
    free(text);
    return sent;
}

/* The initial response goes with the command (RFC 4959) or after a "+". */
static bool
send_first(struct imap *imap, const char *out, unsigned len)
{
    const char *answer;
    char before[64], text[512];

    (void)snprintf(before, sizeof(before), "a1 AUTHENTICATE %s%s",
                   imap->outcome.mech, imap->initial ? " " : "\r\n");
    if (imap->initial)
        return send_token(imap, before, out, len);
    if (!channel_put(imap->channel, before) ||
        !read_answer(imap, "a1", true, &answer))
        return false;
    if (answer[0] == '+')
        return send_token(imap, "", out, len);
    return inspect_fail(&imap->outcome, true, SASL_BADAUTH, "%s",
                        gs2_escape(text, sizeof(text), answer,
                                   strlen(answer)));
}

/* What the server says at the end.  The client's failure, if there was one,
 * says more. */
static void
finish(struct imap *imap, const char *answer, int code)
{
    char text[512];

    if (code != SASL_OK && code != SASL_CONTINUE)
        return;
    if (strncasecmp(answer, "OK", 2) != 0)
        inspect_fail(&imap->outcome, true, SASL_BADAUTH, "%s",
                     gs2_escape(text, sizeof(text), answer, strlen(answer)));
    else if (code != SASL_OK)
        inspect_fail(&imap->outcome, false, SASL_BADSERV,
                     "the server says OK before it has proved who it is");
    else
        imap->outcome.in = true;
}

/* One challenge and its answer; a client that fails cancels. */
static int
answer_challenge(struct imap *imap, const char *challenge)
{
    const char *out = NULL;
    unsigned out_len = 0;
    size_t len, bad_at;
    void *in;
    int code;

    challenge += strspn(challenge, " ");
    if (gs2_base64_decode(challenge, strlen(challenge), &in, &len, &bad_at) !=
        GS2_OK) {
        inspect_fail(&imap->outcome, false, SASL_BADPROT,
                     "the server's challenge is no base64");
        (void)channel_put(imap->channel, "*\r\n");
        return SASL_BADPROT;
    }
    imap->outcome.messages++;
    code = sasl_client_step(imap->conn, in, (unsigned)len, NULL, &out,
                            &out_len);
    free(in);
    if (code == SASL_OK || code == SASL_CONTINUE) {
        if (!send_token(imap, "", out != NULL ? out : "", out_len))
            return SASL_FAIL;
        return code;
    }
    inspect_fail_sasl(&imap->outcome, false, code, imap->conn);
    (void)channel_put(imap->channel, "*\r\n");
    return code;
}

static void
authenticate(struct imap *imap)
{
    const char *out = NULL, *mech = NULL, *answer;
    unsigned len = 0;
    int code;

    code = sasl_client_start(imap->conn,
                             imap->options->mech != NULL ? imap->options->mech
                                                         : imap->offers,
                             NULL, &out, &len, &mech);
    inspect_note_mech(&imap->outcome, mech, out, len);
    if (code != SASL_OK && code != SASL_CONTINUE) {
        inspect_fail_sasl(&imap->outcome, false, code, imap->conn);
        return;
    }
    inspect_fail(&imap->outcome, false, SASL_FAIL, "the connection ended");
    if (!send_first(imap, out, len))
        return;
    while (read_answer(imap, "a1", true, &answer)) {
        if (answer[0] != '+') {
            finish(imap, answer, code);
            return;
        }
        code = answer_challenge(imap, answer + 1);
    }
}

static bool
start_sasl(struct imap *imap)
{
    const sasl_callback_t callbacks[] = {
        { SASL_CB_USER, PROC(give_user), imap },
        { SASL_CB_LIST_END, NULL, NULL },
    };
    int code;

    memcpy(imap->callbacks, callbacks, sizeof(callbacks));
    code = sasl_client_new("imap", imap->host, NULL, NULL, imap->callbacks, 0,
                           &imap->conn);
    if (code == SASL_OK)
        code = inspect_bind(imap->conn, &imap->binding, &imap->holder);
    return code == SASL_OK ||
           inspect_fail_sasl(&imap->outcome, false, code, NULL);
}

static void
leave(struct imap *imap)
{
    sasl_dispose(&imap->conn);
    channel_close(imap->channel);
    imap->channel = NULL;
}

/* One login, from the connection on; false where there was no login to speak
 * of: the complaint was made. */
static bool
log_in(struct imap *imap)
{
    memset(&imap->outcome, 0, sizeof(imap->outcome));
    inspect_fail(&imap->outcome, false, SASL_FAIL, "no login was possible");
    if (!enter(imap))
        return false;
    if (imap->offers[0] == '\0')
        inspect_fail(&imap->outcome, true, SASL_NOMECH,
                     "the server offers no mechanism of GS2");
    else if (start_sasl(imap))
        authenticate(imap);
    if (imap->outcome.in)
        (void)command(imap, "l1", "LOGOUT");
    return true;
}

static bool
again(void *context, struct inspect_outcome *outcome)
{
    struct imap *imap = context;

    (void)log_in(imap);
    leave(imap);
    *outcome = imap->outcome;
    return outcome->in;
}

static int
inspect(struct imap *imap)
{
    struct report report = {
        .options = imap->options, .service = "imap", .host = imap->host,
        .outcome = &imap->outcome, .binding = &imap->binding,
    };
    const void *user = NULL;
    int status = INSPECT_ERROR;

    if (log_in(imap)) {
        report.offers = imap->offers;
        report.tls = imap->tls;
        if (imap->outcome.in &&
            sasl_getprop(imap->conn, SASL_AUTHUSER, &user) == SASL_OK)
            report.user = user;
        tickets_read(&report.tickets);
        report_print(&report);
        tickets_free(&report.tickets);
        status = inspect_status(&imap->outcome);
    }
    leave(imap);
    return status;
}

int
inspect_imap(const struct inspect_options *options)
{
    struct imap *imap = inspect_need(calloc(1, sizeof(*imap)));
    int code, status = INSPECT_ERROR;

    imap->options = options;
    imap->offers = inspect_need(strdup(""));
    (void)signal(SIGPIPE, SIG_IGN);
    code = sasl_client_init(NULL);
    if (code != SASL_OK)
        inspect_say("libsasl does not start: %s",
                    sasl_errstring(code, NULL, NULL));
    else if (parse_server(options->operand, imap))
        status = options->watch >= 0 ? watch(options->watch, again, imap)
                                     : inspect(imap);
    sasl_client_done();
    free(imap->offers);
    free(imap->host);
    free(imap->port);
    free(imap);
    return status;
}
