/*
 * plugin.c - entry points of the library: which mechanisms libsasl is told of,
 * and with which flags and features (saslplug.h).
 */
#include "plugin.h"

#include <string.h>

#include "common/peer/pac_load.h"
#include "config_cache.h"
#include "sasl_options.h"

/* No prompt is required: NULL would mean AUTHNAME and PASS. */
static const unsigned long no_prompts[] = { SASL_CB_LIST_END };

static void
free_roster(struct gs2_roster *roster, const sasl_utils_t *utils)
{
    if (roster == NULL)
        return;
    gs2_configs_free(roster);
    gs2_targets_free(roster->targets);
    gs2_pool_free(roster->pool);
    gs2_realm_free(roster->home);
    gs2_pac_load_close(roster->decoder);
    pthread_mutex_destroy(&roster->lock);
    if (roster->plugs != NULL)
        utils->free(roster->plugs);
    utils->free(roster);
}

/* mech_free of each mechanism; the last one turns off the light. */
static void
leave_roster(void *glob_context, const sasl_utils_t *utils)
{
    struct gs2_offer *offer = glob_context;

    if (offer != NULL && --offer->roster->users == 0)
        free_roster(offer->roster, utils);
}

static int
new_roster(const sasl_utils_t *utils, struct gs2_roster **roster_out)
{
    struct gs2_roster *roster;
    struct gs2_error err;

    *roster_out = NULL;
    roster = utils->malloc(sizeof(*roster));
    if (roster == NULL)
        return SASL_NOMEM;
    memset(roster, 0, sizeof(*roster));
    pthread_mutex_init(&roster->lock, NULL);
    if (gs2_mechs_list(roster->mechs, &roster->count, &err) != GS2_OK) {
        utils->log(NULL, SASL_LOG_ERR, "GS2: %s", err.text);
        free_roster(roster, utils);
        return SASL_FAIL;
    }
    for (size_t i = 0; i < roster->count; i++) {
        roster->offers[i].roster = roster;
        roster->offers[i].mech = &roster->mechs[i];
    }
    roster->users = roster->count;
    *roster_out = roster;
    return SASL_OK;
}

/* What RFC 5801 and the attributes of a mechanism (RFC 5587) promise. */
static unsigned
security_flags(const struct gs2_mech *mech)
{
    unsigned flags = SASL_SEC_NOPLAINTEXT | SASL_SEC_NOACTIVE |
                     SASL_SEC_MUTUAL_AUTH;

    if (!mech->anonymous)
        flags |= SASL_SEC_NOANONYMOUS;
    if (mech->forward_secrecy)
        flags |= SASL_SEC_FORWARD_SECRECY;
    if (mech->delegates)
        flags |= SASL_SEC_PASS_CREDENTIALS;
    return flags;
}

void
gs2_plugin_no_layer(sasl_out_params_t *oparams)
{
    oparams->mech_ssf = 0;
    oparams->maxoutbuf = 0;
    oparams->encode_context = NULL;
    oparams->encode = NULL;
    oparams->decode_context = NULL;
    oparams->decode = NULL;
}

int
sasl_client_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_client_plug_t **plugs_out,
                      int *count_out)
{
    struct gs2_roster *roster;
    sasl_client_plug_t *plug;
    int code;

    *plugs_out = NULL;
    *count_out = 0;
    if (max_version < SASL_CLIENT_PLUG_VERSION)
        return SASL_BADVERS;
    code = new_roster(utils, &roster);
    if (code != SASL_OK)
        return code;
    roster->plugs = utils->calloc(roster->count + 1, sizeof(*plug));
    if (roster->plugs == NULL ||
        gs2_targets_new(&roster->targets, NULL) != GS2_OK) {
        free_roster(roster, utils);
        return SASL_NOMEM;
    }
    plug = roster->plugs;
    roster->users = 0;
    for (size_t i = 0; i < roster->count; i++) {
        if (!gs2_options_lists(gs2_option_text(utils, "gs2_mechs"),
                               &roster->mechs[i]))
            continue;
        plug->mech_name = roster->mechs[i].name;
        plug->security_flags = security_flags(&roster->mechs[i]);
        plug->features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY |
                         SASL_FEAT_CHANNEL_BINDING | SASL_FEAT_NEEDSERVERFQDN;
        plug->required_prompts = no_prompts;
        plug->glob_context = &roster->offers[i];
        plug->mech_new = gs2_client_new;
        plug->mech_step = gs2_client_step;
        plug->mech_dispose = gs2_client_dispose;
        plug->mech_free = leave_roster;
        plug++;
        roster->users++;
    }
    *version_out = SASL_CLIENT_PLUG_VERSION;
    *plugs_out = roster->plugs;
    *count_out = (int)roster->users;
    if (roster->users == 0) {
        *plugs_out = NULL;
        free_roster(roster, utils);
        return SASL_NOMECH;
    }
    return SASL_OK;
}

int
sasl_server_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_server_plug_t **plugs_out,
                      int *count_out)
{
    struct gs2_roster *roster;
    sasl_server_plug_t *plug;
    int code;

    *plugs_out = NULL;
    *count_out = 0;
    if (max_version < SASL_SERVER_PLUG_VERSION)
        return SASL_BADVERS;
    code = new_roster(utils, &roster);
    if (code != SASL_OK)
        return code;
    roster->plugs = utils->calloc(roster->count + 1, sizeof(*plug));
    if (roster->plugs == NULL ||
        gs2_pool_new(&roster->pool, NULL) != GS2_OK ||
        gs2_realm_new(&roster->home, NULL) != GS2_OK ||
        gs2_pac_load_open(gs2_option_text(utils, gs2_options_name(
                                                    GS2_OPT_PAC_DECODER)),
                          &roster->decoder) != GS2_OK) {
        free_roster(roster, utils);
        return SASL_NOMEM;
    }
    plug = roster->plugs;
    for (size_t i = 0; i < roster->count; i++, plug++) {
        plug->mech_name = roster->mechs[i].name;
        plug->security_flags = security_flags(&roster->mechs[i]);
        plug->features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY |
                         SASL_FEAT_CHANNEL_BINDING;
        plug->glob_context = &roster->offers[i];
        plug->mech_new = gs2_server_new;
        plug->mech_step = gs2_server_step;
        plug->mech_dispose = gs2_server_dispose;
        plug->mech_free = leave_roster;
        plug->mech_avail = gs2_server_avail;
    }
    *version_out = SASL_SERVER_PLUG_VERSION;
    *plugs_out = roster->plugs;
    *count_out = (int)roster->count;
    if (roster->count == 0) {
        *plugs_out = NULL;
        free_roster(roster, utils);
        return SASL_NOMECH;
    }
    return SASL_OK;
}
