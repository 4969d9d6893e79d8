/*
 * client_first.c - the client's first turn (see client_first.h; RFC 5801
 * section 5).
 *
 * The credential: the application's (SASL_GSS_CREDS) before all.  Else that of
 * the authname where the application names one, else what GSS chooses for the
 * target (.k5identity, cache collections).  Only where there is none, the
 * application is asked for name and password.
 */
#include "client_first.h"

#include <stdlib.h>
#include <string.h>

#include "common/gss/creds.h"
#include "common/gss/gss_name.h"
#include "sasl_error.h"
#include "sasl_options.h"

/* Row B2: libsasl has decided what the header says of channel bindings. */
static gs2_status
make_header(struct gs2_client *c, const sasl_client_params_t *params)
{
    const sasl_channel_binding_t *binding = params->cbinding;
    gs2_status status;

    c->header.nonstd = !c->mech->framed;
    c->header.authzid = c->prompts.authzid;
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
make_target(struct gs2_client *c)
{
    gs2_status status;
    char *text;

    status = gs2_gss_name_compose(c->service, c->host, &text, &c->why);
    if (status == GS2_OK)
        status = gs2_target_cache_hold(c->targets, c->mech, text, &c->target,
                                       &c->why);
    free(text);
    return status;
}

static gs2_status
read_anonymous(const sasl_utils_t *utils, bool *anonymous_out,
               struct gs2_error *err)
{
    struct gs2_error why;

    if (gs2_options_parse_bool(
            gs2_sasl_options_text(utils, GS2_OPT_ANONYMOUS), false,
            anonymous_out, &why) == GS2_OK)
        return GS2_OK;
    return gs2_fail(err, GS2_BADCONFIG, "option %s: %.*s",
                    gs2_options_name(GS2_OPT_ANONYMOUS), GS2_TEXT_MAX / 2,
                    why.text);
}

/* The inputs that stay the same in every turn (RFC 7546 section 2). */
static gs2_status
make_inputs(struct gs2_client *c, const sasl_client_params_t *params)
{
    bool anonymous = false;
    gs2_status status;

    status = read_anonymous(params->utils, &anonymous, &c->why);
    if (status == GS2_OK)
        status = make_header(c, params);
    if (status == GS2_OK)
        status = make_target(c);
    c->nego.side = GS2_INITIATOR;
    c->nego.mech = c->mech;
    if (status == GS2_OK)
        c->nego.target = c->target->canonical;
    /* SEQUENCE is of no use to us; the server of Cyrus SASL demands it. */
    c->nego.req_flags = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG;
    if (params->props.security_flags & SASL_SEC_PASS_CREDENTIALS)
        c->nego.req_flags |= GSS_C_DELEG_FLAG;
    if (anonymous)
        c->nego.req_flags |= GSS_C_ANON_FLAG;
    return status;
}

/* The first turn with this credential.  GS2_NOCRED where it will not do. */
static gs2_status
take_turn(struct gs2_client *c, gss_cred_id_t cred,
          enum gs2_progress *progress_out)
{
    gs2_status status;
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &c->out); /* of a turn that failed */
    c->nego.cred = cred;
    c->nego.legs = 0;
    *progress_out = gs2_nego_turn(&c->nego, GSS_C_NO_BUFFER, &c->out, &status,
                                  &c->why);
    return status;
}

/* With the credential of the authname, by password where that is not NULL. */
static gs2_status
try_authname(struct gs2_client *c, const char *password,
             enum gs2_progress *progress_out)
{
    gs2_status status;
    OM_uint32 minor;

    if (c->cred != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &c->cred);
    status = gs2_creds_initiator(c->mech, c->prompts.authname, password,
                                 c->prompts.password_len, &c->cred, &c->why);
    return status == GS2_OK ? take_turn(c, c->cred, progress_out) : status;
}

/* What to do where there is no ticket, behind the reason. */
static gs2_status
point_to_kinit(struct gs2_client *c, gs2_status status)
{
    const struct gs2_error before = c->why;

    if (status == GS2_NOCRED && c->mech->is_krb5)
        gs2_error_set(&c->why, "%.*s; get a ticket with kinit",
                      GS2_TEXT_MAX / 2, before.text);
    return status;
}

/* With a credential that is there. */
static gs2_status
try_ticket(struct gs2_client *c, const sasl_client_params_t *params,
           enum gs2_progress *progress_out)
{
    if (params->gss_creds != NULL)
        return take_turn(c, (gss_cred_id_t)params->gss_creds, progress_out);
    return point_to_kinit(
        c, c->prompts.authname != NULL
           ? try_authname(c, NULL, progress_out)
           : take_turn(c, GSS_C_NO_CREDENTIAL, progress_out));
}

/* With name and password, now that the application was asked for them.  Where
 * it has none, the reason is still that of try_ticket(). */
static gs2_status
try_prompts(struct gs2_client *c, enum gs2_progress *progress_out)
{
    gs2_status status = GS2_NOCRED;

    if (c->prompts.authname == NULL)
        return status;
    if (c->prompts.authname_prompted)
        status = point_to_kinit(c, try_authname(c, NULL, progress_out));
    if (status == GS2_NOCRED && c->prompts.password != NULL)
        status = try_authname(c, c->prompts.password, progress_out);
    gs2_prompts_forget_password(&c->prompts);
    return status;
}

/* What the application says of its user before anything is tried. */
static int
ask_first(struct gs2_client *c, const sasl_client_params_t *params,
          sasl_interact_t **prompt_need)
{
    int code;

    code = gs2_prompts_collect(&c->prompts, params, prompt_need, &c->why);
    if (code == SASL_OK)
        code = gs2_prompts_user(&c->prompts, params, prompt_need, &c->why);
    if (code == SASL_OK && params->gss_creds == NULL)
        code = gs2_prompts_authname(&c->prompts, params, &c->why);
    return code;
}

int
gs2_client_first_turn(struct gs2_client *c, const sasl_client_params_t *params,
                      sasl_interact_t **prompt_need,
                      enum gs2_progress *progress_out)
{
    gs2_status status = GS2_NOCRED;
    int code;

    *progress_out = GS2_FAILED;
    code = ask_first(c, params, prompt_need);
    if (code != SASL_OK)
        return code;
    if (c->wire == NULL) {
        status = make_inputs(c, params);
        if (status == GS2_OK)
            status = try_ticket(c, params, progress_out);
    }
    if (status == GS2_NOCRED && params->gss_creds == NULL) {
        code = gs2_prompts_login(&c->prompts, params, prompt_need, &c->why);
        if (code != SASL_OK)
            return code;
        status = try_prompts(c, progress_out);
    }
    return gs2_sasl_error_code(GS2_INITIATOR, status);
}
