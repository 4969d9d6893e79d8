/*
 * modules.c - the modules that options name (see modules.h).
 */
#include "modules.h"

#include "config_file.h"

static gs2_status
open_one(const sasl_utils_t *utils, enum gs2_option option,
         struct gs2_module **module_out)
{
    bool lost = false; /* then no login is taken (config_cache.c) */

    return gs2_module_open(gs2_config_file_text(utils,
                                                gs2_options_name(option),
                                                &lost),
                           gs2_options_module(option), module_out);
}

gs2_status
gs2_modules_open(const sasl_utils_t *utils, struct gs2_modules *modules)
{
    const gs2_status status = open_one(utils, GS2_OPT_PAC_DECODER,
                                       &modules->decoder);

    return status == GS2_OK ? open_one(utils, GS2_OPT_UNIX_GROUPS,
                                       &modules->unix_groups) : status;
}

void
gs2_modules_close(struct gs2_modules *modules)
{
    gs2_module_close(modules->decoder);
    gs2_module_close(modules->unix_groups);
}

static gs2_status
find_one(const struct gs2_module *loaded, const struct gs2_config *config,
         enum gs2_option option, const void **table_out,
         struct gs2_error *err)
{
    struct gs2_error why;

    if (gs2_module_get(loaded, config->texts[option], table_out,
                       &why) == GS2_OK)
        return GS2_OK;
    return gs2_fail(err, GS2_BADCONFIG, "option %s: %.*s",
                    gs2_options_name(option), GS2_TEXT_MAX / 2, why.text);
}

gs2_status
gs2_modules_find(const struct gs2_modules *modules, struct gs2_config *config,
                 struct gs2_error *err)
{
    const void *table;
    gs2_status status = find_one(modules->decoder, config, GS2_OPT_PAC_DECODER,
                                 &table, err);

    config->decoder = table;
    if (status == GS2_OK)
        status = find_one(modules->unix_groups, config, GS2_OPT_UNIX_GROUPS,
                          &table, err);
    config->unix_groups = status == GS2_OK ? table : NULL;
    return status;
}
