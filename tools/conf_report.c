/*
 * conf_report.c - what is said of a configuration (see conf_report.h).
 */
#include "conf_report.h"

#include <string.h>

#include "conf_names.h"
#include "conf_reader.h"
#include "document.h"
#include "print.h"
#include "report.h"
#include "report_json.h"
#include "server_environment.h"

/* --- for people ----------------------------------------------------------- */

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
    print_to(out, "^\n");
}

void
conf_report_word(FILE *out, enum conf_word word)
{
    static const enum print_style styles[] = {
        [CONF_IN_FORCE] = PRINT_GOOD, [CONF_NOT_IN_FORCE] = PRINT_DOUBT,
        [CONF_CLOSED] = PRINT_BAD,
    };

    print_styled(out, styles[word], "%s", conf_word_text(word));
}

/* Prints a finding; one that is in force is a warning. */
static void
print_finding(FILE *out, const struct conf_file *conf,
              const struct finding *f)
{
    if (f->line != NULL)
        print_to(out, "%s:%u:%u: ", f->line->path, f->line->number, f->column);
    else
        print_to(out, "%s: ", conf->path);
    if (f->word == CONF_IN_FORCE)
        print_styled(out, PRINT_DOUBT, "warning");
    else
        conf_report_word(out, f->word);
    print_folded(out, ": %s\n", f->text);
    if (f->line != NULL)
        print_place(out, f);
    if (f->cure[0] != '\0')
        print_folded(out, "  cure: %s\n", f->cure);
}

void
conf_report_errors(FILE *out, const struct conf_file *conf,
                   const struct conf_check *check)
{
    for (size_t i = 0; i < check->errors.count; i++)
        print_finding(out, conf, &check->errors.list[i]);
}

void
conf_report_warnings(FILE *out, const struct conf_file *conf,
                     const struct conf_check *check)
{
    for (size_t i = 0; i < check->warnings.count; i++)
        print_finding(out, conf, &check->warnings.list[i]);
}

/* --- for programs --------------------------------------------------------- */

static json_t *
make_findings(const struct conf_file *conf, const struct findings *findings)
{
    json_t *made = need(json_array());

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->list[i];
        json_t *one = need(json_pack(
            "{s:o, s:I, s:I, s:o}", "file",
            document_text(f->line != NULL ? f->line->path : conf->path),
            "line", (json_int_t)(f->line != NULL ? f->line->number : 0),
            "column", (json_int_t)f->column, "text", document_text(f->text)));

        if (f->word != CONF_IN_FORCE)
            document_set(one, "state", document_text(conf_word_text(f->word)));
        if (f->cure[0] != '\0')
            document_set(one, "cure", document_text(f->cure));
        document_add(made, one);
    }
    return made;
}

/* What is set for a service. */
static json_t *
make_options(const struct conf_file *view)
{
    const char *at = conf_file_option(view, gs2_options_name(GS2_OPT_ROLES));
    json_t *options = need(json_object());
    char option[GS2_ROLE_OPTION_SIZE];
    const char *name, *value;
    size_t len;

    for (size_t i = 0; (name = conf_names_option(i)) != NULL; i++) {
        value = conf_file_option(view, name);
        if (value != NULL)
            document_set(options, name, document_text(value));
    }
    while (at != NULL && (name = gs2_roles_next(&at, &len)) != NULL) {
        if (gs2_roles_option(name, len, option))
            document_set(options, option,
                         document_text(conf_file_option(view, option)));
    }
    return options;
}

static json_t *
make_views(const struct conf_file *conf, const struct conf_check *check)
{
    json_t *made = need(json_array());

    for (size_t i = 0; i < check->view_count; i++) {
        const struct conf_view *view = &check->views[i];
        struct conf_file seen = *conf;

        seen.service = view->service;
        document_add(made, json_pack(
            "{s:o, s:s, s:o}", "service", document_text(view->service),
            "state", conf_word_text(view->word), "options",
            view->word == CONF_IN_FORCE ? make_options(&seen)
                                        : json_object()));
    }
    return made;
}

json_t *
conf_report_make(const struct conf_file *conf, const struct conf_check *check)
{
    const char *server = conf->server != NULL ? conf->server->name : NULL;
    const char *state = check->unsure == NULL ? conf_word_text(check->word)
                                              : NULL;

    return need(json_pack(
        "{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "v", 1,
        "file", document_text(conf->path),
        "server", document_text(server),
        "state", document_text(state),
        "services", make_views(conf, check),
        "errors", make_findings(conf, &check->errors),
        "warnings", make_findings(conf, &check->warnings),
        "unsure", document_text(check->unsure)));
}

/* --- before a login ------------------------------------------------------- */

/* Says what is not in force or closed.  True if the server goes on. */
static bool
goes_on(const struct arguments *arguments, bool login, const char *effect,
        const struct conf_file *conf, json_t **said_out,
        struct outcome *outcome)
{
    struct conf_check check;
    json_t *document;
    bool good;

    conf_check(conf, false, &check);
    /* A list without a mechanism is left to the command itself. */
    good = check.unsure == NULL && !check.no_start && !check.broken;
    if (check.unsure != NULL)
        outcome_fail(outcome, false, SASL_FAIL,
                     "cannot tell what the server reads: %s", check.unsure);
    else if (!good)
        outcome_fail(outcome, true, SASL_BADPARAM,
                     "this configuration is closed: %s", effect);
    if (arguments->format == CMD_JSON)
        *said_out = conf_report_make(conf, &check);
    else if (arguments->format == CMD_TEXT)
        conf_report_errors(stderr, conf, &check);
    if (!good && arguments->format == CMD_TEXT)
        conf_report_warnings(stderr, conf, &check);
    if (!good && arguments->format == CMD_TEXT)
        complain("%s", outcome->text);
    if (!good && arguments->format == CMD_JSON) {
        document = report_json_begin_failure(login, outcome);
        document_update(document, *said_out);
        document_print(document);
    }
    conf_check_free(&check);
    return good;
}

bool
conf_report_open(const struct arguments *arguments, bool login,
                 const char *effect, struct conf_file *conf_out,
                 json_t **said_out, struct outcome *outcome)
{
    struct gs2_error err;

    memset(conf_out, 0, sizeof(*conf_out));
    *said_out = NULL;
    if (arguments->conf == NULL)
        return true;
    if (!conf_file_read(arguments->conf, conf_out, &err)) {
        outcome_fail_because(outcome, &err);
        (void)report_failure(arguments, login, outcome);
        return false;
    }
    server_environment_set(conf_out, arguments->as == NULL);
    conf_reader_apply(conf_out);
    conf_out->service = arguments->prefix;
    return goes_on(arguments, login, effect, conf_out, said_out, outcome);
}
