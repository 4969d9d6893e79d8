/*
 * options.c - a server's options, parsed (see options.h).
 */
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/rules/ccache_name.h"
#include "common/rules/names.h"
#include "common/rules/tag.h"

static const char *const names[GS2_OPTION_NAMES] = {
    [GS2_OPT_MECHS] = "gs2_mechs",
    [GS2_OPT_KEYTAB] = "gs2_keytab",
    [GS2_OPT_GSSAPI_KEYTAB] = "keytab",
    [GS2_OPT_ACCEPTOR] = "gs2_acceptor",
    [GS2_OPT_AUTHID] = "gs2_authid",
    [GS2_OPT_ROLES] = "gs2_roles",
    [GS2_OPT_TAG] = "gs2_tag",
    [GS2_OPT_REQUIRE] = "gs2_require",
    [GS2_OPT_PROXY_REQUIRE] = "gs2_proxy_require",
    [GS2_OPT_ATTRIBUTES] = "gs2_attributes",
    [GS2_OPT_ERROR_TOKENS] = "gs2_error_tokens",
    [GS2_OPT_BINDING_VERIFIED_BY] = "gs2_binding_verified_by",
    [GS2_OPT_ACCEPT_ANONYMOUS] = "gs2_accept_anonymous",
    [GS2_OPT_EXPORT] = "gs2_export",
    [GS2_OPT_PAC_DECODER] = "gs2_pac_decoder",
    [GS2_OPT_UNIX_GROUPS] = "gs2_unix_groups",
    [GS2_OPT_CCACHE_STORE] = "gs2_ccache_store",
    [GS2_OPT_ANONYMOUS] = "gs2_anonymous",
};

const char *
gs2_options_name(enum gs2_option option)
{
    return names[option];
}

void
gs2_options_clear(struct gs2_config *config)
{
    gs2_roles_clear(&config->roles);
    gs2_rule_free(config->require);
    gs2_rule_free(config->proxy_require);
    gs2_attrmap_free(config->map);
    for (size_t i = 0; i < GS2_TEXTS; i++)
        free(config->texts[i]);
    memset(config, 0, sizeof(*config));
}

gs2_status
gs2_options_parse_bool(const char *text, bool unset, bool *value_out,
                       struct gs2_error *err)
{
    static const char *const yes[] = { "yes", "true", "on", "1" };
    static const char *const no[] = { "no", "false", "off", "0" };
    char quoted[64];

    *value_out = unset;
    if (text == NULL)
        return GS2_OK;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        *value_out = strcasecmp(text, yes[i]) == 0;
        if (*value_out || strcasecmp(text, no[i]) == 0)
            return GS2_OK;
    }
    return gs2_fail(err, GS2_BADCONFIG, "\"%s\" is not yes or no",
                    gs2_escape(quoted, sizeof(quoted), text, strlen(text)));
}

static gs2_status
parse_authid(struct gs2_config *config, struct gs2_error *err)
{
    static const char attribute[] = "attribute";
    const char *text = config->texts[GS2_OPT_AUTHID];
    char quoted[64];

    config->authid.source = GS2_AUTHID_AUTO;
    if (text == NULL || strcmp(text, "auto") == 0)
        return GS2_OK;
    if (strcmp(text, "full") == 0) {
        config->authid.source = GS2_AUTHID_FULL;
        return GS2_OK;
    }
    if (strcmp(text, "local") == 0) {
        config->authid.source = GS2_AUTHID_LOCAL;
        return GS2_OK;
    }
    if (strncmp(text, attribute, sizeof(attribute) - 1) == 0) {
        const char *name = text + sizeof(attribute) - 1;

        config->authid.source = GS2_AUTHID_ATTRIBUTE;
        config->authid.attribute = name + strspn(name, " \t");
        if (config->authid.attribute > name &&
            config->authid.attribute[0] != '\0')
            return GS2_OK;
    }
    return gs2_fail(err, GS2_BADCONFIG,
                    "\"%s\" is not auto, full, local or attribute NAME",
                    gs2_escape(quoted, sizeof(quoted), text, strlen(text)));
}

