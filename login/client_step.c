/*
 * client_step.c - what every mechanism does alike in a step on the client's side
 * (see client_step.h).
 */
#include "client_step.h"

#include <stdlib.h>
#include <string.h>

#include "client_log.h"
#include "common/wire/framing.h"
#include "oparams.h"
#include "sasl_error.h"

int
gs2_client_report_failure(struct gs2_client *c, struct gs2_client_step *step)
{
    gs2_sasl_error_set(step->params->utils, c->why->text);
    return c->code;
}

int
gs2_client_fail_code(struct gs2_client *c, struct gs2_client_step *step,
                     int code)
{
    c->state = GS2_CLIENT_FAILED;
    c->code = code;
    gs2_client_log_failure(c, step->params->utils, c->why->text);
    gs2_client_clear(c, step->params->utils);
    return gs2_client_report_failure(c, step);
}

int
gs2_client_fail(struct gs2_client *c, struct gs2_client_step *step,
                gs2_status status)
{
    return gs2_client_fail_code(c, step,
                                gs2_sasl_error_code(GS2_INITIATOR, status));
}

/* An error token of ours is dropped: see plugin/client.c. */
int
gs2_client_answer_failure(struct gs2_client *c, struct gs2_client_step *step)
{
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &c->out);
    return gs2_client_fail(c, step, step->failure);
}

/* --- challenges ----------------------------------------------------------- */

int
gs2_client_on_server_first(struct gs2_client *c, struct gs2_client_step *step)
{
    return gs2_client_fail(c, step, gs2_fail(
        c->why, GS2_BADPROT,
        "the server sent a challenge before the client's first message"));
}

int
gs2_client_on_too_long(struct gs2_client *c, struct gs2_client_step *step)
{
    return gs2_client_fail(c, step, gs2_fail(
        c->why, GS2_BADPROT,
        "the server's message has %zu octets, more than %d", step->in.length,
        GS2_MESSAGE_OCTETS_MAX));
}

/* Mutual authentication is at stake: a server that says "success" here has
 * proved nothing. */
int
gs2_client_on_early_success(struct gs2_client *c,
                            struct gs2_client_step *step)
{
    return gs2_client_fail(c, step, gs2_fail(
        c->why, GS2_BADAUTH,
        "the server claims success before it has proved who it is"));
}

int
gs2_client_on_nothing_more(struct gs2_client *c, struct gs2_client_step *step)
{
    (void)c;
    (void)step;
    return SASL_OK;
}

static enum gs2_client_input
input_of(struct gs2_client_step *step)
{
    const bool absent = step->in.value == NULL;

    if (absent || step->in.length == 0) {
        step->in = (gss_buffer_desc){ 0, (void *)"" };
        return absent ? GS2_CLIENT_ABSENT : GS2_CLIENT_EMPTY;
    }
    return step->in.length > GS2_MESSAGE_OCTETS_MAX ? GS2_CLIENT_TOO_LONG
                                                    : GS2_CLIENT_SOME;
}

/* A reason takes 2 KB, which no connection holds between its steps.  Its text
 * stays where a step behind this one may need it: of an attempt that is over, or
 * of one that asks for a password. */
static int
call(struct gs2_client *c, struct gs2_client_step *step,
     gs2_client_handler *handler)
{
    struct gs2_error why;
    int code;

    gs2_error_set(&why, "%s", c->reason != NULL ? c->reason : "out of memory");
    free(c->reason);
    c->reason = NULL;
    c->why = &why;
    code = handler(c, step);
    if (code != SASL_OK && code != SASL_CONTINUE)
        c->reason = strdup(why.text);
    if (code == SASL_INTERACT && c->reason == NULL) {
        *step->prompt_need = NULL;
        code = gs2_client_fail(c, step, gs2_fail_nomem(c->why));
    }
    c->why = NULL;
    return code;
}

int
gs2_client_take(struct gs2_client *c, struct gs2_client_step *step,
                sasl_out_params_t *oparams, const gs2_client_on_input *table)
{
    const sasl_utils_t *utils = step->params->utils;
    OM_uint32 minor;

    *step->out = NULL;
    *step->out_len = 0;
    if (c == NULL) {
        gs2_sasl_error_set(utils, "a step after the attempt had failed");
        return SASL_FAIL;
    }
    (void)gss_release_buffer(&minor, &c->out);
    if (c->message != NULL)
        utils->free(c->message);
    c->message = NULL;
    if (c->state != GS2_CLIENT_ESTABLISHED) {
        gs2_oparams_no_login(oparams);
        gs2_oparams_no_layer(oparams);
    }
    c->oparams = oparams;
    return call(c, step, table[c->state][input_of(step)]);
}
