/*
 * t_rules_syntax.c - which rules are refused, with line, column and reason,
 * and the bounds of those that are not.  That no "not" stands before an
 * attribute is RFC 6680 section 9 as we have it: what the peer may leave out
 * must not count by being left out.
 */
#include <stdio.h>

#include "tests/lib/rules_login.h"
#include "tests/lib/suite.h"

#define L1(column) "line 1, column " column ": "
#define NO_COMPARISON "a comparison expected, "
#define NO_OPERATOR "'=' or ':=' expected, "
#define NO_VALUE "a value expected, "
#define NO_END "the end of the word expected, "
#define NO_KEYWORD "'and', 'or' or the end expected, "
#define NO_PARENTHESIS "'and', 'or' or ')' expected, "
#define ENDS "where the text ends"
#define LOWER(found)                                                          \
    "found \"" found "\": and, or and not are written in lower case"
#define NOT_FOR(name)                                                         \
    "\"not\" before the attribute " name ": whoever logs in decides which "   \
    "attributes to lack, so absence must not satisfy a rule; \"not\" is for " \
    "facts of the login alone"
#define NOT_ROLE                                                              \
    "\"not\" before gs2:role: whoever lacks something lacks the role, and "    \
    "absence must not satisfy a rule"
#define NOT_ANY(name)                                                         \
    "\"not\" before " name "=*: whoever lacks it would meet that, and absence " \
    "must not satisfy a rule; write which values are let in"
#define NO_FACT(name)                                                         \
    "there is no " name "; the facts are gs2:mech, gs2:binding, gs2:layer, "  \
    "gs2:principal, gs2:realm, gs2:acceptor, gs2:ticket-service, "            \
    "gs2:service, gs2:authid, gs2:authzid and gs2:role; the attributes are "  \
    "gs2:ad-groups, gs2:ad-user-sid and gs2:ad-upn"

