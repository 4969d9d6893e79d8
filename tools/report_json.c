/*
 * report_json.c - a report for programs (see report_json.h).
 */
#include "report_json.h"

#include <stdio.h>
#include <string.h>

#include "advice.h"
#include "json.h"

static void
put_outcome(const struct report *report)
{
    const struct inspect_outcome *outcome = report->outcome;

    json_bool("login", outcome->in);
    if (!outcome->in) {
        json_open("failure", '{');
        json_string("side", outcome->by_server ? "server" : "client");
        json_number("code", outcome->code);
        json_string("text", outcome->text);
        json_string("log", report->log);
        json_string("next", advice_for(report));
        json_close('}');
    }
    json_string("mechanism", outcome->mech[0] != '\0' ? outcome->mech : NULL);
}

static void
put_binding(const struct report *report)
{
    const struct inspect_binding *binding = report->binding;
    char hex[2 * INSPECT_BINDING_MAX + 1] = "";

    if (!report->outcome->bound) {
        json_string("binding", NULL);
        return;
    }
    json_open("binding", '{');
    json_string("type", binding->type);
    json_number("octets", (long long)binding->len);
    for (size_t i = 0; i < binding->len; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", binding->octets[i]);
    if (report->options->octets)
        json_string("hex", hex);
    json_close('}');
}

static void
put_ticket(const struct tickets *tickets)
{
    json_open("ticket", '{');
    json_string("principal", tickets->principal);
    json_number("until", tickets->until);
    json_string("cache", tickets->cache);
    json_close('}');
}

static void
put_attribute(const struct seen_attr *attr)
{
    json_open(NULL, '{');
    json_octets("name", attr->name.value, attr->name.length);
    json_bool("readable", attr->readable);
    json_bool("authenticated", attr->authenticated);
    json_bool("complete", attr->complete);
    json_open("values", '[');
    for (size_t i = 0; i < attr->count; i++) {
        json_open(NULL, '{');
        json_octets("value", attr->values[i].value, attr->values[i].length);
        if (attr->displays[i].value != NULL)
            json_octets("display", attr->displays[i].value,
                        attr->displays[i].length);
        json_close('}');
    }
    json_close(']');
    json_open("properties", '[');
    for (size_t i = 0; i < attr->property_count; i++)
        json_string(NULL, attr->properties[i]);
    json_close(']');
    json_close('}');
}

static void
put_seen(const struct seen *seen)
{
    json_string("principal", seen->principal);
    json_string("realm", seen->realm);
    json_string("authid", seen->authid);
    json_string("authzid", seen->authzid);
    json_string("local", seen->local);
    json_open("attributes", '[');
    for (size_t i = 0; i < seen->count; i++)
        put_attribute(&seen->attrs[i]);
    json_close(']');
}

static void
put_met(enum verdict met)
{
    if (met == VERDICT_UNKNOWN)
        json_string("met", NULL);
    else
        json_bool("met", met == VERDICT_TRUE);
}

static void
put_rule(const struct verdict_rule *rule)
{
    json_open(NULL, '{');
    json_string("option", rule->option);
    json_string("rule", rule->text);
    json_bool("applies", rule->applies);
    put_met(rule->met);
    json_open("comparisons", '[');
    for (size_t i = 0; i < rule->count; i++) {
        json_open(NULL, '{');
        json_string("text", rule->comparisons[i].text);
        put_met(rule->comparisons[i].met);
        json_close('}');
    }
    json_close(']');
    json_close('}');
}

static void
put_verdicts(const struct verdicts *verdicts)
{
    json_open("rules", '[');
    for (size_t i = 0; i < VERDICT_RULES; i++) {
        if (verdicts->rules[i].text != NULL)
            put_rule(&verdicts->rules[i]);
    }
    json_close(']');
}

void
reportjson_print(const struct report *report)
{
    json_open(NULL, '{');
    json_number("v", 1);
    put_outcome(report);
    json_string("service", report->service);
    json_string("host", report->host);
    if (report->offers != NULL)
        json_string("offers", report->offers);
    if (report->tls != NULL)
        json_string("tls", report->tls);
    if (report->user != NULL)
        json_string("principal", report->user);
    put_binding(report);
    put_ticket(&report->tickets);
    if (report->seen != NULL)
        put_seen(report->seen);
    if (report->verdicts != NULL)
        put_verdicts(report->verdicts);
    json_close('}');
    putchar('\n');
}
