/*
 * endless.c - a client mechanism of libsasl, GS2-ENDLESS, that never comes to
 * an end: for servers that do not, either.
 */
#include <sasl/sasl.h>
#include <sasl/saslplug.h>

static int
make(void *glob, sasl_client_params_t *params, void **context_out)
{
    (void)glob;
    (void)params;
    *context_out = NULL;
    return SASL_OK;
}

static int
step(void *context, sasl_client_params_t *params, const char *in,
     unsigned in_len, sasl_interact_t **prompts, const char **out,
     unsigned *out_len, sasl_out_params_t *oparams)
{
    (void)context;
    (void)params;
    (void)in;
    (void)in_len;
    (void)prompts;
    (void)oparams;
    *out = "n,,more";
    *out_len = 7;
    return SASL_CONTINUE;
}

sasl_client_plug_init_t sasl_client_plug_init;

int
sasl_client_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_client_plug_t **plugs_out,
                      int *count_out)
{
    static const unsigned long no_prompts[] = { SASL_CB_LIST_END };
    static sasl_client_plug_t plug = {
        .mech_name = "GS2-ENDLESS",
        .features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY,
        .required_prompts = no_prompts,
        .mech_new = make,
        .mech_step = step,
    };

    (void)utils;
    if (max_version < SASL_CLIENT_PLUG_VERSION)
        return SASL_BADVERS;
    *version_out = SASL_CLIENT_PLUG_VERSION;
    *plugs_out = &plug;
    *count_out = 1;
    return SASL_OK;
}
