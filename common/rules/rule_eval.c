/*
 * rule_eval.c - evaluation of rules (see rules.h).  That only authenticated
 * attributes count (RFC 6680 section 9) is the business of whoever answers the
 * comparisons.
 *
 * The logic has three values, true, false and unknown, and is Kleene's.  The
 * parser has carried each "not" down to the comparisons, and a rule is met by
 * true alone: so it is enough that a comparison without an answer counts as
 * false, negated or not.
 */
#include "rule_tree.h"

#include <stdlib.h>
#include <string.h>

#include "roles.h"

/* How much of a comparison the log is shown, and of all of them. */
#define SOURCE_MAX 256
#define FAILED_MAX 512

struct evaluation {
    const struct gs2_rule *rule;
    gs2_rule_lookup *lookup;
    void *context;
    struct gs2_error *err;
    size_t len; /* of what is in failed */
    char failed[FAILED_MAX]; /* the comparisons for which the verdict is false */
};

/* What is too much is cut. */
static void
add_text(struct evaluation *ev, const char *text, size_t len)
{
    const size_t room = sizeof(ev->failed) - ev->len;

    len = len < room ? len : room;
    memcpy(ev->failed + ev->len, text, len);
    ev->len += len;
}

static void
add_failed(struct evaluation *ev, const struct gs2_comparison *c)
{
    if (ev->len > 0)
        add_text(ev, ", ", 2);
    if (c->negated)
        add_text(ev, "not ", 4);
    add_text(ev, ev->rule->text + c->source_at,
             c->source_len < SOURCE_MAX ? c->source_len : SOURCE_MAX);
}

static gs2_status
compare(struct evaluation *ev, const struct gs2_comparison *comparison,
        bool *met_out)
{
    enum gs2_rule_answer answer = GS2_RULE_UNKNOWN;
    gs2_status status;

    status = ev->lookup(ev->context, comparison, &answer, ev->err);
    *met_out = answer == (comparison->negated ? GS2_RULE_NO : GS2_RULE_YES);
    if (!*met_out)
        add_failed(ev, comparison);
    return status;
}

/* The parser bounds the depth: at most a list of each kind for each level of
 * nesting.  Of what is met, nothing stays among the failed. */
static gs2_status
evaluate(struct evaluation *ev, const struct gs2_rule_node *node,
         bool *met_out)
{
    const bool all = node->kind == GS2_RULE_ALL_OF;
    const size_t len = ev->len;
    gs2_status status = GS2_OK;

    *met_out = false;
    if (node->kind == GS2_RULE_COMPARE)
        return compare(ev, &node->comparison, met_out);
    for (node = node->first; node != NULL; node = node->next) {
        status = evaluate(ev, node, met_out);
        if (status != GS2_OK || *met_out != all)
            break;
    }
    if (*met_out)
        ev->len = len;
    return status;
}

gs2_status
gs2_rule_check(const struct gs2_rule *rule, gs2_rule_lookup *lookup,
               void *context, struct gs2_error *err)
{
    struct evaluation ev = { .rule = rule, .lookup = lookup,
                             .context = context, .err = err };
    gs2_status status;
    bool met;

    status = evaluate(&ev, rule->root, &met);
    if (status != GS2_OK || met)
        return status;
    gs2_error_set(err,
                  "the login does not meet the requirements of the server");
    gs2_error_detail(err, "not met: %.*s, in the rule: %s", (int)ev.len,
                     ev.failed, rule->text);
    return GS2_NOAUTHZ;
}

typedef bool question(const struct gs2_comparison *comparison,
                      const void *what);

/* Whether a comparison of which the question is true must be met for node to
 * be. */
static bool
needs(const struct gs2_rule_node *node, question *ask, const void *what)
{
    const bool all = node->kind == GS2_RULE_ALL_OF;

    if (node->kind == GS2_RULE_COMPARE)
        return ask(&node->comparison, what);
    for (node = node->first; node != NULL; node = node->next) {
        if (needs(node, ask, what) == all)
            return all;
    }
    return !all;
}

static bool
is_positive(const struct gs2_comparison *comparison, const void *what)
{
    (void)what;
    return !comparison->negated;
}

/* What a rule may need. */
struct need {
    const struct gs2_roles *roles;
    enum gs2_fact fact;
};

static bool
may_be_role(const struct gs2_comparison *comparison, const char *name)
{
    return comparison->value == NULL ||
           (strlen(name) == comparison->value_len &&
            memcmp(name, comparison->value, comparison->value_len) == 0);
}

/* A role is lacked by whoever lacks what its rule needs; no role is in the rule
 * of a role. */
static bool
needs_fact(const struct gs2_comparison *comparison, const void *what)
{
    const struct need *need = what;
    const struct gs2_role *role;

    if (comparison->fact == need->fact)
        return true;
    if (comparison->fact != GS2_FACT_ROLE)
        return false;
    for (size_t n = 0; n < need->roles->count; n++) {
        role = &need->roles->list[n];
        if (may_be_role(comparison, role->name) &&
            !gs2_rule_needs(role->rule, NULL, need->fact))
            return false;
    }
    return true;
}

bool
gs2_rule_needs(const struct gs2_rule *rule, const struct gs2_roles *roles,
               enum gs2_fact fact)
{
    const struct need need = { roles, fact };

    return needs(rule->root, needs_fact, &need);
}

static bool
names_whom(const struct gs2_rule_node *node)
{
    const bool any = node->kind == GS2_RULE_ANY_OF;

    for (node = node->first; node != NULL; node = node->next) {
        if ((any && !needs(node, is_positive, NULL)) || !names_whom(node))
            return false;
    }
    return true;
}

bool
gs2_rule_names_whom(const struct gs2_rule *rule)
{
    return names_whom(rule->root);
}

size_t
gs2_rule_terms(const struct gs2_rule *rule)
{
    return rule->terms;
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
