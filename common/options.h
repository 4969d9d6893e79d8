/*
 * options.h - the options of a server (libgs2(5)): what they are called and
 * what their texts say.  For the plugin, and for programs that look at a
 * configuration before a server does.
 */
#ifndef GS2_OPTIONS_H
#define GS2_OPTIONS_H

#include <stdbool.h>

#include "common/rules/attrmap.h"
#include "common/peer/identity.h"
#include "common/gss/mechs.h"
#include "nss.h"
#include "pac.h"
#include "common/rules/roles.h"
#include "common/rules/rules.h"
#include "common/text/error.h"
#include "common/text/module.h"

enum gs2_option {
    GS2_OPT_MECHS,
    GS2_OPT_KEYTAB,
    GS2_OPT_GSSAPI_KEYTAB, /* "keytab", which the GSSAPI plugin reads */
    GS2_OPT_ACCEPTOR,
    GS2_OPT_AUTHID,
    GS2_OPT_ROLES, /* before those that may speak of roles */
    GS2_OPT_TAG,
    GS2_OPT_REQUIRE,
    GS2_OPT_PROXY_REQUIRE,
    GS2_OPT_ATTRIBUTES,
    GS2_OPT_ERROR_TOKENS,
    GS2_OPT_BINDING_VERIFIED_BY,
    GS2_OPT_ACCEPT_ANONYMOUS,
    GS2_OPT_EXPORT,
    GS2_OPT_PAC_DECODER,
    GS2_OPT_UNIX_GROUPS,
    GS2_OPT_CCACHE_STORE,
    GS2_OPTIONS, /* of a server */
    GS2_OPT_ANONYMOUS = GS2_OPTIONS, /* a client's, besides GS2_OPT_MECHS */
    GS2_OPTION_NAMES
};

/* Their texts, and from GS2_OPTIONS on the rules of the roles, in the order in
 * which gs2_roles names them. */
#define GS2_TEXTS (GS2_OPTIONS + GS2_ROLES_MAX)

struct gs2_config {
    char *texts[GS2_TEXTS]; /* as configured, from malloc(); NULL: not set */

    /* What they say. */
    const char *keytab;       /* NULL for the default one */
    const char *acceptor;     /* service@host or "*"; NULL: the connection's */
    struct gs2_authid authid; /* its attribute in texts */
    const char *ccache_store; /* a pattern (ccache_name.h); NULL for none */
    struct gs2_roles roles;
    char tag; /* behind a name that has a role (tag.h); NUL for none */
    struct gs2_rule *require, *proxy_require; /* NULL for none */
    struct gs2_attrmap *map;                  /* NULL for none */
    bool error_tokens, accept_anonymous, export_names;

    /* What gs2_pac_decoder and gs2_unix_groups name, once whoever parses has
     * loaded it (common/text/module.h); NULL for none. */
    const struct gs2_pac_decoder *decoder;
    const struct gs2_nss_module *unix_groups;
};

/* The name of an option, as in a configuration file. */
const char *gs2_options_name(enum gs2_option option);

/*
 * Parses one option from config->texts, which the caller has set.
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG with what is wrong, for a rule or a map
 * with line and column.
 */
GS2_MUST_USE gs2_status gs2_options_parse_one(struct gs2_config *config,
                                              enum gs2_option option,
                                              struct gs2_error *err);

/* Parses the rule of the nth role, once GS2_OPT_ROLES is parsed.  Otherwise as
 * gs2_options_parse_one(). */
GS2_MUST_USE gs2_status gs2_options_parse_role(struct gs2_config *config,
                                               size_t n,
                                               struct gs2_error *err);

/* Parses all of them, in their order, up to the first that cannot be used: err
 * then begins with "option NAME: ". */
GS2_MUST_USE gs2_status gs2_options_parse(struct gs2_config *config,
                                          struct gs2_error *err);

/* Frees what *config holds and empties it. */
void gs2_options_clear(struct gs2_config *config);

/* What a boolean option says whose text is text, unset where that is NULL.
 * GS2_OK or GS2_BADCONFIG. */
GS2_MUST_USE gs2_status gs2_options_parse_bool(const char *text, bool unset,
                                               bool *value_out,
                                               struct gs2_error *err);

/* Whether gs2_mechs, whose text is list (NULL where it is not set), lets mech
 * be offered. */
bool gs2_options_lists(const char *list, const struct gs2_mech *mech);

/* What the module must be that this option names by its path; NULL for an
 * option that names none. */
const struct gs2_module_kind *gs2_options_module(enum gs2_option option);

/* gs2_mechs: may this mechanism be offered? */
bool gs2_options_offers(const struct gs2_config *config,
                        const struct gs2_mech *mech);

/* Whether mech refuses unbound tokens without saying so, by itself or by
 * gs2_binding_verified_by. */
bool gs2_options_binds_silently(const struct gs2_config *config,
                                const struct gs2_mech *mech);

/* Whether gs2_require refuses each login without a channel binding. */
bool gs2_options_needs_binding(const struct gs2_config *config);

#endif
