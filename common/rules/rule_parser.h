/*
 * rule_parser.h - the state of the parser of a rule, for rule_parse.c (the
 * grammar) and rule_admit.c (which comparisons are allowed); nobody else
 * includes it.
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
 * Whether *c may be in the rule.  Its name, value and negated are filled, and it
 * begins at `at` in the text.  Fills c->fact, and p->rule->own where the name is
 * the first one of our own attributes.
 *
 * GS2_OK, or GS2_BADCONFIG with line, column and reason: an empty name; a name
 * that begins with "gs2:" and is neither a fact nor an attribute; "not" before
 * an attribute, a role or FACT=*; a role that p->roles does not have; and in the
 * rule of a role (p->roles is NULL), any role and gs2:authzid.
 */
GS2_MUST_USE gs2_status gs2_rule_admit(struct gs2_rule_parser *p,
                                       const char *at,
                                       struct gs2_comparison *c);

#endif
