/*
 * dialogue.c - leads libsasl's client and server through a login (see
 * dialogue.h; RFC 4422 section 3).  The application that both believe in is in
 * dialogue_app.c.
 */
#include "dialogue_app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"
#include "octets.h"

/* No honest exchange has so many steps; a tampered one may be endless. */
#define STEPS_MAX 300

static const struct {
    int code;
    const char *name;
} codes[] = {
    { SASL_OK, "OK" }, { SASL_CONTINUE, "CONTINUE" },
    { SASL_INTERACT, "INTERACT" }, { SASL_FAIL, "FAIL" },
    { SASL_NOMEM, "NOMEM" }, { SASL_BUFOVER, "BUFOVER" },
    { SASL_NOMECH, "NOMECH" }, { SASL_BADPROT, "BADPROT" },
    { SASL_NOTDONE, "NOTDONE" }, { SASL_BADPARAM, "BADPARAM" },
    { SASL_TRYAGAIN, "TRYAGAIN" }, { SASL_BADMAC, "BADMAC" },
    { SASL_BADSERV, "BADSERV" }, { SASL_WRONGMECH, "WRONGMECH" },
    { SASL_NOTINIT, "NOTINIT" }, { SASL_BADAUTH, "BADAUTH" },
    { SASL_NOAUTHZ, "NOAUTHZ" }, { SASL_TOOWEAK, "TOOWEAK" },
    { SASL_ENCRYPT, "ENCRYPT" }, { SASL_EXPIRED, "EXPIRED" },
    { SASL_DISABLED, "DISABLED" }, { SASL_NOUSER, "NOUSER" },
    { SASL_BADVERS, "BADVERS" }, { SASL_UNAVAIL, "UNAVAIL" },
    { SASL_NOVERIFY, "NOVERIFY" }, { SASL_CONFIGERR, "CONFIGERR" },
    { SASL_BADBINDING, "BADBINDING" },
};

const char *
gs2_dialogue_code(int code)
{
    for (size_t i = 0; i < COUNT(codes); i++) {
        if (codes[i].code == code)
            return codes[i].name;
    }
    return "(a code without a name)";
}

