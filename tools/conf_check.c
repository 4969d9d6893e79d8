/*
 * conf_check.c - what a server makes of a configuration (see conf_check.h).
 */
#include "conf_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "conf_names.h"
#include "print.h"

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

/* Adds that the server's user cannot read lines, if so. */
static void
check_unread(const struct conf_lines *lines, enum conf_word word,
             struct findings *errors)
{
    struct finding *found;

    if (lines->unread == NULL)
        return;
    found = findings_add(errors, word, NULL, 1, "%s", lines->unread);
    if (lines->cure != NULL)
        (void)snprintf(found->cure, sizeof(found->cure), "%s", lines->cure);
}

/* Adds what keeps the server from starting.  A file of libsasl's that it perhaps
 * cannot read does not. */
static void
check_file(const struct conf_file *conf, struct findings *errors)
{
    if (conf->imapd || conf->lines.unsure == NULL)
        check_faults(&conf->lines, errors);
    if (!conf->imapd)
        return;
    check_unread(&conf->lines, CONF_CLOSED, errors);
    if (conf->fallback.unsure == NULL)
        check_faults(&conf->fallback, errors);
    check_twice(&conf->lines, errors);
    if (conf->lines.unsure == NULL &&
        conf_file_line(&conf->lines, "configdirectory") == NULL)
        (void)findings_add(errors, CONF_CLOSED, NULL, 1,
                           "configdirectory is not set; no server starts with "
                           "this file");
}

/* --- services ------------------------------------------------------------- */

/* The word for what a file of ours makes of a view. */
static enum conf_word
check_view(struct conf_check *check, const struct conf_file *view)
{
    struct gs2_config config;
    bool good;

    conf_file_config(view, &config);
    good = conf_options_check(view, &config, &check->errors);
    check->broken |= !good;
    good = good && conf_mechs_check(view, &config, &check->errors);
    gs2_options_clear(&config);
    return good && !check->no_start ? CONF_IN_FORCE : CONF_CLOSED;
}

/* The same of another's. */
static enum conf_word
check_others(struct conf_check *check, const struct conf_file *view)
{
    struct served served;

    conf_mechs_find_file(&served);
    if (check->no_start)
        return CONF_CLOSED;
    return conf_unread_by_others(view, served.path, &check->errors)
           ? CONF_NOT_IN_FORCE : CONF_IN_FORCE;
}

/* GS2 is another's, alone or beside our GSSAPI. */
static void
warn_of_others(struct conf_check *check)
{
    struct served served;

    conf_mechs_find_file(&served);
    (void)findings_add(&check->warnings, CONF_IN_FORCE, NULL, 1,
                       "libsasl has GS2 from %s, which is not of "
                       "cyrus-sasl-gs2 and asks no rule", served.path);
}

static void
add_view(struct conf_check *check, const struct conf_file *conf,
         const char *service)
{
    struct conf_file view = *conf;
    struct conf_view *one;
    bool others;

    view.service = service;
    others = conf_mechs_are_others(&view);
    check->views = need(reallocarray(check->views, check->view_count + 1,
                                     sizeof(*one)));
    one = &check->views[check->view_count++];
    one->service = service;
    one->word = others ? check_others(check, &view) : check_view(check, &view);
    one->has_rule = !others && conf_file_find(
        &view, gs2_options_name(GS2_OPT_REQUIRE)) != NULL;
    one->has_others = conf_mechs_have_others(&view);
    if (one->word == CONF_CLOSED && !check->no_start)
        conf_past_closed(&view, &check->warnings);
    if (one->word != CONF_IN_FORCE)
        return;
    if (one->has_others)
        warn_of_others(check);
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

/* Adds the files of libsasl's that the server goes on without. */
static void
check_libsasl_files(const struct conf_file *conf, struct findings *errors)
{
    check_unread(conf->imapd ? &conf->fallback : &conf->lines,
                 CONF_NOT_IN_FORCE, errors);
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

        if (view->has_rule || view->word != CONF_IN_FORCE)
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

/* Whether a service depends on a file of which nothing can be told. */
static bool
find_unknown(const struct conf_check *check, const struct conf_file *conf,
             bool all, struct served *served_out)
{
    struct conf_file view = *conf;

    if ((!all || has_others(check, conf)) &&
        conf_mechs_find_unknown(&view, served_out))
        return true;
    for (size_t i = 0; all && i < check->service_count; i++) {
        view.service = check->services[i];
        if (conf_mechs_find_unknown(&view, served_out))
            return true;
    }
    return false;
}

/* Why it cannot be told what the server makes of a file; NULL where it can.
 * Gives. */
static char *
find_unsure(const struct conf_check *check, const struct conf_file *conf,
            bool all)
{
    struct served served;
    char *why;

    if (conf->unsure != NULL)
        return need(strdup(conf->unsure));
    if (!find_unknown(check, conf, all, &served))
        return NULL;
    if (asprintf(&why, "libsasl may have GS2 or GSSAPI from %s, %s",
                 served.path, served.why) < 0)
        why = need(NULL);
    return why;
}

/* What is said of each service, where that can be told. */
static void
add_views(struct conf_check *check, const struct conf_file *conf, bool all)
{
    if (!all || has_others(check, conf))
        add_view(check, conf, conf->service);
    for (size_t i = 0; all && i < check->service_count; i++)
        add_view(check, conf, check->services[i]);
    compare_views(check);
}

void
conf_check(const struct conf_file *conf, bool all,
           struct conf_check *check_out)
{
    const char *unsure = conf->lines.unsure != NULL ? conf->lines.unsure
                                                    : conf->fallback.unsure;

    memset(check_out, 0, sizeof(*check_out));
    check_file(conf, &check_out->errors);
    check_out->no_start = check_out->errors.count > 0;
    if (!check_out->no_start && unsure != NULL) {
        check_out->unsure = need(strdup(unsure));
        return; /* the part that is not known may change any of the rest */
    }
    check_libsasl_files(conf, &check_out->errors);
    if (conf->imapd)
        find_services(check_out, conf);
    if (!check_out->no_start)
        check_out->unsure = find_unsure(check_out, conf, all);
    if (check_out->unsure == NULL)
        add_views(check_out, conf, all);
    conf_unread_find(check_out, conf);
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
    free(check->unsure);
    findings_free(&check->errors);
    findings_free(&check->warnings);
    memset(check, 0, sizeof(*check));
}
