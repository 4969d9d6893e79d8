/*
 * p_rules.c - any rule that is a tree of LEVELS levels with two operands, with
 * any answers: the verdict is that of another evaluator; whoever brings more
 * attributes is not refused for it; where nothing is true and nothing negated,
 * or an answer fails, nobody is let in.
 *
 * That facts alone are negated is the parser's to see to, and is tested there
 * (t_rules_syntax.c); here it is assumed.
 */
#include "common/rules/rule_tree.h"

#include <string.h>

#include "model.h"

#define LEVELS 4
#define NODES ((1 << LEVELS) - 1)
#define INNER (NODES / 2)

static struct gs2_rule_node nodes[NODES];
static enum gs2_rule_answer answers[NODES];
static bool may_fail, failed;

/* The answer that is kept for this comparison. */
static gs2_status
look_up(void *context, const struct gs2_comparison *comparison,
        enum gs2_rule_answer *answer_out, struct gs2_error *err)
{
    (void)context;
    (void)err;
    if (may_fail && nondet_bool()) {
        failed = true;
        return GS2_NOMEM;
    }
    *answer_out = answers[comparison->value_len];
    return GS2_OK;
}

/* Comparisons have their number where the length of a value is. */
static void
grow(void)
{
    for (size_t i = 0; i < NODES; i++) {
        nodes[i].kind = (enum gs2_rule_kind)any_up_to(GS2_RULE_ANY_OF);
        assume(i < INNER || nodes[i].kind == GS2_RULE_COMPARE);
        nodes[i].comparison.value_len = i;
        nodes[i].comparison.fact = nondet_bool() ? GS2_FACT_NONE
                                              : GS2_FACT_REALM;
        nodes[i].comparison.negated = nondet_bool();
        assume(!nodes[i].comparison.negated ||
               nodes[i].comparison.fact != GS2_FACT_NONE);
        answers[i] = (enum gs2_rule_answer)any_up_to(GS2_RULE_YES);
        if (i < INNER && nodes[i].kind != GS2_RULE_COMPARE) {
            nodes[i].first = &nodes[2 * i + 1];
            nodes[2 * i + 1].next = &nodes[2 * i + 2];
        }
    }
}

/* An attribute with another value still has those it had. */
static void
add_attributes(void)
{
    for (size_t i = 0; i < NODES; i++) {
        if (nodes[i].comparison.fact == GS2_FACT_NONE &&
            answers[i] != GS2_RULE_YES)
            answers[i] = (enum gs2_rule_answer)any_up_to(GS2_RULE_YES);
    }
}

/* From the leaves to the root. */
static bool
is_met(void)
{
    bool met[NODES];

    for (size_t i = NODES; i-- > 0;) {
        if (nodes[i].kind == GS2_RULE_COMPARE)
            met[i] = nodes[i].comparison.negated
                     ? answers[i] == GS2_RULE_NO : answers[i] == GS2_RULE_YES;
        else if (nodes[i].kind == GS2_RULE_ALL_OF)
            met[i] = met[2 * i + 1] && met[2 * i + 2];
        else
            met[i] = met[2 * i + 1] || met[2 * i + 2];
    }
    return met[0];
}

static bool
is_hopeless(void)
{
    for (size_t i = 0; i < NODES; i++) {
        if (nodes[i].comparison.negated || answers[i] == GS2_RULE_YES)
            return false;
    }
    return true;
}

void
proof(void)
{
    const struct gs2_rule rule = { .text = (char *)"", .root = nodes };
    gs2_status before, after;

    grow();
    before = gs2_rule_check(&rule, look_up, NULL, NULL);
    prove(before == (is_met() ? GS2_OK : GS2_NOAUTHZ), "the verdict");
    prove(before != GS2_OK || !is_hopeless(), "nothing true lets nobody in");
    add_attributes();
    after = gs2_rule_check(&rule, look_up, NULL, NULL);
    prove(before != GS2_OK || after == GS2_OK,
          "more attributes do not take a login away");
    may_fail = true;
    after = gs2_rule_check(&rule, look_up, NULL, NULL);
    prove((after == GS2_NOMEM) == failed, "a failure ends the evaluation");
}
