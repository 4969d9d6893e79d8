/*
 * plug_init.c - what every plug_init does alike (see plug_init.h).
 */
#include "plug_init.h"

#include <syslog.h>

#include "libsasl.h"

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

void
gs2_plug_init_free(void *glob_context, const sasl_utils_t *utils)
{
    struct gs2_glob_context *glob = glob_context;

    if (glob != NULL && --glob->plugin->users == 0)
        free_plugin(glob->plugin, utils);
}

unsigned
gs2_plug_init_security_flags(const struct gs2_mech *mech)
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

/* Makes the list of those mechanisms that are to be in it.  SASL_OK,
 * SASL_NOMECH where there are none, or SASL_NOMEM. */
static int
make_list(struct gs2_plugin *plugin, const sasl_utils_t *utils,
          const struct gs2_plug_init *init)
{
    char *entry = utils->calloc(plugin->count + 1, init->plug_size);

    plugin->pluglist = entry;
    if (entry == NULL)
        return SASL_NOMEM;
    for (size_t i = 0; i < plugin->count; i++) {
        plugin->contexts[i].plugin = plugin;
        plugin->contexts[i].mech = &plugin->mechs[i];
        if (init->fill(utils, &plugin->contexts[i], entry)) {
            entry += init->plug_size;
            plugin->users++;
        }
    }
    return plugin->users > 0 ? SASL_OK : SASL_NOMECH;
}

static int
fill_plugin(struct gs2_plugin *plugin, const sasl_utils_t *utils,
            const struct gs2_plug_init *init)
{
    struct gs2_error err;

    gs2_cache_init(&plugin->targets.cache, &gs2_target_cache_kind);
    gs2_cache_init(&plugin->creds.cache, &gs2_cred_pool_kind);
    gs2_cache_init(&plugin->default_realm.cache, &gs2_default_realm_kind);
    gs2_cache_init(&plugin->configs.cache, &gs2_config_cache_kind);
    if (init->list(plugin->mechs, &plugin->count, &err) != GS2_OK) {
        utils->log(NULL, SASL_LOG_ERR, "GS2: %s", err.text);
        return SASL_FAIL;
    }
    if (init->loads &&
        gs2_modules_open(utils, &plugin->configs.modules) != GS2_OK)
        return SASL_NOMEM;
    return make_list(plugin, utils, init);
}

/* False where this libsasl does not have the interface, with a line in the
 * system's log: utils->log is not where it was, and libsasl says nothing of a
 * plugin that it does not take. */
static bool
fits(const sasl_utils_t *utils)
{
    if (gs2_libsasl_fits(utils))
        return true;
    syslog(LOG_AUTH | LOG_ERR, "GS2: the plugin was compiled for a libsasl "
           "with another interface than the one that loads it: no mechanism "
           "of it is offered until it is compiled anew");
    return false;
}

int
gs2_plug_init_run(const sasl_utils_t *utils, int max_version,
                  const struct gs2_plug_init *init, int *version_out,
                  void **pluglist_out, int *count_out)
{
    struct gs2_plugin *plugin;
    int code;

    *pluglist_out = NULL;
    *count_out = 0;
    if (max_version < init->version || !fits(utils))
        return SASL_BADVERS;
    plugin = utils->calloc(1, sizeof(*plugin));
    if (plugin == NULL)
        return SASL_NOMEM;
    code = fill_plugin(plugin, utils, init);
    if (code != SASL_OK) {
        free_plugin(plugin, utils);
        return code;
    }
    *version_out = init->version;
    *pluglist_out = plugin->pluglist;
    *count_out = (int)plugin->users;
    return SASL_OK;
}
