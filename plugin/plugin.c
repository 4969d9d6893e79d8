/*
 * plugin.c - entry points of libgs2.so, and what libsasl is told of GS2
 * (saslplug.h).
 */
#include "plugin.h"

static const struct gs2_library library = {
    .family = "GS2",
    .list = gs2_mechs_list,
    .client = {
        .features = SASL_FEAT_CHANNEL_BINDING,
        .mech_new = gs2_client_new,
        .mech_step = gs2_client_step,
        .mech_dispose = gs2_client_dispose,
    },
    .server = {
        .features = SASL_FEAT_CHANNEL_BINDING,
        .mech_new = gs2_server_new,
        .mech_step = gs2_server_step,
        .mech_dispose = gs2_server_dispose,
    },
};

int
sasl_client_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_client_plug_t **pluglist_out,
                      int *count_out)
{
    return gs2_plug_init_client(&library, utils, max_version, version_out,
                                pluglist_out, count_out);
}

int
sasl_server_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_server_plug_t **pluglist_out,
                      int *count_out)
{
    return gs2_plug_init_server(&library, utils, max_version, version_out,
                                pluglist_out, count_out);
}
