/*
 * client_attempt.c - what an attempt of a client begins and ends with, whatever
 * its mechanism (see client_attempt.h).
 */
#include "client_attempt.h"

#include <stdlib.h>
#include <string.h>

#include "client_log.h"
#include "common/admit.h"
#include "common/gss/gss_error.h"
#include "common/peer/identity.h"
#include "oparams.h"
#include "sasl_error.h"

void
gs2_client_begin(struct gs2_client *c, const void *glob_context,
                 const sasl_client_params_t *params)
{
    const struct gs2_glob_context *glob = glob_context;

    c->mech = glob->mech;
    c->targets = &glob->plugin->targets;
    c->service = params->service;
    c->host = params->serverFQDN;
}

void
gs2_client_drop_credential(struct gs2_client *c)
{
    OM_uint32 minor;

    c->nego.cred = GSS_C_NO_CREDENTIAL;
    if (c->cred != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &c->cred);
}

void
gs2_client_clear(struct gs2_client *c, const sasl_utils_t *utils)
{
    OM_uint32 minor;

    if (c->oparams != NULL)
        gs2_oparams_no_login(c->oparams);
    gs2_prompts_clear(&c->prompts, utils);
    free(c->header);
    c->header = NULL;
    gs2_client_drop_credential(c);
    gs2_target_cache_drop(c->targets, &c->target);
    if (c->initiator != GSS_C_NO_NAME)
        (void)gss_release_name(&minor, &c->initiator);
    gs2_nego_clear(&c->nego); /* last, as drop_context() in nego.c says */
}

void
gs2_client_end(struct gs2_client *c, const sasl_utils_t *utils)
{
    OM_uint32 minor;

    if (c->prompts.pending != NULL) /* nobody answered */
        gs2_client_log_failure(c, utils, c->reason);
    gs2_client_clear(c, utils);
    free(c->reason);
    (void)gss_release_buffer(&minor, &c->out);
    if (c->message != NULL)
        utils->free(c->message);
}

/* Our own name, from the context, because GSS may have chosen the credential.
 * An anonymous user may have none. */
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
        return gs2_fail_gss(c->why, GS2_FAIL,
                            "the security context does not say who we are",
                            major, minor, &c->mech->oid);
    if (c->initiator == GSS_C_NO_NAME &&
        (c->nego.ret_flags & GSS_C_ANON_FLAG)) {
        *text_out = strdup(GS2_AUTHID_ANONYMOUS);
        return *text_out != NULL ? GS2_OK : gs2_fail_nomem(c->why);
    }
    status = gs2_identity_display(c->initiator, "the user", &c->mech->oid,
                                  text_out, &anonymous, c->why);
    /* It is not the server's fault. */
    return status == GS2_BADAUTH ? GS2_FAIL : status;
}

/* Refuses a name that is too long for libsasl before libsasl sees it. */
static int
canonicalize(struct gs2_client *c, const sasl_client_params_t *params,
             const char *name, unsigned which)
{
    const size_t len = strlen(name);
    int code = SASL_BUFOVER;

    if (len <= GS2_CANON_OCTETS_MAX)
        code = params->canon_user(params->utils->conn, name, (unsigned)len,
                                  which, c->oparams);
    return gs2_sasl_error_canon(code, name, which, c->why);
}

int
gs2_client_login_complete(struct gs2_client *c,
                          const sasl_client_params_t *params)
{
    const char *authzid = c->prompts.authzid;
    gs2_status status;
    char *authid;
    int code;

    gs2_client_drop_credential(c);
    status = own_name(c, &authid);
    if (status != GS2_OK)
        return gs2_sasl_error_code(GS2_INITIATOR, status);
    code = canonicalize(c, params, authid, authzid == NULL
                        ? SASL_CU_AUTHID | SASL_CU_AUTHZID : SASL_CU_AUTHID);
    if (code == SASL_OK && authzid != NULL)
        code = canonicalize(c, params, authzid, SASL_CU_AUTHZID);
    free(authid);
    if (code != SASL_OK)
        return code;
    c->oparams->gss_local_name = c->initiator;
    c->oparams->gss_peer_name = c->target->imported;
    return SASL_OK;
}
