/*
 * report_json.c - a report for programs (see report_json.h).
 */
#include "report_json.h"

#include <stdio.h>

#include "advice.h"
#include "document.h"
#include "print.h"

static json_t *
make_binding(const struct report *report)
{
    const struct channel_binding *binding = report->binding;
    char hex[2 * CHANNEL_BINDING_MAX + 1] = "";
    json_t *made;

    if (!report->outcome->bound)
        return json_null();
    made = need(json_pack("{s:o, s:I}", "type", document_text(binding->type),
                          "octets", (json_int_t)binding->len));
    for (size_t i = 0; i < binding->len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", binding->octets[i]);
    if (report->arguments->octets)
        document_set(made, "hex", document_text(hex));
    return made;
}

static json_t *
make_value(const gss_buffer_desc *value, const gss_buffer_desc *display)
{
    json_t *made = need(json_pack("{s:o}", "value", document_octets(
                                      value->value, value->length)));

    if (display->value != NULL)
        document_set(made, "display",
                     document_octets(display->value, display->length));
    return made;
}

static json_t *
make_attribute(const struct view_attr *attr)
{
    json_t *values = need(json_array()), *properties = need(json_array());

    for (size_t i = 0; i < attr->count; i++)
        document_add(values, make_value(&attr->values[i],
                                        &attr->displays[i]));
    for (size_t i = 0; i < attr->property_count; i++)
        document_add(properties, document_text(attr->properties[i]));
    return need(json_pack("{s:o, s:b, s:b, s:b, s:o, s:o}",
                          "name", document_octets(attr->name.value,
                                                  attr->name.length),
                          "readable", attr->readable,
                          "authenticated", attr->authenticated,
                          "complete", attr->complete,
                          "values", values, "properties", properties));
}

static void
add_view(json_t *document, const struct server_view *view)
{
    json_t *attributes = need(json_array());

    for (size_t i = 0; i < view->count; i++)
        document_add(attributes, make_attribute(&view->attrs[i]));
    document_set(document, "principal", document_text(view->principal));
    document_set(document, "realm", document_text(view->realm));
    document_set(document, "authid", document_text(view->authid));
    document_set(document, "authzid", document_text(view->authzid));
    document_set(document, "tag", document_text(view->tag));
    document_set(document, "tagged", document_text(view->tagged));
    document_set(document, "local", document_text(view->local));
    document_set(document, "attributes", attributes);
}

static json_t *
make_met(enum verdict met)
{
    return met == VERDICT_UNKNOWN ? json_null()
                                  : json_boolean(met == VERDICT_TRUE);
}

static json_t *
make_rule(const struct verdict_rule *rule)
{
    json_t *comparisons = need(json_array());

    for (size_t i = 0; i < rule->count; i++) {
        const struct verdict_comparison *c = &rule->comparisons[i];

        document_add(comparisons, json_pack("{s:o, s:o}",
                                            "text", document_text(c->text),
                                            "met", make_met(c->met)));
    }
    return need(json_pack("{s:s, s:o, s:b, s:o, s:o}",
                          "option", rule->option,
                          "rule", document_text(rule->text),
                          "applies", rule->applies,
                          "met", make_met(rule->met),
                          "comparisons", comparisons));
}

json_t *
report_json_rules(const struct verdicts *verdicts)
{
    json_t *rules = need(json_array());

    for (size_t i = 0; i < verdicts->count; i++) {
        if (verdicts->rules[i].text != NULL)
            document_add(rules, make_rule(&verdicts->rules[i]));
    }
    return rules;
}

static json_t *
make_tried(const struct probe *probe)
{
    json_t *tried = need(json_array());

    for (size_t i = 0; i < probe->count; i++) {
        const struct attempt *a = &probe->attempts[i];

        document_add(tried, json_pack("{s:s, s:b, s:o, s:b, s:o}",
                                      "binding", a->type,
                                      "bound", a->outcome.bound,
                                      "authzid", document_text(a->authzid),
                                      "login", a->outcome.in, "text",
                                      document_text(a->outcome.in
                                                    ? NULL
                                                    : a->outcome.text)));
    }
    return tried;
}

/* Up to what is known where there was no login. */
static json_t *
begin(const struct report *report)
{
    const struct outcome *outcome = report->outcome;
    json_t *document = need(json_pack("{s:i, s:b}", "v", 1, "login",
                                      outcome->in));

    if (!outcome->in)
        document_set(document, "failure", document_failure(
                         outcome, report->log, advice_for(report)));
    document_set(document, "mechanism", document_text(
                     outcome->mech[0] != '\0' ? outcome->mech : NULL));
    document_set(document, "service", document_text(report->service));
    document_set(document, "host", document_text(report->host));
    return document;
}

void
report_json_print(const struct report *report)
{
    json_t *document = begin(report);

    if (report->offers != NULL)
        document_set(document, "offers", document_text(report->offers));
    if (report->tls != NULL)
        document_set(document, "tls", document_text(report->tls));
    if (report->user != NULL)
        document_set(document, "principal", document_text(report->user));
    if (report->probe != NULL)
        document_set(document, "tried", make_tried(report->probe));
    document_set(document, "binding", make_binding(report));
    document_set(document, "ticket", document_tickets(&report->tickets));
    if (report->view != NULL)
        add_view(document, report->view);
    if (report->verdicts != NULL)
        document_set(document, "rules", report_json_rules(report->verdicts));
    document_update(document, report->conf);
    document_print(document);
}

json_t *
report_json_begin_failure(bool login, const struct outcome *outcome)
{
    json_t *document = need(json_pack("{s:i}", "v", 1));

    if (login)
        document_set(document, "login", json_false());
    document_set(document, "failure", document_failure(
                     outcome, NULL,
                     outcome->next[0] != '\0' ? outcome->next : NULL));
    return document;
}
