/*
 * plug_init.c - what every plug_init does alike (see plug_init.h).
 */
#include "plug_init.h"

#include <syslog.h>

#include "libsasl.h"
#include "sasl_options.h"
#include "server_cred.h"

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
free_mech(void *glob_context, const sasl_utils_t *utils)
{
    struct gs2_glob_context *glob = glob_context;

    if (glob != NULL && --glob->plugin->users == 0)
        free_plugin(glob->plugin, utils);
}

/* --- the lists ------------------------------------------------------------ */

/* An init of client or server. */
struct side {
    int version;
    size_t plug_size;
    /* Fills an entry of the list, all zero; false where the mechanism is not
     * to be in it. */
    bool (*fill)(const struct gs2_library *library, const sasl_utils_t *utils,
                 struct gs2_glob_context *glob, void *entry);
    bool loads; /* what options name */
};

/* What the attributes of a mechanism (RFC 5587) promise, beside what each of
 * ours does. */
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

/* Row KP8: HTTP has a mechanism that negotiates. */
static unsigned
features(const struct gs2_mech *mech)
{
    return SASL_FEAT_WANT_CLIENT_FIRST | SASL_FEAT_ALLOWS_PROXY |
           (mech->negotiated != NULL ? SASL_FEAT_SUPPORTS_HTTP : 0);
}

/* Of GS2, what gs2_mechs lists. */
static bool
fill_client(const struct gs2_library *library, const sasl_utils_t *utils,
            struct gs2_glob_context *glob, void *entry)
{
    /* No prompt is required: NULL would mean AUTHNAME and PASS. */
    static const unsigned long no_prompts[] = { SASL_CB_LIST_END };
    const struct gs2_mech *mech = glob->mech;
    sasl_client_plug_t *plug = entry;

    if (!mech->standalone &&
        !gs2_options_lists(gs2_sasl_options_text(utils, GS2_OPT_MECHS), mech))
        return false;
    *plug = library->client;
    plug->mech_name = mech->name;
    plug->security_flags = security_flags(mech);
    plug->features |= features(mech) | SASL_FEAT_NEEDSERVERFQDN;
    plug->required_prompts = no_prompts;
    plug->glob_context = glob;
    plug->mech_free = free_mech;
    return true;
}

/* All of them: which are offered is decided at each listing. */
static bool
fill_server(const struct gs2_library *library, const sasl_utils_t *utils,
            struct gs2_glob_context *glob, void *entry)
{
    sasl_server_plug_t *plug = entry;

    (void)utils;
    *plug = library->server;
    plug->mech_name = glob->mech->name;
    plug->security_flags = security_flags(glob->mech);
    plug->features |= features(glob->mech);
    plug->glob_context = glob;
    plug->mech_free = free_mech;
    plug->mech_avail = gs2_server_avail;
    return true;
}

/* --- the inits ------------------------------------------------------------ */

/* Makes the list of mechanisms for libsasl.  SASL_OK, SASL_NOMECH where there
 * are none, or SASL_NOMEM. */
static int
make_list(struct gs2_plugin *plugin, const struct gs2_library *library,
          const sasl_utils_t *utils, const struct side *side)
{
    char *entry = utils->calloc(plugin->count + 1, side->plug_size);

    plugin->pluglist = entry;
    if (entry == NULL)
        return SASL_NOMEM;
    for (size_t i = 0; i < plugin->count; i++) {
        plugin->contexts[i].plugin = plugin;
        plugin->contexts[i].mech = &plugin->mechs[i];
        if (side->fill(library, utils, &plugin->contexts[i], entry)) {
            entry += side->plug_size;
            plugin->users++;
        }
    }
    return plugin->users > 0 ? SASL_OK : SASL_NOMECH;
}

static int
fill_plugin(struct gs2_plugin *plugin, const struct gs2_library *library,
            const sasl_utils_t *utils, const struct side *side)
{
    struct gs2_error err;

    gs2_cache_init(&plugin->targets.cache, &gs2_target_cache_kind);
    gs2_cache_init(&plugin->creds.cache, &gs2_cred_pool_kind);
    gs2_cache_init(&plugin->default_realm.cache, &gs2_default_realm_kind);
    gs2_cache_init(&plugin->configs.cache, &gs2_config_cache_kind);
    plugin->configs.family = library->family;
    if (library->list(plugin->mechs, &plugin->count, &err) != GS2_OK) {
        utils->log(NULL, SASL_LOG_ERR, "%s: %s", library->family, err.text);
        return SASL_FAIL;
    }
    if (side->loads &&
        gs2_modules_open(utils, &plugin->configs.modules) != GS2_OK)
        return SASL_NOMEM;
    return make_list(plugin, library, utils, side);
}

/* False where this libsasl does not have the interface, with a line in the
 * system's log: utils->log is not at its place, and libsasl does not say that
 * it dropped a plugin. */
static bool
fits(const struct gs2_library *library, const sasl_utils_t *utils)
{
    if (gs2_libsasl_fits(utils))
        return true;
    syslog(LOG_AUTH | LOG_ERR, "%s: the plugin was compiled for a libsasl "
           "with another interface than the one that loads it: no mechanism "
           "of it is offered until it is compiled anew", library->family);
    return false;
}

static int
run(const struct gs2_library *library, const sasl_utils_t *utils,
    int max_version, const struct side *side, int *version_out,
    void **pluglist_out, int *count_out)
{
    struct gs2_plugin *plugin;
    int code;

    *pluglist_out = NULL;
    *count_out = 0;
    if (max_version < side->version || !fits(library, utils))
        return SASL_BADVERS;
    plugin = utils->calloc(1, sizeof(*plugin));
    if (plugin == NULL)
        return SASL_NOMEM;
    code = fill_plugin(plugin, library, utils, side);
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
gs2_plug_init_client(const struct gs2_library *library,
                     const sasl_utils_t *utils, int max_version,
                     int *version_out, sasl_client_plug_t **pluglist_out,
                     int *count_out)
{
    static const struct side client = {
        .version = SASL_CLIENT_PLUG_VERSION,
        .plug_size = sizeof(sasl_client_plug_t), .fill = fill_client };
    void *list;
    const int code = run(library, utils, max_version, &client, version_out,
                         &list, count_out);

    *pluglist_out = list;
    return code;
}

int
gs2_plug_init_server(const struct gs2_library *library,
                     const sasl_utils_t *utils, int max_version,
                     int *version_out, sasl_server_plug_t **pluglist_out,
                     int *count_out)
{
    static const struct side server = {
        .version = SASL_SERVER_PLUG_VERSION,
        .plug_size = sizeof(sasl_server_plug_t), .fill = fill_server,
        .loads = true };
    void *list;
    const int code = run(library, utils, max_version, &server, version_out,
                         &list, count_out);

    *pluglist_out = list;
    return code;
}
