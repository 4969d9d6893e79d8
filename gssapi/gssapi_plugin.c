/*
 * gssapi_plugin.c - entry points of libgssapiv2.so: GSSAPI (RFC 4752) and
 * GSS-SPNEGO, and with which flags and features libsasl is told of them.
 */
#include "gssapi_steps.h"

#include "login/server_cred.h"

/* The strongest layer that krb5 has, for libsasl's choice of a mechanism. */
#define MAX_SSF 256

/* In libsasl's order of Cyrus SASL's own file. */
static gs2_status
list(struct gs2_mech *mechs, size_t *count_out, struct gs2_error *err)
{
    (void)err;
    *count_out = gs2_mechs_list_gssapi(mechs);
    return GS2_OK;
}

static unsigned
http_feature(const struct gs2_mech *mech)
{
    return mech->negotiated != NULL ? SASL_FEAT_SUPPORTS_HTTP : 0;
}

/*
 * SASL_FEAT_CHANNEL_BINDING stays with the client: libsasl's choice looks at it
 * before max_ssf, and without it prefers GS2-KRB5, which has no layer.
 */
static bool
fill_client(const sasl_utils_t *utils, struct gs2_glob_context *glob,
            void *entry)
{
    static const unsigned long no_prompts[] = { SASL_CB_LIST_END };
    sasl_client_plug_t *plug = entry;

    (void)utils;
    plug->mech_name = glob->mech->name;
    plug->max_ssf = MAX_SSF;
    plug->security_flags = gs2_plug_init_security_flags(glob->mech);
    plug->features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY |
                     SASL_FEAT_CHANNEL_BINDING | SASL_FEAT_NEEDSERVERFQDN |
                     http_feature(glob->mech);
    plug->required_prompts = no_prompts;
    plug->glob_context = glob;
    plug->mech_new = gs2_gssapi_client_new;
    plug->mech_step = gs2_gssapi_client_step;
    plug->mech_dispose = gs2_gssapi_client_dispose;
    plug->mech_free = gs2_plug_init_free;
    return true;
}

/* A server has no -PLUS to offer: none is registered (row KX2). */
static bool
fill_server(const sasl_utils_t *utils, struct gs2_glob_context *glob,
            void *entry)
{
    sasl_server_plug_t *plug = entry;

    (void)utils;
    plug->mech_name = glob->mech->name;
    plug->max_ssf = MAX_SSF;
    plug->security_flags = gs2_plug_init_security_flags(glob->mech);
    plug->features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY |
                     SASL_FEAT_DONTUSE_USERPASSWD | http_feature(glob->mech);
    plug->glob_context = glob;
    plug->mech_new = gs2_gssapi_server_new;
    plug->mech_step = gs2_gssapi_server_step;
    plug->mech_dispose = gs2_gssapi_server_dispose;
    plug->mech_free = gs2_plug_init_free;
    plug->mech_avail = gs2_server_avail;
    return true;
}

int
sasl_client_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_client_plug_t **pluglist_out,
                      int *count_out)
{
    static const struct gs2_plug_init client = {
        .version = SASL_CLIENT_PLUG_VERSION,
        .plug_size = sizeof(sasl_client_plug_t), .list = list,
        .fill = fill_client };
    void *plugs;
    const int code = gs2_plug_init_run(utils, max_version, &client,
                                       version_out, &plugs, count_out);

    *pluglist_out = plugs;
    return code;
}

int
sasl_server_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_server_plug_t **pluglist_out,
                      int *count_out)
{
    static const struct gs2_plug_init server = {
        .version = SASL_SERVER_PLUG_VERSION,
        .plug_size = sizeof(sasl_server_plug_t), .list = list,
        .fill = fill_server, .loads = true };
    void *plugs;
    const int code = gs2_plug_init_run(utils, max_version, &server,
                                       version_out, &plugs, count_out);

    *pluglist_out = plugs;
    return code;
}
