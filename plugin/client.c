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

#include "login/client_first.h"
#include "client_inputs.h"
#include "login/client_log.h"
#include "common/wire/framing.h"
#include "login/oparams.h"
#include "login/sasl_error.h"

enum gs2_client_state {
    GS2_CLIENT_START,       /* nothing was sent yet */
    GS2_CLIENT_WAITING,     /* for the acceptor's next token */
    GS2_CLIENT_ESTABLISHED, /* the context is complete and verified */
    GS2_CLIENT_FAILED,      /* the reason stays */
    GS2_CLIENT_STATES
};

enum input { ABSENT, EMPTY, SOME, TOO_LONG, INPUTS };

/* One call of mech_step. */
struct step {
    sasl_client_params_t *params;
    gss_buffer_desc in;
    sasl_interact_t **prompt_need;
    const char **out;
    unsigned *out_len;
    gs2_status failure; /* where the turn has led to GS2_FAILED */
};

typedef int handler(struct gs2_client *c, struct step *step);

static int
report_failure(struct gs2_client *c, struct step *step)
{
    gs2_sasl_error_set(step->params->utils, c->why.text);
    return c->code;
}

static int
fail(struct gs2_client *c, struct step *step, int code)
{
    c->state = GS2_CLIENT_FAILED;
    c->code = code;
    gs2_client_log_failure(c, step->params->utils);
    gs2_client_clear(c, step->params->utils);
    return report_failure(c, step);
}

static int
fail_status(struct gs2_client *c, struct step *step, gs2_status status)
{
    return fail(c, step, gs2_sasl_error_code(GS2_INITIATOR, status));
}

/* --- what is done where a turn has led ----------------------------------- */

/* The first message: the header, and the token without its framing. */
static gs2_status
make_first_message(struct gs2_client *c, struct step *step, size_t *len_out)
{
    const void *inner = c->out.value;
    size_t len = c->out.length;
    gs2_status status;

    if (c->mech->framed && len > 0) {
        status = gs2_framing_strip(c->out.value, c->out.length,
                                   c->mech->oid.elements, c->mech->oid.length,
                                   &inner, &len, &c->why);
        if (status != GS2_OK)
            return status;
    }
    c->message = step->params->utils->malloc(
        (unsigned)(c->header_len + len + 1));
    if (c->message == NULL)
        return gs2_fail_nomem(&c->why);
    memcpy(c->message, c->header, c->header_len);
    if (len > 0)
        memcpy(c->message + c->header_len, inner, len);
    *len_out = c->header_len + len;
    c->message[*len_out] = '\0';
    return GS2_OK;
}

/* Gives libsasl the token in c->out, behind the header the first time. */
static int
send_token(struct gs2_client *c, struct step *step, bool first, int code)
{
    size_t len = c->out.length;
    gs2_status status = GS2_OK;

    if (c->header_len >= UINT_MAX ||
        len > UINT_MAX - c->header_len - 1)
        status = gs2_fail(&c->why, GS2_FAIL, "the token is too long for SASL");
    else if (first)
        status = make_first_message(c, step, &len);
    if (status != GS2_OK)
        return fail_status(c, step, status);
    if (first)
        *step->out = c->message;
    else
        *step->out = len > 0 ? c->out.value : "";
    *step->out_len = (unsigned)len;
    return code;
}

static int
answer_failure(struct gs2_client *c, struct step *step)
{
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &c->out);
    return fail_status(c, step, step->failure);
}

static int
answer_continue(struct gs2_client *c, struct step *step)
{
    const bool first = c->state == GS2_CLIENT_START;

    c->state = GS2_CLIENT_WAITING;
    return send_token(c, step, first, SASL_CONTINUE);
}

static int
answer_done(struct gs2_client *c, struct step *step)
{
    const bool first = c->state == GS2_CLIENT_START;
    const int code = gs2_client_login_complete(c, step->params);

    if (code != SASL_OK)
        return fail(c, step, code);
    c->state = GS2_CLIENT_ESTABLISHED;
    /* Without a token there is no message, save the first: the header. */
    if (c->out.length == 0 && !first)
        return SASL_OK;
    return send_token(c, step, first, SASL_OK);
}

static handler *const on_progress[GS2_FAILED + 1] = {
    /* the same with a token and without, as the comments there say */
    [GS2_COMPLETE] = answer_done,
    [GS2_CONTINUE] = answer_continue,
    [GS2_FAILED] = answer_failure,
};

/* --- what is done with a challenge --------------------------------------- */

