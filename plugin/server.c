/*
 * server.c - the acceptor's side of GS2 as libsasl steps it (RFC 5801 section
 * 5, RFC 7546 section 2).
 *
 * Two tables say everything about the order of things: on_input, what is done
 * with a message in each state, and on_progress, what is done where a turn of
 * the negotiation has led (rows I and G of doc/gs2.md).
 *
 * SASL_OK is never given with data unless the application said
 * SASL_SUCCESS_DATA.  libsasl would remember the login and answer SASL_OK to a
 * second sasl_server_start() with any password.  So the last token goes out
 * with SASL_CONTINUE, and nobody is logged in before the client's last
 * response (RFC 4422 section 3).
 */
#include "plugin.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "login/server_log.h"
#include "common/wire/framing.h"
#include "login/oparams.h"
#include "login/sasl_error.h"
#include "server_first.h"

enum gs2_server_state {
    GS2_SERVER_START,         /* no message yet */
    GS2_SERVER_WAITING,       /* for the initiator's next token */
    GS2_SERVER_LAST_RESPONSE, /* context complete; the response to our last
                                 token is to come */
    GS2_SERVER_ESTABLISHED,   /* libsasl was told OK */
    GS2_SERVER_FAILED,        /* the reason stays */
    GS2_SERVER_STATES
};

/* One call of mech_step. */
struct step {
    sasl_server_params_t *params;
    gss_buffer_desc in;
    const char **out;
    unsigned *out_len;
    gs2_status failure; /* where the turn has led to GS2_FAILED */
};

enum input { NOTHING, SOME, TOO_LONG, INPUTS };

typedef int handler(struct gs2_server *s, struct step *step);

/* Says again why the attempt is over. */
static int
report_failure(struct gs2_server *s, struct step *step)
{
    (void)step;
    gs2_sasl_error_set_public(s->utils, s->why.text);
    return s->code;
}

static void
end_attempt_status(struct gs2_server *s, struct step *step, gs2_status status)
{
    s->state = GS2_SERVER_FAILED;
    gs2_server_fail(s, step->params, gs2_sasl_error_code(GS2_ACCEPTOR, status),
                    gs2_status_blames_peer(status));
}

static int
fail_status(struct gs2_server *s, struct step *step, gs2_status status)
{
    end_attempt_status(s, step, status);
    return report_failure(s, step);
}

/* Gives libsasl the token in s->out, which stays ours. */
static int
send_token(const struct gs2_server *s, struct step *step, int code)
{
    *step->out = s->out.length > 0 ? s->out.value : "";
    *step->out_len = (unsigned)s->out.length;
    return code;
}

/* --- what is done where a turn has led ---------------------------------- */

static int
answer_failure(struct gs2_server *s, struct step *step)
{
    return fail_status(s, step, step->failure);
}

/* The client gets the error token and the failure follows (RFC 7546 2.5).  It
 * may hang up instead, so the log has it now. */
static int
answer_error_token(struct gs2_server *s, struct step *step)
{
    if (!s->config->error_tokens)
        return answer_failure(s, step);
    end_attempt_status(s, step, step->failure);
    (void)report_failure(s, step);
    return send_token(s, step, SASL_CONTINUE);
}

static int
answer_continue(struct gs2_server *s, struct step *step)
{
    s->state = GS2_SERVER_WAITING;
    return send_token(s, step, SASL_CONTINUE);
}

static int
finish(struct gs2_server *s, struct step *step)
{
    const int code = gs2_server_login_complete(s, step->params);

    if (code != SASL_OK) {
        /* They have proved who they are. */
        s->state = GS2_SERVER_FAILED;
        gs2_server_fail(s, step->params, code, false);
        return report_failure(s, step);
    }
    gs2_server_log_accepted(s, step->params);
    s->state = GS2_SERVER_ESTABLISHED;
    return SASL_OK;
}

static int
answer_last_token(struct gs2_server *s, struct step *step)
{
    int code;

    if (!(step->params->flags & SASL_SUCCESS_DATA)) {
        s->state = GS2_SERVER_LAST_RESPONSE;
        return send_token(s, step, SASL_CONTINUE);
    }
    code = finish(s, step);
    return code == SASL_OK ? send_token(s, step, SASL_OK) : code;
}

static handler *const on_progress[GS2_FAILED + 1][SOME + 1] = {
    /* the turn led to: without a token, with one */
    [GS2_COMPLETE] = { finish, answer_last_token },
    [GS2_CONTINUE] = { answer_continue, answer_continue },
    [GS2_FAILED] = { answer_failure, answer_error_token },
};

/* One turn of the loop with this token, and the answer. */
static int
turn(struct gs2_server *s, struct step *step, gss_buffer_t token)
{
    enum gs2_progress progress;

    progress = gs2_nego_turn(&s->nego, token, &s->out, &step->failure,
                             &s->why);
    if (progress != GS2_CONTINUE)
        gs2_server_return_credential(s, progress == GS2_FAILED);
    gs2_server_log_leg(s, step->in.length, progress);
    if (s->out.length > UINT_MAX)
        return fail_status(s, step, gs2_fail(
            &s->why, GS2_FAIL, "the token is too long for SASL"));
    return on_progress[progress][s->out.length > 0 ? SOME : NOTHING](s, step);
}

