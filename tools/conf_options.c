/*
 * conf_options.c - whether the plugin can do what a configuration's options say
 * (see conf_check.h).  They are parsed by common/options.h, as the plugin itself
 * does it.
 */
#include "conf_check.h"

#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/text/module.h"
#include "print.h"

/* Takes "line 1, column N: " off a text, and gives N; 1 without it. */
static unsigned
take_column(const char **text)
{
    static const char start[] = "line 1, column ";
    unsigned long column;
    char *end;

    if (strncmp(*text, start, sizeof(start) - 1) != 0)
        return 1;
    column = strtoul(*text + sizeof(start) - 1, &end, 10);
    *text = end + strspn(end, ": ");
    return (unsigned)column;
}

/* Adds the place in a rule or a map to the place in the file. */
static void
add_closed(const struct conf_file *view, const char *option,
           const struct gs2_error *err, struct findings *errors)
{
    const struct conf_line *line = conf_file_find(view, option);
    const unsigned at = (unsigned)(line->value - line->text) + 1;
    const char *text = err->text;
    const unsigned column = take_column(&text);

    (void)findings_add(errors, CONF_CLOSED, line, at + column - 1, "%s: %s",
                       option, text);
}

static bool
check_role(const struct conf_file *view, struct gs2_config *config, size_t n,
           struct findings *errors)
{
    const char *name = config->roles.list[n].name;
    const char *roles = gs2_options_name(GS2_OPT_ROLES);
    char option[GS2_ROLE_OPTION_SIZE];
    struct gs2_error err;

    if (!gs2_roles_option(name, strlen(name), option) ||
        gs2_options_parse_role(config, n, &err) == GS2_OK)
        return true;
    if (config->texts[GS2_OPTIONS + n] != NULL)
        add_closed(view, option, &err, errors);
    else
        (void)findings_add(errors, CONF_CLOSED, conf_file_find(view, roles),
                           1, "%s names the role %s, and %s is not set", roles,
                           name, option);
    return false;
}

/* A module is loaded as the plugin does it. */
static bool
check_module(const struct conf_file *view, const struct gs2_config *config,
             enum gs2_option option, struct findings *errors)
{
    const char *path = config->texts[option];
    struct gs2_module *module;
    struct gs2_error err;
    const void *table;
    bool good;

    if (gs2_module_open(path, gs2_options_module(option), &module) != GS2_OK)
        (void)need(NULL);
    good = gs2_module_get(module, path, &table, &err) == GS2_OK;
    gs2_module_close(module);
    if (!good)
        add_closed(view, gs2_options_name(option), &err, errors);
    return good;
}

bool
conf_options_check(const struct conf_file *view, struct gs2_config *config,
                   struct findings *errors)
{
    struct gs2_error err;
    bool good = true;

    for (size_t i = 0; i < GS2_OPTIONS; i++) {
        if (gs2_options_parse_one(config, (enum gs2_option)i, &err) == GS2_OK)
            continue;
        add_closed(view, gs2_options_name((enum gs2_option)i), &err, errors);
        good = false;
    }
    for (size_t n = 0; n < config->roles.count; n++)
        good &= check_role(view, config, n, errors);
    for (size_t i = 0; i < GS2_OPTIONS && good; i++) {
        if (gs2_options_module((enum gs2_option)i) != NULL)
            good = check_module(view, config, (enum gs2_option)i, errors);
    }
    return good;
}
