/*
 * gssapi_client.c - the initiator's side of GSSAPI (RFC 4752 section 3.1) and of
 * GSS-SPNEGO, as libsasl steps it.
 *
 * Two tables say everything about the order of things: on_input, what is done
 * with a challenge in each state, and on_progress, what is done where a turn of
 * the negotiation has led (rows KC and KP of doc/gssapi.md).  An initiator's error
 * token is dropped, as in plugin/client.c.
 */
#include "gssapi_steps.h"

#include <limits.h>

#include "gssapi_client.h"
#include "login/client_first.h"
#include "login/client_step.h"
#include "login/sasl_error.h"

enum state {
    CONTEXT = GS2_CLIENT_STATES, /* GSSAPI: complete; the server's offer is to
                                    come (KC7) */
    STATES
};

/* No layer is in force behind the end of an attempt. */
static int
fail(struct gs2_client *c, struct gs2_client_step *step, gs2_status status)
{
    gs2_layer_remove(&gs2_gssapi_client_of(c)->layer, step->params->utils,
                     c->oparams);
    return gs2_client_fail(c, step, status);
}

/* Gives libsasl the message in c->out, which stays ours. */
static int
send_message(struct gs2_client *c, struct gs2_client_step *step, int code)
{
    if (c->out.length > UINT_MAX)
        return fail(c, step, gs2_fail(
            c->why, GS2_FAIL, "the token is too long for SASL"));
    *step->out = c->out.length > 0 ? c->out.value : "";
    *step->out_len = (unsigned)c->out.length;
    return code;
}

/* Tells libsasl who logged in, and with which layer. */
static int
establish(struct gs2_client *c, struct gs2_client_step *step)
{
    struct gs2_gssapi_client *a = gs2_gssapi_client_of(c);
    const int code = gs2_client_login_complete(c, step->params);

    if (code != SASL_OK)
        return gs2_client_fail_code(c, step, code);
    c->state = GS2_CLIENT_ESTABLISHED;
    c->oparams->doneflag = 1;
    if (a->chosen != GS2_LAYER_NONE)
        gs2_layer_install(&a->layer, step->params->utils,
                          gs2_ssf_of(a->chosen, a->sealed), c->oparams);
    return SASL_OK;
}

/* --- what is done where a turn has led ----------------------------------- */

static int
answer_continue(struct gs2_client *c, struct gs2_client_step *step)
{
    c->state = GS2_CLIENT_WAITING;
    return send_message(c, step, SASL_CONTINUE);
}

/* Row KC6: without a token, a message of no octets. */
static int
await_offer(struct gs2_client *c, struct gs2_client_step *step)
{
    gs2_client_drop_credential(c);
    c->state = CONTEXT;
    return send_message(c, step, SASL_CONTINUE);
}

/* Rows KP1 and KP2. */
static int
end_spnego(struct gs2_client *c, struct gs2_client_step *step)
{
    const gs2_status status = gs2_gssapi_client_layer_of_flags(
        gs2_gssapi_client_of(c));
    int code;

    if (status != GS2_OK)
        return fail(c, step, status);
    code = establish(c, step);
    return code == SASL_OK && c->out.length > 0
           ? send_message(c, step, SASL_OK) : code;
}

enum { GSSAPI, SPNEGO, MECHANISMS };

static const gs2_client_on_progress on_progress[MECHANISMS] = {
    [GSSAPI] = {
        [GS2_COMPLETE] = await_offer,
        [GS2_CONTINUE] = answer_continue,
        [GS2_FAILED] = gs2_client_answer_failure,
    },
    [SPNEGO] = {
        [GS2_COMPLETE] = end_spnego,
        [GS2_CONTINUE] = answer_continue,
        [GS2_FAILED] = gs2_client_answer_failure,
    },
};

static int
answer(struct gs2_client *c, struct gs2_client_step *step,
       enum gs2_progress progress)
{
    const int mechanism = c->mech->negotiated != NULL ? SPNEGO : GSSAPI;

