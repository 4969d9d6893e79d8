/*
 * config_cache.c - the configurations in use, parsed and remembered (see
 * config_cache.h).
 */
#include "config_cache.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "config_file.h"
#include "sasl_options.h"

/* How many configurations are kept; a server has one, or one for each virtual
 * host. */
#define CONFIGS_MAX 64

struct entry {
    struct gs2_cache_item item;
    struct gs2_config config;
    bool lost;            /* some of it cannot be known */
    gs2_status status;    /* not GS2_OK: something cannot be used */
    struct gs2_error why; /* for the log */
    atomic_bool announced;
};

struct key {
    char *texts[GS2_TEXTS];
    bool lost;
    const struct gs2_modules *modules;
};

/* How many texts to look at: most servers have no roles. */
static size_t
count_of(char *const texts[GS2_TEXTS])
{
    return texts[GS2_OPT_ROLES] != NULL ? GS2_TEXTS : GS2_OPTIONS;
}

static bool
matches(const struct gs2_cache_item *item, const void *data)
{
    const struct entry *entry = (const struct entry *)item;
    char *const *const texts = entry->config.texts;
    const struct key *key = data;

    if (entry->lost != key->lost)
        return false;
    for (size_t i = 0; i < count_of(texts); i++) {
        if (!gs2_cache_same(texts[i], key->texts[i]))
            return false;
    }
    return true;
}

static void
clear(struct gs2_cache_item *item)
{
    gs2_options_clear(&((struct entry *)item)->config);
}

/* A rule may be in the file that cannot be asked, so nobody gets in. */
static gs2_status
refuse_lost(struct gs2_error *why)
{
    return gs2_fail(why, GS2_BADCONFIG,
                    "the application does not know all gs2_ options, and this "
                    "libsasl does not say what its configuration file has; "
                    "use one that exports sasl_config_getstring()");
}

/* Parses a configuration.  One that cannot be used is remembered as well. */
static gs2_status
fill(struct gs2_cache_item *item, const void *data, struct gs2_error *err)
{
    struct entry *entry = (struct entry *)item;
    const struct key *key = data;

    for (size_t i = 0; i < GS2_TEXTS; i++) {
        if (!gs2_cache_copy(&entry->config.texts[i], key->texts[i]))
            return gs2_fail_nomem(err);
    }
    entry->lost = key->lost;
    entry->status = entry->lost ? refuse_lost(&entry->why)
                    : gs2_options_parse(&entry->config, &entry->why);
    if (entry->status == GS2_OK)
        entry->status = gs2_modules_find(key->modules, &entry->config,
                                         &entry->why);
    return entry->status == GS2_NOMEM ? gs2_fail_nomem(err) : GS2_OK;
}

const struct gs2_cache_kind gs2_config_cache_kind = {
    .size = sizeof(struct entry),
    .matches = matches, .fill = fill, .clear = clear,
    .max = CONFIGS_MAX,
};

static void
say(const char *family, const sasl_utils_t *utils, const char *option,
    const char *text)
{
    utils->log(utils->conn, SASL_LOG_NOTE, "%s: %s is %s", family, option,
               text != NULL ? text : "not set");
}

static void
announce(const struct entry *entry, const char *family,
         const sasl_utils_t *utils)
{
    static const enum gs2_option said[] = {
        GS2_OPT_ROLES, GS2_OPT_REQUIRE, GS2_OPT_PROXY_REQUIRE,
        GS2_OPT_ATTRIBUTES,
    };
    const struct gs2_config *config = &entry->config;
    char option[GS2_ROLE_OPTION_SIZE];
    const char *name;

    if (!entry->lost)
        gs2_config_file_announce(family, utils);
    if (entry->status != GS2_OK) {
        utils->log(utils->conn, SASL_LOG_ERR,
                   "%s: %s; no %s mechanism is offered", family,
                   entry->why.text, family);
        return;
    }
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        say(family, utils, gs2_options_name(said[i]),
            config->texts[said[i]]);
    if (gs2_options_needs_binding(config))
        utils->log(utils->conn, SASL_LOG_NOTE,
                   "%s: gs2_require demands a channel binding: no %s "
                   "mechanism is offered where there is none", family,
                   family);
    if (config->tag != '\0')
        say(family, utils, gs2_options_name(GS2_OPT_TAG),
            config->texts[GS2_OPT_TAG]);
    for (size_t n = 0; n < config->roles.count; n++) {
        name = config->roles.list[n].name;
        if (gs2_roles_option(name, strlen(name), option))
            say(family, utils, option, config->texts[GS2_OPTIONS + n]);
    }
}

gs2_status
gs2_config_cache_hold(struct gs2_config_cache *configs,
                      const sasl_utils_t *utils,
                      const struct gs2_config **config_out,
                      struct gs2_error *err)
{
    struct key key = { .modules = &configs->modules };
    struct gs2_cache_item *item;
    struct entry *entry;
    gs2_status status;

    *config_out = NULL;
    status = gs2_sasl_options_read(utils, key.texts, &key.lost, err);
    if (status == GS2_OK)
        status = gs2_cache_hold(&configs->cache, &key, &item, err);
    for (size_t i = 0; i < count_of(key.texts); i++)
        free(key.texts[i]);
    if (status != GS2_OK)
        return status;
    entry = (struct entry *)item;
    if (!atomic_exchange(&entry->announced, true))
        announce(entry, configs->family, utils);
    if (entry->status == GS2_OK) {
        *config_out = &entry->config;
        return GS2_OK;
    }
    status = gs2_fail(err, GS2_BADCONFIG,
                      "the server's configuration of %s has an error",
                      configs->family);
    gs2_error_detail(err, "%s", entry->why.text);
    gs2_cache_drop(&configs->cache, item);
    return status;
}

void
gs2_config_cache_drop(struct gs2_config_cache *configs,
                      const struct gs2_config *config)
{
    if (config != NULL)
        gs2_cache_drop(&configs->cache,
                       (struct gs2_cache_item *)((char *)config -
                                                 offsetof(struct entry,
                                                          config)));
}
