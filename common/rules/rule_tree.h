/*
 * rule_tree.h - a parsed rule, shared by its parser (rule_parser.h) and its
 * evaluation (rule_eval.c); nobody else includes it.
 */
#ifndef GS2_RULE_TREE_H
#define GS2_RULE_TREE_H

#include "rules.h"

enum gs2_rule_kind { GS2_RULE_COMPARE, GS2_RULE_ALL_OF, GS2_RULE_ANY_OF };

struct gs2_rule_node {
    enum gs2_rule_kind kind;
    struct gs2_rule_node *first;       /* operands of a list, two at least */
    struct gs2_rule_node *next;        /* in the list this is an operand of */
    struct gs2_rule_node *made_before; /* the chain that frees all nodes */

    struct gs2_comparison comparison;  /* its name and value are freed */
};

struct gs2_rule {
    char *text;
    struct gs2_rule_node *root, *last_made;
    size_t terms;
    const char *own; /* the first of our own attributes, NULL for none */
};

#endif