static const struct {
    const char *rule, *error;
} malformed[] = {
    { "", L1("1") "the rule is empty" },
    { " \t", L1("3") "the rule is empty" },
    { "\n\n ", "line 3, column 2: the rule is empty" },
    /* Comparisons. */
    { "a", L1("2") NO_OPERATOR ENDS },
    { "a=", L1("3") NO_VALUE ENDS },
    { "a:=", L1("4") "base64 expected, " ENDS },
    { "a =b", L1("2") NO_OPERATOR "found white space" },
    { "a= b", L1("3") NO_VALUE "found white space" },
    { "a := b", L1("2") NO_OPERATOR "found white space" },
    { "a:= YQ==", L1("4") "base64 expected, found white space" },
    { "=b", L1("1") NO_COMPARISON "found '='" },
    { ":=YQ==", L1("1") "a name that is empty or \":\" must be in double "
                        "quotes" },
    { "a==b", L1("3") "a word expected, found '='" },
    { "a=b=c", L1("4") NO_END "found '='" },
    { "a=b,c", L1("4") NO_END "found ',', which must be in double quotes" },
    { "a=(b)", L1("3") NO_VALUE "found '('" },
    { "a=\xc3\xa9", L1("3") "a word expected, found '\\xc3', which must be "
                            "in double quotes" },
    { "a$=b", L1("2") NO_OPERATOR "found '$', which must be in double "
                                  "quotes" },
    { "\xc3\xa9=b", L1("1") NO_COMPARISON "found '\\xc3', which must be in "
                                          "double quotes" },
    { "a=*b", L1("4") "'*' stands alone: a value is compared as a whole" },
    { "a=**", L1("4") "'*' stands alone: a value is compared as a whole" },
    { "a=b*", L1("4") NO_END "found '*'" },
    { "*=b", L1("1") NO_COMPARISON "found '*'" },
    { "\"\"=b", L1("1") "the name is empty" },
    { "urn:mspac::=YQ==", L1("1") "a name that ends in \":\" must be in "
                                  "double quotes" },
    { "urn:mspac: = *", L1("1") "a name that ends in \":\" must be in double "
                                "quotes" },
    { "urn:mspac:=*", L1("12") "this is not base64" },
    /* Quotes. */
    { "a=\"b", L1("3") "this quote is not closed" },
    { "a=\"b\\\"", L1("3") "this quote is not closed" },
    { "a=\"b\\", L1("3") "this quote is not closed" },
    { "\"a=b", L1("1") "this quote is not closed" },
    { "a=\"b\\n\"", L1("5") "only \\\" and \\\\ are escapes" },
    { "a=\"b\"c", L1("6") NO_END "found 'c'" },
    { "a=b\"c\"", L1("4") NO_END "found '\\x22'" },
    { "\"a\"b=c", L1("4") NO_OPERATOR "found 'b'" },
    { "a\"b\"=c", L1("2") NO_OPERATOR "found '\\x22'" },
    { "a='b'", L1("3") "a word expected, found ''', which must be in double "
                       "quotes" },
    /* Base64. */
    { "a:=YQ", L1("6") "this is not base64" },
    { "a:=YQ=", L1("7") "this is not base64" },
    { "a:=Y", L1("5") "this is not base64" },
    { "a:=YQ==YQ==", L1("8") "this is not base64" },
    { "a:=YQ===", L1("8") "this is not base64" },
    { "a:=====", L1("4") "this is not base64" },
    { "a:=YR==", L1("5") "this is not base64" },
    { "a:=YWF=", L1("6") "this is not base64" },
    { "a:=YW-_", L1("6") "this is not base64" },
    { "a:=YQ==\"", L1("8") "this is not base64" },
    { "a:=\"YQ==\"", L1("4") "this is not base64" },
    { "a:=Y\xc3\xa9Q", L1("5") "this is not base64" },
    /* Keywords and parentheses. */
    { "a=1 b=2", L1("5") NO_KEYWORD "found 'b'" },
    { "a=1 and", L1("8") NO_COMPARISON ENDS },
    { "a=1 or ", L1("8") NO_COMPARISON ENDS },
    { "and a=1", L1("1") NO_COMPARISON "found 'and'" },
    { "or", L1("1") NO_COMPARISON "found 'or'" },
    { "not", L1("4") NO_COMPARISON ENDS },
    { "a=1 and or b=1", L1("9") NO_COMPARISON "found 'or'" },
    { "a=1 and and=1 and=1", L1("15") NO_KEYWORD "found 'and'" },
    { "a=1 not b=1", L1("5") NO_KEYWORD "found 'not'" },
    { "a=1 AND b=1", L1("5") NO_KEYWORD LOWER("AND") },
    { "a=1 Or b=1", L1("5") NO_KEYWORD LOWER("Or") },
    { "(a=1 OR b=1)", L1("6") NO_PARENTHESIS LOWER("OR") },
    { "NOT gs2:mech=x", L1("1") NO_COMPARISON LOWER("NOT") },
    { "a=1 & b=1",
      L1("5") NO_KEYWORD "found '&', which must be in double quotes" },
    { "a=1 andb=1", L1("5") NO_KEYWORD "found 'andb'" },
    { "(a=1", L1("5") NO_PARENTHESIS ENDS },
    { "a=1)", L1("4") NO_KEYWORD "found ')'" },
    { "()", L1("2") NO_COMPARISON "found ')'" },
    { "(a=1))", L1("6") NO_KEYWORD "found ')'" },
    { "a=1(b=1)", L1("4") NO_KEYWORD "found '('" },
    { "a=1 and\n  (b=1 or\n c)",
      "line 3, column 3: " NO_OPERATOR "found ')'" },
    /* Facts. */
    { "gs2:foo=1", L1("1") NO_FACT("gs2:foo") },
    { "a=1 and gs2:Mech=1", L1("9") NO_FACT("gs2:Mech") },
    { "\"gs2:\"=1", L1("1") NO_FACT("gs2:") },
    { "gs2:mechs=1", L1("1") NO_FACT("gs2:mechs") },
    { "gs2:mec=1", L1("1") NO_FACT("gs2:mec") },
    { "\"gs2:\xff\"=1", L1("1") NO_FACT("gs2:\\xff") },
    /* RFC 6680 section 9: nothing is satisfied by absence. */
    { "not a=1", L1("5") NOT_FOR("a") },
    { "not not=1", L1("5") NOT_FOR("not") },
    { "not not a=1", L1("9") NOT_FOR("a") },
    { "not not not a=*", L1("13") NOT_FOR("a") },
    { "not (a=1)", L1("6") NOT_FOR("a") },
    { "not (gs2:mech=x and a=1)", L1("21") NOT_FOR("a") },
    { "not (gs2:mech=x or (not (a=*)))", L1("26") NOT_FOR("a") },
    { "not GS2:mech=x", L1("5") NOT_FOR("GS2:mech") },
    { "a=1 and not \"b\\\"c\"=1", L1("13") NOT_FOR("b\\x22c") },
    { "not gs2:mech=x or not a=1", L1("23") NOT_FOR("a") },
    { "not gs2:foo=x", L1("5") NO_FACT("gs2:foo") },
    { "gs2:role=cards", L1("1") "gs2_roles names no role \"cards\"" },
    { "gs2:role=Card", L1("1") "gs2_roles names no role \"Card\"" },
    { "gs2:role=\"\"", L1("1") "gs2_roles names no role \"\"" },
    { "gs2:role:=Y2FyZAA=",
      L1("1") "gs2_roles names no role \"card\\x00\"" },
    { "not gs2:role=card", L1("5") NOT_ROLE },
    { "not not gs2:role=card", L1("9") NOT_ROLE },
    { "not (gs2:mech=x or gs2:role=*)", L1("20") NOT_ROLE },
    { "not gs2:realm=*", L1("5") NOT_ANY("gs2:realm") },
    { "not not not gs2:realm=*", L1("13") NOT_ANY("gs2:realm") },
    { "a=1 or not (gs2:mech=x and \"gs2:realm\"=*)",
      L1("28") NOT_ANY("gs2:realm") },
};

