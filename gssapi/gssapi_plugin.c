/*
 * gssapi_plugin.c - entry points of libgssapiv2.so, and what libsasl is told of
 * GSSAPI (RFC 4752) and GSS-SPNEGO.
 */
#include "gssapi_steps.h"

/* The strongest layer that krb5 has, for libsasl's choice of a mechanism. */
#define MAX_SSF 256

/* In the order in which libsasl has them from Cyrus SASL's own file. */
static gs2_status
list(struct gs2_mech *mechs, size_t *count_out, struct gs2_error *err)
{
    (void)err;
    *count_out = gs2_mechs_list_gssapi(mechs);
    return GS2_OK;
}

static const struct gs2_library library = {
    .family = "GSSAPI",
    .list = list,
    /* The client declares SASL_FEAT_CHANNEL_BINDING because libsasl looks at it
     * before max_ssf when it chooses a mechanism; without it libsasl prefers
     * GS2-KRB5, which has no layer. */
    .client = {
        .max_ssf = MAX_SSF,
        .features = SASL_FEAT_CHANNEL_BINDING,
        .mech_new = gs2_gssapi_client_new,
        .mech_step = gs2_gssapi_client_step,
        .mech_dispose = gs2_gssapi_client_dispose,
    },
    /* No -PLUS is registered for these names, so a server must not offer one
     * (row KX2). */
    .server = {
        .max_ssf = MAX_SSF,
        .features = SASL_FEAT_DONTUSE_USERPASSWD,
        .mech_new = gs2_gssapi_server_new,
        .mech_step = gs2_gssapi_server_step,
        .mech_dispose = gs2_gssapi_server_dispose,
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
