/*
 * rule_parse.c - parser of rules (the grammar is in rules.h).  No RFC: the
 * syntax is ours.
 *
 * By recursive descent, a function for each line of the grammar.  A comparison
 * is a node, and so is a list of two or more operands; parentheses and "not"
 * leave none.  An odd number of nots is carried down to the comparisons, with
 * "and" and "or" exchanged (De Morgan), so that the comparison that decides a
 * verdict is always one that failed.
 */
#include "rule_parser.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text/base64.h"

static gs2_status parse_any_of(struct gs2_rule_parser *p,
                               struct gs2_rule_node **node_out);

static gs2_status
make_node(struct gs2_rule_parser *p, enum gs2_rule_kind kind,
          struct gs2_rule_node **node_out)
{
    struct gs2_rule_node *node = calloc(1, sizeof(*node));

    *node_out = node;
    if (node == NULL)
        return gs2_fail_nomem(p->lexer.err);
    node->kind = kind;
    node->made_before = p->rule->last_made;
    p->rule->last_made = node;
    return GS2_OK;
}

/* True where the bare word at s is followed by an operator: a name, even if it
 * is spelt like a keyword. */
static bool
is_name(const char *s)
{
    return s[gs2_lexer_bare(s)] == '=';
}

static bool
at_keyword(const struct gs2_rule_parser *p, const char *keyword)
{
    const char *at = p->lexer.at;
    const size_t len = strlen(keyword);

    return gs2_lexer_bare(at) == len && memcmp(at, keyword, len) == 0 &&
           !is_name(at);
}

static bool
take_keyword(struct gs2_rule_parser *p, const char *keyword)
{
    gs2_lexer_skip_space(&p->lexer);
    if (!at_keyword(p, keyword))
        return false;
    p->lexer.at += strlen(keyword);
    return true;
}

/* One of the keywords, in capitals or mixed case. */
static bool
at_capital_keyword(const char *at)
{
    static const char *const keywords[] = { "and", "or", "not" };

    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        if (gs2_lexer_bare(at) == strlen(keywords[i]) && !is_name(at) &&
            strncasecmp(at, keywords[i], strlen(keywords[i])) == 0 &&
            strncmp(at, keywords[i], strlen(keywords[i])) != 0)
            return true;
    }
    return false;
}

/* What is at the cursor is not what the grammar has there. */
static gs2_status
refuse(const struct gs2_rule_parser *p, const char *expected)
{
    const char *at = p->lexer.at;

    if (at_capital_keyword(at))
        return gs2_lexer_fail(&p->lexer, at,
                              "%s expected, found \"%.*s\": and, or and not "
                              "are written in lower case", expected,
                              (int)gs2_lexer_bare(at), at);
    return gs2_lexer_fail_expected(&p->lexer, at, expected);
}

/* One parenthesis or "not" deeper, which begins at at. */
static gs2_status
descend(struct gs2_rule_parser *p, const char *at)
{
    if (p->depth == GS2_RULE_NESTING_MAX)
        return gs2_lexer_fail(&p->lexer, at,
                              "more than %d levels of parentheses and \"not\"",
                              GS2_RULE_NESTING_MAX);
    p->depth++;
    return GS2_OK;
}

/* The name of a comparison, up to its operator. */
static gs2_status
parse_name(struct gs2_rule_parser *p, struct gs2_comparison *c)
{
    struct gs2_lexer *lexer = &p->lexer;
    const char *at = lexer->at;
    size_t len = gs2_lexer_bare(at);

    if (*at == '"')
        return gs2_lexer_take_quoted(lexer, &c->name, &c->name_len);
    if (len == 0 || at_capital_keyword(at) || at_keyword(p, "and") ||
        at_keyword(p, "or"))
        return refuse(p, "a comparison");
    if (at[len - 1] == ':' && at[len] == '=')
        len--; /* of the operator ":=" */
    if (len == 0 || at[len - 1] == ':')
        return gs2_lexer_fail(lexer, at, "a name that %s \":\" must be in "
                              "double quotes",
                              len == 0 ? "is empty or" : "ends in");
    lexer->at += len;
    c->name_len = len;
    c->name = strndup(at, len);
    return c->name != NULL ? GS2_OK : gs2_fail_nomem(lexer->err);
}

/* What follows ":=". */
static gs2_status
parse_base64(struct gs2_rule_parser *p, struct gs2_comparison *c)
{
    const char *text = p->lexer.at;
    size_t len = 0, bad_at;
    gs2_status status;

    while (!gs2_lexer_is_end(text[len]))
        len++;
    if (len == 0)
        return refuse(p, "base64");
    status = gs2_base64_decode(text, len, &c->value, &c->value_len,
                               &bad_at);
    if (status == GS2_NOMEM)
        return gs2_fail_nomem(p->lexer.err);
    if (status != GS2_OK)
        return gs2_lexer_fail(&p->lexer, text + bad_at, "this is not base64");
    p->lexer.at += len;
    return GS2_OK;
}

/* "*", a word, or base64, with the operator before it. */
static gs2_status
parse_value(struct gs2_rule_parser *p, struct gs2_comparison *c)
{
    struct gs2_lexer *lexer = &p->lexer;
    char *word;
    gs2_status status;

    if (strncmp(lexer->at, ":=", 2) == 0) {
        lexer->at += 2;
        return parse_base64(p, c);
    }
    if (*lexer->at != '=')
        return refuse(p, "'=' or ':='");
    lexer->at++;
    if (*lexer->at == '*') {
        lexer->at++;
        if (gs2_lexer_is_end(*lexer->at))
            return GS2_OK;
        return gs2_lexer_fail(lexer, lexer->at,
                              "'*' stands alone: a value is compared as a "
                              "whole");
    }
    if (gs2_lexer_is_end(*lexer->at))
        return refuse(p, "a value");
    status = gs2_lexer_take(lexer, &word, &c->value_len);
    c->value = word;
    return status;
}

