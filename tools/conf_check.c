/*
 * conf_check.c - what a server makes of a configuration (see conf_check.h).
 * Options are parsed by common/options.h, as the plugin itself does it.
 */
#include "conf_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/gss/mechs.h"
#include "common/options.h"
#include "common/text/module.h"
#include "conf_names.h"
#include "mech_list.h"
#include "print.h"
#include "served.h"

/* --- the file ------------------------------------------------------------- */

static void
check_faults(const struct conf_lines *lines, struct findings *errors)
{
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->list[i].fault != NULL)
            (void)findings_add(errors, CONF_CLOSED, &lines->list[i], 1,
                               "%s; no server starts with this file",
                               lines->list[i].fault);
    }
}

/* Cyrus does not accept an option twice. */
static void
check_twice(const struct conf_lines *lines, struct findings *errors)
{
    const struct conf_line *first;

    for (size_t i = 0; i < lines->count; i++) {
        const struct conf_line *line = &lines->list[i];

        if (line->fault != NULL || line->ignored != NULL ||
            line->key[0] == '@')
            continue;
        first = conf_file_line(lines, line->key);
        if (first != line)
            (void)findings_add(errors, CONF_CLOSED, line, 1,
                               "%s is set in line %u already; no server "
                               "starts with this file", line->key,
                               first->number);
    }
}

static void
check_file(const struct conf_file *conf, struct findings *errors)
{
    check_faults(&conf->lines, errors);
    if (!conf->imapd)
        return;
    check_faults(&conf->fallback, errors);
    check_twice(&conf->lines, errors);
    if (conf->lines.unsure == NULL &&
        conf_file_line(&conf->lines, "configdirectory") == NULL)
        (void)findings_add(errors, CONF_CLOSED, NULL, 1,
                           "configdirectory is not set; no server starts with "
                           "this file");
}

/* --- what options say ----------------------------------------------------- */

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

/* Whether mech_list names one that our file for GSSAPI has, where libsasl has
 * that file. */
static bool
lists_our_gssapi(const char *names)
{
    struct gs2_mech mechs[GS2_MECHS_GSSAPI];
    const size_t count = gs2_mechs_list_gssapi(mechs);
    bool listed = false;

    for (size_t i = 0; i < count; i++)
        listed |= mech_list_has(names, mechs[i].name) &&
                  served_by_us(mechs[i].name);
    return listed;
}

/* Why a list without a mechanism of GS2 may look as if it had one. */
static const char *
why_not_listed(const char *names)
{
    const char *word;
    size_t len;

    while (names != NULL && (word = mech_list_next(&names, &len)) != NULL) {
        if (mech_list_ignores(word, len))
            return ": libsasl 2.1.28 knows a name with -PLUS as the last word "
                   "alone";
    }
    return "";
}

/* Is there a mechanism that both lists let the server offer? */
static bool
check_mechs(const struct conf_file *view, const struct gs2_config *config,
            struct findings *errors)
{
    const struct conf_line *list = conf_file_find(view, "mech_list");
    const char *names = list != NULL ? list->value : NULL;
    struct gs2_mech mechs[GS2_MECHS_MAX];
    bool any = false, offered = false;
    struct gs2_error err;
    size_t count;

    if (gs2_mechs_list(mechs, &count, &err) != GS2_OK || count == 0)
        return true; /* it is not the configuration's fault */
    for (size_t i = 0; i < count; i++) {
        any |= gs2_options_offers(config, &mechs[i]);
        offered |= gs2_options_offers(config, &mechs[i]) &&
                   mech_list_has(names, mechs[i].name);
    }
    offered = offered || lists_our_gssapi(names);
    if (!offered && !any)
        (void)findings_add(errors, CONF_CLOSED,
                           conf_file_find(view,
                                          gs2_options_name(GS2_OPT_MECHS)), 1,
                           "gs2_mechs names no mechanism that there is");
    else if (!offered)
        (void)findings_add(errors, CONF_CLOSED, list, 1,
                           "mech_list names no mechanism of GS2%s",
                           why_not_listed(names));
    return offered;
}

