/*
 * t_rules.c - what rules mean: verdicts, the comparison that is named where
 * one is not met, precedence, whole-value comparison, and what is asked of the
 * login, in which order.
 */
#include <stdio.h>

#include "tests/lib/rules_login.h"
#include "tests/lib/suite.h"

#define TEXT "the login does not meet the requirements of the server"

/* A rule; the comparison that fails, or NULL where the rule is met; the
 * lookups, in order. */
static const struct {
    const char *rule, *failed, *asked;
} meanings[] = {
    { "mail=alice@example.test", NULL, "mail " },
    { "mail=*", NULL, "mail " },
    { "phone=*", "phone=*", "phone " },
    /* Whole values, octet by octet. */
    { "mail=alice", "mail=alice", "mail " },
    { "mail=alice@example.test.", "mail=alice@example.test.", "mail " },
    { "mail=Alice@example.test", "mail=Alice@example.test", "mail " },
    { "mai=alice@example.test", "mai=alice@example.test", "mai " },
    { "urn:x:mail=*", "urn:x:mail=*", "urn:x:mail " },
    { "empty=\"\"", NULL, "empty " },
    { "empty=*", NULL, "empty " },
    { "mail=\"\"", "mail=\"\"", "mail " },
    { "star=\"*\"", NULL, "star " },
    { "mail=\"*\"", "mail=\"*\"", "mail " },
    { "utf8=\"J\xc3\xbcrg\"", NULL, "utf8 " },
    { "\"mail\"=\"alice@example.test\"", NULL, "mail " },
    /* Any value of several. */
    { "auth-indicators=otp", NULL, "auth-indicators " },
    { "auth-indicators=\"hard ware\"", NULL, "auth-indicators " },
    { "auth-indicators=hard", "auth-indicators=hard", "auth-indicators " },
    /* Quotes and base64. */
    { "\"quote\\\"d\\\\\"=\"say \\\"hi\\\" \\\\ there\"", NULL,
      "quote\"d\\ " },
    { "\"urn:mspac:\":=AQAC", NULL, "urn:mspac: " },
    { "\"urn:mspac:\":=AQ==", "\"urn:mspac:\":=AQ==", "urn:mspac: " },
    { "\"urn:mspac:\"=*", NULL, "urn:mspac: " },
    { "mail:=YWxpY2VAZXhhbXBsZS50ZXN0", NULL, "mail " },
    { "urn:mspac:=AQAC", "urn:mspac:=AQAC", "urn:mspac " },
    { "(t:=MQ==)", NULL, "t " },
    /* Keywords are whole words, and no keywords before an operator. */
    { "not=1", NULL, "not " },
    { "not=1 and and=1 or or=1", NULL, "not and " },
    { "and:=MQ==", NULL, "and " },
    { "\"not\"=1", NULL, "not " },
    { "(t=1)and(t=1)", NULL, "t t " },
    { "not(gs2:mech=x)", NULL, "gs2:mech " },
    { "t=1 and notes=1", "notes=1", "t notes " },
    { "t=1 or order=1", NULL, "t " },
    { "\tt=1\r\n and\n(\nt=1 ) ", NULL, "t t " },
    /* Precedence: and binds tighter than or, not tighter than and. */
    { "t=0 and t=0 or t=1", NULL, "t t " },
    { "t=1 or t=0 and t=0", NULL, "t " },
    { "t=0 and (t=0 or t=1)", "t=0", "t " },
    { "(t=1 or t=0) and t=0", "t=0", "t t " },
    { "not gs2:mech=x and t=0", "t=0", "gs2:mech t " },
    { "not (gs2:mech=x and gs2:realm=y) and t=1", NULL, "gs2:mech t " },
    { "not gs2:mech=GS2-KRB5 or t=1", NULL, "gs2:mech t " },
    /* Facts. */
    { "gs2:realm=EXAMPLE.TEST and (gs2:binding=* or auth-indicators=otp)",
      NULL, "gs2:realm gs2:binding auth-indicators " },
    /* Nothing is had by absence: no binding, and not unbound. */
    { "not gs2:binding=tls-exporter", "not gs2:binding=tls-exporter",
      "gs2:binding " },
    { "not not gs2:binding=x", "gs2:binding=x", "gs2:binding " },
    { "not (gs2:binding=x and gs2:mech=GS2-KRB5)",
      "not gs2:binding=x, not gs2:mech=GS2-KRB5", "gs2:binding gs2:mech " },
    { "not (gs2:binding=x or gs2:mech=x)", "not gs2:binding=x",
      "gs2:binding " },
    { "not (gs2:binding=x and gs2:mech=x)", NULL, "gs2:binding gs2:mech " },
    { "not gs2:binding=x or gs2:mech=GS2-KRB5", NULL,
      "gs2:binding gs2:mech " },
    { "not not gs2:mech=*", NULL, "gs2:mech " },
    { "not not gs2:mech=GS2-KRB5", NULL, "gs2:mech " },
    { "not not not gs2:mech=GS2-KRB5", "not gs2:mech=GS2-KRB5", "gs2:mech " },
    { "\"gs2:mech\"=GS2-KRB5", NULL, "gs2:mech " },
    { "not (gs2:mech=x or gs2:realm=EXAMPLE.TEST)",
      "not gs2:realm=EXAMPLE.TEST", "gs2:mech gs2:realm " },
    { "not (gs2:mech=x and not gs2:binding=*)", NULL, "gs2:mech " },
    { "gs2:acceptor=* or gs2:service=* or gs2:authzid=* or gs2:authid=alice",
      NULL, "gs2:acceptor gs2:service gs2:authzid gs2:authid " },
    { "gs2:role=card", NULL, "gs2:role " },
    { "gs2:role=mailers", "gs2:role=mailers", "gs2:role " },
    { "gs2:role=*", NULL, "gs2:role " },
    /* Nothing is asked once the verdict is known. */
    { "t=0 and mail=*", "t=0", "t " },
    { "t=1 or mail=*", NULL, "t " },
    /* All comparisons that decided are named, and no other. */
    { "t=0 or mail=x", "t=0, mail=x", "t mail " },
    { "(t=0 or t=1) and (t=1 and t=0 or mail=x)", "t=0, mail=x",
      "t t t t mail " },
    { "(t=0 or t=2 or t=1) and t=3", "t=3", "t t t t " },
    { "(t=0 or t=1 and t=2) or not gs2:mech=GS2-KRB5 or t=4",
      "t=0, t=2, not gs2:mech=GS2-KRB5, t=4", "t t t gs2:mech t " },
};

