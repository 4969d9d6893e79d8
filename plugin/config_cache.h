/*
 * config_cache.h - the configurations that a server's options were seen to have
 * (common/options.h), parsed once each and then immutable.
 *
 * An attempt at a login takes the configuration with its first message and
 * keeps it, so that it lives under one from its beginning to its end.  A
 * configuration that cannot be used lets nobody in.  The first use of each logs
 * the rules in force, or that there are none, since libsasl never says that an
 * option was misspelt.
 */
#ifndef GS2_CONFIG_CACHE_H
#define GS2_CONFIG_CACHE_H

#include "common/options.h"
#include "plugin.h"

/*
 * The configuration that utils sees.  Gives *config_out, to be returned with
 * gs2_configs_release().
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG with a text that says no more than that,
 * and the option, what is wrong with it, line and column in err's detail.
 */
GS2_MUST_USE gs2_status gs2_configs_get(struct gs2_roster *roster,
                                        const sasl_utils_t *utils,
                                        const struct gs2_config **config_out,
                                        struct gs2_error *err);

/* config may be NULL. */
void gs2_configs_release(struct gs2_roster *roster,
                         const struct gs2_config *config);

/* When the roster goes. */
void gs2_configs_free(struct gs2_roster *roster);

#endif
