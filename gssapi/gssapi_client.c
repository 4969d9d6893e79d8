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
#include <string.h>

#include "common/wire/framing.h"
#include "gssapi_client.h"
#include "login/client_first.h"
#include "login/client_log.h"
#include "login/oparams.h"
#include "login/sasl_error.h"

enum state {
    START,       /* nothing was sent yet */
    WAITING,     /* for the acceptor's next token */
    CONTEXT,     /* GSSAPI: complete; the server's offer is to come (KC7) */
    ESTABLISHED, /* libsasl was told OK */
    FAILED,      /* the reason stays */
    STATES
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

typedef int handler(struct gs2_gssapi_client *a, struct step *step);

static int
report_failure(struct gs2_gssapi_client *a, struct step *step)
{
    gs2_sasl_error_set(step->params->utils, a->c.why.text);
    return a->c.code;
}

static int
fail(struct gs2_gssapi_client *a, struct step *step, int code)
{
    a->c.state = FAILED;
    a->c.code = code;
    gs2_client_log_failure(&a->c, step->params->utils);
    gs2_layer_remove(&a->layer, step->params->utils, a->c.oparams);
    gs2_client_clear(&a->c, step->params->utils);
    return report_failure(a, step);
}

static int
fail_status(struct gs2_gssapi_client *a, struct step *step, gs2_status status)
{
    return fail(a, step, gs2_sasl_error_code(GS2_INITIATOR, status));
}

/* Gives libsasl the message in a->c.out, which stays ours. */
static int
send_message(struct gs2_gssapi_client *a, struct step *step, int code)
{
    if (a->c.out.length > UINT_MAX)
        return fail_status(a, step, gs2_fail(
            &a->c.why, GS2_FAIL, "the token is too long for SASL"));
    *step->out = a->c.out.length > 0 ? a->c.out.value : "";
    *step->out_len = (unsigned)a->c.out.length;
    return code;
}

/* Tells libsasl who logged in, and with which layer. */
static int
establish(struct gs2_gssapi_client *a, struct step *step)
{
    const int code = gs2_client_login_complete(&a->c, step->params);

    if (code != SASL_OK)
        return fail(a, step, code);
    a->c.state = ESTABLISHED;
    a->c.oparams->doneflag = 1;
    if (a->chosen != GS2_LAYER_NONE)
        gs2_layer_install(&a->layer, step->params->utils,
                          gs2_ssf_of(a->chosen, a->sealed), a->c.oparams);
    return SASL_OK;
}

/* --- what is done where a turn has led ----------------------------------- */

static int
answer_failure(struct gs2_gssapi_client *a, struct step *step)
{
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &a->c.out);
    return fail_status(a, step, step->failure);
}

static int
answer_continue(struct gs2_gssapi_client *a, struct step *step)
{
    a->c.state = WAITING;
    return send_message(a, step, SASL_CONTINUE);
}

/* Row KC6: without a token, a message of no octets. */
static int
await_offer(struct gs2_gssapi_client *a, struct step *step)
{
    gs2_client_drop_credential(&a->c);
    a->c.state = CONTEXT;
    return send_message(a, step, SASL_CONTINUE);
}

/* Rows KP1 and KP2. */
static int
end_spnego(struct gs2_gssapi_client *a, struct step *step)
{
    const gs2_status status = gs2_gssapi_client_layer_of_flags(a);
    int code;

    if (status != GS2_OK)
        return fail_status(a, step, status);
    code = establish(a, step);
    return code == SASL_OK && a->c.out.length > 0
           ? send_message(a, step, SASL_OK) : code;
}

enum { GSSAPI, SPNEGO, MECHANISMS };

static handler *const on_progress[MECHANISMS][GS2_FAILED + 1] = {
    [GSSAPI] = {
        [GS2_COMPLETE] = await_offer,
        [GS2_CONTINUE] = answer_continue,
        [GS2_FAILED] = answer_failure,
    },
    [SPNEGO] = {
        [GS2_COMPLETE] = end_spnego,
        [GS2_CONTINUE] = answer_continue,
        [GS2_FAILED] = answer_failure,
    },
};

static int
answer(struct gs2_gssapi_client *a, struct step *step,
       enum gs2_progress progress)
{
    const int mechanism = a->c.mech->negotiated != NULL ? SPNEGO : GSSAPI;

    return on_progress[mechanism][progress](a, step);
}

/* --- what is done with a challenge --------------------------------------- */

static int
on_start(struct gs2_gssapi_client *a, struct step *step)
{
    enum gs2_progress progress;
    const int code = gs2_client_first_turn(&a->c, step->params,
                                           step->prompt_need,
                                           gs2_gssapi_client_inputs,
                                           &progress);

    if (code == SASL_INTERACT)
        return code;
    return code == SASL_OK ? answer(a, step, progress) : fail(a, step, code);
}

