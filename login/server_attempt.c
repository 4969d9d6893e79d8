/*
 * server_attempt.c - what an attempt on the server's side begins and ends with,
 * whatever its mechanism (see server_attempt.h).
 */
#include "server_attempt.h"

#include <stdlib.h>

#include "server_log.h"
#include "server_props.h"

void
gs2_server_begin(struct gs2_server *s, const void *glob_context,
                 const sasl_server_params_t *params)
{
    const struct gs2_glob_context *glob = glob_context;

    s->plugin = glob->plugin;
    s->mech = glob->mech;
    s->utils = params->utils;
    s->layer = "none";
    s->propctx = params->propctx;
    /* At once, because libsasl may say SASL_OK to what follows without asking
     * us, if an earlier mechanism had sent its last message. */
    gs2_server_props_erase(s);
}

void
gs2_server_return_credential(struct gs2_server *s, bool failed)
{
    s->nego.cred = GSS_C_NO_CREDENTIAL;
    if (failed)
        gs2_cred_pool_forget(&s->borrowed);
    else
        gs2_cred_pool_return(&s->borrowed);
}

void
gs2_server_fail(struct gs2_server *s, const sasl_server_params_t *params,
                int code, bool blamed)
{
    s->code = code;
    gs2_server_log_failed(s, params, blamed);
    gs2_server_login_retract(s);
    gs2_server_return_credential(s, false);
}

void
gs2_server_clear(struct gs2_server *s)
{
    OM_uint32 minor;

    gs2_server_login_retract(s);
    s->nego.cred = GSS_C_NO_CREDENTIAL;
    gs2_cred_pool_drop(&s->plugin->creds, &s->borrowed);
    gs2_nego_clear(&s->nego);
    free(s->requested);
    free(s->binding);
    free(s->reason);
    gs2_config_cache_drop(&s->plugin->configs, s->config);
    (void)gss_release_buffer(&minor, &s->out);
}
