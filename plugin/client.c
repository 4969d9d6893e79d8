/*
 * client.c - the initiator's side of GS2 as libsasl steps it (RFC 5801 section
 * 5, RFC 7546 section 2).
 *
 * Two tables say everything about the order of things: on_input, what is done
 * with a challenge in each state, and on_verdict, what is answered to what GSS
 * says.  Where this differs from RFC 7546: an initiator's error token is
 * dropped (2.2 says "should" send).  To send it the client would have to answer
 * SASL_CONTINUE for an exchange that failed, and libldap takes SASL_CONTINUE at
 * the server's success for a login; SASL's own abort says that it failed.
 *
 * doneflag stays 0 at completion, so that an extra token still reaches us.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/framing.h"
#include "common/identity.h"
#include "common/nego.h"
#include "log.h"
#include "options.h"
#include "plugin.h"
#include "prompts.h"

enum state {
    START,       /* nothing was sent yet */
    WAITING,     /* for the acceptor's next token */
    ESTABLISHED, /* the context is complete and verified */
    DOWN,        /* failed; the reason stays */
    STATES
};

enum input { ABSENT, EMPTY, SOME, INPUTS };

struct client {
    struct gs2_mech *mech;
    enum state state;
    struct gs2_answers answers;
    struct gs2_header header;
    char *wire;               /* the header, encoded */
    struct gs2_nego nego;
    gss_cred_id_t cred;       /* acquired by us; never kept longer */
    gss_name_t target;
    gss_name_t initiator;     /* our own name, from the context */
    gss_buffer_desc out;      /* the token last given to libsasl ... */
    char *message;            /* ... or the first message, header in front */
    sasl_out_params_t *oparams; /* what we set there we take back */
    int code;                 /* in DOWN: what libsasl is told */
    struct gs2_error why;
};

/* One call of mech_step. */
struct step {
    sasl_client_params_t *params;
    gss_buffer_desc in;
    sasl_interact_t **prompt_need;
    const char **out;
    unsigned *out_len;
};

typedef int handler(struct client *c, struct step *step);

static int
code_of(gs2_status status)
{
    return gs2_log_code(GS2_INITIATOR, status);
}

/* Frees all that an attempt holds but its reason, and takes back what libsasl
 * was told.  A failed context may not be disposed of for long: libsasl 2.1.28
 * forgets it at the next sasl_client_start(). */
static void
let_go(struct client *c, const sasl_utils_t *utils)
{
    OM_uint32 minor;

    if (c->oparams != NULL) {
        c->oparams->user = c->oparams->authid = NULL;
        c->oparams->ulen = c->oparams->alen = 0;
        c->oparams->gss_peer_name = NULL;
        c->oparams->gss_local_name = NULL;
    }
    gs2_nego_clear(&c->nego);
    gs2_prompts_clear(&c->answers, utils);
    c->header.cb_name = NULL; /* libsasl's */
    c->header.authzid = NULL; /* of the answers */
    free(c->wire);
    c->wire = NULL;
    if (c->cred != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &c->cred);
    if (c->target != GSS_C_NO_NAME)
        (void)gss_release_name(&minor, &c->target);
    if (c->initiator != GSS_C_NO_NAME)
        (void)gss_release_name(&minor, &c->initiator);
}

static int
say_why(struct client *c, struct step *step)
{
    gs2_log_error_text(step->params->utils, c->why.text);
    return c->code;
}

static int
fail(struct client *c, struct step *step, int code)
{
    c->state = DOWN;
    c->code = code;
    let_go(c, step->params->utils);
    return say_why(c, step);
}

static int
fail_status(struct client *c, struct step *step, gs2_status status)
{
    return fail(c, step, code_of(status));
}

/* --- the end of the handshake -------------------------------------------- */

/* Our own name, from the context: the credential was perhaps GSS's choice. */
static gs2_status
own_name(struct client *c, char **text_out)
{
    OM_uint32 major, minor;
    bool anonymous;

    *text_out = NULL;
    major = gss_inquire_context(&minor, c->nego.context, &c->initiator, NULL,
                                NULL, NULL, NULL, NULL, NULL);
    if (GSS_ERROR(major))
        return gs2_fail(&c->why, GS2_FAIL,
                        "the security context does not say who we are");
    return gs2_identity_display(c->initiator, &c->mech->oid, text_out,
                                &anonymous, &c->why);
}

