/*
 * config.c - a server's options, parsed and remembered (see config.h).
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "options.h"

/* Configurations that are kept; a server has one, or one a virtual host. */
#define CONFIGS_MAX 64

static const char *const names[GS2_OPTIONS] = {
    [GS2_OPT_MECHS] = "gs2_mechs",
    [GS2_OPT_KEYTAB] = "gs2_keytab",
    [GS2_OPT_GSSAPI_KEYTAB] = "keytab",
    [GS2_OPT_ACCEPTOR] = "gs2_acceptor",
    [GS2_OPT_AUTHID] = "gs2_authid",
    [GS2_OPT_REQUIRE] = "gs2_require",
    [GS2_OPT_PROXY_REQUIRE] = "gs2_proxy_require",
    [GS2_OPT_ATTRIBUTES] = "gs2_attributes",
    [GS2_OPT_ERROR_TOKENS] = "gs2_error_tokens",
    [GS2_OPT_BINDING_VERIFIED_BY] = "gs2_binding_verified_by",
    [GS2_OPT_ACCEPT_ANONYMOUS] = "gs2_accept_anonymous",
    [GS2_OPT_EXPORT] = "gs2_export",
};

static void
free_texts(char *texts[GS2_OPTIONS])
{
    for (size_t i = 0; i < GS2_OPTIONS; i++)
        free(texts[i]);
}

static void
free_config(struct gs2_config *config)
{
    gs2_rule_free(config->require);
    gs2_rule_free(config->proxy_require);
    gs2_attrmap_free(config->map);
    free_texts(config->texts);
    free(config);
}

/* One holder less: the list, or an attempt at a login; the lock is held. */
static void
let_go(struct gs2_config *config)
{
    if (--config->holders == 0)
        free_config(config);
}

void
gs2_config_free_all(struct gs2_roster *roster)
{
    struct gs2_config *config;

    while ((config = roster->configs) != NULL) {
        roster->configs = config->next;
        let_go(config);
    }
}

void
gs2_config_release(struct gs2_roster *roster, const struct gs2_config *config)
{
    if (config == NULL)
        return;
    pthread_mutex_lock(&roster->lock);
    let_go((struct gs2_config *)config);
    pthread_mutex_unlock(&roster->lock);
}

/* --- parsing -------------------------------------------------------------- */

static gs2_status
parse_authid(struct gs2_config *config, struct gs2_error *err)
{
    static const char attribute[] = "attribute";
    const char *text = config->texts[GS2_OPT_AUTHID];
    char quoted[64];

    config->authid = GS2_AUTHID_AUTO;
    if (text == NULL || strcmp(text, "auto") == 0)
        return GS2_OK;
    if (strcmp(text, "full") == 0) {
        config->authid = GS2_AUTHID_FULL;
        return GS2_OK;
    }
    if (strcmp(text, "local") == 0) {
        config->authid = GS2_AUTHID_LOCAL;
        return GS2_OK;
    }
    if (strncmp(text, attribute, sizeof(attribute) - 1) == 0) {
        const char *name = text + sizeof(attribute) - 1;

        config->authid = GS2_AUTHID_ATTRIBUTE;
        config->authid_attribute = name + strspn(name, " \t");
        if (config->authid_attribute > name &&
            config->authid_attribute[0] != '\0')
            return GS2_OK;
    }
    return gs2_fail(err, GS2_BADCONFIG,
                    "\"%s\" is not auto, full, local or attribute NAME",
                    gs2_escape(quoted, sizeof(quoted), text, strlen(text)));
}

/* krb5 and IAKERB say themselves whether a token was bound; nobody may say it
 * for them, since they accept tokens that were not. */
static gs2_status
check_binding_verified_by(const struct gs2_config *config,
                          struct gs2_error *err)
{
    const char *list = config->texts[GS2_OPT_BINDING_VERIFIED_BY];

    if (list != NULL && (gs2_mechs_named(list, "GS2-KRB5") ||
                         gs2_mechs_named(list, "GS2-IAKERB")))
        return gs2_fail(err, GS2_BADCONFIG,
                        "GS2-KRB5 and GS2-IAKERB accept tokens without "
                        "bindings and may not be named");
    return GS2_OK;
}

static gs2_status
parse_option(struct gs2_config *config, enum gs2_option option,
             struct gs2_error *err)
{
    const char *text = config->texts[option];

    switch (option) {
    case GS2_OPT_AUTHID:
        return parse_authid(config, err);
    case GS2_OPT_REQUIRE:
        return text == NULL ? GS2_OK
                            : gs2_rule_parse(text, &config->require, err);
    case GS2_OPT_PROXY_REQUIRE:
        return text == NULL ? GS2_OK
                            : gs2_rule_parse(text, &config->proxy_require,
                                             err);
    case GS2_OPT_ATTRIBUTES:
        return text == NULL ? GS2_OK
                            : gs2_attrmap_parse(text, &config->map, err);
    case GS2_OPT_ERROR_TOKENS:
        return gs2_option_parse_bool(text, true, &config->error_tokens, err);
    case GS2_OPT_ACCEPT_ANONYMOUS:
        return gs2_option_parse_bool(text, false, &config->accept_anonymous,
                                     err);
    case GS2_OPT_EXPORT:
        return gs2_option_parse_bool(text, false, &config->export_names, err);
    case GS2_OPT_BINDING_VERIFIED_BY:
        return check_binding_verified_by(config, err);
    default:
        return GS2_OK;
    }
}

