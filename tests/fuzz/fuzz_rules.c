/*
 * fuzz_rules.c - fuzz harness of the rule parser and of the evaluation of
 * rules (the grammar is in rules.h; row A6 of doc/gs2.md).
 *
 * The first octet of the input decides which comparisons are met and which
 * one fails, the rest is a rule.  Whatever the answers: a rule that is met
 * stays met where the peer has more attributes, none is met where the peer has
 * nothing at all, so that none is ever met by an absence; and one whose answer
 * cannot be had is not met.
 */
#include <string.h>

#include "fuzz.h"
#include "common/rules/roles.h"

/* Which attributes the login has; with NOTHING, no facts either. */
enum having { NOTHING, NONE, SOME, ALL };

struct login {
    uint8_t seed;
    enum having having;
    unsigned fails_at; /* the comparison that is not answered; 0: none */
    unsigned asked;
    int lacks; /* a fact, or -1 */
};

static struct gs2_error err;

/* One role, which only a bound login has. */
#define RULE_OF_ROLE "gs2:binding=*"
static struct gs2_roles roles = { .count = 1, .list = { { "a", NULL } } };

/* Any answer, but always the same to the same comparison. */
static bool
drawn(uint8_t seed, const char *name, const void *value, size_t len)
{
    const unsigned char *p = value;
    uint32_t h = 2166136261U ^ seed;

    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 16777619U;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 16777619U;
    return (h >> 13 & 1) != 0;
}

static gs2_status
answer(void *context, const struct gs2_comparison *c,
       enum gs2_rule_answer *answer_out, struct gs2_error *error)
{
    struct login *login = context;
    const bool any = drawn(login->seed, c->name, c->value, c->value_len);

    MUST(c->name_len > 0 && strlen(c->name) == c->name_len);
    MUST(c->value != NULL || c->value_len == 0);
    MUST(c->fact == gs2_names_find_fact(c->name, c->name_len));
    if (++login->asked == login->fails_at)
        return gs2_fail(error, GS2_FAIL, "not known");
    MUST(*answer_out == GS2_RULE_UNKNOWN);
    if (login->having == NOTHING || (int)c->fact == login->lacks ||
        (c->fact == GS2_FACT_ROLE && login->lacks == GS2_FACT_BINDING))
        return GS2_OK;
    if (c->fact != GS2_FACT_NONE) {
        if (drawn(login->seed, c->name, "there", 5))
            *answer_out = any || c->value == NULL ? GS2_RULE_YES : GS2_RULE_NO;
        return GS2_OK;
    }
    MUST(!gs2_names_is_ours(c->name, c->name_len) ||
         gs2_names_find_attr(c->name, c->name_len) != NULL);
    if (login->having == ALL || (login->having == SOME && any))
        *answer_out = GS2_RULE_YES;
    return GS2_OK;
}

static bool
is_met(const struct gs2_rule *rule, uint8_t seed, enum having having)
{
    struct login login = { seed, having, 0, 0, -1 };
    gs2_status status = gs2_rule_check(rule, answer, &login, &err);

    MUST(login.asked > 0 && login.asked <= GS2_RULE_TERMS_MAX);
    if (status == GS2_OK)
        return true;
    MUST(status == GS2_NOAUTHZ);
    MUST(strcmp(err.text, "the login does not meet the requirements of the "
                          "server") == 0);
    MUST(strncmp(err.detail, "not met: ", strlen("not met: ")) == 0);
    return false;
}

/* A rule that a role may have is a rule elsewhere as well. It says nothing of
 * roles, nor of whom one asks to be. */
static void
check_as_role(const struct gs2_rule *rule, const char *text)
{
    struct gs2_rule *of_role;

    if (gs2_rule_parse(text, NULL, &of_role, &err) == GS2_OK) {
        MUST(gs2_rule_terms(of_role) == gs2_rule_terms(rule));
        MUST(gs2_rule_names_whom(of_role) == gs2_rule_names_whom(rule));
    } else {
        MUST(strstr(text, "gs2:role") != NULL ||
             strstr(text, "gs2:authzid") != NULL);
    }
    gs2_rule_free(of_role);
}

/* A rule that needs a fact is not met without it, whatever else there is. */
static void
check_needs(const struct gs2_rule *rule, uint8_t seed)
{
    for (int fact = 0; fact < GS2_FACTS; fact++) {
        struct login login = { seed, ALL, 0, 0, fact };

        if (gs2_rule_needs(rule, &roles, (enum gs2_fact)fact))
            MUST(gs2_rule_check(rule, answer, &login, &err) == GS2_NOAUTHZ);
    }
}

/* An answer that cannot be had ends it, and is no success. */
static void
check_failure(const struct gs2_rule *rule, uint8_t seed)
{
    struct login login = { seed, SOME, 1U + seed % 7, 0, -1 };
    gs2_status status = gs2_rule_check(rule, answer, &login, &err);

    if (login.asked < login.fails_at)
        return;
    MUST(login.asked == login.fails_at);
    MUST(status == GS2_FAIL && strcmp(err.text, "not known") == 0);
}

static void
check_rule(const struct gs2_rule *rule, const char *text, uint8_t seed)
{
    const bool none = is_met(rule, seed, NONE);
    const bool some = is_met(rule, seed, SOME);
    const bool all = is_met(rule, seed, ALL);
    struct gs2_rule *again;

    MUST(!is_met(rule, seed, NOTHING));
    MUST((!none || some) && (!some || all));
    check_failure(rule, seed);
    MUST(gs2_rule_parse(text, &roles, &again, &err) == GS2_OK);
    MUST(is_met(again, seed, SOME) == some);
    gs2_rule_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gs2_rule *rule;
    gs2_status status;
    char *text;

    if (size == 0)
        return 0;
    text = malloc(size);
    MUST(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (roles.list[0].rule == NULL)
        MUST(gs2_roles_set_rule(&roles, 0, RULE_OF_ROLE, &err) == GS2_OK);
    status = gs2_rule_parse(text, &roles, &rule, &err);
    if (status == GS2_OK) {
        MUST(strlen(text) <= GS2_RULE_OCTETS_MAX);
        check_rule(rule, text, data[0]);
        check_needs(rule, data[0]);
        check_as_role(rule, text);
    } else {
        MUST(status == GS2_BADCONFIG && rule == NULL);
        MUST(strncmp(err.text, "line ", strlen("line ")) == 0);
        MUST(fuzz_is_line(err.text));
    }
    gs2_rule_free(rule);
    free(text);
    return 0;
}