static int
canonicalize(struct client *c, const sasl_client_params_t *params,
             const char *name, unsigned which)
{
    const int code = params->canon_user(params->utils->conn, name,
                                        (unsigned)strlen(name), which,
                                        c->oparams);

    if (code != SASL_OK)
        (void)gs2_fail(&c->why, GS2_FAIL,
                       "the application cannot use the %s identity "
                       "(canon_user: SASL code %d)",
                       which & SASL_CU_AUTHID ? "authentication"
                                              : "authorization", code);
    return code;
}

/* Tells libsasl who logged in, and as whom. */
static int
complete(struct client *c, struct step *step)
{
    const char *authzid = c->answers.authzid;
    gs2_status status;
    char *authid;
    int code;

    status = own_name(c, &authid);
    if (status != GS2_OK)
        return fail_status(c, step, status);
    if (authzid == NULL) {
        code = canonicalize(c, step->params, authid,
                            SASL_CU_AUTHID | SASL_CU_AUTHZID);
    } else {
        code = canonicalize(c, step->params, authid, SASL_CU_AUTHID);
        if (code == SASL_OK)
            code = canonicalize(c, step->params, authzid, SASL_CU_AUTHZID);
    }
    free(authid);
    if (code != SASL_OK)
        return fail(c, step, code);
    c->oparams->gss_local_name = c->initiator;
    c->oparams->gss_peer_name = c->target;
    c->state = ESTABLISHED;
    return SASL_OK;
}

/* --- what is answered to what GSS says ----------------------------------- */

/* The first message: the header, and the token without its framing. */
static gs2_status
make_first_message(struct client *c, struct step *step, size_t *len_out)
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
send_token(struct client *c, struct step *step, bool first, int code)
{
    size_t len = c->out.length;
    gs2_status status = GS2_OK;

    if (len > UINT_MAX - c->header.length - 1)
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
answer_failure(struct client *c, struct step *step)
{
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &c->out);
    return fail(c, step, c->code);
}

static int
answer_continue(struct client *c, struct step *step)
{
    const bool first = c->state == START;

    c->state = WAITING;
    return send_token(c, step, first, SASL_CONTINUE);
}

static int
answer_done(struct client *c, struct step *step)
{
    const bool first = c->state == START;
    const int code = complete(c, step);

    /* Without a token there is no message, save the first: the header. */
    if (code != SASL_OK || (c->out.length == 0 && !first))
        return code;
    return send_token(c, step, first, SASL_OK);
}

static handler *const on_verdict[GS2_FAILED + 1] = {
    /* the same with a token and without, as the comments there say */
    [GS2_COMPLETE] = answer_done,
    [GS2_CONTINUE] = answer_continue,
    [GS2_FAILED] = answer_failure,
};

/* One turn of the loop with this token; what it failed of is in c->code. */
static enum gs2_verdict
take_turn(struct client *c, gss_buffer_t token, gs2_status *status_out)
{
    const enum gs2_verdict verdict =
        gs2_nego_turn(&c->nego, token, &c->out, status_out, &c->why);

    c->code = code_of(*status_out);
    return verdict;
}

/* --- the first message --------------------------------------------------- */

/* Row B2: libsasl has decided what the header says of channel bindings. */
static gs2_status
make_header(struct client *c, const sasl_client_params_t *params)
{
    const sasl_channel_binding_t *binding = params->cbinding;
    gs2_status status;

    c->header.nonstd = !c->mech->framed;
    c->header.authzid = c->answers.authzid;
    c->header.cb_flag = GS2_CB_NONE;
    if (binding != NULL && params->cbindingdisp == SASL_CB_DISP_WANT)
        c->header.cb_flag = GS2_CB_OFFERED;
    if (binding != NULL && params->cbindingdisp == SASL_CB_DISP_USED) {
        c->header.cb_flag = GS2_CB_USED;
        c->header.cb_name = (char *)binding->name;
    }
    status = gs2_header_encode(&c->header, &c->wire, &c->why);
    if (status != GS2_OK)
        return status;
    return gs2_bindings_fill(&c->nego.bindings, &c->header, c->wire,
                             binding != NULL ? binding->data : NULL,
                             binding != NULL ? binding->len : 0, &c->why);
}