START_TEST(rule_is_refused_with_line_and_column)
{
    struct gs2_rule *rule;

    ck_assert_int_eq(parse(malformed[_i].rule, &rule), GS2_BADCONFIG);
    ck_assert_ptr_null(rule);
    ck_assert_str_eq(err.text, malformed[_i].error);
    ck_assert_str_eq(err.detail, "");
    ck_assert_int_eq(gs2_rule_parse(malformed[_i].rule, &roles, &rule, NULL),
                     GS2_BADCONFIG);
}
END_TEST

/* A "not" has no effect on what stands beside or behind it. */
START_TEST(not_ends_where_its_operand_ends)
{
    static const char *const rules[] = {
        "not gs2:mech=x and a=1", "not gs2:mech=x or a=1",
        "(not gs2:mech=x) and a=1", "a=1 and not (gs2:mech=x) and b=1",
        "(not (not gs2:mech=x)) or a=1",
    };
    struct gs2_rule *rule;

    for (size_t i = 0; i < COUNT(rules); i++) {
        ck_assert_msg(parse(rules[i], &rule) == GS2_OK, "%s: %s", rules[i],
                      err.text);
        gs2_rule_free(rule);
    }
}
END_TEST

/* --- bounds -------------------------------------------------------------- */

/* depth levels of open, a comparison, and as many of close. */
static void
nest(char *text, const char *open, int depth, const char *close)
{
    text[0] = '\0';
    for (int i = 0; i < depth; i++)
        strcat(text, open);
    strcat(text, "gs2:mech=GS2-KRB5");
    for (int i = 0; i < depth; i++)
        strcat(text, close);
}

static const struct {
    const char *open, *close, *error;
} forms[] = {
    { "(", ")", L1("33") },
    { "not ", "", L1("129") },
    { "gs2:mech=* and (", ")", L1("528") },
};

