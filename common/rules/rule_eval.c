/*
 * rule_eval.c - evaluation of rules (see rules.h).  That only authenticated
 * attributes count (RFC 6680 section 9) is the business of whoever answers the
 * comparisons; that nothing is satisfied by absence is the parser's, which
 * refuses "not" before an attribute.
 */
#include "rule_tree.h"

#include <stdlib.h>

/* How much of a comparison the log is shown. */
#define SOURCE_MAX 256

struct evaluation {
    gs2_rule_lookup *lookup;
    void *context;
    struct gs2_error *err;
    const struct gs2_comparison *last; /* that was made */
};

static gs2_status
compare(struct evaluation *ev, const struct gs2_comparison *comparison,
        bool *met_out)
{
    bool match = false;
    gs2_status status;

    status = ev->lookup(ev->context, comparison, &match, ev->err);
    ev->last = comparison;
    *met_out = match != comparison->negated;
    return status;
}

/* The parser bounds the depth: at most a list of each kind for each level of
 * nesting. */
static gs2_status
evaluate(struct evaluation *ev, const struct gs2_rule_node *node,
         bool *met_out)
{
    const bool all = node->kind == GS2_RULE_ALL_OF;
    gs2_status status;

    *met_out = false;
    if (node->kind == GS2_RULE_COMPARE)
        return compare(ev, &node->comparison, met_out);
    for (node = node->first; node != NULL; node = node->next) {
        status = evaluate(ev, node, met_out);
        if (status != GS2_OK || *met_out != all)
            return status;
    }
    return GS2_OK;
}

gs2_status
gs2_rule_check(const struct gs2_rule *rule, gs2_rule_lookup *lookup,
               void *context, struct gs2_error *err)
{
    struct evaluation ev = { lookup, context, err,
                             &rule->root->comparison };
    const struct gs2_comparison *failed;
    gs2_status status;
    bool met;

    status = evaluate(&ev, rule->root, &met);
    if (status != GS2_OK || met)
        return status;
    /* Since nothing is compared after the verdict is known, the comparison
     * made last is the one that decided it. */
    failed = ev.last;
    gs2_error_set(err,
                  "the login does not meet the requirements of the server");
    gs2_error_detail(err, "not met: %s%.*s, in the rule: %s",
                     failed->negated ? "not " : "",
                     (int)(failed->source_len < SOURCE_MAX
                           ? failed->source_len : SOURCE_MAX),
                     rule->text + failed->source_at, rule->text);
    return GS2_NOAUTHZ;
}

static void
walk(const struct gs2_rule_node *node, gs2_rule_visit *visit, void *context)
{
    if (node->kind == GS2_RULE_COMPARE)
        visit(context, &node->comparison);
    for (node = node->first; node != NULL; node = node->next)
        walk(node, visit, context);
}

void
gs2_rule_walk(const struct gs2_rule *rule, gs2_rule_visit *visit,
              void *context)
{
    walk(rule->root, visit, context);
}

const char *
gs2_rule_own_attribute(const struct gs2_rule *rule)
{
    return rule->own;
}

void
gs2_rule_free(struct gs2_rule *rule)
{
    struct gs2_rule_node *node;

    if (rule == NULL)
        return;
    while ((node = rule->last_made) != NULL) {
        rule->last_made = node->made_before;
        free(node->comparison.name);
        free(node->comparison.value);
        free(node);
    }
    free(rule->text);
    free(rule);
}