static gs2_status
make_target(struct client *c, const sasl_client_params_t *params)
{
    char *text;
    size_t size;
    gs2_status status;

    if (params->service == NULL || params->serverFQDN == NULL)
        return gs2_fail(&c->why, GS2_FAIL,
                        "the application did not name the server");
    size = strlen(params->service) + strlen(params->serverFQDN) + 2;
    text = malloc(size);
    if (text == NULL)
        return gs2_fail_nomem(&c->why);
    stpcpy(stpcpy(stpcpy(text, params->service), "@"), params->serverFQDN);
    status = gs2_creds_service(text, &c->target, &c->why);
    free(text);
    return status;
}

/* The inputs that stay the same in every turn (RFC 7546 section 2). */
static gs2_status
make_inputs(struct client *c, const sasl_client_params_t *params)
{
    bool anonymous = false;
    gs2_status status;

    status = make_header(c, params);
    if (status == GS2_OK)
        status = make_target(c, params);
    if (status == GS2_OK)
        status = gs2_option_bool(params->utils, "gs2_anonymous", false,
                                 &anonymous, &c->why);
    c->nego.role = GS2_INITIATOR;
    c->nego.mech = c->mech;
    c->nego.target = c->target;
    /* SEQUENCE is of no use to us; the server of Cyrus SASL demands it. */
    c->nego.req_flags = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG;
    if (params->props.security_flags & SASL_SEC_PASS_CREDENTIALS)
        c->nego.req_flags |= GSS_C_DELEG_FLAG;
    if (anonymous)
        c->nego.req_flags |= GSS_C_ANON_FLAG;
    return status;
}

/* A first turn with a credential that is there: the application's, that of the
 * authname, else what GSS chooses. */
static gs2_status
try_ticket(struct client *c, const sasl_client_params_t *params,
           enum gs2_verdict *verdict_out)
{
    gs2_status status = GS2_OK;

    *verdict_out = GS2_FAILED;
    if (params->gss_creds != NULL)
        c->nego.cred = (gss_cred_id_t)params->gss_creds;
    else if (c->answers.authname != NULL)
        status = gs2_creds_initiator(c->mech, c->answers.authname, NULL, 0,
                                     &c->cred, &c->why);
    if (c->cred != GSS_C_NO_CREDENTIAL)
        c->nego.cred = c->cred;
    if (status == GS2_OK)
        *verdict_out = take_turn(c, GSS_C_NO_BUFFER, &status);
    c->code = code_of(status);
    return status;
}

/* The same with a password, when there was no credential. */
static int
try_password(struct client *c, struct step *step,
             enum gs2_verdict *verdict_out)
{
    const struct gs2_error before = c->why;
    OM_uint32 minor;
    gs2_status status;
    int code;

    code = gs2_prompts_login(&c->answers, step->params, step->prompt_need,
                             &c->why);
    if (code != SASL_OK)
        return code;
    if (c->answers.authname == NULL || c->answers.password == NULL) {
        (void)gs2_fail(&c->why, GS2_NOCRED, "%.*s%s", GS2_TEXT_MAX / 2,
                       before.text, c->mech->keytab
                       ? "; get a ticket with kinit" : "");
        return SASL_FAIL;
    }
    if (c->cred != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &c->cred);
    status = gs2_creds_initiator(c->mech, c->answers.authname,
                                 c->answers.password, c->answers.password_len,
                                 &c->cred, &c->why);
    if (status != GS2_OK)
        return code_of(status);
    c->nego.cred = c->cred;
    c->nego.legs = 0;
    *verdict_out = take_turn(c, GSS_C_NO_BUFFER, &status);
    return SASL_OK;
}

