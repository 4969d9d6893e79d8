/*
 * rule_verdict.c - each comparison of a server's rules (see rule_verdict.h).
 */
#include "rule_verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/options.h"
#include "common/rules/rules.h"
#include "print.h"

/* What the plugin says of a rule: one login with it alone. */
static enum verdict
put(const struct loopback *loop, const char *rule)
{
    const struct loopback_ask alone = { LOOPBACK_RULE, rule, NULL };
    enum verdict met = VERDICT_UNKNOWN;
    struct loopback again;

    loopback_again(loop, alone, &again);
    if (again.outcome.in)
        met = VERDICT_TRUE;
    else if (again.outcome.by_server && again.outcome.code == SASL_NOAUTHZ)
        met = VERDICT_FALSE;
    loopback_end(&again);
    return met;
}

/* "NAME"=*, for an attribute that has no value of the right kind. */
static char *
make_any(const char *name, size_t len)
{
    char *text = need(malloc(2 * len + 5)), *at = text;

    *at++ = '"';
    for (size_t i = 0; i < len; i++) {
        if (name[i] == '"' || name[i] == '\\')
            *at++ = '\\';
        *at++ = name[i];
    }
    memcpy(at, "\"=*", 4);
    return text;
}

static const char *
explain(const struct loopback *loop, const struct gs2_comparison *c)
{
    const bool fact = c->fact != GS2_FACT_NONE;
    char *any = make_any(c->name, c->name_len);
    const enum verdict met = put(loop, any);

    free(any);
    if (met == VERDICT_TRUE)
        return fact ? "the login has another one"
                    : "the login has other values";
    if (met == VERDICT_FALSE)
        return fact ? "the login has none"
                    : "the login has no such attribute, or an unauthenticated "
                      "one";
    return NULL;
}

struct walk {
    const struct loopback *loop;
    struct verdict_rule *rule;
};

static void
visit(void *context, const struct gs2_comparison *c)
{
    struct walk *walk = context;
    struct verdict_rule *rule = walk->rule;
    struct verdict_comparison *verdict;

    rule->comparisons = need(reallocarray(
        rule->comparisons, rule->count + 1, sizeof(*verdict)));
    verdict = &rule->comparisons[rule->count++];
    verdict->hint = NULL;
    if (asprintf(&verdict->text, "%s%.*s", c->negated ? "not " : "",
                 (int)c->source_len, rule->text + c->source_at) < 0)
        verdict->text = need(NULL);
    verdict->met = put(walk->loop, verdict->text);
    if (verdict->met == VERDICT_FALSE && !c->negated)
        verdict->hint = explain(walk->loop, c);
}

static void
ask(const struct loopback *loop, struct verdict_rule *rule)
{
    struct walk walk = { loop, rule };
    struct gs2_rule *parsed;
    struct gs2_error err;

    rule->met = VERDICT_UNKNOWN;
    if (gs2_rule_parse(rule->text, &parsed, &err) != GS2_OK)
        return;
    gs2_rule_walk(parsed, visit, &walk);
    gs2_rule_free(parsed);
    rule->met = put(loop, rule->text);
}

void
verdicts_ask(const struct loopback *loop, bool is_proxy,
             struct verdicts *verdicts_out)
{
    static const enum gs2_option options[VERDICT_RULES] = {
        GS2_OPT_REQUIRE, GS2_OPT_PROXY_REQUIRE,
    };
    struct verdict_rule *rule;

    memset(verdicts_out, 0, sizeof(*verdicts_out));
    for (size_t i = 0; i < VERDICT_RULES; i++) {
        rule = &verdicts_out->rules[i];
        rule->option = gs2_options_name(options[i]);
        rule->text = conf_file_option(loop->conf, rule->option);
        rule->applies = options[i] == GS2_OPT_REQUIRE || is_proxy;
        if (rule->text != NULL)
            ask(loop, rule);
    }
}

void
verdicts_free(struct verdicts *verdicts)
{
    for (size_t i = 0; i < VERDICT_RULES; i++) {
        for (size_t j = 0; j < verdicts->rules[i].count; j++)
            free(verdicts->rules[i].comparisons[j].text);
        free(verdicts->rules[i].comparisons);
    }
    memset(verdicts, 0, sizeof(*verdicts));
}
