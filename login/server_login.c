/*
 * server_login.c - what a server does between the end of the handshake and the
 * application's authorization (rows A4 to A6 of doc/gs2.md), in the
 * order in which it must be done (row G7).
 */
#include "server_attempt.h"

#include <gssapi/gssapi_krb5.h>

#include "server_canon.h"
#include "server_facts.h"
#include "server_groups.h"
#include "server_log.h"
#include "common/admit.h"
#include "common/peer/ccache_store.h"
#include "oparams.h"
#include "sasl_error.h"
#include "server_rules.h"
#include "server_props.h"

void
gs2_server_login_forget(struct gs2_server *s)
{
    gs2_server_facts_forget(s);
    gs2_server_canon_forget(s);
    gs2_attrs_free(s->attrs);
    s->attrs = NULL;
    gs2_identity_free(&s->identity);
}

void
gs2_server_login_retract(struct gs2_server *s)
{
    OM_uint32 minor;

    gs2_server_groups_take_back(s);
    if (s->oparams != NULL)
        gs2_oparams_no_login(s->oparams);
    gs2_server_props_erase(s);
    gs2_server_login_forget(s);
    s->roles = 0;
    if (s->acceptor != GSS_C_NO_NAME)
        (void)gss_release_name(&minor, &s->acceptor);
}

/* Logs why an attribute is not used. */
static void
note(void *context, const char *text)
{
    const struct gs2_server *s = context;

    s->utils->log(s->utils->conn, SASL_LOG_WARN, "%s: %s",
                  s->plugin->configs.family, text);
}

/* Who logs in, and may an anonymous one? */
static gs2_status
identify(struct gs2_server *s, const sasl_server_params_t *params)
{
    gs2_status status;

    status = gs2_attrs_new(s->nego.initiator, &s->mech->oid, note,
                           s, &s->attrs, s->why);
    if (status == GS2_OK) {
        gs2_attrs_use_decoder(s->attrs, s->config->decoder);
        status = gs2_identity_read(&s->nego, &s->config->authid, s->attrs,
                                   &s->plugin->default_realm, &s->identity,
                                   s->why);
    }
    if (status != GS2_OK)
        return status;
    if (s->identity.anonymous &&
        (params->props.security_flags & SASL_SEC_NOANONYMOUS))
        return gs2_fail(s->why, GS2_NOAUTHZ,
                        "the client is anonymous and the application does not "
                        "allow it");
    return gs2_admit_peer(s->config, &s->identity, params->user_realm,
                          &s->plugin->default_realm, s->why);
}

/*
 * Whether the client delegated a credential.  One that GSS composed for
 * S4U2Proxy from an acceptor credential of the application's does not count.
 */
static bool
is_delegated(const struct gs2_server *s)
{
    gss_buffer_set_t impersonator = GSS_C_NO_BUFFER_SET;
    OM_uint32 major, minor;
    bool composed;

    if (!(s->nego.ret_flags & GSS_C_DELEG_FLAG) ||
        s->nego.delegated == GSS_C_NO_CREDENTIAL)
        return false;
    major = gss_inquire_cred_by_oid(&minor, s->nego.delegated,
                                    GSS_KRB5_GET_CRED_IMPERSONATOR,
                                    &impersonator);
    if (GSS_ERROR(major)) /* a mechanism that knows nothing of it may say so */
        return GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE;
    composed = impersonator != GSS_C_NO_BUFFER_SET && impersonator->count > 0;
    (void)gss_release_buffer_set(&minor, &impersonator);
    return !composed;
}

/* Our own name: the one imported for the credential, or else the context's. */
static gss_name_t
local_name(struct gs2_server *s)
{
    OM_uint32 minor;

    if (s->borrowed.name != GSS_C_NO_NAME)
        return s->borrowed.name;
    (void)gss_inquire_context(&minor, s->nego.context, NULL, &s->acceptor, NULL,
                              NULL, NULL, NULL, NULL);
    return s->acceptor;
}

static void
publish_context(struct gs2_server *s)
{
    sasl_out_params_t *o = s->oparams;

    o->gss_peer_name = s->nego.initiator;
    o->gss_local_name = local_name(s);
    /* As the GSSAPI plugin does: a pointer to the handle. */
    o->client_creds = is_delegated(s) ? &s->nego.delegated : NULL;
    o->cbindingdisp = s->binding_disp;
    /* libsasl compares it with the name that the application gives now. */
    o->cbindingname = s->binding_name != NULL ? s->binding_name : s->binding;
}

/* For programs that act for the user, under the name that the application has
 * for the user.  An anonymous user's would be everybody's. */
static gs2_status
keep_delegated(struct gs2_server *s)
{
    gs2_status status;

    if (s->config->ccache_store == NULL || s->oparams->client_creds == NULL ||
        s->identity.anonymous)
        return GS2_OK;
    status = gs2_ccache_store_keep(s->config->ccache_store, s->authid,
                                   s->nego.delegated, &s->mech->oid, s->why);
    s->kept = status == GS2_OK;
    return status;
}

int
gs2_server_login_complete(struct gs2_server *s, sasl_server_params_t *params)
{
    gs2_status status;
    int code;

    status = identify(s, params);
    if (status == GS2_OK)
        status = gs2_server_props_reserve(s);
    if (status != GS2_OK)
        return gs2_sasl_error_code(GS2_ACCEPTOR, status);
    publish_context(s);
    code = gs2_server_canon_names(s, params);
    if (code != SASL_OK)
        return code;
    status = gs2_server_rules_assign(s, params);
    if (status == GS2_OK)
        status = gs2_server_rules_check(s, params);
    if (status == GS2_OK) {
        code = gs2_server_canon_tag(s, params);
        if (code != SASL_OK)
            return code;
    }
    if (status == GS2_OK)
        status = gs2_server_props_fill(s, params);
    gs2_server_log_attributes(s);
    if (status == GS2_OK)
        status = keep_delegated(s);
    if (status == GS2_OK) {
        gs2_server_groups_hand_over(s);
        s->oparams->doneflag = 1;
    }
    return gs2_sasl_error_code(GS2_ACCEPTOR, status);
}