/* --- what is done with a message ---------------------------------------- */

/* The framing is put back (row H2) and the loop begins. */
static int
on_first(struct gs2_server *s, struct step *step)
{
    gss_buffer_desc inner = step->in, token;
    void *framed = NULL;
    size_t header_len;
    gs2_status status;
    int code;

    status = gs2_server_first_read(s, step->params, &step->in, &header_len);
    if (status != GS2_OK)
        return fail_status(s, step, status);
    inner.value = (char *)inner.value + header_len;
    inner.length -= header_len;
    token = inner;
    if (s->mech->framed) {
        status = gs2_framing_add(inner.value, inner.length,
                                 s->mech->oid.elements, s->mech->oid.length,
                                 &framed, &token.length, &s->why);
        if (status != GS2_OK)
            return fail_status(s, step, status);
        token.value = framed;
    }
    code = turn(s, step, &token);
    free(framed);
    return code;
}

static int
on_empty_start(struct gs2_server *s, struct step *step)
{
    return fail_status(s, step, gs2_fail(
        &s->why, GS2_BADPROT, "empty initial response"));
}

/* Row I14: none of it is read. */
static int
on_too_long(struct gs2_server *s, struct step *step)
{
    return fail_status(s, step, gs2_fail(
        &s->why, GS2_BADPROT,
        "the client's message has %zu octets, more than %d", step->in.length,
        GS2_MESSAGE_OCTETS_MAX));
}

/* Some mechanisms send empty tokens, so empty tokens are passed on as well. */
static int
on_token(struct gs2_server *s, struct step *step)
{
    return turn(s, step, &step->in);
}

/* The client has our last token: nobody is logged in before it says so. */
static int
on_last_response(struct gs2_server *s, struct step *step)
{
    const gs2_status status = gs2_nego_in_time(&s->nego, &s->why);

    return status == GS2_OK ? finish(s, step)
                            : fail_status(s, step, status);
}

/* The client is complete but has one more token (RFC 7546 section 3.2). */
static int
on_extra_token(struct gs2_server *s, struct step *step)
{
    const gs2_status status = gs2_nego_extra(&s->nego, &step->in, &s->why);

    return status == GS2_OK ? finish(s, step)
                            : fail_status(s, step, status);
}

/* libsasl itself refuses steps after OK; should it ever not, we do. */
static int
on_established(struct gs2_server *s, struct step *step)
{
    return fail_status(s, step, gs2_fail(
        &s->why, GS2_BADPROT, "a message after the end of the login"));
}

static handler *const on_input[GS2_SERVER_STATES][INPUTS] = {
    /* state: nothing, some octets, too many */
    [GS2_SERVER_START] = { on_empty_start, on_first, on_too_long },
    [GS2_SERVER_WAITING] = { on_token, on_token, on_too_long },
    [GS2_SERVER_LAST_RESPONSE] = { on_last_response, on_extra_token,
                                   on_too_long },
    [GS2_SERVER_ESTABLISHED] = { on_established, on_established,
                                 on_established },
    [GS2_SERVER_FAILED] = { report_failure, report_failure, report_failure },
};

/* --- libsasl's side ------------------------------------------------------ */

int
gs2_server_step(void *conn_context, sasl_server_params_t *params,
                const char *clientin, unsigned clientinlen,
                const char **serverout, unsigned *serveroutlen,
                sasl_out_params_t *oparams)
{
    struct gs2_server *s = conn_context;
    struct step step = { params, { clientinlen, (void *)clientin }, serverout,
                         serveroutlen, GS2_OK };
    enum input input = clientin == NULL || clientinlen == 0 ? NOTHING
                       : clientinlen > GS2_MESSAGE_OCTETS_MAX ? TOO_LONG
                                                              : SOME;
    OM_uint32 minor;

    *serverout = NULL;
    *serveroutlen = 0;
    if (s == NULL) {
        gs2_sasl_error_set(params->utils,
                           "a GS2 step after the attempt had failed");
        return SASL_FAIL;
    }
    (void)gss_release_buffer(&minor, &s->out);
    gs2_oparams_no_layer(oparams);
    s->oparams = oparams;
    s->propctx = params->propctx;
    if (input == NOTHING)
        step.in = (gss_buffer_desc){ 0, (void *)"" };
    return on_input[s->state][input](s, &step);
}

int
gs2_server_new(void *glob_context, sasl_server_params_t *params,
               const char *challenge, unsigned challen, void **conn_context)
{
    struct gs2_server *s;

    (void)challenge;
    (void)challen;
    *conn_context = NULL;
    s = params->utils->malloc(sizeof(*s));
    if (s == NULL) {
        gs2_sasl_error_set(params->utils, "out of memory");
        return SASL_NOMEM;
    }
    memset(s, 0, sizeof(*s));
    gs2_server_begin(s, glob_context, params);
    *conn_context = s;
    return SASL_OK;
}

void
gs2_server_dispose(void *conn_context, const sasl_utils_t *utils)
{
    if (conn_context == NULL)
        return;
    gs2_server_clear(conn_context);
    utils->free(conn_context);
}