static int
on_start(struct client *c, struct step *step)
{
    enum gs2_verdict verdict = GS2_FAILED;
    gs2_status status = GS2_NOCRED;
    int code;

    code = gs2_prompts_collect(&c->answers, step->params, step->prompt_need,
                               &c->why);
    if (code == SASL_OK)
        code = gs2_prompts_user(&c->answers, step->params, step->prompt_need,
                                &c->why);
    if (code == SASL_OK && !c->answers.asked_login) {
        code = gs2_prompts_authname(&c->answers, step->params, &c->why);
        if (code == SASL_OK)
            code = code_of(make_inputs(c, step->params));
        if (code == SASL_OK)
            status = try_ticket(c, step->params, &verdict);
    }
    if (code == SASL_OK && status == GS2_NOCRED &&
        step->params->gss_creds == NULL)
        code = try_password(c, step, &verdict);
    if (code == SASL_INTERACT)
        return SASL_INTERACT;
    if (code != SASL_OK)
        return fail(c, step, code);
    return on_verdict[verdict](c, step);
}

/* --- what is done with a challenge --------------------------------------- */

static int
on_server_first(struct client *c, struct step *step)
{
    return fail_status(c, step, gs2_fail(
        &c->why, GS2_BADPROT,
        "the server sent a challenge before the client's first message"));
}

static int
on_token(struct client *c, struct step *step)
{
    gs2_status status;

    return on_verdict[take_turn(c, &step->in, &status)](c, step);
}

/* Mutual authentication is at stake: a server that says "success" here has
 * proved nothing. */
static int
on_early_success(struct client *c, struct step *step)
{
    return fail_status(c, step, gs2_fail(
        &c->why, GS2_BADAUTH,
        "the server claims success before it has proved who it is"));
}

static int
on_nothing_more(struct client *c, struct step *step)
{
    (void)c;
    (void)step;
    return SASL_OK;
}

static int
on_extra_token(struct client *c, struct step *step)
{
    const gs2_status status = gs2_nego_extra(&c->nego, &step->in, &c->why);

    return status == GS2_OK ? SASL_OK : fail_status(c, step, status);
}

static handler *const on_input[STATES][INPUTS] = {
    /* state           no challenge         an empty one     some octets */
    [START] =       { on_start,            on_start,        on_server_first },
    [WAITING] =     { on_early_success,    on_token,        on_token },
    [ESTABLISHED] = { on_nothing_more,     on_nothing_more, on_extra_token },
    [DOWN] =        { say_why,             say_why,         say_why },
};

/* --- libsasl's side ------------------------------------------------------- */

int
gs2_client_step(void *conn_context, sasl_client_params_t *params,
                const char *serverin, unsigned serverinlen,
                sasl_interact_t **prompt_need, const char **clientout,
                unsigned *clientoutlen, sasl_out_params_t *oparams)
{
    static char nothing[] = "";
    struct client *c = conn_context;
    struct step step = { params, { serverinlen, (void *)serverin },
                         prompt_need, clientout, clientoutlen };
    enum input input = serverin == NULL ? ABSENT
                       : serverinlen == 0 ? EMPTY : SOME;
    OM_uint32 minor;

    *clientout = NULL;
    *clientoutlen = 0;
    if (c == NULL) {
        gs2_log_error_text(params->utils,
                           "a GS2 step after the attempt had failed");
        return SASL_FAIL;
    }
    (void)gss_release_buffer(&minor, &c->out);
    if (c->message != NULL)
        params->utils->free(c->message);
    c->message = NULL;
    c->oparams = oparams;
    if (input != SOME)
        step.in = (gss_buffer_desc){ 0, nothing };
    return on_input[c->state][input](c, &step);
}

int
gs2_client_new(void *glob_context, sasl_client_params_t *params,
               void **conn_context)
{
    const struct gs2_offer *offer = glob_context;
    struct client *c;

    *conn_context = NULL;
    c = params->utils->malloc(sizeof(*c));
    if (c == NULL) {
        gs2_log_error_text(params->utils, "out of memory");
        return SASL_NOMEM;
    }
    memset(c, 0, sizeof(*c));
    c->mech = offer->mech;
    *conn_context = c;
    return SASL_OK;
}

void
gs2_client_dispose(void *conn_context, const sasl_utils_t *utils)
{
    struct client *c = conn_context;
    OM_uint32 minor;

    if (c == NULL)
        return;
    let_go(c, utils);
    (void)gss_release_buffer(&minor, &c->out);
    if (c->message != NULL)
        utils->free(c->message);
    utils->free(c);
}
