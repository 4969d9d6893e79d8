/*
 * rule_parser.h - the parser of a rule at work, shared by its grammar
 * (rule_parse.c) and what it takes (rule_admit.c); nobody else includes it.
 */
#ifndef GS2_RULE_PARSER_H
#define GS2_RULE_PARSER_H

#include "common/text/lexer.h"
#include "roles.h"
#include "rule_tree.h"

struct gs2_rule_parser {
    struct gs2_lexer lexer;
    const struct gs2_roles *roles; /* NULL: in the rule of one */
    struct gs2_rule *rule;
    int depth; /* parentheses and nots around the cursor */
    int nots;  /* the nots among them */
};

/*
 * Whether *c, which begins at `at`, may be in a rule: a name that begins as ours
 * do is of something; a role is one of p->roles; and what stands behind a "not"
 * is never met by what a login lacks.  Fills c->fact, and p->rule->own with the
 * first of our own attributes.  GS2_OK, or what gs2_lexer_fail() returns.
 */
GS2_MUST_USE gs2_status gs2_rule_admit(struct gs2_rule_parser *p,
                                       const char *at,
                                       struct gs2_comparison *c);

#endif
