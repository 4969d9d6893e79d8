/*
 * t_roles.c - gs2_roles and gs2_role_NAME: which lists and rules are refused,
 * and why, and what a server's options make of them.
 */
#include <stdio.h>

#include "common/options.h"
#include "tests/lib/octets.h"
#include "tests/lib/rules_login.h"
#include "tests/lib/suite.h"

#define L1(column) "line 1, column " column ": "
#define NO_NAME(text) "\"" text "\" is no name of a role: it has 1 to 28 of a-z " \
                      "0-9 _ -, and begins with a letter"
#define LONGEST "a234567890123456789012345678"

static const struct {
    const char *list, *error;
} lists[] = {
    { "", L1("1") "no role is named" },
    { " \t\r\n", "line 2, column 1: no role is named" },
    { "a b a", L1("5") "the role a is named twice" },
    { "a  b\tb", L1("6") "the role b is named twice" },
    { "Card", L1("1") NO_NAME("Card") },
    { "cArd", L1("1") NO_NAME("cArd") },
    { "a b.c", L1("3") NO_NAME("b.c") },
    { "1a", L1("1") NO_NAME("1a") },
    { "-a", L1("1") NO_NAME("-a") },
    { "_a", L1("1") NO_NAME("_a") },
    { "a,b", L1("1") NO_NAME("a,b") },
    { "\"a\"", L1("1") NO_NAME("\\x22a\\x22") },
    { "k\xc3\xa4rte", L1("1") NO_NAME("k\\xc3\\xa4rte") },
    { LONGEST "9", L1("1") NO_NAME(LONGEST "9") },
};

START_TEST(list_is_refused)
{
    struct gs2_roles got;

    memset(&got, 0xff, sizeof(got));
    ck_assert_int_eq(gs2_roles_parse(lists[_i].list, &got, &err),
                     GS2_BADCONFIG);
    ck_assert_str_eq(err.text, lists[_i].error);
    ck_assert_uint_eq(got.count, 0);
}
END_TEST

START_TEST(names_are_taken_in_their_order)
{
    static const char *const names[] = { "z", LONGEST, "a-b_9" };
    char option[GS2_ROLE_OPTION_SIZE];
    struct gs2_roles got;

    ck_assert_int_eq(gs2_roles_parse(" z\n" LONGEST "\ta-b_9 ", &got, &err),
                     GS2_OK);
    ck_assert_uint_eq(got.count, COUNT(names));
    for (size_t i = 0; i < COUNT(names); i++) {
        ck_assert_str_eq(got.list[i].name, names[i]);
        ck_assert_uint_eq(gs2_roles_find(&got, names[i], strlen(names[i])), i);
    }
    ck_assert_uint_eq(gs2_roles_find(&got, "z\0", 2), got.count);
    ck_assert_uint_eq(gs2_roles_find(&got, LONGEST, 27), got.count);
    ck_assert_uint_eq(gs2_roles_find(&got, "", 0), got.count);
    ck_assert(gs2_roles_option(LONGEST, 28, option));
    ck_assert_str_eq(option, "gs2_role_" LONGEST);
    ck_assert(!gs2_roles_option(LONGEST "9", 29, option));
    ck_assert(!gs2_roles_option("", 0, option));
    gs2_roles_clear(&got);
    ck_assert_uint_eq(got.count, 0);
}
END_TEST

/* A list of that many names. */
static const char *
many(int count)
{
    static char list[1024];
    size_t len = 0;

    for (int i = 0; i < count; i++)
        len += (size_t)sprintf(list + len, "r%d ", i);
    return list;
}

START_TEST(roles_of_64_and_of_one_more)
{
    struct gs2_roles got;

    ck_assert_int_eq(gs2_roles_parse(many(64), &got, &err), GS2_OK);
    ck_assert_uint_eq(got.count, 64);
    gs2_roles_clear(&got);
    ck_assert_int_eq(gs2_roles_parse(many(65), &got, &err), GS2_BADCONFIG);
    ck_assert_str_eq(err.text, "line 1, column 247: more than 64 roles");
}
END_TEST

