/*
 * client.c - the initiator's side of GS2 as libsasl steps it (RFC 5801 section
 * 5, RFC 7546 section 2).
 *
 * Two tables say everything about the order of things: on_input, what is done
 * with a challenge in each state, and on_progress, what is done where a turn
 * of the negotiation has led (rows I and G of doc/gs2.md).  Where this differs
 * from RFC 7546: an initiator's error token is dropped (2.2 says "should"
 * send).  To send it the client would have to return SASL_CONTINUE for an
 * exchange that failed, and libldap takes SASL_CONTINUE at the server's success
 * for a login; SASL's own abort says that it failed.  doneflag stays 0 at
 * completion, so that an extra token still reaches us.
 */
#include "plugin.h"

#include <limits.h>
#include <string.h>

#include "client_inputs.h"
#include "common/wire/framing.h"
#include "login/client_first.h"
#include "login/client_step.h"
#include "login/sasl_error.h"

/* --- what is done where a turn has led ----------------------------------- */

/* The first message: the header, and the token without its framing. */
static gs2_status
make_first_message(struct gs2_client *c, struct gs2_client_step *step,
                   size_t *len_out)
{
    const void *inner = c->out.value;
    size_t len = c->out.length;
    gs2_status status;

    if (c->mech->framed && len > 0) {
        status = gs2_framing_strip(c->out.value, c->out.length,
                                   c->mech->oid.elements, c->mech->oid.length,
                                   &inner, &len, c->why);
        if (status != GS2_OK)
            return status;
    }
    c->message = step->params->utils->malloc(
        (unsigned)(c->header_len + len + 1));
    if (c->message == NULL)
        return gs2_fail_nomem(c->why);
    memcpy(c->message, c->header, c->header_len);
    if (len > 0)
        memcpy(c->message + c->header_len, inner, len);
    *len_out = c->header_len + len;
    c->message[*len_out] = '\0';
    return GS2_OK;
}

/* Gives libsasl the token in c->out, behind the header the first time. */
static int
send_token(struct gs2_client *c, struct gs2_client_step *step, bool first,
           int code)
{
    size_t len = c->out.length;
    gs2_status status = GS2_OK;

    if (c->header_len >= UINT_MAX ||
        len > UINT_MAX - c->header_len - 1)
        status = gs2_fail(c->why, GS2_FAIL, "the token is too long for SASL");
    else if (first)
        status = make_first_message(c, step, &len);
    if (status != GS2_OK)
        return gs2_client_fail(c, step, status);
    if (first)
        *step->out = c->message;
    else
        *step->out = len > 0 ? c->out.value : "";
    *step->out_len = (unsigned)len;
    return code;
}

static int
answer_continue(struct gs2_client *c, struct gs2_client_step *step)
{
    const bool first = c->state == GS2_CLIENT_START;

    c->state = GS2_CLIENT_WAITING;
    return send_token(c, step, first, SASL_CONTINUE);
}

static int
answer_done(struct gs2_client *c, struct gs2_client_step *step)
{
    const bool first = c->state == GS2_CLIENT_START;
    const int code = gs2_client_login_complete(c, step->params);

    if (code != SASL_OK)
        return gs2_client_fail_code(c, step, code);
    c->state = GS2_CLIENT_ESTABLISHED;
    /* Without a token there is no message, save the first: the header. */
    if (c->out.length == 0 && !first)
        return SASL_OK;
    return send_token(c, step, first, SASL_OK);
}

static const gs2_client_on_progress on_progress = {
    /* the same with a token and without, as the comments there say */
    [GS2_COMPLETE] = answer_done,
    [GS2_CONTINUE] = answer_continue,
    [GS2_FAILED] = gs2_client_answer_failure,
};

/* --- what is done with a challenge --------------------------------------- */

static int
on_start(struct gs2_client *c, struct gs2_client_step *step)
{
    enum gs2_progress progress;
    const int code = gs2_client_first_turn(c, step->params, step->prompt_need,
                                           gs2_client_inputs, &progress);

    if (code == SASL_INTERACT)
        return code;
    return code == SASL_OK ? on_progress[progress](c, step)
                           : gs2_client_fail_code(c, step, code);
}

static int
on_token(struct gs2_client *c, struct gs2_client_step *step)
{
    const enum gs2_progress progress = gs2_nego_turn(
        &c->nego, &step->in, &c->out, &step->failure, c->why);

    return on_progress[progress](c, step);
}

static int
on_extra_token(struct gs2_client *c, struct gs2_client_step *step)
{
    const gs2_status status = gs2_nego_extra(&c->nego, &step->in, c->why);

    return status == GS2_OK ? SASL_OK : gs2_client_fail(c, step, status);
}

static const gs2_client_on_input on_input[GS2_CLIENT_STATES] = {
    /* state: no challenge, an empty one, some octets, too many */
    [GS2_CLIENT_START] = { on_start, on_start, gs2_client_on_server_first,
                           gs2_client_on_server_first },
    [GS2_CLIENT_WAITING] = { gs2_client_on_early_success, on_token, on_token,
                             gs2_client_on_too_long },
    [GS2_CLIENT_ESTABLISHED] = { gs2_client_on_nothing_more,
                                 gs2_client_on_nothing_more, on_extra_token,
                                 gs2_client_on_too_long },
    [GS2_CLIENT_FAILED] = { gs2_client_report_failure,
                            gs2_client_report_failure,
                            gs2_client_report_failure,
                            gs2_client_report_failure },
};

/* --- libsasl's side ------------------------------------------------------ */

int
gs2_client_step(void *conn_context, sasl_client_params_t *params,
                const char *serverin, unsigned serverinlen,
                sasl_interact_t **prompt_need, const char **clientout,
                unsigned *clientoutlen, sasl_out_params_t *oparams)
{
    struct gs2_client_step step = { params,
                                    { serverinlen, (void *)serverin },
                                    prompt_need, clientout, clientoutlen,
                                    GS2_OK };

    return gs2_client_take(conn_context, &step, oparams, on_input);
}

int
gs2_client_new(void *glob_context, sasl_client_params_t *params,
               void **conn_context)
{
    struct gs2_client *c = params->utils->calloc(1, sizeof(*c));

    *conn_context = c;
    if (c == NULL)
        return gs2_sasl_error_nomem(params->utils);
    gs2_client_begin(c, glob_context, params);
    return SASL_OK;
}

void
gs2_client_dispose(void *conn_context, const sasl_utils_t *utils)
{
    struct gs2_client *c = conn_context;

    if (c == NULL)
        return;
    gs2_client_end(c, utils);
    utils->free(c);
}
