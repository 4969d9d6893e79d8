/*
 * plugin.c - entry points of libgs2.so: which mechanisms libsasl is told of,
 * and with which flags and features (saslplug.h).
 */
#include "plugin.h"

#include "login/sasl_options.h"
#include "login/server_cred.h"

static bool
fill_client(const sasl_utils_t *utils, struct gs2_glob_context *glob,
            void *entry)
{
    /* No prompt is required: NULL would mean AUTHNAME and PASS. */
    static const unsigned long no_prompts[] = { SASL_CB_LIST_END };
    sasl_client_plug_t *plug = entry;

    if (!gs2_options_lists(gs2_sasl_options_text(utils, GS2_OPT_MECHS),
                           glob->mech))
        return false;
    plug->mech_name = glob->mech->name;
    plug->security_flags = gs2_plug_init_security_flags(glob->mech);
    plug->features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY |
                     SASL_FEAT_CHANNEL_BINDING | SASL_FEAT_NEEDSERVERFQDN;
    plug->required_prompts = no_prompts;
    plug->glob_context = glob;
    plug->mech_new = gs2_client_new;
    plug->mech_step = gs2_client_step;
    plug->mech_dispose = gs2_client_dispose;
    plug->mech_free = gs2_plug_init_free;
    return true;
}

/* All of them: which are offered is decided at each listing. */
static bool
fill_server(const sasl_utils_t *utils, struct gs2_glob_context *glob,
            void *entry)
{
    sasl_server_plug_t *plug = entry;

    (void)utils;
    plug->mech_name = glob->mech->name;
    plug->security_flags = gs2_plug_init_security_flags(glob->mech);
    plug->features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY |
                     SASL_FEAT_CHANNEL_BINDING;
    plug->glob_context = glob;
    plug->mech_new = gs2_server_new;
    plug->mech_step = gs2_server_step;
    plug->mech_dispose = gs2_server_dispose;
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
        .plug_size = sizeof(sasl_client_plug_t), .list = gs2_mechs_list,
        .fill = fill_client };
    void *list;
    const int code = gs2_plug_init_run(utils, max_version, &client, version_out,
                                  &list, count_out);

    *pluglist_out = list;
    return code;
}

int
sasl_server_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_server_plug_t **pluglist_out,
                      int *count_out)
{
    static const struct gs2_plug_init server = {
        .version = SASL_SERVER_PLUG_VERSION,
        .plug_size = sizeof(sasl_server_plug_t), .list = gs2_mechs_list,
        .fill = fill_server, .loads = true };
    void *list;
    const int code = gs2_plug_init_run(utils, max_version, &server, version_out,
                                  &list, count_out);

    *pluglist_out = list;
    return code;
}
