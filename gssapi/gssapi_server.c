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

#include <stdlib.h>

#include "gssapi_server.h"
#include "login/sasl_error.h"
#include "login/server_step.h"

enum state {
    TOKEN_SENT = GS2_SERVER_STATES, /* GSSAPI: the response to our last token is
                                       to come (KS7) */
    OFFERED,                        /* GSSAPI: the client's choice is to come
                                       (KS9) */
    STATES
};

/* --- the end -------------------------------------------------------------- */

static int
finish(struct gs2_server *s, struct gs2_server_step *step)
{
    struct gs2_gssapi_server *a = gs2_gssapi_server_of(s);
    const int code = gs2_server_finish(s, step);

    if (code == SASL_OK && a->chosen != GS2_LAYER_NONE)
        gs2_layer_install(&a->layer, s->utils,
                          gs2_ssf_of(a->chosen, a->sealed), s->oparams);
    return code;
}

/* Row KS8. */
static int
send_offer(struct gs2_server *s, struct gs2_server_step *step)
{
    const gs2_status status = gs2_gssapi_server_offer(gs2_gssapi_server_of(s));

    if (status != GS2_OK)
        return gs2_server_fail_step(s, step, status);
    s->state = OFFERED;
    return gs2_server_send(s, step, SASL_CONTINUE);
}

/* --- what is done where a turn has led ----------------------------------- */

/* Row KS7. */
static int
send_last_token(struct gs2_server *s, struct gs2_server_step *step)
{
    s->state = TOKEN_SENT;
    return gs2_server_send(s, step, SASL_CONTINUE);
}

/* Row KP5. */
static int
send_last_of_spnego(struct gs2_server *s, struct gs2_server_step *step)
{
    int code;

    if (!(step->params->flags & SASL_SUCCESS_DATA)) {
        s->state = GS2_SERVER_LAST_RESPONSE;
        return gs2_server_send(s, step, SASL_CONTINUE);
    }
    code = finish(s, step);
    return code == SASL_OK ? gs2_server_send(s, step, SASL_OK) : code;
}

enum { GSSAPI, SPNEGO, MECHANISMS };

static const gs2_server_on_progress on_progress[MECHANISMS][GS2_FAILED + 1] = {
    /* the turn led to: without a token, with one */
    [GSSAPI] = {
        [GS2_COMPLETE] = { send_offer, send_last_token },
        [GS2_CONTINUE] = { gs2_server_answer_continue,
                           gs2_server_answer_continue },
        [GS2_FAILED] = { gs2_server_answer_failure,
                         gs2_server_answer_error_token },
    },
    [SPNEGO] = {
        [GS2_COMPLETE] = { finish, send_last_of_spnego },
        [GS2_CONTINUE] = { gs2_server_answer_continue,
                           gs2_server_answer_continue },
        [GS2_FAILED] = { gs2_server_answer_failure,
                         gs2_server_answer_error_token },
    },
};

/* Before the last token goes out: is what was negotiated allowed? */
static enum gs2_progress
check_complete(struct gs2_server *s, struct gs2_server_step *step)
{
    OM_uint32 minor;

    step->failure = gs2_gssapi_server_check(gs2_gssapi_server_of(s),
                                            step->params);
    if (step->failure == GS2_OK)
        return GS2_COMPLETE;
    (void)gss_release_buffer(&minor, &s->out);
    return GS2_FAILED;
}

/* One turn of the loop with this token, and the answer. */
static int
turn(struct gs2_server *s, struct gs2_server_step *step)
{
    const int mechanism = s->mech->negotiated != NULL ? SPNEGO : GSSAPI;
    enum gs2_progress progress = gs2_server_turn(s, step, &step->in);

    if (progress == GS2_COMPLETE)
        progress = check_complete(s, step);
    return on_progress[mechanism][progress][s->out.length > 0
                                            ? GS2_SERVER_SOME
                                            : GS2_SERVER_NOTHING](s, step);
}

/* --- what is done with a message ---------------------------------------- */

/* IMAP and old clients send no initial response: they are asked for it,
 * once. */
static int
on_no_first(struct gs2_server *s, struct gs2_server_step *step)
{
    struct gs2_gssapi_server *a = gs2_gssapi_server_of(s);

    if (a->asked_first)
        return gs2_server_fail_step(s, step, gs2_fail(
            s->why, GS2_BADPROT, "empty first message"));
    a->asked_first = true;
    return gs2_server_send(s, step, SASL_CONTINUE);
}

