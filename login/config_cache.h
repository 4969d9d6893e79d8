/*
 * config_cache.h - the configurations that a server's options were seen to
 * have (common/options.h), parsed once each and then immutable.
 *
 * An attempt at a login takes a configuration with its first message and keeps
 * it to its end.  A configuration that cannot be used lets nobody in.  The
 * first use of each logs the rules in force, or that there are none, since
 * libsasl never says that an option was misspelt.
 */
#ifndef GS2_CONFIG_CACHE_H
#define GS2_CONFIG_CACHE_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/options.h"
#include "common/text/cache.h"
#include "modules.h"

/* Of a struct gs2_config_cache's cache. */
extern const struct gs2_cache_kind gs2_config_cache_kind;

struct gs2_config_cache {
    const char *family; /* of the mechanisms, for the log: "GS2" */
    struct gs2_cache cache;
    struct gs2_modules modules; /* what options name, loaded */
};

/*
 * The configuration that utils sees.  Gives *config_out, held until
 * gs2_config_cache_drop().
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG with a text that says no more than that,
 * and the option, what is wrong with it, line and column in err's detail.
 */
GS2_MUST_USE gs2_status
gs2_config_cache_hold(struct gs2_config_cache *configs,
                      const sasl_utils_t *utils,
                      const struct gs2_config **config_out,
                      struct gs2_error *err);

/* config may be NULL. */
void gs2_config_cache_drop(struct gs2_config_cache *configs,
                           const struct gs2_config *config);

#endif
