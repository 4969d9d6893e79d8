/*
 * conf_check.c - the command conf: what is wrong with the GS2 options of a
 * configuration (see conf_check.h).  The options, and what they may say, are
 * those of common/options.h, which the plugin itself uses.
 */
#include "conf_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/options.h"
#include "common/gss/mechs.h"
#include "outcome.h"
#include "json.h"

#define OURS "gs2_"

struct finding {
    const struct conffile_line *line;
    unsigned column; /* in the line, from 1 */
    char text[GS2_TEXT_MAX];
};

struct findings {
    struct finding *list;
    size_t count;
};

static void
find(struct findings *findings, const struct conffile_line *line,
     unsigned column, const char *format, ...)
    GS2_PRINTF(4, 5);

static void
find(struct findings *findings, const struct conffile_line *line,
     unsigned column, const char *format, ...)
{
    struct finding *finding;
    va_list args;

    findings->list = inspect_need(reallocarray(
        findings->list, findings->count + 1, sizeof(*finding)));
    finding = &findings->list[findings->count++];
    finding->line = line;
    finding->column = column;
    va_start(args, format);
    (void)vsnprintf(finding->text, sizeof(finding->text), format, args);
    va_end(args);
}

/* --- names ---------------------------------------------------------------- */

/* The nth name of an option, NULL behind the last. */
static const char *
known(size_t n)
{
    if (n < GS2_OPTIONS)
        return gs2_options_name((enum gs2_option)n);
    return n == GS2_OPTIONS ? GS2_OPTION_ANONYMOUS : NULL;
}

