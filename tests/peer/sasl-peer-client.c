/*
 * sasl-peer-client.c - the client of sasl-peer: logs in as an IMAP or LDAP
 * client does, with as many callbacks, or as few, as the options say.
 */
#include "sasl-peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct login {
    const struct peer_options *options;
    int fd;
    sasl_conn_t *conn;
    int code;           /* of the last step */
    const char *out;    /* what it has to say */
    unsigned out_len;
};

static const char *
known_answer(const struct peer_options *options, unsigned long id)
{
    const char *known = NULL;

    if (id == SASL_CB_USER)
        known = options->authzid;
    else if (id == SASL_CB_AUTHNAME)
        known = options->authname;
    else if (id == SASL_CB_PASS)
        known = options->password;
    return known == NULL ? "" : known;
}

static int
get_simple(void *context, int id, const char **result, unsigned *len)
{
    const char *known = known_answer(context, (unsigned long)id);

    trace_begin("callback");
    trace_word("id", peer_callback_name((unsigned long)id));
    trace_string("answer", known);
    trace_end();
    *result = known;
    if (len != NULL)
        *len = (unsigned)strlen(known);
    return SASL_OK;
}

static int
get_secret(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret)
{
    const struct peer_options *options = context;

    (void)conn;
    trace_begin("callback");
    trace_word("id", peer_callback_name((unsigned long)id));
    trace_end();
    *secret = options->secret;
    return SASL_OK;
}

static void
add_callback(sasl_callback_t *list, size_t *count, unsigned long id,
             void (*proc)(void), const struct peer_options *options)
{
    list[*count].id = id;
    list[*count].proc = options->interact ? NULL : (int (*)(void))proc;
    list[*count].context = (void *)(size_t)options;
    (*count)++;
}

/* The callbacks that the application has: it may have none.  With --interact
 * it has them all, as programs with a terminal do. */
static void
fill_callbacks(const struct peer_options *options, sasl_callback_t list[4])
{
    size_t count = 0;

    if (options->user_callback)
        add_callback(list, &count, SASL_CB_USER, (void (*)(void))get_simple,
                     options);
    if (options->interact || options->authname != NULL)
        add_callback(list, &count, SASL_CB_AUTHNAME,
                     (void (*)(void))get_simple, options);
    if (options->interact || options->password != NULL)
        add_callback(list, &count, SASL_CB_PASS, (void (*)(void))get_secret,
                     options);
    list[count].id = SASL_CB_LIST_END;
}

static void
answer_prompts(const struct peer_options *options, sasl_interact_t *prompts)
{
    for (; prompts->id != SASL_CB_LIST_END; prompts++) {
        const char *known = known_answer(options, prompts->id);

        trace_begin("prompt");
        trace_word("id", peer_callback_name(prompts->id));
        trace_string("text", prompts->prompt);
        if (prompts->id != SASL_CB_PASS)
            trace_string("answer", known);
        trace_end();
        prompts->result = known;
        prompts->len = (unsigned)strlen(known);
    }
}

/* Runs sasl_client_start(), and again for as long as it has questions. */
static const char *
first_step(struct login *login, const char *mechlist)
{
    sasl_interact_t *prompts = NULL;
    const char *mech = NULL;

    do {
        login->code = sasl_client_start(login->conn, mechlist, &prompts,
                                        &login->out, &login->out_len, &mech);
        trace_result("client-start", login->code, login->conn);
        if (login->code == SASL_INTERACT && login->options->mute)
            login->code = SASL_FAIL;
        if (login->code == SASL_INTERACT)
            answer_prompts(login->options, prompts);
    } while (login->code == SASL_INTERACT);
    return mech;
}

static void
next_step(struct login *login, const char *in, size_t len)
{
    sasl_interact_t *prompts = NULL;

    login->out = NULL;
    login->out_len = 0;
    do {
        login->code = sasl_client_step(login->conn, in, (unsigned)len,
                                       &prompts, &login->out,
                                       &login->out_len);
        trace_result("client-step", login->code, login->conn);
        if (login->code == SASL_INTERACT)
            answer_prompts(login->options, prompts);
    } while (login->code == SASL_INTERACT);
}

/* The name as it goes over the wire: libsasl tells it without -PLUS. */
static void
wire_name(const struct login *login, const char *mech, char name_out[64])
{
    bool bound = login->out_len > 4 && (strncmp(login->out, "p=", 2) == 0 ||
                                        strncmp(login->out, "F,p=", 4) == 0);

    snprintf(name_out, 64, "%s%s", mech, bound ? "-PLUS" : "");
}

static bool
say(struct login *login, enum peer_frame_type type, const char *name)
{
    trace_message("send", type, name, login->out, login->out_len);
    return peer_send(login->fd, type, name, login->out, login->out_len);
}

/*
 * Takes one message of the server.  Sets *done_out at the server's last word;
 * login->code is then SASL_OK only if libsasl says so as well: it is no success
 * if the server claims it before it has proved who it is.
 */