static int
on_server_first(struct gs2_gssapi_client *a, struct step *step)
{
    return fail_status(a, step, gs2_fail(
        &a->c.why, GS2_BADPROT,
        "the server sent a challenge before the client's first message"));
}

static int
on_too_long(struct gs2_gssapi_client *a, struct step *step)
{
    return fail_status(a, step, gs2_fail(
        &a->c.why, GS2_BADPROT,
        "the server's message has %zu octets, more than %d", step->in.length,
        GS2_MESSAGE_OCTETS_MAX));
}

static int
on_token(struct gs2_gssapi_client *a, struct step *step)
{
    return answer(a, step, gs2_nego_turn(&a->c.nego, &step->in, &a->c.out,
                                         &step->failure, &a->c.why));
}

/* A server that says "success" here has proved nothing. */
static int
on_early_success(struct gs2_gssapi_client *a, struct step *step)
{
    return fail_status(a, step, gs2_fail(
        &a->c.why, GS2_BADAUTH,
        "the server claims success before it has proved who it is"));
}

/* Rows KC7 to KC11. */
static int
on_offer(struct gs2_gssapi_client *a, struct step *step)
{
    gs2_status status = gs2_nego_in_time(&a->c.nego, &a->c.why);
    int code;

    if (status == GS2_OK)
        status = gs2_gssapi_client_choose(a, step->params->utils, &step->in);
    if (status != GS2_OK)
        return fail_status(a, step, status);
    code = establish(a, step);
    return code == SASL_OK ? send_message(a, step, SASL_OK) : code;
}

static int
on_nothing_more(struct gs2_gssapi_client *a, struct step *step)
{
    (void)a;
    (void)step;
    return SASL_OK;
}

/* libsasl itself refuses steps after OK; should it ever not, we do. */
static int
on_more(struct gs2_gssapi_client *a, struct step *step)
{
    return fail_status(a, step, gs2_fail(
        &a->c.why, GS2_BADPROT, "a challenge after the end of the login"));
}

static handler *const on_input[STATES][INPUTS] = {
    /* state: no challenge, an empty one, some octets, too many */
    [START] = { on_start, on_start, on_server_first, on_server_first },
    [WAITING] = { on_early_success, on_token, on_token, on_too_long },
    [CONTEXT] = { on_early_success, on_offer, on_offer, on_too_long },
    [ESTABLISHED] = { on_nothing_more, on_nothing_more, on_more, on_more },
    [FAILED] = { report_failure, report_failure, report_failure,
                 report_failure },
};

/* --- libsasl's side ------------------------------------------------------ */

int
gs2_gssapi_client_step(void *conn_context, sasl_client_params_t *params,
                       const char *serverin, unsigned serverinlen,
                       sasl_interact_t **prompt_need, const char **clientout,
                       unsigned *clientoutlen, sasl_out_params_t *oparams)
{
    struct gs2_gssapi_client *a = conn_context;
    struct step step = { params, { serverinlen, (void *)serverin },
                         prompt_need, clientout, clientoutlen, GS2_OK };
    enum input input = serverin == NULL ? ABSENT
                       : serverinlen == 0 ? EMPTY
                       : serverinlen > GS2_MESSAGE_OCTETS_MAX ? TOO_LONG
                                                              : SOME;
    OM_uint32 minor;

    *clientout = NULL;
    *clientoutlen = 0;
    if (a == NULL) {
        gs2_sasl_error_set(params->utils,
                           "a GSSAPI step after the attempt had failed");
        return SASL_FAIL;
    }
    (void)gss_release_buffer(&minor, &a->c.out);
    if (a->c.state != ESTABLISHED)
        gs2_oparams_no_layer(oparams);
    a->c.oparams = oparams;
    if (input == ABSENT || input == EMPTY)
        step.in = (gss_buffer_desc){ 0, (void *)"" };
    return on_input[a->c.state][input](a, &step);
}

int
gs2_gssapi_client_new(void *glob_context, sasl_client_params_t *params,
                      void **conn_context)
{
    struct gs2_gssapi_client *a;

    *conn_context = NULL;
    a = params->utils->malloc(sizeof(*a));
    if (a == NULL) {
        gs2_sasl_error_set(params->utils, "out of memory");
        return SASL_NOMEM;
    }
    memset(a, 0, sizeof(*a));
    gs2_client_begin(&a->c, glob_context, params);
    *conn_context = a;
    return SASL_OK;
}

void
gs2_gssapi_client_dispose(void *conn_context, const sasl_utils_t *utils)
{
    struct gs2_gssapi_client *a = conn_context;
    OM_uint32 minor;

    if (a == NULL)
        return;
    if (a->c.prompts.pending != NULL) /* nobody answered */
        gs2_client_log_failure(&a->c, utils);
    gs2_layer_remove(&a->layer, utils, a->c.oparams);
    gs2_client_clear(&a->c, utils);
    (void)gss_release_buffer(&minor, &a->c.out);
    utils->free(a);
}
