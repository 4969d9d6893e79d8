/*
 * plugin.c - entry points of the library: which mechanisms libsasl is told of,
 * and with which flags and features (saslplug.h); and what client and server
 * do alike.
 */
#include "plugin.h"

#include <string.h>

#include "sasl_options.h"

/* What an init of client or server has of its own. */
struct side {
    int version;
    size_t plug_size;
    /* Fills an entry of the list, all zero; false where the mechanism is not
     * to be in it. */
    bool (*fill)(const sasl_utils_t *utils, struct gs2_glob_context *glob,
                 void *entry);
    bool loads; /* what options name */
};

static void
free_plugin(struct gs2_plugin *plugin, const sasl_utils_t *utils)
{
    gs2_cache_clear(&plugin->targets.cache);
    gs2_cache_clear(&plugin->creds.cache);
    gs2_cache_clear(&plugin->default_realm.cache);
    gs2_cache_clear(&plugin->configs.cache);
    gs2_modules_close(&plugin->configs.modules);
    if (plugin->pluglist != NULL)
        utils->free(plugin->pluglist);
    utils->free(plugin);
}

/* mech_free of each mechanism; the last one frees all. */
static void
mech_free(void *glob_context, const sasl_utils_t *utils)
{
    struct gs2_glob_context *glob = glob_context;

    if (glob != NULL && --glob->plugin->users == 0)
        free_plugin(glob->plugin, utils);
}

/* --- the lists ----------------------------------------------------------- */

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
    plug->security_flags = security_flags(glob->mech);
    plug->features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY |
                     SASL_FEAT_CHANNEL_BINDING | SASL_FEAT_NEEDSERVERFQDN;
    plug->required_prompts = no_prompts;
    plug->glob_context = glob;
    plug->mech_new = gs2_client_new;
    plug->mech_step = gs2_client_step;
    plug->mech_dispose = gs2_client_dispose;
    plug->mech_free = mech_free;
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
    plug->security_flags = security_flags(glob->mech);
    plug->features = SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY |
                     SASL_FEAT_CHANNEL_BINDING;
    plug->glob_context = glob;
    plug->mech_new = gs2_server_new;
    plug->mech_step = gs2_server_step;
    plug->mech_dispose = gs2_server_dispose;
    plug->mech_free = mech_free;
    plug->mech_avail = gs2_server_avail;
    return true;
}

/* --- init ---------------------------------------------------------------- */

/* Makes the list of those mechanisms that are to be in it.  SASL_OK,
 * SASL_NOMECH where there are none, or SASL_NOMEM. */
static int
make_list(struct gs2_plugin *plugin, const sasl_utils_t *utils,
          const struct side *side)
{
    char *entry = utils->calloc(plugin->count + 1, side->plug_size);

    plugin->pluglist = entry;
    if (entry == NULL)
        return SASL_NOMEM;
    for (size_t i = 0; i < plugin->count; i++) {
        plugin->contexts[i].plugin = plugin;
        plugin->contexts[i].mech = &plugin->mechs[i];
        if (side->fill(utils, &plugin->contexts[i], entry)) {
            entry += side->plug_size;
            plugin->users++;
        }
    }
    return plugin->users > 0 ? SASL_OK : SASL_NOMECH;
}

static int
fill_plugin(struct gs2_plugin *plugin, const sasl_utils_t *utils,
            const struct side *side)
{
    struct gs2_error err;

    gs2_cache_init(&plugin->targets.cache, &gs2_target_cache_kind);
    gs2_cache_init(&plugin->creds.cache, &gs2_cred_pool_kind);
    gs2_cache_init(&plugin->default_realm.cache, &gs2_default_realm_kind);
    gs2_cache_init(&plugin->configs.cache, &gs2_config_cache_kind);
    if (gs2_mechs_list(plugin->mechs, &plugin->count, &err) != GS2_OK) {
        utils->log(NULL, SASL_LOG_ERR, "GS2: %s", err.text);
        return SASL_FAIL;
    }
    if (side->loads &&
        gs2_modules_open(utils, &plugin->configs.modules) != GS2_OK)
        return SASL_NOMEM;
    return make_list(plugin, utils, side);
}

static int
init(const sasl_utils_t *utils, int max_version, const struct side *side,
     int *version_out, void **pluglist_out, int *count_out)
{
    struct gs2_plugin *plugin;
    int code;

    *pluglist_out = NULL;
    *count_out = 0;
    if (max_version < side->version)
        return SASL_BADVERS;
    plugin = utils->calloc(1, sizeof(*plugin));
    if (plugin == NULL)
        return SASL_NOMEM;
    code = fill_plugin(plugin, utils, side);
    if (code != SASL_OK) {
        free_plugin(plugin, utils);
        return code;
    }
    *version_out = side->version;
    *pluglist_out = plugin->pluglist;
    *count_out = (int)plugin->users;
    return SASL_OK;
}

int
sasl_client_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_client_plug_t **pluglist_out,
                      int *count_out)
{
    static const struct side client = {
        .version = SASL_CLIENT_PLUG_VERSION,
        .plug_size = sizeof(sasl_client_plug_t), .fill = fill_client };
    void *list;
    const int code = init(utils, max_version, &client, version_out, &list,
                          count_out);

    *pluglist_out = list;
    return code;
}

int
sasl_server_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_server_plug_t **pluglist_out,
                      int *count_out)
{
    static const struct side server = {
        .version = SASL_SERVER_PLUG_VERSION,
        .plug_size = sizeof(sasl_server_plug_t), .fill = fill_server,
        .loads = true };
    void *list;
    const int code = init(utils, max_version, &server, version_out, &list,
                          count_out);

    *pluglist_out = list;
    return code;
}

/* --- what both do -------------------------------------------------------- */

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
gs2_plugin_canonicalized(int code, const char *name, unsigned flags,
                         struct gs2_error *why)
{
    char quoted[128];

    if (code == SASL_OK)
        return code;
    (void)gs2_fail(why, GS2_FAIL,
                   "the application cannot use the %s identity \"%s\" "
                   "(canon_user: SASL code %d)",
                   flags & SASL_CU_AUTHID ? "authentication" : "authorization",
                   gs2_escape(quoted, sizeof(quoted), name, strlen(name)),
                   code);
    return code > SASL_OK ? SASL_FAIL : code; /* never CONTINUE or INTERACT */
}