static bool
hear(struct login *login, bool *done_out)
{
    struct peer_frame frame;
    bool heard = true;

    if (peer_receive(login->fd, &frame) != 1)
        return false;
    trace_message("receive", frame.type, NULL, frame.data, frame.len);
    *done_out = frame.type != FRAME_CONTINUE &&
                frame.type != FRAME_CONTINUE_ABSENT;
    if (frame.type == FRAME_FAIL)
        login->code = SASL_BADAUTH;
    else if (frame.type == FRAME_OK_ABSENT && login->code == SASL_OK)
        ;
    else if (strchr("COco", (int)frame.type) != NULL)
        next_step(login, frame.data, frame.len);
    else
        heard = false;
    if (*done_out && login->code == SASL_CONTINUE)
        login->code = SASL_BADPROT;
    peer_frame_free(&frame);
    return heard;
}

/* From the first message to the last; true if the login succeeded. */
static bool
exchange(struct login *login, const char *mechlist)
{
    const char *mech = first_step(login, mechlist);
    char name[64];
    bool done = false;

    if (login->code < 0)
        return false;
    wire_name(login, mech, name);
    if (!say(login, login->out == NULL ? FRAME_START_BARE : FRAME_START, name))
        return false;
    while (hear(login, &done) && !done && login->code >= 0)
        if (!say(login, login->out == NULL ? FRAME_CONTINUE_ABSENT
                                           : FRAME_CONTINUE, NULL))
            return false;
    if (done)
        return login->code == SASL_OK;
    login->out = NULL;
    login->out_len = 0;
    (void)say(login, FRAME_ABORT, NULL);
    return false;
}

static bool
log_in(struct login *login)
{
    const struct peer_options *options = login->options;
    struct peer_frame greeting;
    char *offered = NULL;
    bool ok = false;

    if (peer_receive(login->fd, &greeting) != 1 ||
        greeting.type != FRAME_MECHS)
        goto cleanup;
    trace_message("receive", greeting.type, NULL, greeting.data,
                  greeting.len);
    offered = strndup(greeting.data, greeting.len);
    if (offered == NULL)
        goto cleanup;
    ok = exchange(login, options->mech != NULL ? options->mech : offered);
    if (ok || options->probe)
        trace_identities(login->conn);

cleanup:
    free(offered);
    peer_frame_free(&greeting);
    trace_begin("outcome");
    trace_word("login", ok ? "yes" : "no");
    trace_end();
    return ok;
}

/* One connection, one login.  *ok_out says how it went; false where it could
 * not even begin. */
static bool
connect_and_log_in(const struct peer_options *options, bool *ok_out)
{
    struct login login = { .options = options, .code = SASL_FAIL };
    sasl_callback_t callbacks[4];
    char local[64], remote[64];
    void *cred = NULL;
    int code;

    *ok_out = false;
    login.fd = peer_connect(options->port, options->patience);
    if (login.fd < 0)
        return false;
    fill_callbacks(options, callbacks);
    peer_addresses(login.fd, local, remote);
    code = sasl_client_new(options->service, options->host, local, remote,
                           callbacks, options->new_flags, &login.conn);
    if (code == SASL_OK)
        code = peer_conn_prepare(options, login.conn, &cred);
    if (code != SASL_OK)
        trace_result("client-new", code, login.conn);
    else
        *ok_out = log_in(&login);
    sasl_dispose(&login.conn);
    peer_cred_release(&cred);
    close(login.fd);
    return code == SASL_OK;
}

static long
log_in_often(const struct peer_options *options)
{
    long refused = 0;
    bool ok;

    for (long done = 1; done <= options->count; done++) {
        if (!connect_and_log_in(options, &ok))
            return -1;
        refused += ok ? 0 : 1;
        if (options->count >= 10 && done % (options->count / 10) == 0)
            trace_sample(done);
    }
    trace_always("summary");
    trace_number("logins", options->count - refused);
    trace_number("refused", refused);
    trace_end();
    return refused;
}

bool
peer_client_hop(const struct peer_options *options, void *cred)
{
    struct peer_options hop = {
        .port = options->hop, .service = "ldap", .host = options->host,
        .mech = "GS2-KRB5", .authzid = "", .patience = options->patience,
        .count = 1, .hop_cred = cred
    };
    bool ok = false;

    trace_begin("hop");
    trace_number("port", hop.port);
    trace_end();
    return connect_and_log_in(&hop, &ok) && ok;
}

long
peer_client_run(const struct peer_options *options)
{
    sasl_callback_t callbacks[4];
    long refused;
    int code;

    callbacks[peer_common_callbacks(options, callbacks)].id =
        SASL_CB_LIST_END;
    code = sasl_client_init(callbacks);
    if (code != SASL_OK) {
        trace_result("client-init", code, NULL);
        return -1;
    }
    refused = log_in_often(options);
    sasl_client_done();
    return refused;
}