static void
parse(struct gs2_config *config)
{
    struct gs2_error why;

    config->keytab = config->texts[GS2_OPT_KEYTAB];
    if (config->keytab == NULL)
        config->keytab = config->texts[GS2_OPT_GSSAPI_KEYTAB];
    config->acceptor = config->texts[GS2_OPT_ACCEPTOR];
    for (size_t i = 0; i < GS2_OPTIONS && config->status == GS2_OK; i++) {
        config->status = parse_option(config, (enum gs2_option)i, &why);
        if (config->status != GS2_OK)
            (void)gs2_fail(&config->why, config->status, "option %s: %.*s",
                           names[i], GS2_TEXT_MAX / 2, why.text);
    }
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
static struct gs2_config *
take_out(struct gs2_roster *roster, char *const texts[GS2_OPTIONS])
{
    struct gs2_config **at, *config;

    for (at = &roster->configs; (config = *at) != NULL; at = &config->next) {
        if (has_texts(config, texts)) {
            *at = config->next;
            return config;
        }
    }
    return NULL;
}

/* Puts one in front of the list, and forgets the one that was used longest ago
 * where there are too many; the lock is held. */
static void
put_in_front(struct gs2_roster *roster, struct gs2_config *config)
{
    struct gs2_config **last = &roster->configs;
    size_t count = 1;

    config->next = roster->configs;
    roster->configs = config;
    while ((*last)->next != NULL) {
        last = &(*last)->next;
        count++;
    }
    if (count > CONFIGS_MAX) {
        config = *last;
        *last = NULL;
        let_go(config);
    }
}

/* Makes a configuration of texts, which it takes.  NULL: no memory. */
static struct gs2_config *
make(char *texts[GS2_OPTIONS])
{
    struct gs2_config *config = calloc(1, sizeof(*config));

    if (config == NULL)
        return NULL;
    memcpy(config->texts, texts, sizeof(config->texts));
    memset(texts, 0, sizeof(config->texts));
    config->holders = 1; /* the list */
    parse(config);
    if (config->status == GS2_NOMEM) {
        free_config(config);
        return NULL;
    }
    return config;
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
        text = gs2_option_text(utils, names[i]);
        if (text != NULL && (texts[i] = strdup(text)) == NULL)
            return gs2_fail_nomem(err);
    }
    return GS2_OK;
}

static void
announce(const struct gs2_config *config, const sasl_utils_t *utils)
{
    static const enum gs2_option said[] = {
        GS2_OPT_REQUIRE, GS2_OPT_PROXY_REQUIRE, GS2_OPT_ATTRIBUTES,
    };
    const char *text;

    if (config->status != GS2_OK) {
        utils->log(utils->conn, SASL_LOG_ERR,
                   "GS2: %s; no GS2 mechanism is offered", config->why.text);
        return;
    }
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        text = config->texts[said[i]];
        utils->log(utils->conn, SASL_LOG_NOTE, "GS2: %s is %s",
                   names[said[i]], text != NULL ? text : "not set");
    }
}

gs2_status
gs2_config_get(struct gs2_roster *roster, const sasl_utils_t *utils,
               const struct gs2_config **config_out, struct gs2_error *err)
{
    struct gs2_config *config = NULL;
    char *texts[GS2_OPTIONS];
    bool news = false;

    *config_out = NULL;
    if (read_texts(utils, texts, err) == GS2_OK) {
        pthread_mutex_lock(&roster->lock);
        config = take_out(roster, texts);
        news = config == NULL;
        if (news)
            config = make(texts);
        if (config != NULL) {
            config->holders++;
            put_in_front(roster, config);
        }
        pthread_mutex_unlock(&roster->lock);
    }
    free_texts(texts);
    if (config == NULL)
        return gs2_fail_nomem(err);
    if (news)
        announce(config, utils);
    *config_out = config;
    if (config->status == GS2_OK)
        return GS2_OK;
    (void)gs2_fail(err, GS2_BADCONFIG,
                   "the server's configuration of GS2 has an error");
    gs2_error_detail(err, "%s", config->why.text);
    gs2_config_release(roster, config);
    *config_out = NULL;
    return GS2_BADCONFIG;
}

/* --- questions ------------------------------------------------------------ */

bool
gs2_config_offers(const struct gs2_config *config, const struct gs2_mech *mech)
{
    return gs2_option_lists(config->texts[GS2_OPT_MECHS], mech);
}

bool
gs2_config_binds_silently(const struct gs2_config *config,
                          const struct gs2_mech *mech)
{
    const char *list = config->texts[GS2_OPT_BINDING_VERIFIED_BY];

    return mech->binds_silently ||
           (list != NULL && !mech->keytab &&
            gs2_mechs_named(list, mech->name));
}
