/*
 * report_text.c - a report for people (see report.h).
 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "document.h"
#include "print.h"
#include "report_json.h"
#include "watch.h"

static void
row(const char *name, const char *value)
{
    if (value != NULL)
        print("  %-12s %s\n", name, value);
}

/* A value that is a text, and goes on in the next line. */
static void
text_row(const char *name, const char *text)
{
    if (text != NULL)
        print_folded(stdout, "  %-12s %s\n", name, text);
}

static void
print_binding(const struct report *report)
{
    const struct channel_binding *binding = report->binding;

    if (!report->outcome->bound) {
        text_row("binding", report->probe != NULL && binding->len > 0
                            ? "none: the server has none, or TLS ends before "
                              "it (a proxy)" : "none");
        return;
    }
    print("  %-12s %s, %zu octets\n", "binding", binding->type, binding->len);
    if (!report->arguments->octets)
        return;
    print("  %-12s ", "");
    for (size_t i = 0; i < binding->len; i++)
        print("%02x", binding->octets[i]);
    print("\n");
}

static void
print_ticket(const struct report *report)
{
    char *text = tickets_describe(&report->tickets);

    text_row("ticket", text);
    free(text);
}

/* Where there was more than one login, all of them. */
static void
print_tried(const struct probe *probe)
{
    for (size_t i = 0; probe->count > 1 && i < probe->count; i++) {
        const struct attempt *a = &probe->attempts[i];

        print("  %-12s %s%s%s%s: %s\n", i == 0 ? "tried" : "", a->type,
              a->binding.len > 0 && a->outcome.mech[0] != '\0' &&
              !a->outcome.bound ? ", not offered" : "",
              a->authzid != NULL ? ", as " : "",
              a->authzid != NULL ? a->authzid : "", probe_word(a));
    }
}

static void
print_facts(const struct report *report)
{
    const struct server_view *view = report->view;

    print("  %-12s %s@%s\n", "server", report->service, report->host);
    text_row("offers", report->offers != NULL && report->offers[0] == '\0'
                       ? "none" : report->offers);
    row("tls", report->tls);
    if (report->probe != NULL)
        print_tried(report->probe);
    if (report->outcome->mech[0] != '\0')
        row("mechanism", report->outcome->mech);
    if (report->outcome->messages > 0)
        print_binding(report);
    print_ticket(report);
    row("principal", report->user);
    if (view == NULL)
        return;
    row("principal", view->principal);
    row("realm", view->realm);
    row("identity", view->authid);
    row("tag", view->tag);
    row("tagged name", view->tagged);
    if (strcmp(view->authid, view->authzid) != 0)
        row("acts as", view->authzid);
    row("local name", view->local != NULL
                      ? view->local : "none (auth_to_local in krb5.conf)");
}

/* --- attributes ----------------------------------------------------------- */

/* Octets, in lines of 32, where that is wanted. */
static void
print_octets(const gss_buffer_desc *value, bool verbose)
{
    print("    (%zu octets)", value->length);
    for (size_t i = 0; verbose && i < value->length; i++)
        print("%s%02x", i % 32 == 0 ? "\n      " : "",
              ((const unsigned char *)value->value)[i]);
}

static bool
is_text(const gss_buffer_desc *value)
{
    return value->length > 0 && view_is_text(value);
}

static void
print_value(const gss_buffer_desc *value, const gss_buffer_desc *display,
            bool verbose)
{
    if (is_text(value))
        print("    %.*s", (int)value->length, (const char *)value->value);
    else
        print_octets(value, verbose);
    if (display->value != NULL && view_is_text(display))
        print("  shown as %.*s", (int)display->length,
               (const char *)display->value);
    print("\n");
}

static void
print_attribute(const struct view_attr *attr, bool verbose)
{
    char name[256];

    gs2_escape(name, sizeof(name), attr->name.value, attr->name.length);
    if (!attr->readable) {
        print("  %-28s cannot be read\n", name);
        return;
    }
    print("  %-28s %-14s %-9s", name, attr->authenticated ? "yes" : "no",
           attr->complete ? "yes" : "no");
    for (size_t i = 0; i < attr->property_count; i++)
        print(" %s", attr->properties[i]);
    print("%s\n", attr->property_count == 0 ? " none" : "");
    for (size_t i = 0; i < attr->count; i++)
        print_value(&attr->values[i], &attr->displays[i], verbose);
}