#define OR_NOT                                                                \
    "one side of an \"or\", or of an \"and\" behind \"not\", has \"not\" "  \
    "alone: all others would have the role; put a comparison without "        \
    "\"not\" on each side"

static const struct {
    const char *rule, *error; /* NULL: it may be a role's */
} rules[] = {
    { "a=1", NULL },
    { "a=1 or gs2:realm=X and not gs2:authid=bob", NULL },
    { "not gs2:realm=X", NULL },
    { "a=1 and not gs2:realm=X", NULL },
    { "not (gs2:realm=X or gs2:realm=Y)", NULL },
    { "not (not gs2:realm=X and not gs2:realm=Y)", NULL },
    { "(a=1 or b=1) and not gs2:realm=X or c=1", NULL },
    { NULL, "it is not set, and gs2_roles names the role card" },
    { "", L1("1") "the rule is empty" },
    { "a=", L1("3") "a value expected, where the text ends" },
    { "a=1 or not gs2:realm=X", OR_NOT },
    { "not gs2:realm=X or a=1", OR_NOT },
    { "a=1 and (b=1 or not gs2:realm=X)", OR_NOT },
    { "a=1 or (not gs2:realm=X and not gs2:realm=Y)", OR_NOT },
    { "a=1 or (b=1 or not gs2:realm=X)", OR_NOT },
    { "not (gs2:realm=X and gs2:realm=Y)", OR_NOT },
    { "not (not gs2:mech=a and gs2:realm=Y)", OR_NOT },
    { "gs2:role=mailers", L1("1") "the rule of a role does not speak of "
                          "roles: write what they stand for" },
    { "a=1 and gs2:authzid=root",
      L1("9") "the rule of a role does not speak of gs2:authzid: whoever logs "
      "in asks for that" },
    { "a=1 or gs2:role=*", L1("8") "the rule of a role does not speak of "
                           "roles: write what they stand for" },
};

START_TEST(rule_of_a_role)
{
    struct gs2_roles got;

    ck_assert_int_eq(gs2_roles_parse("mailers card", &got, &err), GS2_OK);
    ck_assert_int_eq(gs2_roles_set_rule(&got, 1, rules[_i].rule, &err),
                     rules[_i].error == NULL ? GS2_OK : GS2_BADCONFIG);
    if (rules[_i].error != NULL)
        ck_assert_str_eq(err.text, rules[_i].error);
    gs2_roles_clear(&got);
}
END_TEST

/* A rule of that many comparisons. */
static const char *
terms(int count)
{
    static char rule[GS2_RULE_OCTETS_MAX];
    size_t len = (size_t)sprintf(rule, "a=1");

    for (int i = 1; i < count; i++)
        len += (size_t)sprintf(rule + len, " and a=1");
    return rule;
}

START_TEST(comparisons_of_1024_and_of_one_more)
{
    struct gs2_roles got;

    ck_assert_int_eq(gs2_roles_parse(many(5), &got, &err), GS2_OK);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(gs2_roles_set_rule(&got, i, terms(256), &err),
                         GS2_OK);
    ck_assert_int_eq(gs2_roles_set_rule(&got, 4, terms(1), &err),
                     GS2_BADCONFIG);
    ck_assert_str_eq(err.text, "more than 1024 comparisons in the rules of all "
                               "roles");
    gs2_roles_clear(&got);
}
END_TEST

/* --- a server's options -------------------------------------------------- */

/* gs2_roles, the rules of its roles, gs2_require; what is said, NULL where all
 * is well. */
