/*
 * rule_admit.c - what a comparison may say (see rule_parser.h).
 */
#include "rule_parser.h"

#include <stdio.h>
#include <string.h>

/* The next name of a list; n is what is behind it. */
static void
list_name(char *list, size_t size, const char *name, size_t n)
{
    const size_t at = strlen(list);

    (void)snprintf(list + at, size - at, "%s%s",
                   at == 0 ? "" : n == 0 ? " and " : ", ", name);
}

/* A name that begins as ours do, and is of nothing. */
static gs2_status
refuse_name(const struct gs2_rule_parser *p, const char *at,
            const struct gs2_comparison *c)
{
    char quoted[64], facts[256] = "", attrs[128] = "";
    size_t count = 0;

    for (size_t i = 0; i < GS2_FACTS; i++)
        list_name(facts, sizeof(facts),
                  gs2_names_fact((enum gs2_fact)i)->name, GS2_FACTS - 1 - i);
    while (gs2_names_nth_attr(count) != NULL)
        count++;
    for (size_t i = 0; i < count; i++)
        list_name(attrs, sizeof(attrs), gs2_names_nth_attr(i)->name,
                  count - 1 - i);
    return gs2_lexer_fail(&p->lexer, at, "there is no %s; the facts are %s; "
                          "the attributes are %s",
                          gs2_escape(quoted, sizeof(quoted), c->name,
                                     c->name_len), facts, attrs);
}

/* What a name may be, where it stands: at is its place in the text. */
static gs2_status
check_name(struct gs2_rule_parser *p, const char *at, struct gs2_comparison *c)
{
    const struct gs2_own_attr *own;
    char quoted[64];

    if (c->name_len == 0)
        return gs2_lexer_fail(&p->lexer, at, "the name is empty");
    c->fact = gs2_names_find_fact(c->name, c->name_len);
    if (c->fact != GS2_FACT_NONE)
        return GS2_OK;
    own = gs2_names_find_attr(c->name, c->name_len);
    if (own == NULL && gs2_names_is_ours(c->name, c->name_len))
        return refuse_name(p, at, c);
    if (own != NULL && p->rule->own == NULL)
        p->rule->own = own->name;
    if (p->nots == 0)
        return GS2_OK;
    return gs2_lexer_fail(&p->lexer, at,
                          "\"not\" before the attribute %s: whoever logs in "
                          "decides which attributes to lack, so absence must "
                          "not satisfy a rule; \"not\" is for facts of the "
                          "login alone",
                          gs2_escape(quoted, sizeof(quoted), c->name,
                                     c->name_len));
}

/* A role that there is, had by who shall have it. */
static gs2_status
check_role(const struct gs2_rule_parser *p, const char *at,
           const struct gs2_comparison *c)
{
    char quoted[64];

    if (p->roles == NULL)
        return gs2_lexer_fail(&p->lexer, at, "the rule of a role does not "
                              "speak of roles: write what they stand for");
    if (p->nots > 0)
        return gs2_lexer_fail(&p->lexer, at, "\"not\" before %s: whoever "
                              "lacks something lacks the role, and absence "
                              "must not satisfy a rule", c->name);
    if (p->roles->count == 0)
        return gs2_lexer_fail(&p->lexer, at, "there are no roles: gs2_roles is "
                              "not set");
    if (c->value == NULL ||
        gs2_roles_find(p->roles, c->value, c->value_len) < p->roles->count)
        return GS2_OK;
    return gs2_lexer_fail(&p->lexer, at, "gs2_roles names no role \"%s\"",
                          gs2_escape(quoted, sizeof(quoted), c->value,
                                     c->value_len));
}

/* Behind an odd number of nots "=*" asks for absence. */
static gs2_status
check_fact(const struct gs2_rule_parser *p, const char *at,
          const struct gs2_comparison *c)
{
    if (c->fact == GS2_FACT_ROLE)
        return check_role(p, at, c);
    if (c->fact == GS2_FACT_AUTHZID && p->roles == NULL)
        return gs2_lexer_fail(&p->lexer, at, "the rule of a role does not "
                              "speak of %s: whoever logs in asks for that",
                              c->name);
    if (!c->negated || c->value != NULL)
        return GS2_OK;
    return gs2_lexer_fail(&p->lexer, at,
                          "\"not\" before %s=*: whoever lacks it would meet "
                          "that, and absence must not satisfy a rule; write "
                          "which values are let in", c->name);
}

gs2_status
gs2_rule_admit(struct gs2_rule_parser *p, const char *at,
               struct gs2_comparison *c)
{
    const gs2_status status = check_name(p, at, c);

    return status == GS2_OK ? check_fact(p, at, c) : status;
}
