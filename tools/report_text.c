/*
 * report_text.c - a report for people (see report.h).
 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "report_json.h"

static void
row(const char *name, const char *value)
{
    if (value != NULL)
        printf("  %-12s %s\n", name, value);
}

static void
print_binding(const struct report *report)
{
    const struct inspect_binding *binding = report->binding;

    if (!report->outcome->bound) {
        row("binding", "none");
        return;
    }
    printf("  %-12s %s, %zu octets\n", "binding", binding->type, binding->len);
    if (!report->options->octets)
        return;
    printf("  %-12s ", "");
    for (size_t i = 0; i < binding->len; i++)
        printf("%02x", binding->octets[i]);
    putchar('\n');
}

static void
print_ticket(const struct report *report)
{
    char *text = tickets_describe(&report->tickets);

    row("ticket", text);
    free(text);
}

static void
print_facts(const struct report *report)
{
    const struct seen *seen = report->seen;

    printf("  %-12s %s@%s\n", "server", report->service, report->host);
    row("offers", report->offers);
    row("tls", report->tls);
    if (report->outcome->mech[0] != '\0')
        row("mechanism", report->outcome->mech);
    if (report->outcome->messages > 0)
        print_binding(report);
    print_ticket(report);
    row("principal", report->user);
    if (seen == NULL)
        return;
    row("principal", seen->principal);
    row("realm", seen->realm);
    row("identity", seen->authid);
    if (strcmp(seen->authid, seen->authzid) != 0)
        row("acts as", seen->authzid);
    row("local name", seen->local != NULL
                      ? seen->local : "none (auth_to_local in krb5.conf)");
}

/* --- attributes ----------------------------------------------------------- */

static void
print_value(const gss_buffer_desc *value, const gss_buffer_desc *display)
{
    if (value->length > 0 && seen_is_text(value))
        printf("    %.*s", (int)value->length, (const char *)value->value);
    else
        printf("    (%zu octets)", value->length);
    if (display->value != NULL && seen_is_text(display))
        printf("  shown as %.*s", (int)display->length,
               (const char *)display->value);
    putchar('\n');
}

static void
print_attribute(const struct seen_attr *attr)
{
    char name[256];

    gs2_escape(name, sizeof(name), attr->name.value, attr->name.length);
    if (!attr->readable) {
        printf("  %-28s cannot be read\n", name);
        return;
    }
    printf("  %-28s %-14s %-9s", name, attr->authenticated ? "yes" : "no",
           attr->complete ? "yes" : "no");
    for (size_t i = 0; i < attr->property_count; i++)
        printf(" %s", attr->properties[i]);
    puts(attr->property_count == 0 ? " none" : "");
    for (size_t i = 0; i < attr->count; i++)
        print_value(&attr->values[i], &attr->displays[i]);
}

static void
print_attributes(const struct seen *seen)
{
    if (seen->count == 0) {
        puts("\nno attributes");
        return;
    }
    printf("\n  %-28s %-14s %-9s %s\n", "attribute", "authenticated",
           "complete", "properties");
    for (size_t i = 0; i < seen->count; i++)
        print_attribute(&seen->attrs[i]);
}

/* --- rules ---------------------------------------------------------------- */

static void
print_rule(const struct verdict_rule *rule)
{
    static const char *const words[] = { "true", "false", "unknown" };

    if (rule->text == NULL) {
        printf("\n%s is not set\n", rule->option);
        return;
    }
    printf("\n%s is %s%s\n  %s\n", rule->option, words[rule->met],
           rule->applies ? "" : ", and does not apply: acts as nobody else",
           rule->text);
    for (size_t i = 0; i < rule->count; i++) {
        const struct verdict_comparison *c = &rule->comparisons[i];

        printf("    %-8s %s%s%s%s\n", words[c->met], c->text,
               c->hint != NULL ? " (" : "", c->hint != NULL ? c->hint : "",
               c->hint != NULL ? ")" : "");
    }
}

static void
print_refusal(const struct report *report)
{
    const struct inspect_outcome *outcome = report->outcome;
    const char *advice = advice_for(report);

    printf("no login: %s%s\n",
           outcome->code == SASL_NOMECH ? ""
           : outcome->by_server ? "the server refuses: "
                                : "the client gives up: ",
           outcome->text);
    if (report->log != NULL)
        printf("server's log: %s", report->log);
    if (advice != NULL)
        printf("next: %s\n", advice);
    putchar('\n');
}

void
report_print(const struct report *report)
{
    if (report->options->json) {
        reportjson_print(report);
        return;
    }
    if (!report->outcome->in)
        print_refusal(report);
    else if (report->seen != NULL)
        printf("logged in as %s\n\n", report->seen->authzid);
    else
        puts("logged in\n");
    print_facts(report);
    if (report->seen != NULL)
        print_attributes(report->seen);
    for (size_t i = 0; report->verdicts != NULL && i < VERDICT_RULES; i++)
        print_rule(&report->verdicts->rules[i]);
}