START_TEST(rule_means_what_it_says)
{
    char detail[GS2_TEXT_MAX], *p;
    struct asked asked = { "", GS2_OK };
    struct gs2_rule *rule;
    gs2_status status;

    ck_assert_msg(parse(meanings[_i].rule, &rule) == GS2_OK, "%s", err.text);
    status = gs2_rule_check(rule, look_up, &asked, &err);
    ck_assert_str_eq(asked.names, meanings[_i].asked);
    if (meanings[_i].failed == NULL) {
        ck_assert_int_eq(status, GS2_OK);
    } else {
        ck_assert_int_eq(status, GS2_NOAUTHZ);
        ck_assert_str_eq(err.text, TEXT);
        snprintf(detail, sizeof(detail), "not met: %s, in the rule: %s",
                 meanings[_i].failed, meanings[_i].rule);
        for (p = detail; *p != '\0'; p++)
            if (*p == '\n' || *p == '\r' || *p == '\t')
                *p = ' ';
        ck_assert_str_eq(err.detail, detail);
        ck_assert_int_eq(gs2_rule_check(rule, look_up, &asked, NULL),
                         GS2_NOAUTHZ);
    }
    gs2_rule_free(rule);
}
END_TEST

/* Told whether each comparison is of a fact. */
static void
tell_kind(void *context, const struct gs2_comparison *c)
{
    char *kinds = context;

    strcat(kinds, c->fact == GS2_FACT_NONE ? "A" : "F");
}

