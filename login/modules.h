/*
 * modules.h - the modules that a server's options name (common/text/module.h):
 * the decoder of PACs (gs2_pac_decoder), the module for Unix groups
 * (gs2_unix_groups).
 */
#ifndef GS2_MODULES_H
#define GS2_MODULES_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/options.h"
#include "common/text/module.h"

/* Each as its option named it when the plugin was loaded; NULL for none. */
struct gs2_modules {
    struct gs2_module *decoder;
    struct gs2_module *unix_groups;
};

/* Loads what the options that utils sees name.  Fills the caller's *modules,
 * all NULL before, to be freed with gs2_modules_close() whatever comes back.
 * GS2_OK, also where one cannot be used, or GS2_NOMEM. */
GS2_MUST_USE gs2_status gs2_modules_open(const sasl_utils_t *utils,
                                         struct gs2_modules *modules);

/* Frees what *modules holds. */
void gs2_modules_close(struct gs2_modules *modules);

/* Puts into a configuration that was parsed what its options name; borrowed
 * from modules.  GS2_OK, or GS2_BADCONFIG, and err begins with "option
 * NAME: ". */
GS2_MUST_USE gs2_status gs2_modules_find(const struct gs2_modules *modules,
                                         struct gs2_config *config,
                                         struct gs2_error *err);

#endif