static bool
is_known(const char *key)
{
    for (size_t i = 0; known(i) != NULL; i++) {
        if (strcmp(known(i), key) == 0)
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

    for (size_t i = 0; known(i) != NULL; i++) {
        d = distance(key, known(i));
        if (d < best && strncmp(known(i), OURS, strlen(OURS)) == 0) {
            best = d;
            name = known(i);
        }
    }
    return name;
}

/* --- one line ------------------------------------------------------------- */

/* The line that set the option before this one did, or NULL. */
static const struct conffile_line *
earlier(const struct conffile *conf, const struct conffile_line *line)
{
    for (const struct conffile_line *l = conf->lines; l < line; l++) {
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

/* Of a rule or a map, the place in it is put into the place in the file. */
static void
check_value(struct findings *findings, const struct conffile *conf,
            const struct conffile_line *line)
{
    const unsigned at = (unsigned)(line->value - line->text) + 1;
    struct gs2_config config;
    struct gs2_error err;
    const char *text = err.text;
    unsigned column;

    conffile_config(conf, &config);
    for (size_t i = 0; i < GS2_OPTIONS; i++) {
        if (strcmp(gs2_options_name((enum gs2_option)i), line->key) != 0)
            continue;
        free(config.texts[i]);
        config.texts[i] = inspect_need(strdup(line->value));
        if (gs2_options_parse_one(&config, (enum gs2_option)i, &err) ==
            GS2_OK)
            continue;
        column = take_column(&text);
        find(findings, line, at + column - 1, "%s: %s", line->key, text);
    }
    gs2_options_clear(&config);
}

static void
check_line(struct findings *findings, const struct conffile *conf,
           const struct conffile_line *line)
{
    const struct conffile_line *first = line->of_service
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

static void
check(const struct conffile *conf, struct findings *findings)
{
    for (size_t i = 0; i < conf->count; i++)
        check_line(findings, conf, &conf->lines[i]);
}

/* --- ways past the rule --------------------------------------------------- */

/* Whether a word of mech_list is a mechanism whose logins ask the rule.  What
 * gs2_mechs names is one, though this machine may lack it.  EXTERNAL is none,
 * but lets in nobody without a certificate, and is in every list that keeps
 * libsasl from its fault (SECURITY.md). */
static bool
asks_rule(const struct conffile *conf, const char *word, size_t len)
{
    const char *ours = conffile_option(conf, gs2_options_name(GS2_OPT_MECHS));
    char name[SASL_MECHNAMEMAX + 1] = "";

    if (len >= sizeof(name))
        return false;
    memcpy(name, word, len);
    return strcasecmp(name, "EXTERNAL") == 0 || inspect_is_gs2(name, len) ||
           (ours != NULL && gs2_mechs_named(ours, name));
}

/* The first line with a rule, of one service, too. */
static const struct conffile_line *
find_rule(const struct conffile *conf)
{
    const char *key = gs2_options_name(GS2_OPT_REQUIRE);

    for (size_t i = 0; i < conf->count; i++) {
        if (!conf->lines[i].misplaced &&
            strcmp(conf->lines[i].key, key) == 0)
            return &conf->lines[i];
    }
    return NULL;
}

/* What may let people in without gs2_require (SECURITY.md, "What is not
 * promised"). */
static void
warn(const struct conffile *conf, struct findings *findings)
{
    static const char alone[] = "gs2_require is asked at GS2 logins alone";
    const struct conffile_line *rule = find_rule(conf);
    const struct conffile_line *list = conffile_find(conf, "mech_list");
    size_t len;

    if (rule == NULL)
        return;
    if (list == NULL) {
        find(findings, rule, 1, "%s, and whatever else is offered (GSSAPI, "
             "PLAIN) lets people in without it: %smech_list is not set",
             alone, conf->imapd ? "sasl_" : "");
        return;
    }
    for (const char *w = list->value; w != NULL && *w != '\0'; w += len) {
        w += strspn(w, " \t");
        len = strcspn(w, " \t");
        if (len > 0 && !asks_rule(conf, w, len))
            find(findings, list, (unsigned)(w - list->text) + 1,
                 "%s: %.*s lets people in without it", alone, (int)len, w);
    }
}

/* --- what is said --------------------------------------------------------- */

/* The line with a caret under the place; a long one would only confuse. */
static void
print_place(FILE *out, const struct finding *finding)
{
    if (strlen(finding->line->text) > 100)
        return;
    (void)fprintf(out, "  %s\n  %*s^\n", finding->line->text,
                  (int)finding->column - 1, "");
}

static void
print(FILE *out, const struct conffile *conf, const char *kind,
      const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->list[i];

        (void)fprintf(out, "%s:%u:%u: %s%s\n", conf->path, f->line->number,
                      f->column, kind, f->text);
        print_place(out, f);
    }
}

size_t
checkconf_report(const struct conffile *conf)
{
    struct findings findings = { NULL, 0 };

    check(conf, &findings);
    print(stderr, conf, "", &findings);
    free(findings.list);
    return findings.count;
}

static void
put_findings(const char *name, const struct findings *findings)
{
    json_open(name, '[');
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->list[i];

        json_open(NULL, '{');
        json_number("line", f->line->number);
        json_number("column", f->column);
        json_string("text", f->text);
        json_close('}');
    }
    json_close(']');
}

static void
print_json(const struct conffile *conf, const struct findings *errors,
           const struct findings *warnings)
{
    json_open(NULL, '{');
    json_number("v", 1);
    json_string("file", conf->path);
    put_findings("errors", errors);
    put_findings("warnings", warnings);
    json_close('}');
    putchar('\n');
}

/* What is in force, so that nobody has to guess. */
static void
print_options(const struct conffile *conf)
{
    const char *value;

    printf("%s: no error\n", conf->path);
    for (size_t i = 0; known(i) != NULL; i++) {
        value = conffile_option(conf, known(i));
        if (value != NULL)
            printf("  %s: %s\n", known(i), value);
    }
    if (conffile_option(conf, gs2_options_name(GS2_OPT_REQUIRE)) == NULL)
        printf("  %s is not set: whoever has a ticket gets in\n",
               gs2_options_name(GS2_OPT_REQUIRE));
}

int
inspect_conf(const struct inspect_options *options)
{
    struct findings errors = { NULL, 0 }, warnings = { NULL, 0 };
    struct conffile conf;
    int status;

    if (!conffile_read(options->operand, &conf))
        return INSPECT_ERROR;
    check(&conf, &errors);
    warn(&conf, &warnings);
    status = errors.count > 0 ? INSPECT_NO : INSPECT_YES;
    if (options->json) {
        print_json(&conf, &errors, &warnings);
    } else {
        print(stdout, &conf, "", &errors);
        if (errors.count == 0)
            print_options(&conf);
        print(stdout, &conf, "warning: ", &warnings);
    }
    free(errors.list);
    free(warnings.list);
    conffile_free(&conf);
    return status;
}