START_TEST(comparison_knows_whether_it_is_of_a_fact)
{
    static const struct {
        const char *rule, *kinds;
    } cases[] = {
        { "gs2:mech=x", "F" },
        { "not (gs2:mech=x or gs2:realm=y) and gs2:authid=a", "FFF" },
        { "gs2:mech=x or mail=*", "FA" },
        { "mail=* and \"gs2:mech\"=x", "AF" },
        { "gs2:ad-groups=x", "A" },
        { "gs2-mech=x", "A" },
        { "GS2:mech=x", "A" },
        { "\" gs2:mech\"=x", "A" },
    };
    struct gs2_rule *rule;

    for (size_t i = 0; i < COUNT(cases); i++) {
        char kinds[8] = "";

        ck_assert_int_eq(parse(cases[i].rule, &rule), GS2_OK);
        gs2_rule_walk(rule, tell_kind, kinds);
        ck_assert_msg(strcmp(kinds, cases[i].kinds) == 0, "%s: %s",
                      cases[i].rule, kinds);
        gs2_rule_free(rule);
    }
    gs2_rule_free(NULL);
}
END_TEST

static const struct {
    const char *rule;
    bool needs; /* a binding */
} needing[] = {
    { "gs2:binding=*", true },
    { "gs2:binding=x", true },
    { "not gs2:binding=x", true },
    { "a=1 and gs2:binding=*", true },
    { "gs2:binding=x or not gs2:binding=y and a=1", true },
    { "not (gs2:binding=x or gs2:mech=y)", true },
    { "a=1", false },
    { "a=1 or gs2:binding=*", false },
    { "a=1 and (gs2:binding=* or b=1)", false },
    { "not (gs2:binding=x and gs2:mech=y)", false },
};

START_TEST(rule_needs_a_fact)
{
    struct asked asked = { "", GS2_OK };
    struct gs2_rule *rule;

    ck_assert_int_eq(parse(needing[_i].rule, &rule), GS2_OK);
    ck_assert_msg(gs2_rule_needs(rule, NULL, GS2_FACT_BINDING) ==
                      needing[_i].needs,
                  "%s", needing[_i].rule);
    /* The login of these tests has none. */
    if (needing[_i].needs)
        ck_assert_int_eq(gs2_rule_check(rule, look_up, &asked, &err),
                         GS2_NOAUTHZ);
    gs2_rule_free(rule);
}
END_TEST

START_TEST(failure_of_a_lookup_ends_the_evaluation)
{
    struct asked asked = { "", _i == 0 ? GS2_NOMEM : GS2_FAIL };
    struct gs2_rule *rule;

    ck_assert_int_eq(parse("t=0 or not gs2:mech=x or t=1", &rule), GS2_OK);
    ck_assert_int_eq(gs2_rule_check(rule, look_up, &asked, &err),
                     asked.fail_with);
    ck_assert_str_eq(err.text, "the lookup failed");
    ck_assert_str_eq(asked.names, "t ");
    gs2_rule_free(rule);
}
END_TEST

static gs2_status
never(void *context, const struct gs2_comparison *c,
      enum gs2_rule_answer *answer_out, struct gs2_error *error)
{
    (void)context, (void)c, (void)answer_out, (void)error;
    return GS2_OK;
}

