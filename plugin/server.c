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

#include <stdlib.h>

#include "common/wire/framing.h"
#include "login/sasl_error.h"
#include "login/server_step.h"
#include "server_first.h"

/* --- what is done where a turn has led ---------------------------------- */

static int
answer_last_token(struct gs2_server *s, struct gs2_server_step *step)
{
    int code;

    if (!(step->params->flags & SASL_SUCCESS_DATA)) {
        s->state = GS2_SERVER_LAST_RESPONSE;
        return gs2_server_send(s, step, SASL_CONTINUE);
    }
    code = gs2_server_finish(s, step);
    return code == SASL_OK ? gs2_server_send(s, step, SASL_OK) : code;
}

static const gs2_server_on_progress on_progress[GS2_FAILED + 1] = {
    /* the turn led to: without a token, with one */
    [GS2_COMPLETE] = { gs2_server_finish, answer_last_token },
    [GS2_CONTINUE] = { gs2_server_answer_continue,
                       gs2_server_answer_continue },
    [GS2_FAILED] = { gs2_server_answer_failure,
                     gs2_server_answer_error_token },
};

/* One turn of the loop with this token, and the answer. */
static int
turn(struct gs2_server *s, struct gs2_server_step *step, gss_buffer_t token)
{
    const enum gs2_progress progress = gs2_server_turn(s, step, token);

    return on_progress[progress][s->out.length > 0 ? GS2_SERVER_SOME
                                                   : GS2_SERVER_NOTHING](
        s, step);
}

/* --- what is done with a message ---------------------------------------- */

/* The framing is put back (row H2) and the loop begins. */
static int
on_first(struct gs2_server *s, struct gs2_server_step *step)
{
    gss_buffer_desc inner = step->in, token;
    void *framed = NULL;
    size_t header_len;
    gs2_status status;
    int code;

    status = gs2_server_first_read(s, step->params, &step->in, &header_len);
    if (status != GS2_OK)
        return gs2_server_fail_step(s, step, status);
    inner.value = (char *)inner.value + header_len;
    inner.length -= header_len;
    token = inner;
    if (s->mech->framed) {
        status = gs2_framing_add(inner.value, inner.length,
                                 s->mech->oid.elements, s->mech->oid.length,
                                 &framed, &token.length, s->why);
        if (status != GS2_OK)
            return gs2_server_fail_step(s, step, status);
        token.value = framed;
    }
    code = turn(s, step, &token);
    free(framed);
    return code;
}

static int
on_empty_start(struct gs2_server *s, struct gs2_server_step *step)
{
    return gs2_server_fail_step(s, step, gs2_fail(
        s->why, GS2_BADPROT, "empty initial response"));
}

/* Some mechanisms send empty tokens, so empty tokens are passed on as well. */
static int
on_token(struct gs2_server *s, struct gs2_server_step *step)
{
    return turn(s, step, &step->in);
}

/* The client has our last token: nobody is logged in before it says so. */
static int
on_last_response(struct gs2_server *s, struct gs2_server_step *step)
{
    const gs2_status status = gs2_nego_in_time(&s->nego, s->why);

    return status == GS2_OK ? gs2_server_finish(s, step)
                            : gs2_server_fail_step(s, step, status);
}

/* The client is complete but has one more token (RFC 7546 section 3.2). */
static int
on_extra_token(struct gs2_server *s, struct gs2_server_step *step)
{
    const gs2_status status = gs2_nego_extra(&s->nego, &step->in, s->why);

    return status == GS2_OK ? gs2_server_finish(s, step)
                            : gs2_server_fail_step(s, step, status);
}

static const gs2_server_on_input on_input[GS2_SERVER_STATES] = {
    /* state: nothing, some octets, too many */
    [GS2_SERVER_START] = { on_empty_start, on_first, gs2_server_on_too_long },
    [GS2_SERVER_WAITING] = { on_token, on_token, gs2_server_on_too_long },
    [GS2_SERVER_LAST_RESPONSE] = { on_last_response, on_extra_token,
                                   gs2_server_on_too_long },
    [GS2_SERVER_ESTABLISHED] = { gs2_server_on_established,
                                 gs2_server_on_established,
                                 gs2_server_on_established },
    [GS2_SERVER_FAILED] = { gs2_server_report_failure,
                            gs2_server_report_failure,
                            gs2_server_report_failure },
};

/* --- libsasl's side ------------------------------------------------------ */

int
gs2_server_step(void *conn_context, sasl_server_params_t *params,
                const char *clientin, unsigned clientinlen,
                const char **serverout, unsigned *serveroutlen,
                sasl_out_params_t *oparams)
{
    struct gs2_server_step step = { params,
                                    { clientinlen, (void *)clientin },
                                    serverout, serveroutlen, GS2_OK };

    return gs2_server_take(conn_context, &step, oparams, on_input);
}

int
gs2_server_new(void *glob_context, sasl_server_params_t *params,
               const char *challenge, unsigned challen, void **conn_context)
{
    struct gs2_server *s = params->utils->calloc(1, sizeof(*s));

    (void)challenge;
    (void)challen;
    *conn_context = s;
    if (s == NULL)
        return gs2_sasl_error_nomem(params->utils);
    gs2_server_begin(s, glob_context, params);
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