    return on_progress[mechanism][progress](c, step);
}

/* --- what is done with a challenge --------------------------------------- */

static int
on_start(struct gs2_client *c, struct gs2_client_step *step)
{
    enum gs2_progress progress;
    const int code = gs2_client_first_turn(c, step->params, step->prompt_need,
                                           gs2_gssapi_client_inputs,
                                           &progress);

    if (code == SASL_INTERACT)
        return code;
    return code == SASL_OK ? answer(c, step, progress)
                           : gs2_client_fail_code(c, step, code);
}

static int
on_token(struct gs2_client *c, struct gs2_client_step *step)
{
    return answer(c, step, gs2_nego_turn(&c->nego, &step->in, &c->out,
                                         &step->failure, c->why));
}

/* Rows KC7 to KC11. */
static int
on_offer(struct gs2_client *c, struct gs2_client_step *step)
{
    gs2_status status = gs2_nego_in_time(&c->nego, c->why);
    int code;

    if (status == GS2_OK)
        status = gs2_gssapi_client_choose(gs2_gssapi_client_of(c),
                                          step->params->utils, &step->in);
    if (status != GS2_OK)
        return fail(c, step, status);
    code = establish(c, step);
    return code == SASL_OK ? send_message(c, step, SASL_OK) : code;
}

/* libsasl itself refuses steps after OK; should it ever not, we do. */
static int
on_more(struct gs2_client *c, struct gs2_client_step *step)
{
    return fail(c, step, gs2_fail(
        c->why, GS2_BADPROT, "a challenge after the end of the login"));
}

static const gs2_client_on_input on_input[STATES] = {
    /* state: no challenge, an empty one, some octets, too many */
    [GS2_CLIENT_START] = { on_start, on_start, gs2_client_on_server_first,
                           gs2_client_on_server_first },
    [GS2_CLIENT_WAITING] = { gs2_client_on_early_success, on_token, on_token,
                             gs2_client_on_too_long },
    [CONTEXT] = { gs2_client_on_early_success, on_offer, on_offer,
                  gs2_client_on_too_long },
    [GS2_CLIENT_ESTABLISHED] = { gs2_client_on_nothing_more,
                                 gs2_client_on_nothing_more, on_more,
                                 on_more },
    [GS2_CLIENT_FAILED] = { gs2_client_report_failure,
                            gs2_client_report_failure,
                            gs2_client_report_failure,
                            gs2_client_report_failure },
};

/* --- libsasl's side ------------------------------------------------------ */

int
gs2_gssapi_client_step(void *conn_context, sasl_client_params_t *params,
                       const char *serverin, unsigned serverinlen,
                       sasl_interact_t **prompt_need, const char **clientout,
                       unsigned *clientoutlen, sasl_out_params_t *oparams)
{
    struct gs2_gssapi_client *a = conn_context;
    struct gs2_client_step step = { params,
                                    { serverinlen, (void *)serverin },
                                    prompt_need, clientout, clientoutlen,
                                    GS2_OK };

    return gs2_client_take(a != NULL ? &a->c : NULL, &step, oparams, on_input);
}

int
gs2_gssapi_client_new(void *glob_context, sasl_client_params_t *params,
                      void **conn_context)
{
    struct gs2_gssapi_client *a = params->utils->calloc(1, sizeof(*a));

    *conn_context = a;
    if (a == NULL)
        return gs2_sasl_error_nomem(params->utils);
    gs2_client_begin(&a->c, glob_context, params);
    return SASL_OK;
}

void
gs2_gssapi_client_dispose(void *conn_context, const sasl_utils_t *utils)
{
    struct gs2_gssapi_client *a = conn_context;

    if (a == NULL)
        return;
    gs2_layer_remove(&a->layer, utils, a->c.oparams);
    gs2_client_end(&a->c, utils);
    utils->free(a);
}