START_TEST(detail_of_a_long_rule_is_cut_behind_the_comparison)
{
    char text[GS2_RULE_OCTETS_MAX + 1], start[300];
    struct gs2_rule *rule;

    memset(text, 'x', sizeof(text));
    memcpy(text, "a=", 2);
    text[GS2_RULE_OCTETS_MAX] = '\0';
    ck_assert_int_eq(parse(text, &rule), GS2_OK);
    ck_assert_int_eq(gs2_rule_check(rule, never, NULL, &err), GS2_NOAUTHZ);
    ck_assert_str_eq(err.text, TEXT);
    snprintf(start, sizeof(start), "not met: %.256s, in the rule: a=xx", text);
    ck_assert_int_eq(strncmp(err.detail, start, strlen(start)), 0);
    ck_assert_uint_eq(strlen(err.detail), GS2_TEXT_MAX - 1);
    gs2_rule_free(rule);
}
END_TEST

/* Of many long comparisons that failed, as much as there is room for. */
START_TEST(detail_of_many_comparisons_is_cut)
{
    char text[2048] = "", list[600], start[600];
    struct gs2_rule *rule;

    for (size_t i = 0; i < 4; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text),
                 "%sa=%0400d", i > 0 ? " or " : "", 0);
    ck_assert_int_eq(parse(text, &rule), GS2_OK);
    ck_assert_int_eq(gs2_rule_check(rule, never, NULL, &err), GS2_NOAUTHZ);
    snprintf(list, sizeof(list), "%.256s, %.256s", text, text);
    snprintf(start, sizeof(start), "not met: %.512s, in the rule: a=00", list);
    ck_assert_int_eq(strncmp(err.detail, start, strlen(start)), 0);
    gs2_rule_free(rule);
}
END_TEST

START_TEST(every_prefix_parses_or_is_refused_with_a_text)
{
    char text[128];
    struct gs2_rule *rule;

    for (size_t len = 0; len <= strlen(meanings[_i].rule); len++) {
        snprintf(text, sizeof(text), "%.*s", (int)len, meanings[_i].rule);
        if (parse(text, &rule) == GS2_OK) {
            gs2_rule_free(rule);
            continue;
        }
        ck_assert_ptr_null(rule);
        ck_assert_int_eq(strncmp(err.text, "line ", 5), 0);
    }
}
END_TEST

/* What a walk tells of each comparison, one after another. */
struct told {
    const char *rule;
    char text[512];
};

static void
tell(void *context, const struct gs2_comparison *c)
{
    struct told *told = context;
    const size_t at = strlen(told->text);

    ck_assert_uint_eq(strlen(c->name), c->name_len);
    snprintf(told->text + at, sizeof(told->text) - at, "%s%s<%.*s> ",
             c->negated ? "!" : "", c->name, (int)c->source_len,
             told->rule + c->source_at);
}

START_TEST(walk_tells_of_each_comparison)
{
    static const struct {
        const char *rule, *told;
    } cases[] = {
        { "t=1", "t<t=1> " },
        { " ( t=0 and mail=* ) or t=1", "t<t=0> mail<mail=*> t<t=1> " },
        { "t=1 or not (gs2:mech=x and not gs2:realm=\"a b\")",
          "t<t=1> !gs2:mech<gs2:mech=x> gs2:realm<gs2:realm=\"a b\"> " },
        { "\"a \\\"b\":=MQ== and(t=1)",
          "a \"b<\"a \\\"b\":=MQ==> t<t=1> " },
    };
    struct gs2_rule *rule;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct told told = { cases[i].rule, "" };

        ck_assert_int_eq(parse(cases[i].rule, &rule), GS2_OK);
        gs2_rule_walk(rule, tell, &told);
        ck_assert_str_eq(told.text, cases[i].told);
        gs2_rule_free(rule);
    }
}
END_TEST

SUITE("rules",
      TABLE(rule_means_what_it_says, meanings),
      TEST(comparison_knows_whether_it_is_of_a_fact),
      TABLE(rule_needs_a_fact, needing),
      TEST(walk_tells_of_each_comparison),
      TIMES(failure_of_a_lookup_ends_the_evaluation, 2),
      TEST(detail_of_a_long_rule_is_cut_behind_the_comparison),
      TEST(detail_of_many_comparisons_is_cut),
      TABLE(every_prefix_parses_or_is_refused_with_a_text, meanings))