/* A fact of a login has a name like an attribute's, but is not an attribute:
 * nobody would be let in. */
static gs2_status
check_authid_attribute(const char *name, struct gs2_error *err)
{
    char quoted[64];

    if (name == NULL || !gs2_names_is_ours(name, strlen(name)) ||
        gs2_names_find_attr(name, strlen(name)) != NULL)
        return GS2_OK;
    return gs2_fail(err, GS2_BADCONFIG, "there is no attribute \"%s\"",
                    gs2_escape(quoted, sizeof(quoted), name, strlen(name)));
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

/* attribute, one that an option names, or NULL: if it is one of our own, there
 * must be what makes it, or nobody would be let in, and nobody told why. */
static gs2_status
need_decoder(const struct gs2_config *config, const char *attribute,
             struct gs2_error *err)
{
    if (attribute == NULL || config->texts[GS2_OPT_PAC_DECODER] != NULL ||
        gs2_names_find_attr(attribute, strlen(attribute)) == NULL)
        return GS2_OK;
    return gs2_fail(err, GS2_BADCONFIG,
                    "%s needs a PAC decoder, and gs2_pac_decoder is not set",
                    attribute);
}

static gs2_status
parse_rule(const struct gs2_config *config, const char *text,
           struct gs2_rule **rule_out, struct gs2_error *err)
{
    gs2_status status;

    *rule_out = NULL;
    if (text == NULL)
        return GS2_OK;
    status = gs2_rule_parse(text, &config->roles, rule_out, err);
    if (status != GS2_OK)
        return status;
    return need_decoder(config, gs2_rule_own_attribute(*rule_out), err);
}

static gs2_status
parse_map(struct gs2_config *config, const char *text, struct gs2_error *err)
{
    gs2_status status;

    if (text == NULL)
        return GS2_OK;
    status = gs2_attrmap_parse(text, &config->map, err);
    for (size_t i = 0; status == GS2_OK && i < config->map->count; i++)
        status = need_decoder(config, config->map->mappings[i].attr, err);
    return status;
}

static gs2_status
parse_tag(struct gs2_config *config, const char *text, struct gs2_error *err)
{
    if (text == NULL)
        return GS2_OK;
    if (config->texts[GS2_OPT_ROLES] == NULL)
        return gs2_fail(err, GS2_BADCONFIG,
                        "names are tagged with roles, and gs2_roles is not "
                        "set");
    return gs2_tag_parse(text, &config->tag, err);
}

gs2_status
gs2_options_parse_one(struct gs2_config *config, enum gs2_option option,
                      struct gs2_error *err)
{
    const char *text = config->texts[option];
    gs2_status status;

    switch (option) {
    case GS2_OPT_KEYTAB:
    case GS2_OPT_GSSAPI_KEYTAB:
        config->keytab = config->texts[GS2_OPT_KEYTAB] != NULL
                         ? config->texts[GS2_OPT_KEYTAB]
                         : config->texts[GS2_OPT_GSSAPI_KEYTAB];
        return GS2_OK;
    case GS2_OPT_ACCEPTOR:
        config->acceptor = text;
        return GS2_OK;
    case GS2_OPT_AUTHID:
        status = parse_authid(config, err);
        if (status == GS2_OK)
            status = check_authid_attribute(config->authid.attribute, err);
        return status == GS2_OK
               ? need_decoder(config, config->authid.attribute, err) : status;
    case GS2_OPT_ROLES:
        return text == NULL ? GS2_OK
                            : gs2_roles_parse(text, &config->roles, err);
    case GS2_OPT_TAG:
        return parse_tag(config, text, err);
    case GS2_OPT_REQUIRE:
        return parse_rule(config, text, &config->require, err);
    case GS2_OPT_PROXY_REQUIRE:
        return parse_rule(config, text, &config->proxy_require, err);
    case GS2_OPT_ATTRIBUTES:
        return parse_map(config, text, err);
    case GS2_OPT_ERROR_TOKENS:
        return gs2_options_parse_bool(text, true, &config->error_tokens, err);
    case GS2_OPT_ACCEPT_ANONYMOUS:
        return gs2_options_parse_bool(text, false, &config->accept_anonymous,
                                      err);
    case GS2_OPT_EXPORT:
        return gs2_options_parse_bool(text, false, &config->export_names, err);
    case GS2_OPT_BINDING_VERIFIED_BY:
        return check_binding_verified_by(config, err);
    case GS2_OPT_CCACHE_STORE:
        config->ccache_store = text;
        return text == NULL ? GS2_OK : gs2_ccache_name_check(text, err);
    default:
        return GS2_OK;
    }
}

gs2_status
gs2_options_parse_role(struct gs2_config *config, size_t n,
                       struct gs2_error *err)
{
    struct gs2_roles *roles = &config->roles;
    gs2_status status;

    status = gs2_roles_set_rule(roles, n, config->texts[GS2_OPTIONS + n], err);
    if (status != GS2_OK)
        return status;
    return need_decoder(config, gs2_rule_own_attribute(roles->list[n].rule),
                        err);
}

static gs2_status
parse_roles(struct gs2_config *config, struct gs2_error *err)
{
    char option[GS2_ROLE_OPTION_SIZE];
    gs2_status status = GS2_OK;
    struct gs2_error why;
    const char *name;

    for (size_t n = 0; n < config->roles.count && status == GS2_OK; n++) {
        status = gs2_options_parse_role(config, n, &why);
        name = config->roles.list[n].name;
        if (status != GS2_OK && gs2_roles_option(name, strlen(name), option))
            (void)gs2_fail(err, status, "option %s: %.*s", option,
                           GS2_TEXT_MAX / 2, why.text);
    }
    return status;
}

gs2_status
gs2_options_parse(struct gs2_config *config, struct gs2_error *err)
{
    gs2_status status = GS2_OK;
    struct gs2_error why;

    for (size_t i = 0; i < GS2_OPTIONS && status == GS2_OK; i++) {
        status = gs2_options_parse_one(config, (enum gs2_option)i, &why);
        if (status != GS2_OK)
            (void)gs2_fail(err, status, "option %s: %.*s", names[i],
                           GS2_TEXT_MAX / 2, why.text);
    }
    return status == GS2_OK ? parse_roles(config, err) : status;
}

bool
gs2_options_lists(const char *list, const struct gs2_mech *mech)
{
    return list != NULL ? gs2_mechs_named(list, mech->name)
                        : !mech->on_request;
}

bool
gs2_options_offers(const struct gs2_config *config,
                   const struct gs2_mech *mech)
{
    return gs2_options_lists(config->texts[GS2_OPT_MECHS], mech);
}

bool
gs2_options_binds_silently(const struct gs2_config *config,
                           const struct gs2_mech *mech)
{
    const char *list = config->texts[GS2_OPT_BINDING_VERIFIED_BY];

    return mech->binds_silently ||
           (list != NULL && !mech->is_krb5 &&
            gs2_mechs_named(list, mech->name));
}

bool
gs2_options_needs_binding(const struct gs2_config *config)
{
    return config->require != NULL &&
           gs2_rule_needs(config->require, &config->roles, GS2_FACT_BINDING);
}

const struct gs2_module_kind *
gs2_options_module(enum gs2_option option)
{
    static const struct gs2_module_kind decoder = {
        .what = "PAC decoder", .symbol = GS2_PAC_SYMBOL, .abi = GS2_PAC_ABI
    }, unix_groups = {
        .what = "module for Unix groups", .symbol = GS2_NSS_SYMBOL,
        .abi = GS2_NSS_ABI
    };

    if (option == GS2_OPT_PAC_DECODER)
        return &decoder;
    return option == GS2_OPT_UNIX_GROUPS ? &unix_groups : NULL;
}
