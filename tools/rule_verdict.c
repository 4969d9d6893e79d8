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
put_to_plugin(const void *context, const char *rule)
{
    const struct loopback *loop = context;
    const struct loopback_ask alone = { LOOPBACK_RULE, rule, NULL };
    enum verdict met = VERDICT_UNKNOWN;
    struct loopback again;

    loopback_again(loop, alone, &again);
    if (again.outcome.in)
        met = VERDICT_TRUE;
    else if (again.outcome.by_server &&
             (again.outcome.code == SASL_NOAUTHZ ||
              again.outcome.code == SASL_NOMECH))
        met = VERDICT_FALSE;
    loopback_end(&again);
    return met;
}

struct verdict_judge
verdict_by_login(const struct loopback *loop)
{
    return (struct verdict_judge){ put_to_plugin, loop };
}

static enum verdict
put(const struct verdict_judge *judge, const char *rule)
{
    return judge->put(judge->context, rule);
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
explain(const struct verdict_judge *judge, const struct gs2_comparison *c)
{
    const bool fact = c->fact != GS2_FACT_NONE;
    char *any = make_any(c->name, c->name_len);
    const enum verdict met = put(judge, any);

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
    const struct verdict_judge *judge;
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
    verdict->met = put(walk->judge, verdict->text);
    if (verdict->met == VERDICT_FALSE && !c->negated)
        verdict->hint = explain(walk->judge, c);
}

static void
ask(const struct verdict_judge *judge, const struct gs2_roles *roles,
    struct verdict_rule *rule)
{
    struct walk walk = { judge, rule };
    struct gs2_rule *parsed;
    struct gs2_error err;

    rule->met = VERDICT_UNKNOWN;
    if (gs2_rule_parse(rule->text, roles, &parsed, &err) != GS2_OK)
        return;
    gs2_rule_walk(parsed, visit, &walk);
    gs2_rule_free(parsed);
    rule->met = put(judge, rule->text);
}

/* Adds the rule of an option; if the option is not set, nothing is asked. */
static struct verdict_rule *
add(struct verdicts *verdicts, const struct conf_file *conf, const char *option)
{
    struct verdict_rule *rule;

    verdicts->rules = need(reallocarray(
        verdicts->rules, verdicts->count + 1, sizeof(*rule)));
    rule = &verdicts->rules[verdicts->count++];
    memset(rule, 0, sizeof(*rule));
    rule->option = need(strdup(option));
    rule->text = conf_file_option(conf, option);
    rule->applies = true;
    return rule;
}

static void
add_roles(struct verdicts *verdicts, const struct conf_file *conf,
          const struct gs2_roles *roles)
{
    char option[GS2_ROLE_OPTION_SIZE];

    for (size_t n = 0; n < roles->count; n++) {
        if (gs2_roles_option(roles->list[n].name,
                             strlen(roles->list[n].name), option))
            (void)add(verdicts, conf, option);
    }
}

void
verdicts_ask(const struct conf_file *conf, struct verdict_judge judge,
             bool is_proxy, struct verdicts *verdicts_out)
{
    struct gs2_config config;
    struct gs2_error err;

    memset(verdicts_out, 0, sizeof(*verdicts_out));
    conf_file_config(conf, &config);
    (void)!gs2_options_parse_one(&config, GS2_OPT_ROLES, &err);
    add_roles(verdicts_out, conf, &config.roles);
    (void)add(verdicts_out, conf, gs2_options_name(GS2_OPT_REQUIRE));
    add(verdicts_out, conf, gs2_options_name(GS2_OPT_PROXY_REQUIRE))->applies =
        is_proxy;
    for (size_t i = 0; i < verdicts_out->count; i++) {
        if (verdicts_out->rules[i].text != NULL)
            ask(&judge, &config.roles, &verdicts_out->rules[i]);
    }
    gs2_options_clear(&config);
}

void
verdicts_free(struct verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->count; i++) {
        for (size_t j = 0; j < verdicts->rules[i].count; j++)
            free(verdicts->rules[i].comparisons[j].text);
        free(verdicts->rules[i].comparisons);
        free(verdicts->rules[i].option);
    }
    free(verdicts->rules);
    memset(verdicts, 0, sizeof(*verdicts));
}
