/*
 * config.h - the options of a server (libgs2(5)), parsed once for each distinct
 * configuration and then immutable.
 *
 * An attempt at a login takes the configuration with its first message and
 * keeps it, so that it lives under one from its beginning to its end.  A
 * configuration that cannot be used lets nobody in.  The first use of each logs
 * the rules in force, or that there are none, since libsasl never says that an
 * option was misspelt.
 */
#ifndef GS2_CONFIG_H
#define GS2_CONFIG_H

#include "common/attrmap.h"
#include "common/identity.h"
#include "common/rules.h"
#include "plugin.h"

enum gs2_option {
    GS2_OPT_MECHS,
    GS2_OPT_KEYTAB,
    GS2_OPT_GSSAPI_KEYTAB, /* "keytab", which the GSSAPI plugin reads */
    GS2_OPT_ACCEPTOR,
    GS2_OPT_AUTHID,
    GS2_OPT_REQUIRE,
    GS2_OPT_PROXY_REQUIRE,
    GS2_OPT_ATTRIBUTES,
    GS2_OPT_ERROR_TOKENS,
    GS2_OPT_BINDING_VERIFIED_BY,
    GS2_OPT_ACCEPT_ANONYMOUS,
    GS2_OPT_EXPORT,
    GS2_OPTIONS
};

struct gs2_config {
    char *texts[GS2_OPTIONS]; /* as configured; NULL where not set */

    /* What they say. */
    const char *keytab;       /* NULL for the default one */
    const char *acceptor;     /* service@host or "*"; NULL: the connection's */
    enum gs2_authid_source authid;
    const char *authid_attribute;     /* with GS2_AUTHID_ATTRIBUTE */
    struct gs2_rule *require, *proxy_require; /* NULL for none */
    struct gs2_attrmap *map;                  /* NULL for none */
    bool error_tokens, accept_anonymous, export_names;

    gs2_status status;        /* not GS2_OK: something cannot be used */
    struct gs2_error why;     /* for the log */
    size_t holders;           /* under the roster's lock */
    struct gs2_config *next;
};

/*
 * The configuration that utils sees.  Gives *config_out, to be returned with
 * gs2_config_release().
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG with a text that says no more than that,
 * and the option, what is wrong with it, line and column in err's detail.
 */
GS2_MUST_USE gs2_status gs2_config_get(struct gs2_roster *roster,
                                       const sasl_utils_t *utils,
                                       const struct gs2_config **config_out,
                                       struct gs2_error *err);

/* config may be NULL. */
void gs2_config_release(struct gs2_roster *roster,
                        const struct gs2_config *config);

/* When the roster goes. */
void gs2_config_free_all(struct gs2_roster *roster);

/* gs2_mechs: may this mechanism be offered? */
bool gs2_config_offers(const struct gs2_config *config,
                       const struct gs2_mech *mech);

/* Whether mech refuses unbound tokens without saying so, by itself or by
 * gs2_binding_verified_by. */
bool gs2_config_binds_silently(const struct gs2_config *config,
                               const struct gs2_mech *mech);

#endif