START_TEST(nesting_of_32_and_of_one_more)
{
    const char *more = "more than 32 levels of parentheses and \"not\"";
    struct asked asked = { "", GS2_OK };
    struct gs2_rule *rule;
    char text[1024], error[128];

    nest(text, forms[_i].open, GS2_RULE_NESTING_MAX, forms[_i].close);
    ck_assert_msg(parse(text, &rule) == GS2_OK, "%s", err.text);
    ck_assert_int_eq(gs2_rule_check(rule, look_up, &asked, &err), GS2_OK);
    gs2_rule_free(rule);
    nest(text, forms[_i].open, GS2_RULE_NESTING_MAX + 1, forms[_i].close);
    ck_assert_int_eq(parse(text, &rule), GS2_BADCONFIG);
    ck_assert_ptr_null(rule);
    snprintf(error, sizeof(error), "%s%s", forms[_i].error, more);
    ck_assert_str_eq(err.text, error);
}
END_TEST

/* Levels that are closed again do not add up. */
START_TEST(nesting_side_by_side)
{
    struct gs2_rule *rule;
    char text[4096] = "";

    for (int i = 0; i < 90; i++)
        strcat(text, "(((gs2:mech=x))) or not not gs2:mech=x or ");
    strcat(text, "t=1");
    ck_assert_msg(parse(text, &rule) == GS2_OK, "%s", err.text);
    gs2_rule_free(rule);
}
END_TEST

static const char *const keywords[] = { " or ", " and " };

START_TEST(comparisons_256_and_one_more)
{
    const char *keyword = keywords[_i];
    struct gs2_rule *rule;
    char text[4096] = "t=1", error[128];
    struct asked asked = { "", GS2_OK };

    for (int i = 1; i < GS2_RULE_TERMS_MAX; i++) {
        strcat(text, keyword);
        strcat(text, "t=1");
    }
    ck_assert_msg(parse(text, &rule) == GS2_OK, "%s", err.text);
    ck_assert_int_eq(gs2_rule_check(rule, look_up, &asked, &err), GS2_OK);
    gs2_rule_free(rule);
    strcat(text, keyword);
    snprintf(error, sizeof(error),
             "line 1, column %zu: more than 256 comparisons",
             strlen(text) + 1);
    strcat(text, "t=1");
    ck_assert_int_eq(parse(text, &rule), GS2_BADCONFIG);
    ck_assert_ptr_null(rule);
    ck_assert_str_eq(err.text, error);
}
END_TEST

START_TEST(octets_4000_and_one_more)
{
    char text[GS2_RULE_OCTETS_MAX + 2];
    struct gs2_rule *rule;

    memset(text, 'x', sizeof(text));
    memcpy(text, "a=", 2);
    text[GS2_RULE_OCTETS_MAX] = '\0';
    ck_assert_int_eq(parse(text, &rule), GS2_OK);
    gs2_rule_free(rule);
    text[GS2_RULE_OCTETS_MAX] = 'x';
    text[GS2_RULE_OCTETS_MAX + 1] = '\0';
    ck_assert_int_eq(parse(text, &rule), GS2_BADCONFIG);
    ck_assert_ptr_null(rule);
    ck_assert_str_eq(err.text,
                     L1("4001") "the rule is longer than 4000 octets");
}
END_TEST

/* A hole in a table of names would be found by whoever runs into it. */
START_TEST(each_name_has_its_row)
{
    for (int fact = 0; fact < GS2_FACTS; fact++) {
        const struct gs2_name *row = gs2_names_fact((enum gs2_fact)fact);

        ck_assert_ptr_nonnull(row->name);
        ck_assert_ptr_nonnull(row->meaning);
        ck_assert_int_eq(gs2_names_find_fact(row->name, strlen(row->name)),
                         fact);
    }
    for (size_t i = 0; gs2_names_nth_property(i) != NULL; i++)
        ck_assert_ptr_nonnull(gs2_names_nth_property(i)->row.name);
    for (size_t i = 0; gs2_names_nth_attr(i) != NULL; i++)
        ck_assert_ptr_nonnull(gs2_names_nth_attr(i)->name);
}
END_TEST

SUITE("syntax",
      TABLE(rule_is_refused_with_line_and_column, malformed),
      TEST(not_ends_where_its_operand_ends),
      TABLE(nesting_of_32_and_of_one_more, forms),
      TEST(nesting_side_by_side),
      TABLE(comparisons_256_and_one_more, keywords),
      TEST(octets_4000_and_one_more),
      TEST(each_name_has_its_row))