static void
append(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
append(char *out, size_t size, const char *format, ...)
{
    const size_t at = strlen(out);
    va_list args;

    va_start(args, format);
    vsnprintf(out + at, size - at, format, args);
    va_end(args);
}

static bool
goes_on(int code)
{
    return code == SASL_OK || code == SASL_CONTINUE;
}

/* Writes the entry of one step.  What there is to send counts only where the
 * exchange goes on: else it may point at what is freed, and is not read. */
static void
note(struct gs2_dialogue *d, char who, int code)
{
    const unsigned char *data = (const unsigned char *)d->out;
    char *e = d->exchange;
    unsigned i = 0;

    append(e, sizeof(d->exchange), "%s%c: %s ", e[0] != '\0' ? "; " : "", who,
           gs2_dialogue_code(code));
    if (data == NULL) {
        append(e, sizeof(d->exchange), "-");
        return;
    }
    if (!goes_on(code)) {
        append(e, sizeof(d->exchange), "?");
        d->out = NULL;
        d->out_len = 0;
        return;
    }
    while (i < d->out_len && data[i] >= ' ' && data[i] <= '~')
        i++;
    append(e, sizeof(d->exchange), "[%.*s", (int)i, d->out);
    if (i < d->out_len)
        append(e, sizeof(d->exchange), "+%u", d->out_len - i);
    append(e, sizeof(d->exchange), "]");
}

/* The message that waits, as it is delivered: counted, perhaps tampered with,
 * and in memory of its exact size. */
static const char *
deliver(struct gs2_dialogue *d, bool to_client, unsigned *len_out)
{
    struct gs2_message m = { d->out, d->out_len };

    if (d->out == NULL && !to_client)
        m.data = ""; /* an empty response, with which the client goes on */
    if (m.len == 0 && to_client && d->null_for_empty)
        m.data = NULL;
    d->messages++;
    for (size_t i = 0; i < GS2_TAMPERS; i++) {
        if (d->tampers[i].number == d->messages)
            m = d->tampers[i].by;
    }
    if (d->change != NULL)
        d->change(d, to_client, &m);
    free(d->copy);
    d->copy = m.data != NULL ? exact_copy(m.data, m.len) : NULL;
    *len_out = (unsigned)m.len;
    return d->copy;
}

static int
client_did(struct gs2_dialogue *d, int code)
{
    d->client_code = code;
    d->client_steps++;
    snprintf(d->client_error, sizeof(d->client_error), "%s",
             sasl_errdetail(d->client));
    note(d, 'C', code);
    return code;
}

static int
server_did(struct gs2_dialogue *d, int code)
{
    d->server_code = code;
    d->server_steps++;
    snprintf(d->server_error, sizeof(d->server_error), "%s",
             sasl_errdetail(d->server));
    note(d, 'S', code);
    return code;
}

int
gs2_dialogue_client_start(struct gs2_dialogue *d)
{
    const char *mech;
    int code;

    d->prompt = NULL;
    do {
        d->out = NULL;
        d->out_len = 0;
        code = sasl_client_start(d->client, d->mech, &d->prompt, &d->out,
                                 &d->out_len, &mech);
    } while (code == SASL_INTERACT && gs2_dialogue_answer_prompts(d));
    return client_did(d, code);
}

int
gs2_dialogue_client_step(struct gs2_dialogue *d)
{
    unsigned len;
    const char *in = deliver(d, true, &len);
    int code;

    do {
        d->out = NULL;
        d->out_len = 0;
        code = sasl_client_step(d->client, in, len, &d->prompt, &d->out,
                                &d->out_len);
    } while (code == SASL_INTERACT && gs2_dialogue_answer_prompts(d));
    return client_did(d, code);
}

int
gs2_dialogue_server_start(struct gs2_dialogue *d)
{
    unsigned len;
    const char *in = deliver(d, false, &len);

    d->out = NULL;
    d->out_len = 0;
    return server_did(d, sasl_server_start(d->server, d->mech, in, len,
                                           &d->out, &d->out_len));
}

int
gs2_dialogue_server_step(struct gs2_dialogue *d)
{
    unsigned len;
    const char *in = deliver(d, false, &len);

    d->out = NULL;
    d->out_len = 0;
    return server_did(d, sasl_server_step(d->server, in, len, &d->out,
                                          &d->out_len));
}

void
gs2_dialogue_say(struct gs2_dialogue *d, const void *data, size_t len)
{
    d->out = data;
    d->out_len = (unsigned)len;
}

int
gs2_dialogue_plain(struct gs2_dialogue *d, const char *user,
                   const char *password)
{
    const char *mech = d->mech;
    char message[256];
    int len, code;

    len = snprintf(message, sizeof(message), "%c%s%c%s", 0, user, 0, password);
    MUST(len < (int)sizeof(message));
    gs2_dialogue_say(d, message, (size_t)len);
    d->mech = "PLAIN";
    code = gs2_dialogue_server_start(d);
    d->mech = mech;
    return code;
}

/* The client's turn: false where it has nothing more to say. */
static bool
client_turn(struct gs2_dialogue *d, unsigned turn)
{
    if (d->raw_client_count == 0)
        return goes_on(turn == 0 ? gs2_dialogue_client_start(d)
                                 : gs2_dialogue_client_step(d));
    if (turn >= d->raw_client_count)
        return false;
    gs2_dialogue_say(d, d->raw_client[turn].data, d->raw_client[turn].len);
    return true;
}

static bool
server_turn(struct gs2_dialogue *d, unsigned turn)
{
    if (d->raw_server_count == 0)
        return goes_on(turn == 0 ? gs2_dialogue_server_start(d)
                                 : gs2_dialogue_server_step(d));
    if (turn >= d->raw_server_count)
        return false;
    d->messages++;
    gs2_dialogue_say(d, d->raw_server[turn].data, d->raw_server[turn].len);
    return true;
}

/* The server has said that the login succeeded. */
static void
tell_success(struct gs2_dialogue *d)
{
    if (d->raw_client_count == 0 && (d->out != NULL || d->null_at_success))
        (void)gs2_dialogue_client_step(d);
}

void
gs2_dialogue_run(struct gs2_dialogue *d)
{
    d->messages = 0;
    d->client_code = d->server_code = SASL_NOTINIT;
    for (unsigned turn = 0; client_turn(d, turn) && server_turn(d, turn);
         turn++) {
        if (d->raw_server_count == 0 && d->server_code == SASL_OK) {
            tell_success(d);
            return;
        }
        MUST(turn < STEPS_MAX); /* the dialogue ends */
    }
}

void
gs2_dialogue_init(struct gs2_dialogue *d)
{
    memset(d, 0, sizeof(*d));
    d->service = "test";
    d->host = "host.script.test";
    d->appname = "gs2-test";
    d->mech = "GS2-SCRIPT";
    d->client_code = d->server_code = SASL_NOTINIT;
}

const char *
gs2_dialogue_property(sasl_conn_t *conn, int which)
{
    const void *value = NULL;

    if (sasl_getprop(conn, which, &value) != SASL_OK || value == NULL)
        return "-";
    return value;
}

bool
gs2_dialogue_has(sasl_conn_t *conn, int which)
{
    const void *value = NULL;

    return sasl_getprop(conn, which, &value) == SASL_OK && value != NULL;
}

const char *
gs2_dialogue_auxprop(struct gs2_dialogue *d, const char *name)
{
    struct propctx *context = sasl_auxprop_getctx(d->server);
    const struct propval *p = prop_get(context);

    for (; p != NULL && p->name != NULL; p++) {
        if (strcmp(p->name, name) == 0)
            return p->values != NULL ? p->values[0] : NULL;
    }
    return NULL;
}

const char *
gs2_dialogue_listed(sasl_conn_t *conn)
{
    const char *list = NULL;

    if (sasl_listmech(conn, NULL, "", " ", "", &list, NULL, NULL) !=
            SASL_OK || list == NULL || list[0] == '\0')
        return "-";
    return list;
}

void
gs2_dialogue_set(struct gs2_setting *options, const char *name,
                 const char *value)
{
    size_t i = 0;

    while (i < GS2_SETTINGS - 1 && options[i].name != NULL &&
           strcmp(options[i].name, name) != 0)
        i++;
    MUST(i < GS2_SETTINGS - 1);
    options[i] = (struct gs2_setting){ name, value };
}

unsigned
gs2_dialogue_logged(const char *log, const char *text)
{
    unsigned count = 0;

    for (const char *p = log; (p = strstr(p, text)) != NULL; p++)
        count++;
    return count;
}
