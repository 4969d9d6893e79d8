/*
 * config_cache.c - the configurations in use, parsed and remembered (see config_cache.h).
 */
#include "config_cache.h"

#include <stdlib.h>
#include <string.h>

#include "common/peer/pac_load.h"
#include "sasl_options.h"

/* Configurations that are kept; a server has one, or one a virtual host. */
#define CONFIGS_MAX 64

struct gs2_configs_entry {
    struct gs2_config config;
    gs2_status status;        /* not GS2_OK: something cannot be used */
    struct gs2_error why;     /* for the log */
    size_t holders;           /* under the roster's lock */
    struct gs2_configs_entry *next;
};

static void
free_texts(char *texts[GS2_OPTIONS])
{
    for (size_t i = 0; i < GS2_OPTIONS; i++)
        free(texts[i]);
}

static void
free_entry(struct gs2_configs_entry *entry)
{
    gs2_options_clear(&entry->config);
    free(entry);
}

/* One holder less: the list, or an attempt at a login; the lock is held. */
static void
let_go(struct gs2_configs_entry *entry)
{
    if (--entry->holders == 0)
        free_entry(entry);
}

void
gs2_configs_free(struct gs2_roster *roster)
{
    struct gs2_configs_entry *entry;

    while ((entry = roster->configs) != NULL) {
        roster->configs = entry->next;
        let_go(entry);
    }
}

void
gs2_configs_release(struct gs2_roster *roster,
                    const struct gs2_config *config)
{
    if (config == NULL)
        return;
    pthread_mutex_lock(&roster->lock);
    /* The first member of its entry. */
    let_go((struct gs2_configs_entry *)config);
    pthread_mutex_unlock(&roster->lock);
}

/* --- the list of those in use --------------------------------------------- */

static bool
same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
has_texts(const struct gs2_config *config, char *const texts[GS2_OPTIONS])
{
    for (size_t i = 0; i < GS2_OPTIONS; i++) {
        if (!same(config->texts[i], texts[i]))
            return false;
    }
    return true;
}

/* Takes the configuration of these texts out of the list; the lock is held. */
static struct gs2_configs_entry *
take_out(struct gs2_roster *roster, char *const texts[GS2_OPTIONS])
{
    struct gs2_configs_entry **at, *entry;

    for (at = &roster->configs; (entry = *at) != NULL; at = &entry->next) {
        if (has_texts(&entry->config, texts)) {
            *at = entry->next;
            return entry;
        }
    }
    return NULL;
}

/* Puts one in front of the list, and forgets the one that was used longest ago
 * where there are too many; the lock is held. */
static void
put_in_front(struct gs2_roster *roster, struct gs2_configs_entry *entry)
{
    struct gs2_configs_entry **last = &roster->configs;
    size_t count = 1;

    entry->next = roster->configs;
    roster->configs = entry;
    while ((*last)->next != NULL) {
        last = &(*last)->next;
        count++;
    }
    if (count > CONFIGS_MAX) {
        entry = *last;
        *last = NULL;
        let_go(entry);
    }
}

/* The decoder of a configuration that was parsed. */
static gs2_status
find_decoder(const struct gs2_roster *roster, struct gs2_configs_entry *entry)
{
    const char *path = entry->config.texts[GS2_OPT_PAC_DECODER];
    struct gs2_error why;

    if (gs2_pac_load_get(roster->decoder, path, &entry->config.decoder,
                         &why) == GS2_OK)
        return GS2_OK;
    return gs2_fail(&entry->why, GS2_BADCONFIG, "option %s: %.*s",
                    gs2_options_name(GS2_OPT_PAC_DECODER), GS2_TEXT_MAX / 2,
                    why.text);
}

/* Makes a configuration of texts, which it takes.  NULL: no memory. */
static struct gs2_configs_entry *
make(const struct gs2_roster *roster, char *texts[GS2_OPTIONS])
{
    struct gs2_configs_entry *entry = calloc(1, sizeof(*entry));

    if (entry == NULL)
        return NULL;
    memcpy(entry->config.texts, texts, sizeof(entry->config.texts));
    memset(texts, 0, sizeof(entry->config.texts));
    entry->holders = 1; /* the list */
    entry->status = gs2_options_parse(&entry->config, &entry->why);
    if (entry->status == GS2_OK)
        entry->status = find_decoder(roster, entry);
    if (entry->status == GS2_NOMEM) {
        free_entry(entry);
        return NULL;
    }
    return entry;
}

/* The options as they are now.  Each is copied at once: a getopt may reuse its
 * result at the next call. */
static gs2_status
read_texts(const sasl_utils_t *utils, char *texts[GS2_OPTIONS],
           struct gs2_error *err)
{
    const char *text;

    memset(texts, 0, GS2_OPTIONS * sizeof(texts[0]));
    for (size_t i = 0; i < GS2_OPTIONS; i++) {
        text = gs2_option_text(utils, gs2_options_name((enum gs2_option)i));
        if (text != NULL && (texts[i] = strdup(text)) == NULL)
            return gs2_fail_nomem(err);
    }
    return GS2_OK;
}

static void
announce(const struct gs2_configs_entry *entry, const sasl_utils_t *utils)
{
    static const enum gs2_option said[] = {
        GS2_OPT_REQUIRE, GS2_OPT_PROXY_REQUIRE, GS2_OPT_ATTRIBUTES,
    };
    const char *text;

    if (entry->status != GS2_OK) {
        utils->log(utils->conn, SASL_LOG_ERR,
                   "GS2: %s; no GS2 mechanism is offered", entry->why.text);
        return;
    }
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        text = entry->config.texts[said[i]];
        utils->log(utils->conn, SASL_LOG_NOTE, "GS2: %s is %s",
                   gs2_options_name(said[i]), text != NULL ? text : "not set");
    }
}

gs2_status
gs2_configs_get(struct gs2_roster *roster, const sasl_utils_t *utils,
                const struct gs2_config **config_out, struct gs2_error *err)
{
    struct gs2_configs_entry *entry = NULL;
    char *texts[GS2_OPTIONS];
    bool news = false;

    *config_out = NULL;
    if (read_texts(utils, texts, err) == GS2_OK) {
        pthread_mutex_lock(&roster->lock);
        entry = take_out(roster, texts);
        news = entry == NULL;
        if (news)
            entry = make(roster, texts);
        if (entry != NULL) {
            entry->holders++;
            put_in_front(roster, entry);
        }
        pthread_mutex_unlock(&roster->lock);
    }
    free_texts(texts);
    if (entry == NULL)
        return gs2_fail_nomem(err);
    if (news)
        announce(entry, utils);
    if (entry->status == GS2_OK) {
        *config_out = &entry->config;
        return GS2_OK;
    }
    (void)gs2_fail(err, GS2_BADCONFIG,
                   "the server's configuration of GS2 has an error");
    gs2_error_detail(err, "%s", entry->why.text);
    gs2_configs_release(roster, &entry->config);
    return GS2_BADCONFIG;
}