static int
on_start(struct gs2_client *c, struct step *step)
{
    enum gs2_progress progress;
    const int code = gs2_client_first_turn(c, step->params, step->prompt_need,
                                           gs2_client_inputs, &progress);

    if (code == SASL_INTERACT)
        return code;
    return code == SASL_OK ? on_progress[progress](c, step)
                           : fail(c, step, code);
}

static int
on_server_first(struct gs2_client *c, struct step *step)
{
    return fail_status(c, step, gs2_fail(
        &c->why, GS2_BADPROT,
        "the server sent a challenge before the client's first message"));
}

/* Row I14: none of it is read. */
static int
on_too_long(struct gs2_client *c, struct step *step)
{
    return fail_status(c, step, gs2_fail(
        &c->why, GS2_BADPROT,
        "the server's message has %zu octets, more than %d", step->in.length,
        GS2_MESSAGE_OCTETS_MAX));
}

static int
on_token(struct gs2_client *c, struct step *step)
{
    const enum gs2_progress progress = gs2_nego_turn(
        &c->nego, &step->in, &c->out, &step->failure, &c->why);

    return on_progress[progress](c, step);
}

/* Mutual authentication is at stake: a server that says "success" here has
 * proved nothing. */
static int
on_early_success(struct gs2_client *c, struct step *step)
{
    return fail_status(c, step, gs2_fail(
        &c->why, GS2_BADAUTH,
        "the server claims success before it has proved who it is"));
}

static int
on_nothing_more(struct gs2_client *c, struct step *step)
{
    (void)c;
    (void)step;
    return SASL_OK;
}

static int
on_extra_token(struct gs2_client *c, struct step *step)
{
    const gs2_status status = gs2_nego_extra(&c->nego, &step->in, &c->why);

    return status == GS2_OK ? SASL_OK : fail_status(c, step, status);
}

static handler *const on_input[GS2_CLIENT_STATES][INPUTS] = {
    /* state: no challenge, an empty one, some octets, too many */
    [GS2_CLIENT_START] = { on_start, on_start, on_server_first,
                           on_server_first },
    [GS2_CLIENT_WAITING] = { on_early_success, on_token, on_token,
                             on_too_long },
    [GS2_CLIENT_ESTABLISHED] = { on_nothing_more, on_nothing_more,
                                 on_extra_token, on_too_long },
    [GS2_CLIENT_FAILED] = { report_failure, report_failure, report_failure,
                            report_failure },
};

/* --- libsasl's side ------------------------------------------------------ */

int
gs2_client_step(void *conn_context, sasl_client_params_t *params,
                const char *serverin, unsigned serverinlen,
                sasl_interact_t **prompt_need, const char **clientout,
                unsigned *clientoutlen, sasl_out_params_t *oparams)
{
    struct gs2_client *c = conn_context;
    struct step step = { params, { serverinlen, (void *)serverin },
                         prompt_need, clientout, clientoutlen, GS2_OK };
    enum input input = serverin == NULL ? ABSENT
                       : serverinlen == 0 ? EMPTY
                       : serverinlen > GS2_MESSAGE_OCTETS_MAX ? TOO_LONG
                                                              : SOME;
    OM_uint32 minor;

    *clientout = NULL;
    *clientoutlen = 0;
    if (c == NULL) {
        gs2_sasl_error_set(params->utils,
                           "a GS2 step after the attempt had failed");
        return SASL_FAIL;
    }
    (void)gss_release_buffer(&minor, &c->out);
    if (c->message != NULL)
        params->utils->free(c->message);
    c->message = NULL;
    gs2_oparams_no_layer(oparams);
    c->oparams = oparams;
    if (input == ABSENT || input == EMPTY)
        step.in = (gss_buffer_desc){ 0, (void *)"" };
    return on_input[c->state][input](c, &step);
}

int
gs2_client_new(void *glob_context, sasl_client_params_t *params,
               void **conn_context)
{
    struct gs2_client *c;

    *conn_context = NULL;
    c = params->utils->malloc(sizeof(*c));
    if (c == NULL) {
        gs2_sasl_error_set(params->utils, "out of memory");
        return SASL_NOMEM;
    }
    memset(c, 0, sizeof(*c));
    gs2_client_begin(c, glob_context, params);
    *conn_context = c;
    return SASL_OK;
}

void
gs2_client_dispose(void *conn_context, const sasl_utils_t *utils)
{
    struct gs2_client *c = conn_context;
    OM_uint32 minor;

    if (c == NULL)
        return;
    if (c->prompts.pending != NULL) /* nobody answered */
        gs2_client_log_failure(c, utils);
    gs2_client_clear(c, utils);
    (void)gss_release_buffer(&minor, &c->out);
    if (c->message != NULL)
        utils->free(c->message);
    utils->free(c);
}
