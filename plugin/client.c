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
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "client_first.h"
#include "client_log.h"
#include "common/wire/framing.h"
#include "common/gss/gss_error.h"
#include "common/peer/identity.h"
#include "sasl_error.h"

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

/* No credential of a user is kept longer than it is needed. */
static void
drop_credential(struct gs2_client *c)
{
    OM_uint32 minor;

    c->nego.cred = GSS_C_NO_CREDENTIAL;
    if (c->cred != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &c->cred);
}

/* Frees all that an attempt holds but its reason, and takes back what libsasl
 * was told.  A failed context may not be disposed of for long: libsasl 2.1.28
 * forgets it at the next sasl_client_start(). */
static void
free_attempt(struct gs2_client *c, const sasl_utils_t *utils)
{
    OM_uint32 minor;

    if (c->oparams != NULL) {
        c->oparams->user = c->oparams->authid = NULL;
        c->oparams->ulen = c->oparams->alen = 0;
        c->oparams->gss_peer_name = NULL;
        c->oparams->gss_local_name = NULL;
    }
    gs2_prompts_clear(&c->prompts, utils);
    c->header.cb_name = NULL; /* libsasl's */
    c->header.authzid = NULL; /* the prompts' */
    free(c->wire);
    c->wire = NULL;
    drop_credential(c);
    gs2_target_cache_drop(c->targets, &c->target);
    if (c->initiator != GSS_C_NO_NAME)
        (void)gss_release_name(&minor, &c->initiator);
    gs2_nego_clear(&c->nego); /* last, as drop_context() in nego.c says */
}

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
    free_attempt(c, step->params->utils);
    return report_failure(c, step);
}

static int
fail_status(struct gs2_client *c, struct step *step, gs2_status status)
{
    return fail(c, step, gs2_sasl_error_code(GS2_INITIATOR, status));
}

/* --- the end of the handshake -------------------------------------------- */

/* Our own name, from the context: the credential was perhaps GSS's choice.  An
 * anonymous user may have none. */
static gs2_status
own_name(struct gs2_client *c, char **text_out)
{
    OM_uint32 major, minor;
    gs2_status status;
    bool anonymous;

    *text_out = NULL;
    major = gss_inquire_context(&minor, c->nego.context, &c->initiator, NULL,
                                NULL, NULL, NULL, NULL, NULL);
    if (GSS_ERROR(major))
        return gs2_fail_gss(&c->why, GS2_FAIL,
                            "the security context does not say who we are",
                            major, minor, &c->mech->oid);
    if (c->initiator == GSS_C_NO_NAME &&
        (c->nego.ret_flags & GSS_C_ANON_FLAG)) {
        *text_out = strdup(GS2_AUTHID_ANONYMOUS);
        return *text_out != NULL ? GS2_OK : gs2_fail_nomem(&c->why);
    }
    status = gs2_identity_display(c->initiator, "the user", &c->mech->oid,
                                  text_out, &anonymous, &c->why);
    /* That is no fault of the server's. */
    return status == GS2_BADAUTH ? GS2_FAIL : status;
}

/* libsasl is not asked about a name that is too long for it. */
static int
canonicalize(struct gs2_client *c, const sasl_client_params_t *params,
             const char *name, unsigned which)
{
    const size_t len = strlen(name);
    int code = SASL_BUFOVER;

    if (len <= GS2_CANON_OCTETS_MAX)
        code = params->canon_user(params->utils->conn, name, (unsigned)len,
                                  which, c->oparams);
    return gs2_plugin_canonicalized(code, name, which, &c->why);
}

/* Tells libsasl who logged in, and as whom. */
static int
complete(struct gs2_client *c, struct step *step)
{
    const char *authzid = c->prompts.authzid;
    gs2_status status;
    char *authid;
    int code;

    drop_credential(c);
    status = own_name(c, &authid);
    if (status != GS2_OK)
        return fail_status(c, step, status);
    code = canonicalize(c, step->params, authid, authzid == NULL
                        ? SASL_CU_AUTHID | SASL_CU_AUTHZID : SASL_CU_AUTHID);
    if (code == SASL_OK && authzid != NULL)
        code = canonicalize(c, step->params, authzid, SASL_CU_AUTHZID);
    free(authid);
    if (code != SASL_OK)
        return fail(c, step, code);
    c->oparams->gss_local_name = c->initiator;
    c->oparams->gss_peer_name = c->target->imported;
    c->state = GS2_CLIENT_ESTABLISHED;
    return SASL_OK;
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
        (unsigned)(c->header.length + len + 1));
    if (c->message == NULL)
        return gs2_fail_nomem(&c->why);
    memcpy(c->message, c->wire, c->header.length);
    if (len > 0)
        memcpy(c->message + c->header.length, inner, len);
    *len_out = c->header.length + len;
    c->message[*len_out] = '\0';
    return GS2_OK;
}

/* Gives libsasl the token in c->out, behind the header the first time. */
static int
send_token(struct gs2_client *c, struct step *step, bool first, int code)
{
    size_t len = c->out.length;
    gs2_status status = GS2_OK;

    if (c->header.length >= UINT_MAX ||
        len > UINT_MAX - c->header.length - 1)
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
    const int code = complete(c, step);

    /* Without a token there is no message, save the first: the header. */
    if (code != SASL_OK || (c->out.length == 0 && !first))
        return code;
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
                                           &progress);

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
    gs2_plugin_no_layer(oparams);
    c->oparams = oparams;
    if (input == ABSENT || input == EMPTY)
        step.in = (gss_buffer_desc){ 0, (void *)"" };
    return on_input[c->state][input](c, &step);
}

int
gs2_client_new(void *glob_context, sasl_client_params_t *params,
               void **conn_context)
{
    const struct gs2_glob_context *glob = glob_context;
    struct gs2_client *c;

    *conn_context = NULL;
    c = params->utils->malloc(sizeof(*c));
    if (c == NULL) {
        gs2_sasl_error_set(params->utils, "out of memory");
        return SASL_NOMEM;
    }
    *c = (struct gs2_client){ .mech = glob->mech,
                              .targets = &glob->plugin->targets,
                              .service = params->service,
                              .host = params->serverFQDN };
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
    free_attempt(c, utils);
    (void)gss_release_buffer(&minor, &c->out);
    if (c->message != NULL)
        utils->free(c->message);
    utils->free(c);
}