/* True where the plugin can do what they say. */
static bool
check_options(const struct conf_file *view, struct gs2_config *config,
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

/* --- services ------------------------------------------------------------- */

static void
add_view(struct conf_check *check, const struct conf_file *conf,
         const char *service)
{
    struct conf_file view = *conf;
    struct gs2_config config;
    struct conf_view *one;
    bool good;

    view.service = service;
    conf_file_config(&view, &config);
    good = check_options(&view, &config, &check->errors);
    check->broken |= !good;
    good = good && check_mechs(&view, &config, &check->errors);
    gs2_options_clear(&config);
    check->views = need(reallocarray(check->views, check->view_count + 1,
                                     sizeof(*one)));
    one = &check->views[check->view_count++];
    one->service = service;
    one->word = good && !check->no_start ? CONF_IN_FORCE : CONF_CLOSED;
    one->has_rule = conf_file_find(
        &view, gs2_options_name(GS2_OPT_REQUIRE)) != NULL;
    if (one->word == CONF_IN_FORCE)
        conf_past_find(&view, &check->warnings);
}

static bool
has(char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* The services for which a line is set of libsasl's or ours. */
static void
find_services(struct conf_check *check, const struct conf_file *conf)
{
    size_t len;

    for (size_t i = 0; i < conf->lines.count; i++) {
        const struct conf_line *line = &conf->lines.list[i];
        char *name;

        (void)conf_names_base(line->key, &len);
        if (len == 0 || line->ignored != NULL)
            continue;
        name = need(strndup(line->key, len));
        if ((conf->service_count > 0 &&
             !has(conf->services, conf->service_count, name)) ||
            has(check->services, check->service_count, name)) {
            free(name);
            continue;
        }
        check->services = need(reallocarray(check->services,
                                            check->service_count + 1,
                                            sizeof(*check->services)));
        check->services[check->service_count++] = name;
    }
}

/* Whether Cyrus has services without options of their own. */
static bool
has_others(const struct conf_check *check, const struct conf_file *conf)
{
    for (size_t i = 0; i < conf->service_count; i++) {
        if (!has(check->services, check->service_count, conf->services[i]))
            return true;
    }
    return conf->service_count == 0;
}

/* --- what is not read ----------------------------------------------------- */

static bool
is_read_by(const struct conf_file *view, const struct conf_line *line)
{
    const char *at = conf_file_option(view, gs2_options_name(GS2_OPT_ROLES));
    char option[GS2_ROLE_OPTION_SIZE];
    const char *name;
    size_t len;

    for (size_t i = 0; (name = conf_names_option(i)) != NULL; i++) {
        if (conf_file_find(view, name) == line)
            return true;
    }
    while (at != NULL && (name = gs2_roles_next(&at, &len)) != NULL) {
        if (gs2_roles_option(name, len, option) &&
            conf_file_find(view, option) == line)
            return true;
    }
    return false;
}

static bool
is_read(const struct conf_check *check, const struct conf_file *conf,
        const struct conf_line *line)
{
    struct conf_file view = *conf;

    view.service = NULL;
    if (is_read_by(&view, line))
        return true;
    for (size_t i = 0; i < check->service_count; i++) {
        view.service = check->services[i];
        if (is_read_by(&view, line))
            return true;
    }
    return false;
}

static void
check_unread(struct conf_check *check, const struct conf_file *conf,
             const struct conf_lines *lines)
{
    char why[GS2_TEXT_MAX];

    for (size_t i = 0; i < lines->count; i++) {
        const struct conf_line *line = &lines->list[i];

        if (line->fault != NULL || is_read(check, conf, line) ||
            (line->ignored == NULL && !conf_names_is_ours(line)) ||
            (conf->imapd && lines == &conf->lines && line->ignored == NULL &&
             conf_file_line(lines, line->key) != line))
            continue; /* of the last one check_twice() has told */
        conf_names_explain(conf, line, why);
        (void)findings_add(&check->errors, CONF_NOT_IN_FORCE, line, 1, "%s",
                           why);
    }
}

/* --- all of it ------------------------------------------------------------ */

/* Warns if a service has no rule while another has one: whoever has a ticket
 * gets in there. */
static void
compare_views(struct conf_check *check)
{
    struct finding *found;
    bool any = false;

    for (size_t i = 0; i < check->view_count; i++)
        any |= check->views[i].has_rule;
    for (size_t i = 0; any && i < check->view_count; i++) {
        const struct conf_view *view = &check->views[i];

        if (view->has_rule || view->word == CONF_CLOSED)
            continue;
        found = findings_add(&check->warnings, CONF_IN_FORCE, NULL, 1,
                             "gs2_require is not set for %s%s: whoever has a "
                             "ticket gets in there",
                             view->service != NULL ? "the service "
                             : "services that have no options of their own",
                             view->service != NULL ? view->service : "");
        (void)snprintf(found->cure, sizeof(found->cure),
                       "set sasl_gs2_require without a service in front");
    }
}

void
conf_check(const struct conf_file *conf, bool all,
           struct conf_check *check_out)
{
    memset(check_out, 0, sizeof(*check_out));
    check_file(conf, &check_out->errors);
    check_out->no_start = check_out->errors.count > 0;
    if (!check_out->no_start)
        check_out->unsure = conf->lines.unsure;
    if (check_out->unsure != NULL)
        return; /* the part that is not known may change any of the rest */
    if (conf->imapd)
        find_services(check_out, conf);
    if (!all || has_others(check_out, conf))
        add_view(check_out, conf, conf->service);
    for (size_t i = 0; all && i < check_out->service_count; i++)
        add_view(check_out, conf, check_out->services[i]);
    compare_views(check_out);
    check_unread(check_out, conf, &conf->lines);
    check_unread(check_out, conf, &conf->fallback);
    findings_sort(&check_out->errors);
    if (findings_have(&check_out->errors, CONF_NOT_IN_FORCE))
        check_out->goes_on = CONF_NOT_IN_FORCE;
    check_out->word = findings_have(&check_out->errors, CONF_CLOSED)
                      ? CONF_CLOSED : check_out->goes_on;
}

void
conf_check_free(struct conf_check *check)
{
    for (size_t i = 0; i < check->service_count; i++)
        free(check->services[i]);
    free(check->services);
    free(check->views);
    findings_free(&check->errors);
    findings_free(&check->warnings);
    memset(check, 0, sizeof(*check));
}
