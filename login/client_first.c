/*
 * client_first.c - the client's first turn (see client_first.h).
 *
 * The credential: first the application's (SASL_GSS_CREDS); otherwise that of
 * the authname, if the application names one; otherwise what GSS chooses for
 * the target (.k5identity, cache collections).  Only if there is no
 * credential, the application is asked for name and password.
 */
#include "client_first.h"

#include <stdlib.h>
#include <string.h>

#include "common/gss/creds.h"
#include "common/gss/gss_name.h"
#include "sasl_error.h"

static gs2_status
make_target(struct gs2_client *c)
{
    gs2_status status;
    char *text;

    status = gs2_gss_name_compose(c->service, c->host, &text, c->why);
    if (status == GS2_OK)
        status = gs2_target_cache_hold(c->targets, c->mech, text, &c->target,
                                       c->why);
    free(text);
    return status;
}

/* The inputs that stay the same in every turn (RFC 7546 section 2). */
static gs2_status
make_inputs(struct gs2_client *c, const sasl_client_params_t *params,
            gs2_client_inputs_maker *make)
{
    gs2_status status = make(c, params);

    if (status == GS2_OK)
        status = make_target(c);
    c->nego.side = GS2_INITIATOR;
    c->nego.mech = c->mech;
    if (status == GS2_OK)
        c->nego.target = c->target->canonical;
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
                                  c->why);
    return status;
}

/* With c->cred.  krb5 may add flags of layers to the context of GSSAPI, whose
 * layer is agreed afterwards, but not to that of GSS-SPNEGO. */
static gs2_status
take_turn_with_ours(struct gs2_client *c, enum gs2_progress *progress_out)
{
    gs2_status status = GS2_OK;

    if (c->mech->negotiated != NULL && c->no_ci_flags)
        status = gs2_creds_no_ci_flags(&c->cred, c->mech, c->why);
    return status == GS2_OK ? take_turn(c, c->cred, progress_out) : status;
}

/* With the credential of the authname (NULL: the one that GSS chooses), got by
 * password if that is not NULL. */
static gs2_status
try_acquired(struct gs2_client *c, const char *password,
             enum gs2_progress *progress_out)
{
    gs2_status status;
    OM_uint32 minor;

    if (c->cred != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &c->cred);
    status = gs2_creds_initiator(c->mech, c->prompts.authname, password,
                                 c->prompts.password_len, &c->cred, c->why);
    return status == GS2_OK ? take_turn_with_ours(c, progress_out) : status;
}

/* With the application's credential; a mechanism that negotiates gets a copy
 * of it. */
static gs2_status
try_given(struct gs2_client *c, gss_cred_id_t given,
          enum gs2_progress *progress_out)
{
    gs2_status status;

    if (c->mech->negotiated == NULL)
        return take_turn(c, given, progress_out);
    status = gs2_creds_copy(given, c->mech, &c->cred, c->why);
    return status == GS2_OK ? take_turn_with_ours(c, progress_out) : status;
}

/* Appends what to do about a missing ticket to the reason. */
static gs2_status
point_to_kinit(struct gs2_client *c, gs2_status status)
{
    const struct gs2_error before = *c->why;

    if (status == GS2_NOCRED && c->mech->is_krb5)
        gs2_error_set(c->why, "%.*s; get a ticket with kinit",
                      GS2_TEXT_MAX / 2, before.text);
    return status;
}

/* With a credential that exists, without asking for a password. */
static gs2_status
try_ticket(struct gs2_client *c, const sasl_client_params_t *params,
           enum gs2_progress *progress_out)
{
    if (params->gss_creds != NULL)
        return try_given(c, (gss_cred_id_t)params->gss_creds, progress_out);
    return point_to_kinit(
        c, c->prompts.authname != NULL || c->mech->negotiated != NULL
           ? try_acquired(c, NULL, progress_out)
           : take_turn(c, GSS_C_NO_CREDENTIAL, progress_out));
}

/* With name and password, now that the application was asked for them.  If it
 * has none, the reason stays that of try_ticket(). */
static gs2_status
try_prompts(struct gs2_client *c, enum gs2_progress *progress_out)
{
    gs2_status status = GS2_NOCRED;

    if (c->prompts.authname == NULL)
        return status;
    if (c->prompts.authname_prompted)
        status = point_to_kinit(c, try_acquired(c, NULL, progress_out));
    if (status == GS2_NOCRED && c->prompts.password != NULL)
        status = try_acquired(c, c->prompts.password, progress_out);
    gs2_prompts_forget_password(&c->prompts);
    return status;
}

/* What the application says of its user before anything is tried. */
static int
ask_first(struct gs2_client *c, const sasl_client_params_t *params,
          sasl_interact_t **prompt_need)
{
    int code;

    code = gs2_prompts_collect(&c->prompts, params, prompt_need, c->why);
    if (code == SASL_OK)
        code = gs2_prompts_user(&c->prompts, params, prompt_need, c->why);
    if (code == SASL_OK && params->gss_creds == NULL)
        code = gs2_prompts_authname(&c->prompts, params, c->why);
    return code;
}

int
gs2_client_first_turn(struct gs2_client *c, const sasl_client_params_t *params,
                      sasl_interact_t **prompt_need,
                      gs2_client_inputs_maker *make,
                      enum gs2_progress *progress_out)
{
    gs2_status status = GS2_NOCRED;
    int code;

    *progress_out = GS2_FAILED;
    code = ask_first(c, params, prompt_need);
    if (code != SASL_OK)
        return code;
    if (c->target == NULL) {
        status = make_inputs(c, params, make);
        if (status == GS2_OK)
            status = try_ticket(c, params, progress_out);
    }
    if (status == GS2_NOCRED && params->gss_creds == NULL) {
        code = gs2_prompts_login(&c->prompts, params, prompt_need, c->why);
        if (code != SASL_OK)
            return code;
        status = try_prompts(c, progress_out);
    }
    return gs2_sasl_error_code(GS2_INITIATOR, status);
}
