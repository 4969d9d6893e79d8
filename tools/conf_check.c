/*
 * conf_check.c - what is wrong with the GS2 options of a configuration (see
 * conf_check.h).  The options, and what they may say, are
 * those of common/options.h, which the plugin itself uses.
 */
#include "conf_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sasl/sasl.h>

#include "common/options.h"
#include "common/gss/mechs.h"
#include "mech_name.h"
#include "print.h"

#define OURS "gs2_"
#define ROLE_OPTION "gs2_role_"

static void
find(struct findings *findings, const struct conf_file_line *line,
     unsigned column, const char *format, ...)
    GS2_PRINTF(4, 5);

static void
find(struct findings *findings, const struct conf_file_line *line,
     unsigned column, const char *format, ...)
{
    struct finding *finding;
    va_list args;

    findings->list = need(reallocarray(
        findings->list, findings->count + 1, sizeof(*finding)));
    finding = &findings->list[findings->count++];
    finding->line = line;
    finding->column = column;
    va_start(args, format);
    (void)vsnprintf(finding->text, sizeof(finding->text), format, args);
    va_end(args);
}

/* --- names ---------------------------------------------------------------- */

const char *
conf_check_option(size_t n)
{
    return n < GS2_OPTION_NAMES ? gs2_options_name((enum gs2_option)n) : NULL;
}

static bool
is_role_option(const char *key)
{
    return strncmp(key, ROLE_OPTION, strlen(ROLE_OPTION)) == 0;
}

static bool
is_known(const char *key)
{
    if (is_role_option(key))
        return true;
    for (size_t i = 0; conf_check_option(i) != NULL; i++) {
        if (strcmp(conf_check_option(i), key) == 0)
            return true;
    }
    return false;
}

static size_t
least(size_t a, size_t b, size_t c)
{
    const size_t d = a < b ? a : b;

    return d < c ? d : c;
}

/* Letters to change, to add and to take away to make b of a. */
static size_t
distance(const char *a, const char *b)
{
    size_t row[64], corner, above;
    const size_t len = strlen(b);

    if (len >= sizeof(row) / sizeof(row[0]))
        return len;
    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        corner = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < len; j++) {
            above = row[j + 1];
            row[j + 1] = least(above + 1, row[j] + 1,
                               corner + (a[i] != b[j]));
            corner = above;
        }
    }
    return row[len];
}

static const char *
nearest(const char *key)
{
    const char *name = NULL;
    size_t best = 4, d;

    for (size_t i = 0; conf_check_option(i) != NULL; i++) {
        const char *option = conf_check_option(i);

        d = distance(key, option);
        if (d < best && strncmp(option, OURS, strlen(OURS)) == 0) {
            best = d;
            name = option;
        }
    }
    return name;
}

/* --- one line ------------------------------------------------------------- */

/* The line that set the option before this one did, or NULL. */
static const struct conf_file_line *
earlier(const struct conf_file *conf, const struct conf_file_line *line)
{
    for (const struct conf_file_line *l = conf->lines; l < line; l++) {
        if (strcmp(l->key, line->key) == 0 &&
            l->misplaced == line->misplaced && !l->of_service)
            return l;
    }
    return NULL;
}

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

/* The place in a rule or a map is put into the place in the file. */
static void
find_in_value(struct findings *findings, const struct conf_file_line *line,
              const struct gs2_error *err)
{
    const unsigned at = (unsigned)(line->value - line->text) + 1;
    const char *text = err->text;
    const unsigned column = take_column(&text);

    find(findings, line, at + column - 1, "%s: %s", line->key, text);
}

static void
set_text(char **text, const char *value)
{
    free(*text);
    *text = need(strdup(value));
}

/* The line is of the nth role, or of another option. */
static bool
is_of_role(const struct conf_file_line *line, const struct gs2_roles *roles,
           size_t n)
{
    const char *name = roles->list[n].name;
    char option[GS2_ROLE_OPTION_SIZE];

    return gs2_roles_option(name, strlen(name), option) &&
           strcmp(option, line->key) == 0;
}

/* The line has the rule of a role, if of one that there is. */
static void
check_role(struct findings *findings, const struct conf_file_line *line,
           struct gs2_config *config)
{
    struct gs2_error err;
    size_t n = 0;

    while (n < config->roles.count && !is_of_role(line, &config->roles, n))
        n++;
    if (n == config->roles.count) {
        find(findings, line, 1, "%s has no effect: gs2_roles does not name "
             "the role", line->key);
        return;
    }
    set_text(&config->texts[GS2_OPTIONS + n], line->value);
    /* There may be so many comparisons in the rules of all. */
    for (size_t m = 0; m < n; m++)
        (void)!gs2_options_parse_role(config, m, &err);
    if (gs2_options_parse_role(config, n, &err) != GS2_OK)
        find_in_value(findings, line, &err);
}

/* Each role that the line names has a rule. */
static void
check_roles(struct findings *findings, const struct conf_file_line *line,
            const struct gs2_config *config)
{
    for (size_t n = 0; n < config->roles.count; n++) {
        if (config->texts[GS2_OPTIONS + n] == NULL)
            find(findings, line, 1, "%s names the role %s, and "
                 ROLE_OPTION "%s is not set", line->key,
                 config->roles.list[n].name, config->roles.list[n].name);
    }
}