/* Row KS2. */
static int
on_first(struct gs2_server *s, struct gs2_server_step *step)
{
    const gs2_status status = gs2_gssapi_server_begin(
        gs2_gssapi_server_of(s), step->params, &step->in);

    return status == GS2_OK ? turn(s, step)
                            : gs2_server_fail_step(s, step, status);
}

/* Row KS7: nothing may be there. */
static int
on_more_than_a_response(struct gs2_server *s, struct gs2_server_step *step)
{
    return gs2_server_fail_step(s, step, gs2_fail(
        s->why, GS2_BADPROT,
        "the client's response to the last token is not empty"));
}

static int
on_token_received(struct gs2_server *s, struct gs2_server_step *step)
{
    const gs2_status status = gs2_nego_in_time(&s->nego, s->why);

    return status == GS2_OK ? send_offer(s, step)
                            : gs2_server_fail_step(s, step, status);
}

/* The client has our last token: nobody is logged in before it says so. */
static int
on_last_response(struct gs2_server *s, struct gs2_server_step *step)
{
    const gs2_status status = gs2_nego_in_time(&s->nego, s->why);

    return status == GS2_OK ? finish(s, step)
                            : gs2_server_fail_step(s, step, status);
}

static int
on_no_choice(struct gs2_server *s, struct gs2_server_step *step)
{
    return gs2_server_fail_step(s, step, gs2_fail(
        s->why, GS2_BADPROT, "the client chose no security layer"));
}

/* Rows KS9 to KS12. */
static int
on_choice(struct gs2_server *s, struct gs2_server_step *step)
{
    gs2_status status = gs2_nego_in_time(&s->nego, s->why);

    if (status == GS2_OK)
        status = gs2_gssapi_server_choose(gs2_gssapi_server_of(s),
                                          &step->in);
    return status == GS2_OK ? finish(s, step)
                            : gs2_server_fail_step(s, step, status);
}

/* libsasl itself refuses steps after OK; should it ever not, the layer refuses
 * from then on. */
static int
on_established(struct gs2_server *s, struct gs2_server_step *step)
{
    gs2_layer_remove(&gs2_gssapi_server_of(s)->layer, s->utils, s->oparams);
    return gs2_server_on_established(s, step);
}

static const gs2_server_on_input on_input[STATES] = {
    /* state: nothing, some octets, too many */
    [GS2_SERVER_START] = { on_no_first, on_first, gs2_server_on_too_long },
    [GS2_SERVER_WAITING] = { turn, turn, gs2_server_on_too_long },
    [TOKEN_SENT] = { on_token_received, on_more_than_a_response,
                     on_more_than_a_response },
    [OFFERED] = { on_no_choice, on_choice, gs2_server_on_too_long },
    [GS2_SERVER_LAST_RESPONSE] = { on_last_response, on_more_than_a_response,
                                   on_more_than_a_response },
    [GS2_SERVER_ESTABLISHED] = { on_established, on_established,
                                 on_established },
    [GS2_SERVER_FAILED] = { gs2_server_report_failure,
                            gs2_server_report_failure,
                            gs2_server_report_failure },
};

/* --- libsasl's side ------------------------------------------------------ */

int
gs2_gssapi_server_step(void *conn_context, sasl_server_params_t *params,
                       const char *clientin, unsigned clientinlen,
                       const char **serverout, unsigned *serveroutlen,
                       sasl_out_params_t *oparams)
{
    struct gs2_gssapi_server *a = conn_context;
    struct gs2_server_step step = { params,
                                    { clientinlen, (void *)clientin },
                                    serverout, serveroutlen, GS2_OK };

    return gs2_server_take(a != NULL ? &a->s : NULL, &step, oparams, on_input);
}

int
gs2_gssapi_server_new(void *glob_context, sasl_server_params_t *params,
                      const char *challenge, unsigned challen,
                      void **conn_context)
{
    struct gs2_gssapi_server *a = params->utils->calloc(1, sizeof(*a));

    (void)challenge;
    (void)challen;
    *conn_context = a;
    if (a == NULL)
        return gs2_sasl_error_nomem(params->utils);
    gs2_server_begin(&a->s, glob_context, params);
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
