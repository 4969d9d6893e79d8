/*
 * server_cred.c - the acceptor's credential, and mech_avail (see
 * server_cred.h).
 */
#include "server_cred.h"

#include <stdlib.h>
#include <string.h>

#include "common/gss/creds.h"
#include "common/gss/gss_name.h"
#include "sasl_error.h"

/* service@host of the connection, or what gs2_acceptor says; NULL for "*".
 * Gives *name_out, freed with free(). */
static gs2_status
name_service(const sasl_server_params_t *params,
             const struct gs2_config *config, char **name_out,
             struct gs2_error *err)
{
    *name_out = NULL;
    if (config->acceptor != NULL && strcmp(config->acceptor, "*") == 0)
        return GS2_OK;
    if (config->acceptor != NULL) {
        *name_out = strdup(config->acceptor);
        return *name_out != NULL ? GS2_OK : gs2_fail_nomem(err);
    }
    return gs2_gss_name_compose(params->service, params->serverFQDN, name_out,
                                err);
}

/* The keytab is krb5's; other mechanisms know no store. */
static const char *
keytab_for(const struct gs2_mech *mech, const struct gs2_config *config)
{
    return mech->is_krb5 ? config->keytab : NULL;
}

gs2_status
gs2_server_cred_take(struct gs2_server *s, const sasl_server_params_t *params)
{
    struct gs2_acceptor which = {
        .mech = s->mech, .keytab = keytab_for(s->mech, s->config) };
    gs2_status status;
    char *name;

    if (params->gss_creds != NULL) {
        s->nego.cred = (gss_cred_id_t)params->gss_creds;
        return GS2_OK;
    }
    status = name_service(params, s->config, &name, s->why);
    if (status != GS2_OK)
        return status;
    which.name = name;
    status = gs2_cred_pool_borrow(&s->plugin->creds, &which, &s->borrowed,
                                  s->why);
    if (status == GS2_OK)
        s->nego.cred = s->borrowed.one->cred;
    free(name);
    return status;
}

/* Whether somebody wants GS2: they set an option of it, or their list of
 * mechanisms names this one. */
static bool
is_wanted(const struct gs2_mech *mech, const sasl_utils_t *utils,
          const struct gs2_config *config)
{
    const char *list = NULL;

    for (size_t i = 0; i < GS2_OPTIONS; i++) {
        if (i != GS2_OPT_GSSAPI_KEYTAB && config->texts[i] != NULL)
            return true;
    }
    return utils->getopt(utils->getopt_context, NULL, "mech_list", &list,
                         NULL) == SASL_OK &&
           list != NULL && gs2_mechs_named(list, mech->name);
}

/* That a mechanism is missing is logged as an error, which each server shows,
 * only if somebody wants it: the plugin is also loaded where nobody uses
 * Kerberos. */
static void
log_change(const struct gs2_glob_context *glob, const sasl_utils_t *utils,
           const struct gs2_config *config, const char *name,
           gs2_status status, const struct gs2_error *err)
{
    const bool good = status == GS2_OK;
    int level = SASL_LOG_NOTE;
    char quoted[256];

    if (!good)
        level = is_wanted(glob->mech, utils, config) ? SASL_LOG_ERR
                                                     : SASL_LOG_WARN;
    utils->log(utils->conn, level, "%s is %s for %s%s%s", glob->mech->name,
               good ? "available" : "not available",
               name != NULL
               ? gs2_escape(quoted, sizeof(quoted), name, strlen(name))
               : "any service",
               good ? "" : ": ", good ? "" : err->detail);
}

/* Is there a credential for a login, or can one be had? */
static gs2_status
check_credential(const struct gs2_glob_context *glob,
                 const sasl_server_params_t *params,
                 const struct gs2_config *config, struct gs2_error *err)
{
    struct gs2_acceptor which = {
        .mech = glob->mech, .keytab = keytab_for(glob->mech, config) };
    gs2_status status;
    bool changed;
    char *name;

    if (params->gss_creds != NULL)
        return gs2_creds_accepts((gss_cred_id_t)params->gss_creds, glob->mech,
                                 err);
    status = name_service(params, config, &name, err);
    if (status != GS2_OK)
        return status;
    which.name = name;
    status = gs2_cred_pool_check(&glob->plugin->creds, &which, &changed, err);
    if (changed)
        log_change(glob, params->utils, config, name, status, err);
    free(name);
    return status;
}

/* Whether the rule refuses each login without a channel binding, and there is
 * none: nobody would be let in (RFC 5801 section 5). */
static bool
lacks_binding(const struct gs2_config *config,
              const sasl_server_params_t *params)
{
    return params->cbinding == NULL && gs2_options_needs_binding(config);
}

/* GS2_NOCRED if the mechanism is not to be offered.  Without gs2_mechs that is
 * the default, and err has no text: it would be shown with a later failure. */
static gs2_status
check_offer(const struct gs2_glob_context *glob,
            const sasl_server_params_t *params,
            const struct gs2_config *config, struct gs2_error *err)
{
    err->text[0] = '\0';
    if (!glob->mech->standalone && !gs2_options_offers(config, glob->mech))
        return config->texts[GS2_OPT_MECHS] == NULL
               ? GS2_NOCRED
               : gs2_fail(err, GS2_NOCRED, "%s is not offered by this server",
                          glob->mech->name);
    if (lacks_binding(config, params))
        return gs2_fail(err, GS2_NOCRED, "%s is offered by this server only "
                        "where there is a channel binding", glob->mech->name);
    return GS2_OK;
}

static gs2_status
check(const struct gs2_glob_context *glob, const sasl_server_params_t *params,
      struct gs2_error *err)
{
    const struct gs2_config *config;
    gs2_status status;

    status = gs2_config_cache_hold(&glob->plugin->configs, params->utils,
                                   &config, err);
    if (status != GS2_OK)
        return status;
    status = check_offer(glob, params, config, err);
    if (status == GS2_OK)
        status = check_credential(glob, params, config, err);
    gs2_config_cache_drop(&glob->plugin->configs, config);
    return status;
}

/*
 * Called for each mechanism at each listing and start.  SASL_NOTDONE hides a
 * mechanism for now; SASL_NOMECH would banish it from the connection.
 */
int
gs2_server_avail(void *glob_context, sasl_server_params_t *params,
                 void **conn_context)
{
    struct gs2_error err;

    (void)conn_context;
    if (check(glob_context, params, &err) == GS2_OK)
        return SASL_OK;
    if (err.text[0] != '\0')
        gs2_sasl_error_set_public(params->utils, err.text);
    return SASL_NOTDONE;
}