/* All of its values are octets, which say nothing to anybody. */
static bool
is_binary(const struct view_attr *attr)
{
    for (size_t i = 0; i < attr->count; i++) {
        if (is_text(&attr->values[i]))
            return false;
    }
    return attr->count > 0;
}

/* Those that can be read come first. */
static void
print_attributes(const struct server_view *view, bool verbose)
{
    size_t binary = 0;

    for (size_t i = 0; i < view->count; i++)
        binary += is_binary(&view->attrs[i]);
    if (view->count == 0) {
        print("\nno attributes\n");
        return;
    }
    if (binary == view->count && !verbose) {
        print("\n%zu attributes, whose values are octets: -v shows them\n",
              binary);
        return;
    }
    print("\n  %-28s %-14s %-9s %s\n", "attribute", "authenticated",
           "complete", "properties");
    for (size_t i = 0; i < view->count; i++) {
        if (!is_binary(&view->attrs[i]))
            print_attribute(&view->attrs[i], verbose);
    }
    for (size_t i = 0; verbose && i < view->count; i++) {
        if (is_binary(&view->attrs[i]))
            print_attribute(&view->attrs[i], verbose);
    }
    if (binary > 0 && !verbose)
        print("  and %zu whose values are octets: -v shows them\n", binary);
}

/* --- rules ---------------------------------------------------------------- */

static void
print_met(enum verdict met, int width)
{
    static const struct {
        const char *word;
        enum print_style style;
    } as[] = {
        [VERDICT_TRUE] = { "true", PRINT_GOOD },
        [VERDICT_FALSE] = { "false", PRINT_BAD },
        [VERDICT_UNKNOWN] = { "unknown", PRINT_DOUBT },
    };

    print_styled(stdout, as[met].style, "%-*s", width, as[met].word);
}

static void
print_rule(const struct verdict_rule *rule)
{
    if (rule->text == NULL) {
        print("\n%s is not set\n", rule->option);
        return;
    }
    print("\n%s is ", rule->option);
    print_met(rule->met, 0);
    print("%s\n  %s\n",
          rule->applies ? "" : ", and does not apply: acts as nobody else",
          rule->text);
    for (size_t i = 0; i < rule->count; i++) {
        const struct verdict_comparison *c = &rule->comparisons[i];

        print("    ");
        print_met(c->met, 8);
        print(" %s", c->text);
        if (c->hint != NULL)
            print_folded(stdout, " (%s)", c->hint);
        print("\n");
    }
}

void
report_print_rules(const struct verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->count; i++)
        print_rule(&verdicts->rules[i]);
}

static void
print_refusal(const struct report *report)
{
    const struct outcome *outcome = report->outcome;
    const char *advice = advice_for(report);

    print_styled(stdout, PRINT_BAD, "no login");
    print_folded(stdout, ": %s%s\n",
           outcome->code == SASL_NOMECH ? ""
           : outcome->by_server ? "the server refuses: "
                                : "the client gives up: ",
           outcome->text);
    if (report->log != NULL)
        print_folded(stdout, "server's log: %s", report->log);
    if (advice != NULL)
        print_folded(stdout, "next: %s\n", advice);
    print("\n");
}

static void
print_in(const char *as, const char *user)
{
    print_styled(stdout, PRINT_GOOD, "logged in");
    print("%s%s\n\n", as, user);
}

static void
print_report(const struct report *report)
{
    if (!report->outcome->in)
        print_refusal(report);
    else if (report->view != NULL)
        print_in(" as ", report->view->authzid);
    else
        print_in("", "");
    print_facts(report);
    if (report->view != NULL)
        print_attributes(report->view, report->arguments->verbose);
    if (report->verdicts != NULL)
        report_print_rules(report->verdicts);
}

void
report_print(const struct report *report)
{
    if (!report->outcome->in && watch_is_interrupted())
        return;
    if (report->arguments->format == CMD_TEXT)
        print_report(report);
    else if (report->arguments->format == CMD_JSON)
        report_json_print(report);
}

int
report_failure(const struct arguments *arguments, bool login,
               const struct outcome *outcome)
{
    const char *next = outcome->next[0] != '\0' ? outcome->next : NULL;

    if (watch_is_interrupted())
        return outcome_status(outcome);
    if (arguments->format == CMD_TEXT)
        complain("%s%s%s", outcome->text, next != NULL ? "\nnext: " : "",
                 next != NULL ? next : "");
    else if (arguments->format == CMD_JSON)
        document_print(report_json_begin_failure(login, outcome));
    return outcome_status(outcome);
}
