/*
 * rules.h - rules on attributes and facts of a login (gs2_require and
 * gs2_proxy_require).
 *
 *   rule       = or-expr
 *   or-expr    = and-expr *( "or" and-expr )
 *   and-expr   = not-expr *( "and" not-expr )
 *   not-expr   = "not" not-expr / "(" or-expr ")" / comparison
 *   comparison = name "=*" / name "=" word / name ":=" base64
 *   name, word = 1*( ALPHA / DIGIT / "." / "_" / ":" / "/" / "@" / "-" )
 *              / DQUOTE *( any but DQUOTE and "\" / "\" DQUOTE / "\\" ) DQUOTE
 *
 *   base64     = *( 4digit ) [ 3digit "=" / 2digit "==" ], one digit at least
 *
 * Keywords are lower case and whole words: `not=1` speaks of an attribute
 * named not.  No white space around the operator of a comparison.  A bare name
 * does not end in ":", so ":=" is always the operator.  Quotes say that a word
 * is one: `="*"` is the value "*", and `=""` the value of no octets.
 */
#ifndef GS2_RULES_H
#define GS2_RULES_H

#include <stdbool.h>

#include "common/text/error.h"
#include "names.h"

#define GS2_RULE_NESTING_MAX 32
#define GS2_RULE_TERMS_MAX 256
#define GS2_RULE_OCTETS_MAX 4000

struct gs2_rule;
struct gs2_roles;

/*
 * Parses text.  "gs2:role" names one of roles (roles.h; borrowed for the call);
 * with NULL, in the rule of a role, it must not stand.  Gives *rule_out, freed
 * with gs2_rule_free(); it is immutable and may be used by several threads.
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG with line and column (from 1, columns in
 * octets): what does not parse, an empty rule, one over a bound, bad base64,
 * an empty name, a "gs2:" name that does not exist, a "not" around anything
 * that speaks of an attribute or a role, and "not FACT=*", with the reason: the
 * peer decides what its ticket lacks, so nothing may be had by absence.
 * names.h has the facts, and our own attributes, which are no facts though
 * their names begin with "gs2:".
 */
GS2_MUST_USE gs2_status
gs2_rule_parse(const char *text, const struct gs2_roles *roles,
               struct gs2_rule **rule_out, struct gs2_error *err);

void gs2_rule_free(struct gs2_rule *rule);

/* The name of the first of our own attributes (names.h) in the rule, or
 * NULL.  Borrows. */
const char *gs2_rule_own_attribute(const struct gs2_rule *rule);

/* How many comparisons it has. */
size_t gs2_rule_terms(const struct gs2_rule *rule);

/* Whether each side of every "or" has a comparison without "not", so that what
 * is granted by the rule is granted to some, not to all others. */
bool gs2_rule_names_whom(const struct gs2_rule *rule);

/* Whether no login that lacks the fact meets the rule.  roles are those that it
 * was parsed with, each with its rule. */
bool gs2_rule_needs(const struct gs2_rule *rule, const struct gs2_roles *roles,
                    enum gs2_fact fact);

/* One comparison of a rule. */
struct gs2_comparison {
    enum gs2_fact fact; /* GS2_FACT_NONE: it is of an attribute */
    char *name;         /* of the fact or the attribute, NUL behind it */
    size_t name_len;
    void *value; /* NULL: is there any value */
    size_t value_len;
    bool negated; /* an odd number of nots applies to it */
    size_t source_at, source_len; /* from its name to the end of its value, in
                                   * the text that was parsed */
};

enum gs2_rule_answer {
    GS2_RULE_UNKNOWN, /* there is no value: nothing is had by absence */
    GS2_RULE_NO,
    GS2_RULE_YES
};

/*
 * Answers a comparison: does any value of what it names equal its value, as a
 * whole; whether it is negated does not matter here.  Sets *answer_out, which
 * is GS2_RULE_UNKNOWN before, or returns GS2_NOMEM or another failure, which
 * ends the evaluation.  Facts and attributes come by the same call.
 */
typedef gs2_status gs2_rule_lookup(void *context,
                                   const struct gs2_comparison *comparison,
                                   enum gs2_rule_answer *answer_out,
                                   struct gs2_error *err);

/*
 * Evaluates the rule, from left to right, stopping as soon as the verdict is
 * known.  The logic is Kleene's: what is unknown stays so behind "not", and a
 * rule is met by true alone.  GS2_OK where it is true.  GS2_NOAUTHZ otherwise:
 * the text says only that the login does not meet the requirements of the
 * server, the detail is "not met: COMPARISONS, in the rule: RULE", with all
 * comparisons that decided, as the rule has them ("not " before one where it
 * applies), never a value of the peer's; each, and all, are cut where they are
 * long.  Any failure of lookup as it came.
 */
GS2_MUST_USE gs2_status
gs2_rule_check(const struct gs2_rule *rule, gs2_rule_lookup *lookup,
               void *context, struct gs2_error *err);

/* Told of one comparison, which it borrows. */
typedef void gs2_rule_visit(void *context,
                            const struct gs2_comparison *comparison);

/* Calls visit for each comparison, from left to right. */
void gs2_rule_walk(const struct gs2_rule *rule, gs2_rule_visit *visit,
                   void *context);

#endif
