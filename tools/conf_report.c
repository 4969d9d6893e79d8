/*
 * conf_report.c - what is said of a configuration's errors (see
 * conf_report.h).
 */
#include "conf_report.h"

#include <string.h>

#include "document.h"
#include "print.h"
#include "report.h"
#include "report_json.h"

/* The line with a caret under the place; a long one would only confuse.  What
 * stands before the caret takes as much room as what it stands under. */
static void
print_place(FILE *out, const struct finding *finding)
{
    const char *text = finding->line->text;

    if (strlen(text) > 100)
        return;
    print_to(out, "  %s\n  ", text);
    print_room(out, text, finding->column - 1);
    (void)fputs("^\n", out);
}

void
conf_report_print(FILE *out, const struct conf_file *conf, const char *kind,
                  const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->list[i];

        print_to(out, "%s:%u:%u: %s%s\n", conf->path, f->line->number,
                 f->column, kind, f->text);
        print_place(out, f);
    }
}

static json_t *
make_findings(const struct findings *findings)
{
    json_t *made = need(json_array());

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->list[i];

        document_add(made, json_pack("{s:I, s:I, s:o}",
                                     "line", (json_int_t)f->line->number,
                                     "column", (json_int_t)f->column,
                                     "text", document_text(f->text)));
    }
    return made;
}

void
conf_report_set(json_t *document, const struct conf_file *conf,
                const struct findings *errors,
                const struct findings *warnings)
{
    document_set(document, "file", document_text(conf->path));
    document_set(document, "errors", make_findings(errors));
    document_set(document, "warnings", make_findings(warnings));
}

static void
print_document(bool login, const struct conf_file *conf,
               const struct findings *errors, const struct outcome *outcome)
{
    json_t *document = report_json_begin_failure(login, outcome);
    struct findings warnings;

    conf_check_ways_past(conf, &warnings);
    conf_report_set(document, conf, errors, &warnings);
    document_print(document);
    conf_check_free(&warnings);
}

/* Tells of the errors, if there are any: true where there is none. */
static bool
is_good(const struct arguments *arguments, bool login, const char *effect,
        const struct conf_file *conf, struct outcome *outcome)
{
    struct findings errors;
    bool good;

    conf_check_errors(conf, &errors);
    good = errors.count == 0;
    if (!good)
        outcome_fail(outcome, true, SASL_BADPARAM,
                     "with this configuration %s", effect);
    if (!good && arguments->format == CMD_TEXT) {
        conf_report_print(stderr, conf, "", &errors);
        complain("%s", outcome->text);
    } else if (!good && arguments->format == CMD_JSON) {
        print_document(login, conf, &errors, outcome);
    }
    conf_check_free(&errors);
    return good;
}

bool
conf_report_open(const struct arguments *arguments, bool login,
                 const char *effect, struct conf_file *conf_out,
                 struct outcome *outcome)
{
    struct gs2_error err;

    memset(conf_out, 0, sizeof(*conf_out));
    if (arguments->conf == NULL)
        return true;
    if (!conf_file_read(arguments->conf, conf_out, &err)) {
        outcome_fail_because(outcome, &err);
        (void)report_failure(arguments, login, outcome);
        return false;
    }
    return is_good(arguments, login, effect, conf_out, outcome);
}