static void
check_value(struct findings *findings, const struct conf_file *conf,
            const struct conf_file_line *line)
{
    struct gs2_config config;
    struct gs2_error err;
    bool is_roles, good; /* the list of roles */

    conf_file_config(conf, &config);
    good = gs2_options_parse_one(&config, GS2_OPT_ROLES, &err) == GS2_OK;
    if (is_role_option(line->key) && good)
        check_role(findings, line, &config);
    for (size_t i = 0; i < GS2_OPTIONS; i++) {
        if (strcmp(gs2_options_name((enum gs2_option)i), line->key) != 0)
            continue;
        is_roles = i == GS2_OPT_ROLES;
        if (is_roles)
            gs2_roles_clear(&config.roles);
        set_text(&config.texts[i], line->value);
        if (gs2_options_parse_one(&config, (enum gs2_option)i, &err) != GS2_OK)
            find_in_value(findings, line, &err);
        else if (is_roles)
            check_roles(findings, line, &config);
    }
    gs2_options_clear(&config);
}

static void
check_line(struct findings *findings, const struct conf_file *conf,
           const struct conf_file_line *line)
{
    const struct conf_file_line *first = line->of_service
                                        ? NULL : earlier(conf, line);
    const char *guess;

    if (line->fault != NULL) {
        find(findings, line, 1, "%s; no server starts with this file",
             line->fault);
        return;
    }
    if (strncmp(line->key, OURS, strlen(OURS)) != 0)
        return;
    guess = nearest(line->key);
    if (!is_known(line->key))
        find(findings, line, 1, "there is no option %s%s%s", line->key,
             guess != NULL ? "; is it " : "", guess != NULL ? guess : "");
    else if (line->misplaced && conf->imapd)
        find(findings, line, 1, "%s is not read: in imapd.conf it is "
             "sasl_%s", line->key, line->key);
    else if (line->misplaced)
        find(findings, line, 1, "sasl_%s is not read: but for imapd.conf it "
             "is %s", line->key, line->key);
    else if (first != NULL)
        find(findings, line, 1, "%s is set in line %u already, and that one "
             "counts", line->key, first->number);
    else
        check_value(findings, conf, line);
}

void
conf_check_errors(const struct conf_file *conf, struct findings *errors_out)
{
    memset(errors_out, 0, sizeof(*errors_out));
    for (size_t i = 0; i < conf->count; i++)
        check_line(errors_out, conf, &conf->lines[i]);
}

/* --- ways past the rule --------------------------------------------------- */

/* Whether a word of mech_list is a mechanism whose logins ask the rule.  What
 * gs2_mechs names is one, though this machine may lack it.  EXTERNAL is none,
 * but lets in nobody without a certificate, and is in every list that keeps
 * libsasl from its fault (SECURITY.md). */
static bool
asks_rule(const struct conf_file *conf, const char *word, size_t len)
{
    const char *ours = conf_file_option(conf, gs2_options_name(GS2_OPT_MECHS));
    char name[SASL_MECHNAMEMAX + 1] = "";

    if (len >= sizeof(name))
        return false;
    memcpy(name, word, len);
    return strcasecmp(name, "EXTERNAL") == 0 || mech_name_is_gs2(name, len) ||
           (ours != NULL && gs2_mechs_named(ours, name));
}

/* The first line with an option, of one service, too. */
static const struct conf_file_line *
find_option(const struct conf_file *conf, enum gs2_option option)
{
    for (size_t i = 0; i < conf->count; i++) {
        if (!conf->lines[i].misplaced &&
            strcmp(conf->lines[i].key, gs2_options_name(option)) == 0)
            return &conf->lines[i];
    }
    return NULL;
}

/* What else lets people in, beside an option that is for GS2 logins alone, as
 * alone says. */
static void
check_ways_past(struct findings *findings, const struct conf_file *conf,
                enum gs2_option option, const char *alone, const char *whom)
{
    const struct conf_file_line *line = find_option(conf, option);
    const struct conf_file_line *list = conf_file_find(conf, "mech_list");
    size_t len;

    if (line == NULL)
        return;
    if (list == NULL) {
        find(findings, line, 1, "%s, and whatever else is offered (GSSAPI, "
             "PLAIN) lets %s: %smech_list is not set", alone, whom,
             conf->imapd ? "sasl_" : "");
        return;
    }
    for (const char *w = list->value; w != NULL && *w != '\0'; w += len) {
        w += strspn(w, " \t");
        len = strcspn(w, " \t");
        if (len > 0 && !asks_rule(conf, w, len))
            find(findings, list, (unsigned)(w - list->text) + 1,
                 "%s: %.*s lets %s", alone, (int)len, w, whom);
    }
}

void
conf_check_ways_past(const struct conf_file *conf,
                     struct findings *warnings_out)
{
    memset(warnings_out, 0, sizeof(*warnings_out));
    check_ways_past(warnings_out, conf, GS2_OPT_REQUIRE,
                    "gs2_require is asked at GS2 logins alone",
                    "people in without it");
    check_ways_past(warnings_out, conf, GS2_OPT_TAG,
                    "gs2_tag refuses names with the character at GS2 logins "
                    "alone", "in whoever has such a name");
}

void
conf_check_free(struct findings *findings)
{
    free(findings->list);
    memset(findings, 0, sizeof(*findings));
}
