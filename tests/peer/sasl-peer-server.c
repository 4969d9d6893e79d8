/*
 * sasl-peer-server.c - the server of sasl-peer: offers libsasl's mechanisms
 * and hands it what arrives, as an IMAP or LDAP server does.
 *
 * After a refusal, and after a success too, the connection stays open for
 * another attempt of the client on the same sasl_conn_t: what an attempt
 * leaves behind is one of the things to look at.
 */
#include "sasl-peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sasl/prop.h>

struct session {
    const struct peer_options *options;
    int fd;
    sasl_conn_t *conn;
    long logins;
    long refused;
};

static int
proxy_policy(sasl_conn_t *conn, void *context, const char *requested,
             unsigned requested_len, const char *authid, unsigned authid_len,
             const char *realm, unsigned realm_len, struct propctx *propctx)
{
    const struct peer_options *options = context;
    bool allow = strcmp(options->policy, "allow") == 0;

    trace_begin("policy");
    trace_text("authzid", requested, requested_len);
    trace_text("authid", authid, authid_len);
    if (realm != NULL)
        trace_text("realm", realm, realm_len);
    trace_word("answer", options->policy);
    trace_end();
    trace_auxprops("policy", options, propctx);
    trace_groups("policy", options);
    if (allow)
        return SASL_OK;
    sasl_seterror(conn, SASL_NOLOG, "the proxy policy says no");
    return SASL_NOAUTHZ;
}

/* What an application does with a delegated credential: it is somebody's
 * client. */
static void
second_hop(const struct session *session)
{
    const void *handle = NULL;

    if (session->options->hop == 0)
        return;
    if (sasl_getprop(session->conn, SASL_DELEGATEDCREDS, &handle) != SASL_OK ||
        handle == NULL) {
        trace_begin("hop");
        trace_word("delegated", "none");
        trace_end();
        return;
    }
    (void)peer_client_hop(session->options, *(void *const *)handle);
}

/* Tells the client what libsasl said. */
static bool
answer(struct session *session, int code, const char *out, unsigned len)
{
    enum peer_frame_type type = FRAME_FAIL;

    if (code == SASL_CONTINUE) {
        type = out == NULL ? FRAME_CONTINUE_ABSENT : FRAME_CONTINUE;
    } else if (code == SASL_OK) {
        type = out == NULL ? FRAME_OK_ABSENT : FRAME_OK;
        session->logins++;
    } else {
        /* As slapd does: the text of the failure goes to the client. */
        out = sasl_errdetail(session->conn);
        len = out == NULL ? 0 : (unsigned)strlen(out);
        session->refused++;
    }
    if (code == SASL_OK || session->options->probe) {
        trace_identities(session->conn);
        trace_auxprops("end", session->options,
                       sasl_auxprop_getctx(session->conn));
        trace_groups("end", session->options);
    }
    if (code == SASL_OK)
        second_hop(session);
    trace_message("send", type, NULL, out, len);
    return peer_send(session->fd, type, NULL, out, out == NULL ? 0 : len);
}

/* The first message of an attempt: name, NUL, initial response. */
static bool
start(struct session *session, const struct peer_frame *frame)
{
    size_t name_len = strnlen(frame->data, frame->len);
    char *name = strndup(frame->data, name_len);
    const char *initial = NULL, *out = NULL;
    unsigned len = 0, out_len = 0;
    bool going = false;
    int code;

    if (name == NULL)
        return false;
    if (frame->type == FRAME_START) {
        if (name_len == frame->len)
            goto cleanup;
        initial = frame->data + name_len + 1;
        len = (unsigned)(frame->len - name_len - 1);
    }
    trace_message("receive", frame->type, name, initial, len);
    code = sasl_server_start(session->conn, name, initial, len, &out,
                             &out_len);
    trace_result("server-start", code, session->conn);
    going = answer(session, code, out, out_len);

cleanup:
    free(name);
    return going;
}

static bool
step(struct session *session, const struct peer_frame *frame)
{
    const char *out = NULL;
    unsigned out_len = 0;
    int code;

    trace_message("receive", frame->type, NULL, frame->data, frame->len);
    code = sasl_server_step(session->conn, frame->data, (unsigned)frame->len,
                            &out, &out_len);
    trace_result("server-step", code, session->conn);
    return answer(session, code, out, out_len);
}