static const struct {
    const char *list, *first, *second, *require, *error;
} servers[] = {
    { "a b", "x=1", "y=1", NULL, NULL },
    { "a b", "x=1", "y=1", "gs2:role=b and gs2:role=*", NULL },
    { "a b", "x=1", "y=1", "gs2:role=c",
      "option gs2_require: " L1("1") "gs2_roles names no role \"c\"" },
    { NULL, NULL, NULL, "gs2:role=a",
      "option gs2_require: " L1("1") "there are no roles: gs2_roles is not "
      "set" },
    { NULL, NULL, NULL, "gs2:mech=x or gs2:role=*",
      "option gs2_require: " L1("15") "there are no roles: gs2_roles is not "
      "set" },
    { "a b", "x=1", NULL, NULL,
      "option gs2_role_b: it is not set, and gs2_roles names the role b" },
    { "a b", "x=1", "y", NULL,
      "option gs2_role_b: " L1("2") "'=' or ':=' expected, where the text "
      "ends" },
    { "a B", "x=1", "y=1", NULL, "option gs2_roles: " L1("3") NO_NAME("B") },
    { "a", "gs2:ad-groups=S-1-1-0", NULL, NULL,
      "option gs2_role_a: gs2:ad-groups needs a PAC decoder, and "
      "gs2_pac_decoder is not set" },
};

static char *
copy_of(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

/* Fills *config with two roles, a and b. */
static gs2_status
configure(struct gs2_config *config, const char *list, const char *first,
          const char *second, const char *require)
{
    *config = (struct gs2_config){ .keytab = NULL };
    config->texts[GS2_OPT_ROLES] = copy_of(list);
    config->texts[GS2_OPTIONS] = copy_of(first);
    config->texts[GS2_OPTIONS + 1] = copy_of(second);
    config->texts[GS2_OPT_REQUIRE] = copy_of(require);
    return gs2_options_parse(config, &err);
}

START_TEST(options_of_a_server)
{
    struct gs2_config config;
    gs2_status status = configure(&config, servers[_i].list, servers[_i].first,
                                  servers[_i].second, servers[_i].require);

    ck_assert_int_eq(status, servers[_i].error == NULL ? GS2_OK
                                                       : GS2_BADCONFIG);
    if (servers[_i].error != NULL)
        ck_assert_str_eq(err.text, servers[_i].error);
    gs2_options_clear(&config);
}
END_TEST

/* The rules of a and of b, and gs2_require: whether an unbound login cannot
 * meet it. */
static const struct {
    const char *first, *second, *require;
    bool needs;
} bound[] = {
    { "gs2:binding=*", "x=1", "gs2:role=a", true },
    { "gs2:binding=*", "x=1", "gs2:role=b", false },
    { "gs2:binding=*", "x=1", "gs2:role=*", false },
    { "gs2:binding=*", "x=1", "gs2:role=a and gs2:role=b", true },
    { "gs2:binding=*", "x=1", "gs2:role=a or gs2:role=b", false },
    { "gs2:binding=*", "x=1 and gs2:binding=y", "gs2:role=*", true },
    { "gs2:binding=*", "x=1", "gs2:role=b and gs2:binding=z", true },
    { "gs2:binding=* or y=1", "x=1", "gs2:role=a", false },
    { "gs2:binding=*", "x=1", NULL, false },
};

START_TEST(a_role_needs_a_binding)
{
    struct gs2_config config;

    ck_assert_int_eq(configure(&config, "a b", bound[_i].first,
                               bound[_i].second, bound[_i].require), GS2_OK);
    ck_assert_msg(gs2_options_needs_binding(&config) == bound[_i].needs,
                  "%s", bound[_i].require);
    gs2_options_clear(&config);
}
END_TEST

SUITE("roles",
      TABLE(list_is_refused, lists),
      TEST(names_are_taken_in_their_order),
      TEST(roles_of_64_and_of_one_more),
      TABLE(rule_of_a_role, rules),
      TEST(comparisons_of_1024_and_of_one_more),
      TABLE(options_of_a_server, servers),
      TABLE(a_role_needs_a_binding, bound))