static gs2_status
parse_comparison(struct gs2_rule_parser *p, struct gs2_rule_node **node_out)
{
    const char *at = p->lexer.at;
    struct gs2_rule_node *node;
    struct gs2_comparison *c;
    gs2_status status;

    if (p->rule->terms == GS2_RULE_TERMS_MAX)
        return gs2_lexer_fail(&p->lexer, at, "more than %d comparisons",
                              GS2_RULE_TERMS_MAX);
    status = make_node(p, GS2_RULE_COMPARE, &node);
    if (status != GS2_OK)
        return status;
    c = &node->comparison;
    status = parse_name(p, c);
    if (status == GS2_OK)
        status = parse_value(p, c);
    c->negated = p->nots % 2 != 0;
    if (status == GS2_OK)
        status = gs2_rule_admit(p, at, c);
    if (status != GS2_OK)
        return status;
    p->rule->terms++;
    c->source_at = (size_t)(at - p->lexer.text);
    c->source_len = (size_t)(p->lexer.at - at);
    *node_out = node;
    return GS2_OK;
}

/* The cursor is at the opening parenthesis. */
static gs2_status
parse_group(struct gs2_rule_parser *p, struct gs2_rule_node **node_out)
{
    gs2_status status = descend(p, p->lexer.at);

    if (status != GS2_OK)
        return status;
    p->lexer.at++;
    status = parse_any_of(p, node_out);
    if (status != GS2_OK)
        return status;
    if (*p->lexer.at != ')')
        return refuse(p, "'and', 'or' or ')'");
    p->lexer.at++;
    p->depth--;
    return GS2_OK;
}

static gs2_status
parse_operand(struct gs2_rule_parser *p, struct gs2_rule_node **node_out)
{
    gs2_status status;
    const char *at;

    gs2_lexer_skip_space(&p->lexer);
    at = p->lexer.at;
    if (*at == '(')
        return parse_group(p, node_out);
    if (!take_keyword(p, "not"))
        return parse_comparison(p, node_out);
    status = descend(p, at);
    if (status != GS2_OK)
        return status;
    p->nots++;
    status = parse_operand(p, node_out);
    if (status != GS2_OK)
        return status;
    p->nots--;
    p->depth--;
    return GS2_OK;
}

/* operand *( keyword operand ); a list node only where there are several. */
static gs2_status
parse_list(struct gs2_rule_parser *p, const char *keyword,
           enum gs2_rule_kind kind,
           gs2_status (*parse_one)(struct gs2_rule_parser *,
                                   struct gs2_rule_node **),
           struct gs2_rule_node **node_out)
{
    gs2_status status = parse_one(p, node_out);
    struct gs2_rule_node *list = NULL, *last = *node_out;

    while (status == GS2_OK && take_keyword(p, keyword)) {
        if (list == NULL) {
            status = make_node(p, kind, &list);
            if (status != GS2_OK)
                break;
            list->first = *node_out;
            *node_out = list;
        }
        status = parse_one(p, &last->next);
        last = last->next;
    }
    return status;
}

static gs2_status
parse_all_of(struct gs2_rule_parser *p, struct gs2_rule_node **node_out)
{
    return parse_list(p, "and",
                      p->nots % 2 == 0 ? GS2_RULE_ALL_OF : GS2_RULE_ANY_OF,
                      parse_operand, node_out);
}

static gs2_status
parse_any_of(struct gs2_rule_parser *p, struct gs2_rule_node **node_out)
{
    return parse_list(p, "or",
                      p->nots % 2 == 0 ? GS2_RULE_ANY_OF : GS2_RULE_ALL_OF,
                      parse_all_of, node_out);
}

static gs2_status
parse_rule(struct gs2_rule_parser *p)
{
    gs2_status status;

    if (strlen(p->lexer.text) > GS2_RULE_OCTETS_MAX)
        return gs2_lexer_fail(&p->lexer, p->lexer.text + GS2_RULE_OCTETS_MAX,
                              "the rule is longer than %d octets",
                              GS2_RULE_OCTETS_MAX);
    gs2_lexer_skip_space(&p->lexer);
    if (*p->lexer.at == '\0')
        return gs2_lexer_fail(&p->lexer, p->lexer.at, "the rule is empty");
    status = parse_any_of(p, &p->rule->root);
    if (status == GS2_OK && *p->lexer.at != '\0')
        status = refuse(p, "'and', 'or' or the end");
    return status;
}

gs2_status
gs2_rule_parse(const char *text, const struct gs2_roles *roles,
               struct gs2_rule **rule_out, struct gs2_error *err)
{
    struct gs2_rule *rule = calloc(1, sizeof(*rule));
    struct gs2_rule_parser p = { .roles = roles, .rule = rule };
    gs2_status status;

    *rule_out = NULL;
    if (rule == NULL)
        return gs2_fail_nomem(err);
    gs2_lexer_start(&p.lexer, text, err);
    status = parse_rule(&p);
    if (status == GS2_OK) {
        rule->text = strdup(text);
        if (rule->text == NULL)
            status = gs2_fail_nomem(err);
    }
    if (status != GS2_OK) {
        gs2_rule_free(rule);
        return status;
    }
    *rule_out = rule;
    return GS2_OK;
}
