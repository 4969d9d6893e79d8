/*
 * cmd_conf.c - the command conf: what a server makes of a configuration.  It
 * reads files alone, so that it can run before the server starts.
 */
#include "cmd.h"

#include <stdio.h>

#include "conf_names.h"
#include "conf_reader.h"
#include "conf_report.h"
#include "document.h"
#include "print.h"
#include "report.h"
#include "server_environment.h"

static void
print_roles(const struct conf_file *view)
{
    const char *at = conf_file_option(view, gs2_options_name(GS2_OPT_ROLES));
    char option[GS2_ROLE_OPTION_SIZE];
    const char *name;
    size_t len;

    while (at != NULL && (name = gs2_roles_next(&at, &len)) != NULL) {
        if (gs2_roles_option(name, len, option))
            print("  %s: %s\n", option, conf_file_option(view, option));
    }
}

/* The options as the server sees them, so that nobody has to guess. */
static void
print_options(const struct conf_file *view)
{
    const char *require = gs2_options_name(GS2_OPT_REQUIRE), *name, *value;

    for (size_t i = 0; (name = conf_names_option(i)) != NULL; i++) {
        value = conf_file_option(view, name);
        if (value != NULL)
            print("  %s: %s\n", name, value);
    }
    print_roles(view);
    if (conf_file_option(view, require) == NULL)
        print("  %s is not set: whoever has a ticket gets in\n", require);
}

/* What the word for a service means. */
static const char *
meaning(const struct conf_check *check, const struct conf_view *view)
{
    if (view->word == CONF_CLOSED && check->no_start)
        return ": no server starts with this file";
    if (view->word == CONF_CLOSED && view->has_others)
        return ": nobody gets in by cyrus-sasl-gs2; see the warning";
    if (view->word == CONF_CLOSED)
        return ": nobody gets in by GS2";
    if (view->word == CONF_NOT_IN_FORCE)
        return ": no login asks a rule, and whoever has a ticket gets in";
    return check->goes_on == CONF_NOT_IN_FORCE
           ? ": the server goes on with the rest" : "";
}

/* Prints one service and its word; if the server goes on without a line, that
 * is the word of the whole. */
static void
print_view(const struct conf_file *conf, const struct conf_check *check,
           const struct conf_view *view)
{
    struct conf_file seen = *conf;

    seen.service = view->service;
    print("%s", conf->path);
    if (view->service != NULL)
        print(", service %s", view->service);
    print(": ");
    conf_report_word(stdout, view->word == CONF_CLOSED ? CONF_CLOSED
                                                       : check->goes_on);
    print_folded(stdout, "%s\n", meaning(check, view));
    if (view->word == CONF_IN_FORCE)
        print_options(&seen);
}

/* Whether somebody gets in by GS2 without a rule. */
static bool
lacks_rule(const struct conf_check *check)
{
    for (size_t i = 0; i < check->view_count; i++) {
        const struct conf_view *view = &check->views[i];

        if (view->word != CONF_CLOSED && (!view->has_rule || view->has_others))
            return true;
    }
    return false;
}

static void
print_text(const struct arguments *arguments, const struct conf_file *conf,
           const struct conf_check *check)
{
    conf_report_errors(stdout, conf, check);
    for (size_t i = 0; i < check->view_count; i++)
        print_view(conf, check, &check->views[i]);
    conf_report_warnings(stdout, conf, check);
    if (check->unsure != NULL)
        print_folded(stdout, "%s: cannot tell: %s\n", conf->path,
                     check->unsure);
    if (arguments->require_rule && lacks_rule(check))
        print_folded(stdout, "%s: no, since --require-rule wants gs2_require "
                     "for each service, and asked at each login by GS2\n",
                     conf->path);
}

static int
status_of(const struct arguments *arguments, const struct conf_check *check)
{
    if (check->unsure != NULL)
        return CMD_ERROR;
    if (check->word != CONF_IN_FORCE)
        return CMD_NO;
    return arguments->require_rule && lacks_rule(check) ? CMD_NO : CMD_YES;
}

int
cmd_conf(const struct arguments *arguments, struct outcome *outcome)
{
    struct conf_check check;
    struct conf_file conf;
    struct gs2_error err;
    int status;

    if (!conf_file_read(arguments->operand, &conf, &err)) {
        outcome_fail_because(outcome, &err);
        return report_failure(arguments, false, outcome);
    }
    server_environment_set(&conf, false);
    conf_reader_apply(&conf);
    conf.service = arguments->prefix;
    conf_check(&conf, arguments->prefix == NULL, &check);
    status = status_of(arguments, &check);
    if (arguments->format == CMD_JSON)
        document_print(conf_report_make(&conf, &check));
    else
        print_text(arguments, &conf, &check);
    conf_check_free(&check);
    conf_file_free(&conf);
    return status;
}
