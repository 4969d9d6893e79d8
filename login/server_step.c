/*
 * server_step.c - what every mechanism does alike in a step on the server's side
 * (see server_step.h).
 */
#include "server_step.h"

#include <limits.h>
#include <string.h>

#include "common/wire/framing.h"
#include "oparams.h"
#include "sasl_error.h"
#include "server_log.h"

int
gs2_server_report_failure(struct gs2_server *s, struct gs2_server_step *step)
{
    (void)step;
    gs2_sasl_error_set_public(s->utils, s->why->text);
    return s->code;
}

static void
end_attempt(struct gs2_server *s, struct gs2_server_step *step,
            gs2_status status)
{
    s->state = GS2_SERVER_FAILED;
    gs2_server_fail(s, step->params, gs2_sasl_error_code(GS2_ACCEPTOR, status),
                    gs2_status_blames_peer(status));
}

int
gs2_server_fail_step(struct gs2_server *s, struct gs2_server_step *step,
                     gs2_status status)
{
    end_attempt(s, step, status);
    return gs2_server_report_failure(s, step);
}

int
gs2_server_send(const struct gs2_server *s, struct gs2_server_step *step,
                int code)
{
    *step->out = s->out.length > 0 ? s->out.value : "";
    *step->out_len = (unsigned)s->out.length;
    return code;
}

int
gs2_server_finish(struct gs2_server *s, struct gs2_server_step *step)
{
    const int code = gs2_server_login_complete(s, step->params);

    if (code != SASL_OK) {
        /* false: the client has proved who it is. */
        s->state = GS2_SERVER_FAILED;
        gs2_server_fail(s, step->params, code, false);
        return gs2_server_report_failure(s, step);
    }
    gs2_server_log_accepted(s, step->params);
    gs2_server_login_forget(s);
    s->state = GS2_SERVER_ESTABLISHED;
    return SASL_OK;
}

/* --- a turn, and where it has led ----------------------------------------- */

enum gs2_progress
gs2_server_turn(struct gs2_server *s, struct gs2_server_step *step,
                gss_buffer_t token)
{
    enum gs2_progress progress;
    OM_uint32 minor;

    progress = gs2_nego_turn(&s->nego, token, &s->out, &step->failure,
                             s->why);
    if (progress != GS2_CONTINUE)
        gs2_server_return_credential(s, progress == GS2_FAILED);
    gs2_server_log_leg(s, step->in.length, progress);
    if (s->out.length <= UINT_MAX)
        return progress;
    (void)gss_release_buffer(&minor, &s->out);
    step->failure = gs2_fail(s->why, GS2_FAIL,
                             "the token is too long for SASL");
    return GS2_FAILED;
}

int
gs2_server_answer_failure(struct gs2_server *s, struct gs2_server_step *step)
{
    return gs2_server_fail_step(s, step, step->failure);
}

/* The client gets the error token and the failure follows (RFC 7546 2.5).  It
 * may hang up instead, so the log has it now. */
int
gs2_server_answer_error_token(struct gs2_server *s,
                              struct gs2_server_step *step)
{
    if (!s->config->error_tokens)
        return gs2_server_answer_failure(s, step);
    end_attempt(s, step, step->failure);
    (void)gs2_server_report_failure(s, step);
    return gs2_server_send(s, step, SASL_CONTINUE);
}

int
gs2_server_answer_continue(struct gs2_server *s, struct gs2_server_step *step)
{
    s->state = GS2_SERVER_WAITING;
    return gs2_server_send(s, step, SASL_CONTINUE);
}

/* --- messages ------------------------------------------------------------- */

int
gs2_server_on_too_long(struct gs2_server *s, struct gs2_server_step *step)
{
    return gs2_server_fail_step(s, step, gs2_fail(
        s->why, GS2_BADPROT,
        "the client's message has %zu octets, more than %d", step->in.length,
        GS2_MESSAGE_OCTETS_MAX));
}

/* libsasl itself refuses steps after OK; should it ever not, we do. */
int
gs2_server_on_established(struct gs2_server *s, struct gs2_server_step *step)
{
    return gs2_server_fail_step(s, step, gs2_fail(
        s->why, GS2_BADPROT, "a message after the end of the login"));
}

static enum gs2_server_input
input_of(struct gs2_server_step *step)
{
    if (step->in.value == NULL || step->in.length == 0) {
        step->in = (gss_buffer_desc){ 0, (void *)"" };
        return GS2_SERVER_NOTHING;
    }
    return step->in.length > GS2_MESSAGE_OCTETS_MAX ? GS2_SERVER_TOO_LONG
                                                    : GS2_SERVER_SOME;
}

/* A reason takes 2 KB, which no connection holds between its steps.  Its text
 * stays of an attempt that is over, for a client that steps once more. */
static int
call(struct gs2_server *s, struct gs2_server_step *step,
     gs2_server_handler *handler)
{
    struct gs2_error why;
    int code;

    gs2_error_set(&why, "%s", s->reason != NULL ? s->reason : "out of memory");
    s->why = &why;
    code = handler(s, step);
    s->why = NULL;
    if (s->state == GS2_SERVER_FAILED && s->reason == NULL)
        s->reason = strdup(why.text);
    return code;
}

int
gs2_server_take(struct gs2_server *s, struct gs2_server_step *step,
                sasl_out_params_t *oparams, const gs2_server_on_input *table)
{
    OM_uint32 minor;

    *step->out = NULL;
    *step->out_len = 0;
    if (s == NULL) {
        gs2_sasl_error_set(step->params->utils,
                           "a step after the attempt had failed");
        return SASL_FAIL;
    }
    (void)gss_release_buffer(&minor, &s->out);
    if (s->state != GS2_SERVER_ESTABLISHED) {
        gs2_oparams_no_login(oparams);
        gs2_oparams_no_layer(oparams);
    }
    s->oparams = oparams;
    s->propctx = step->params->propctx;
    return call(s, step, table[s->state][input_of(step)]);
}