/* One frame; false where the connection is at its end. */
static bool
serve_frame(struct session *session)
{
    struct peer_frame frame;
    bool going = false;

    if (peer_receive(session->fd, &frame) != 1)
        return false;
    switch (frame.type) {
    case FRAME_START: case FRAME_START_BARE:
        going = start(session, &frame);
        break;
    case FRAME_CONTINUE: case FRAME_CONTINUE_ABSENT:
        going = step(session, &frame);
        break;
    case FRAME_ABORT:
        trace_message("receive", frame.type, NULL, NULL, 0);
        session->refused++;
        break;
    default:
        break;
    }
    peer_frame_free(&frame);
    return going;
}

static bool
offer(struct session *session)
{
    const char *mechs = "";
    unsigned len = 0;
    int code;

    code = sasl_listmech(session->conn, NULL, "", " ", "", &mechs, &len, NULL);
    if (code != SASL_OK) {
        trace_result("listmech", code, session->conn);
        mechs = "";
    }
    trace_begin("mechs");
    trace_string("offered", mechs);
    trace_end();
    if (session->options->mechlist != NULL)
        mechs = session->options->mechlist;
    return peer_send(session->fd, FRAME_MECHS, NULL, mechs, strlen(mechs));
}

static bool
serve_connection(struct session *session)
{
    const struct peer_options *options = session->options;
    sasl_callback_t callbacks[2] = { { SASL_CB_LIST_END, NULL, NULL } };
    char local[64], remote[64];
    void *cred = NULL;
    int code;

    if (options->policy != NULL) {
        callbacks[0].id = SASL_CB_PROXY_POLICY;
        callbacks[0].proc = (int (*)(void))(void (*)(void))proxy_policy;
        callbacks[0].context = (void *)(size_t)options;
        callbacks[1].id = SASL_CB_LIST_END;
    }
    peer_addresses(session->fd, local, remote);
    code = sasl_server_new(options->service, options->host,
                           options->user_realm, local, remote, callbacks,
                           options->new_flags, &session->conn);
    if (code == SASL_OK)
        code = peer_conn_prepare(options, session->conn, &cred);
    if (code != SASL_OK)
        trace_result("server-new", code, session->conn);
    else if (offer(session))
        while (serve_frame(session))
            ;
    sasl_dispose(&session->conn);
    trace_groups("gone", options);
    peer_cred_release(&cred);
    return code == SASL_OK;
}

static bool
serve_next(struct session *session, int listener)
{
    bool served;

    session->fd = peer_accept(listener, session->options->patience);
    if (session->fd < 0)
        return false;
    served = serve_connection(session);
    close(session->fd);
    return served;
}

static bool
sampled(long done, long count)
{
    return count >= 10 && done % (count / 10) == 0;
}

static void
serve_all(struct session *session, int listener)
{
    const struct peer_options *options = session->options;

    for (long done = 1; options->count == 0 || done <= options->count;
         done++) {
        if (!serve_next(session, listener))
            break;
        if (sampled(done, options->count))
            trace_sample(done);
    }
    trace_always("summary");
    trace_number("logins", session->logins);
    trace_number("refused", session->refused);
    trace_end();
}

long
peer_server_run(const struct peer_options *options)
{
    struct session session = { .options = options };
    sasl_callback_t callbacks[4];
    unsigned short port = options->port;
    int listener, code;

    callbacks[peer_common_callbacks(options, callbacks)].id =
        SASL_CB_LIST_END;
    code = sasl_server_init(callbacks, "sasl-peer");
    if (code == SASL_OK && options->hop != 0)
        code = sasl_client_init(NULL);
    if (code != SASL_OK) {
        trace_result("server-init", code, NULL);
        return -1;
    }
    listener = peer_listen(&port);
    if (listener >= 0) {
        trace_always("listening");
        trace_number("port", port);
        trace_end();
        serve_all(&session, listener);
        close(listener);
    }
    if (options->hop != 0)
        sasl_client_done();
    sasl_server_done();
    return listener < 0 ? -1 : session.refused;
}
