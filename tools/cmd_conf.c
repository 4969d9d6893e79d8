/*
 * cmd_conf.c - the command conf: what is wrong with the GS2 options of a
 * configuration, and which are in force.
 */
#include "cmd.h"

#include <stdio.h>

#include "conf_report.h"
#include "document.h"
#include "print.h"
#include "report.h"

static void
print_roles(const struct conf_file *conf)
{
    const char *at = conf_file_option(conf, gs2_options_name(GS2_OPT_ROLES));
    char option[GS2_ROLE_OPTION_SIZE];
    const char *name;
    size_t len;

    while (at != NULL && (name = gs2_roles_next(&at, &len)) != NULL) {
        if (gs2_roles_option(name, len, option))
            print("  %s: %s\n", option, conf_file_option(conf, option));
    }
}

/* What is in force, so that nobody has to guess. */
static void
print_options(const struct conf_file *conf)
{
    const char *require = gs2_options_name(GS2_OPT_REQUIRE), *name, *value;

    print("%s: no error\n", conf->path);
    for (size_t i = 0; (name = conf_check_option(i)) != NULL; i++) {
        value = conf_file_option(conf, name);
        if (value != NULL)
            print("  %s: %s\n", name, value);
    }
    print_roles(conf);
    if (conf_file_option(conf, require) == NULL)
        print("  %s is not set: whoever has a ticket gets in\n", require);
}

static void
print_text(const struct conf_file *conf, const struct findings *errors,
           const struct findings *warnings)
{
    conf_report_print(stdout, conf, "", errors);
    if (errors->count == 0)
        print_options(conf);
    conf_report_print(stdout, conf, "warning: ", warnings);
}

static void
print_json(const struct conf_file *conf, const struct findings *errors,
           const struct findings *warnings)
{
    json_t *document = need(json_pack("{s:i}", "v", 1));

    conf_report_set(document, conf, errors, warnings);
    document_print(document);
}

int
cmd_conf(const struct arguments *arguments, struct outcome *outcome)
{
    struct findings errors, warnings;
    struct conf_file conf;
    struct gs2_error err;
    int status;

    if (!conf_file_read(arguments->operand, &conf, &err)) {
        outcome_fail_because(outcome, &err);
        return report_failure(arguments, false, outcome);
    }
    conf_check_errors(&conf, &errors);
    conf_check_ways_past(&conf, &warnings);
    status = errors.count > 0 ? CMD_NO : CMD_YES;
    if (arguments->format == CMD_JSON)
        print_json(&conf, &errors, &warnings);
    else
        print_text(&conf, &errors, &warnings);
    conf_check_free(&errors);
    conf_check_free(&warnings);
    conf_file_free(&conf);
    return status;
}
