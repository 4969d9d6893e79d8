/*
 * gssapi_server.c - the acceptor's side of GSSAPI (RFC 4752 section 3.2) and of
 * GSS-SPNEGO, as libsasl steps it.
 *
 * Two tables say everything about the order of things: on_input, what is done
 * with a message in each state, and on_progress, what is done where a turn of
 * the negotiation has led (rows KS and KP of doc/gssapi.md).  The two mechanisms
 * differ in what follows a complete context: GSSAPI agrees about a layer, and
 * nobody is logged in before the client's answer (row KC11).
 *
 * SASL_OK is never given with data unless the application said
 * SASL_SUCCESS_DATA (see plugin/server.c).
 */
#include "gssapi_steps.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/framing.h"
#include "gssapi_server.h"
#include "login/oparams.h"
#include "login/sasl_error.h"
#include "login/server_log.h"

enum state {
    START,         /* no message yet */
    WAITING,       /* for the initiator's next token */
    TOKEN_SENT,    /* GSSAPI: the response to our last token is to come (KS7) */
    OFFERED,       /* GSSAPI: the client's choice is to come (KS9) */
    LAST_RESPONSE, /* GSS-SPNEGO: the response to our last token is to come */
    ESTABLISHED,   /* libsasl was told OK */
    FAILED,        /* the reason stays */
    STATES
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

typedef int handler(struct gs2_gssapi_server *a, struct step *step);

static int
report_failure(struct gs2_gssapi_server *a, struct step *step)
{
    (void)step;
    gs2_sasl_error_set_public(a->s.utils, a->s.why.text);
    return a->s.code;
}

static void
end_attempt(struct gs2_gssapi_server *a, struct step *step, gs2_status status)
{
    a->s.state = FAILED;
    gs2_server_fail(&a->s, step->params,
                    gs2_sasl_error_code(GS2_ACCEPTOR, status),
                    gs2_status_blames_peer(status));
}

static int
fail(struct gs2_gssapi_server *a, struct step *step, gs2_status status)
{
    end_attempt(a, step, status);
    return report_failure(a, step);
}

/* Gives libsasl the message in a->s.out, which stays ours. */
static int
send_message(const struct gs2_gssapi_server *a, struct step *step, int code)
{
    *step->out = a->s.out.length > 0 ? a->s.out.value : "";
    *step->out_len = (unsigned)a->s.out.length;
    return code;
}

/* --- the end -------------------------------------------------------------- */

static int
finish(struct gs2_gssapi_server *a, struct step *step)
{
    const int code = gs2_server_login_complete(&a->s, step->params);

    if (code != SASL_OK) {
        /* They have proved who they are. */
        a->s.state = FAILED;
        gs2_server_fail(&a->s, step->params, code, false);
        return report_failure(a, step);
    }
    gs2_server_log_accepted(&a->s, step->params);
    a->s.state = ESTABLISHED;
    if (a->chosen != GS2_LAYER_NONE)
        gs2_layer_install(&a->layer, a->s.utils,
                          gs2_ssf_of(a->chosen, a->sealed), a->s.oparams);
    return SASL_OK;
}

/* Row KS8. */
static int
send_offer(struct gs2_gssapi_server *a, struct step *step)
{
    const gs2_status status = gs2_gssapi_server_offer(a);

    if (status != GS2_OK)
        return fail(a, step, status);
    a->s.state = OFFERED;
    return send_message(a, step, SASL_CONTINUE);
}

/* --- what is done where a turn has led ----------------------------------- */

static int
answer_failure(struct gs2_gssapi_server *a, struct step *step)
{
    return fail(a, step, step->failure);
}

/* The client gets the error token and the failure follows (RFC 7546 2.5). */
static int
answer_error_token(struct gs2_gssapi_server *a, struct step *step)
{
    if (!a->s.config->error_tokens)
        return answer_failure(a, step);
    end_attempt(a, step, step->failure);
    (void)report_failure(a, step);
    return send_message(a, step, SASL_CONTINUE);
}

static int
answer_continue(struct gs2_gssapi_server *a, struct step *step)
{
    a->s.state = WAITING;
    return send_message(a, step, SASL_CONTINUE);
}

/* Row KS7. */
static int
send_last_token(struct gs2_gssapi_server *a, struct step *step)
{
    a->s.state = TOKEN_SENT;
    return send_message(a, step, SASL_CONTINUE);
}

/* Row KP5. */
static int
send_last_of_spnego(struct gs2_gssapi_server *a, struct step *step)
{
    int code;

    if (!(step->params->flags & SASL_SUCCESS_DATA)) {
        a->s.state = LAST_RESPONSE;
        return send_message(a, step, SASL_CONTINUE);
    }
    code = finish(a, step);
    return code == SASL_OK ? send_message(a, step, SASL_OK) : code;
}

enum { GSSAPI, SPNEGO, MECHANISMS };

static handler *const on_progress[MECHANISMS][GS2_FAILED + 1][SOME + 1] = {
    /* the turn led to: without a token, with one */
    [GSSAPI] = {
        [GS2_COMPLETE] = { send_offer, send_last_token },
        [GS2_CONTINUE] = { answer_continue, answer_continue },
        [GS2_FAILED] = { answer_failure, answer_error_token },
    },
    [SPNEGO] = {
        [GS2_COMPLETE] = { finish, send_last_of_spnego },
        [GS2_CONTINUE] = { answer_continue, answer_continue },
        [GS2_FAILED] = { answer_failure, answer_error_token },
    },
};

/* What is held against policy before a last token goes out. */
static enum gs2_progress
check_complete(struct gs2_gssapi_server *a, struct step *step)
{
    OM_uint32 minor;

    step->failure = gs2_gssapi_server_check(a, step->params);
    if (step->failure == GS2_OK)
        return GS2_COMPLETE;
    (void)gss_release_buffer(&minor, &a->s.out);
    return GS2_FAILED;
}

/* One turn of the loop with this token, and the answer. */
static int
turn(struct gs2_gssapi_server *a, struct step *step)
{
    struct gs2_server *s = &a->s;
    const int mechanism = s->mech->negotiated != NULL ? SPNEGO : GSSAPI;
    enum gs2_progress progress;

    progress = gs2_nego_turn(&s->nego, &step->in, &s->out, &step->failure,
                             &s->why);
    if (progress != GS2_CONTINUE)
        gs2_server_return_credential(s, progress == GS2_FAILED);
    gs2_server_log_leg(s, step->in.length, progress);
    if (s->out.length > UINT_MAX)
        return fail(a, step, gs2_fail(&s->why, GS2_FAIL,
                                      "the token is too long for SASL"));
    if (progress == GS2_COMPLETE)
        progress = check_complete(a, step);
    return on_progress[mechanism][progress]
                      [s->out.length > 0 ? SOME : NOTHING](a, step);
}

/* --- what is done with a message ---------------------------------------- */

/* IMAP, and clients of old, send no initial response: they are asked for it,
 * once. */
static int
on_no_first(struct gs2_gssapi_server *a, struct step *step)
{
    if (a->asked_first)
        return fail(a, step, gs2_fail(&a->s.why, GS2_BADPROT,
                                      "empty first message"));
    a->asked_first = true;
    return send_message(a, step, SASL_CONTINUE);
}

/* Row KS2. */
static int
on_first(struct gs2_gssapi_server *a, struct step *step)
{
    const gs2_status status = gs2_gssapi_server_begin(a, step->params,
                                                      &step->in);

    return status == GS2_OK ? turn(a, step) : fail(a, step, status);
}

static int
on_too_long(struct gs2_gssapi_server *a, struct step *step)
{
    return fail(a, step, gs2_fail(
        &a->s.why, GS2_BADPROT,
        "the client's message has %zu octets, more than %d", step->in.length,
        GS2_MESSAGE_OCTETS_MAX));
}

/* Row KS7: nothing may be there. */
static int
on_more_than_a_response(struct gs2_gssapi_server *a, struct step *step)
{
    return fail(a, step, gs2_fail(
        &a->s.why, GS2_BADPROT,
        "the client's response to the last token is not empty"));
}

static gs2_status
in_time(struct gs2_gssapi_server *a)
{
    return gs2_nego_in_time(&a->s.nego, &a->s.why);
}

static int
on_token_received(struct gs2_gssapi_server *a, struct step *step)
{
    const gs2_status status = in_time(a);

    return status == GS2_OK ? send_offer(a, step) : fail(a, step, status);
}

/* The client has our last token: nobody is logged in before it says so. */
static int
on_last_response(struct gs2_gssapi_server *a, struct step *step)
{
    const gs2_status status = in_time(a);

    return status == GS2_OK ? finish(a, step) : fail(a, step, status);
}

static int
on_no_choice(struct gs2_gssapi_server *a, struct step *step)
{
    return fail(a, step, gs2_fail(
        &a->s.why, GS2_BADPROT, "the client chose no security layer"));
}

/* Rows KS9 to KS12. */
static int
on_choice(struct gs2_gssapi_server *a, struct step *step)
{
    gs2_status status = in_time(a);

    if (status == GS2_OK)
        status = gs2_gssapi_server_choose(a, &step->in);
    return status == GS2_OK ? finish(a, step) : fail(a, step, status);
}

/* libsasl itself refuses steps after OK; should it ever not, we do, and the
 * layer refuses from then on. */
static int
on_established(struct gs2_gssapi_server *a, struct step *step)
{
    gs2_layer_remove(&a->layer, a->s.utils, a->s.oparams);
    return fail(a, step, gs2_fail(
        &a->s.why, GS2_BADPROT, "a message after the end of the login"));
}

static handler *const on_input[STATES][INPUTS] = {
    /* state: nothing, some octets, too many */
    [START] = { on_no_first, on_first, on_too_long },
    [WAITING] = { turn, turn, on_too_long },
    [TOKEN_SENT] = { on_token_received, on_more_than_a_response,
                     on_more_than_a_response },
    [OFFERED] = { on_no_choice, on_choice, on_too_long },
    [LAST_RESPONSE] = { on_last_response, on_more_than_a_response,
                        on_more_than_a_response },
    [ESTABLISHED] = { on_established, on_established, on_established },
    [FAILED] = { report_failure, report_failure, report_failure },
};

/* --- libsasl's side ------------------------------------------------------ */

int
gs2_gssapi_server_step(void *conn_context, sasl_server_params_t *params,
                       const char *clientin, unsigned clientinlen,
                       const char **serverout, unsigned *serveroutlen,
                       sasl_out_params_t *oparams)
{
    struct gs2_gssapi_server *a = conn_context;
    struct step step = { params, { clientinlen, (void *)clientin }, serverout,
                         serveroutlen, GS2_OK };
    enum input input = clientin == NULL || clientinlen == 0 ? NOTHING
                       : clientinlen > GS2_MESSAGE_OCTETS_MAX ? TOO_LONG
                                                              : SOME;
    OM_uint32 minor;

    *serverout = NULL;
    *serveroutlen = 0;
    if (a == NULL) {
        gs2_sasl_error_set(params->utils,
                           "a GSSAPI step after the attempt had failed");
        return SASL_FAIL;
    }
    (void)gss_release_buffer(&minor, &a->s.out);
    if (a->s.state != ESTABLISHED)
        gs2_oparams_no_layer(oparams);
    a->s.oparams = oparams;
    a->s.propctx = params->propctx;
    if (input == NOTHING)
        step.in = (gss_buffer_desc){ 0, (void *)"" };
    return on_input[a->s.state][input](a, &step);
}

int
gs2_gssapi_server_new(void *glob_context, sasl_server_params_t *params,
                      const char *challenge, unsigned challen,
                      void **conn_context)
{
    struct gs2_gssapi_server *a;

    (void)challenge;
    (void)challen;
    *conn_context = NULL;
    a = params->utils->malloc(sizeof(*a));
    if (a == NULL) {
        gs2_sasl_error_set(params->utils, "out of memory");
        return SASL_NOMEM;
    }
    memset(a, 0, sizeof(*a));
    gs2_server_begin(&a->s, glob_context, params);
    *conn_context = a;
    return SASL_OK;
}

void
gs2_gssapi_server_dispose(void *conn_context, const sasl_utils_t *utils)
{
    struct gs2_gssapi_server *a = conn_context;

    if (a == NULL)
        return;
    gs2_layer_remove(&a->layer, utils, a->s.oparams);
    gs2_server_clear(&a->s);
    free(a->end_point);
    utils->free(a);
}
