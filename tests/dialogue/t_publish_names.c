/*
 * t_publish_names.c - properties from attributes with hostile names, how often
 * a login asks the mechanism for attributes, and what one leaves to the next
 * (RFC 6680 sections 5, 7.4 and 7.5; the scriptable mechanism behind the
 * plugin behind libsasl).
 */
#include "tests/lib/publish_login.h"

#include "tests/lib/suite.h"

/* --- names --------------------------------------------------------------- */

static const struct gs2_script_value mail[] = { V("mail") };
static const struct gs2_script_value urn_mail[] = { V("urn:x:mail") };
static const struct gs2_script_value nul_mail[] = { V("mail NUL evil") };
static const struct gs2_script_value colon[] = { V("mail:") };
static const struct gs2_script_value space[] = { V("mail with space") };
static const struct gs2_script_value quote[] = { V("quote") };
static const struct gs2_script_value fact[] = { V("EVIL.TEST") };
static const struct gs2_script_value star[] = { V("star") };
static const struct gs2_script_value nameless[] = { V("nameless") };

static const struct gs2_script_attr hostile_names[] = {
    ATTR("mail\0evil", nul_mail), ATTR("urn:x:mail", urn_mail),
    ATTR("mail:", colon),         ATTR("mail ", space),
    ATTR("say \"x\" \\", quote),  ATTR("gs2:realm", fact),
    ATTR("*mail", star),          ATTR("", nameless),
};

START_TEST(names_are_verbatim)
{
    have(hostile_names, 8);
    ask("*gss:mail");
    ask("*gss:urn:x:mail");
    ask("*gss:mail:");
    ask("*gss:mail ");
    ask("*gss:say \"x\" \\");
    ask("*gss:gs2:realm");
    ask("*gss:*mail");
    ask("*gss:");
    log_in();
    ck_assert_str_eq(values("*gss:mail"), "");
    ck_assert_str_eq(values("*gss:urn:x:mail"), "urn:x:mail|");
    ck_assert_str_eq(values("*gss:mail:"), "mail:|");
    ck_assert_str_eq(values("*gss:mail "), "mail with space|");
    ck_assert_str_eq(values("*gss:say \"x\" \\"), "quote|");
    ck_assert_str_eq(values("*gss:gs2:realm"), "");
    ck_assert_str_eq(values("*gss:*mail"), "star|");
    ck_assert_str_eq(values("*gss:"), "nameless|");
}
END_TEST

START_TEST(prefixes_do_not_mix)
{
    static const struct gs2_script_attr attrs[] = {
        ATTR("mail\0evil", nul_mail), ATTR("urn:x:mail", urn_mail),
        ATTR("mail", mail)
    };

    have(attrs, 3);
    /* The first to be filled: all names are known when the next one is. */
    ask("*gss-attributes-json");
    ask("*gss:mail");
    ask("*gss:urn:x:mail");
    ask("*gss:x:mail");
    ask("*gss:urn");
    log_in();
    ck_assert_str_eq(values("*gss:mail"), "mail|");
    ck_assert_str_eq(values("*gss:urn:x:mail"), "urn:x:mail|");
    ck_assert_str_eq(values("*gss:x:mail"), "");
    ck_assert_str_eq(values("*gss:urn"), "");
}
END_TEST

static const struct {
    const char *rule;
    bool met;
} hostile_rules[] = {
    { "\"mail \"=\"mail with space\"", true },
    { "\"say \\\"x\\\" \\\\\"=quote", true },
    { "\"mail:\"=\"mail:\"", true },
    { "mail=*", false },
    { "mail=\"mail NUL evil\"", false },
    { "\"mail:\"=mail", false },
    { "gs2:realm=EVIL.TEST", false },
    { "gs2:realm=*", false }, /* the mechanism is not Kerberos */
};

START_TEST(rules_on_hostile_names)
{
    have(hostile_names, 8);
    gs2_dialogue_set(d.server_options, "gs2_require",
                     hostile_rules[_i].rule);
    gs2_dialogue_open(&d);
    ck_assert_msg(attempt() == (hostile_rules[_i].met ? SASL_OK
                                                      : SASL_NOAUTHZ),
                  "%s: %s\n%s", hostile_rules[_i].rule, d.server_error,
                  d.server_log);
}
END_TEST

/* A property that nobody has, as it may be misspelt, is told. */
START_TEST(misspelt_name)
{
    static const char *const wrong[] = {
        "*gss-adgroups", "gss", "*gss-ad-groups2", "*gs2-role",
    };
    char line[128];

    have(hostile_names, 1);
    ask("*gss-ad-groups");
    ask("*gss:mail");
    ask("*mail");
    ask("*gs2-roles");
    for (size_t i = 0; i < COUNT(wrong); i++)
        ask(wrong[i]);
    log_in();
    for (size_t i = 0; i < COUNT(wrong); i++) {
        snprintf(line, sizeof(line), "4 GS2: the application requests the "
                 "property %s, which does not exist\n", wrong[i]);
        ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, line), 1);
    }
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "does not exist"),
                      COUNT(wrong));
}
END_TEST

/* What fails at canon_user leaves nothing, not even an empty value. */
START_TEST(nothing_after_canon_user)
{
    d.canon_code = SASL_NOAUTHZ;
    have(hostile_names, 1);
    ask("*gss:mail");
    ask("gss-attributes-json");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), SASL_NOAUTHZ);
    ck_assert_ptr_null(property("*gss:mail")->values);
    ck_assert_ptr_null(property("gss-attributes-json")->values);
}
END_TEST

/* --- how often ----------------------------------------------------------- */

static unsigned
attribute_calls(void)
{
    return sm->count(GS2_CALL_GET_ATTRIBUTE) +
           sm->count(GS2_CALL_INQUIRE_NAME) +
           sm->count(GS2_CALL_EXPORT_COMPOSITE);
}

static const struct gs2_script_value three[] = { V("a"), V("b"), V("c") };
static const struct gs2_script_attr attr_three = ATTR("x", three);

START_TEST(no_request_and_no_rule_no_call)
{
    have(&attr_three, 1);
    ask("*uid");       /* another plugin's business */
    ask("*gssx:x");
    ask("*gss-other");
    gs2_dialogue_set(d.server_options, "gs2_attributes", "mail=x");
    gs2_dialogue_set(d.server_options, "gs2_export", "yes");
    gs2_dialogue_set(d.server_options, "gs2_require",
                     "gs2:authid=* and gs2:mech=GS2-SCRIPT");
    gs2_dialogue_set(d.server_options, "gs2_proxy_require", "x=never");
    log_in();
    ck_assert_uint_eq(attribute_calls(), 0);
}
END_TEST

START_TEST(a_rule_and_two_properties_read_once)
{
    have(&attr_three, 1);
    ask("*gss:x");
    ask("gss:x");
    ask("*gss64:x");
    ask("*mail");
    gs2_dialogue_set(d.server_options, "gs2_attributes", "mail=x");
    gs2_dialogue_set(d.server_options, "gs2_require", "x=c and x=b");
    log_in();
    ck_assert_str_eq(values("*gss:x"), "a|b|c|");
    ck_assert_str_eq(values("*mail"), "a|b|c|");
    ck_assert_uint_eq(sm->count(GS2_CALL_GET_ATTRIBUTE), 3);
    ck_assert_uint_eq(attribute_calls(), 3);
}
END_TEST

START_TEST(nothing_is_read_for_another_authzid)
{
    have(&attr_three, 1);
    d.authzid = GS2_GIVEN("bob");
    ask("gss:x");
    ask("gss-attributes-json");
    log_in();
    ck_assert_str_eq(d.proxied, "scripted@SCRIPT.TEST as bob");
    ck_assert_str_eq(values("gss:x"), "");
    ck_assert_str_eq(values("gss-attributes-json"), "");
    ck_assert_uint_eq(attribute_calls(), 0);
}
END_TEST

/* --- what an attempt leaves ---------------------------------------------- */

START_TEST(refused_then_plain)
{
    static const struct gs2_setting passwords[] = {
        { "carol", "carol.secret.1" }, { NULL, NULL }
    };

    have(&attr_three, 1);
    ask("*gss:x");
    ask("gss:x");
    ask("*mail");
    gs2_dialogue_set(d.server_options, "gs2_attributes", "mail=x");
    d.passwords = passwords;
    d.authzid = GS2_GIVEN("bob");
    d.proxy_code = SASL_NOAUTHZ;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), SASL_NOAUTHZ);
    ck_assert_uint_eq(d.proxy_calls, 1);
    ck_assert_str_eq(values("*gss:x"), "");
    d.proxy_code = SASL_OK;
    ck_assert_int_eq(gs2_dialogue_plain(&d, "carol", "carol.secret.1"),
                     SASL_OK);
    ck_assert_str_eq(values("*gss:x"), "");
    ck_assert_str_eq(values("gss:x"), "");
    ck_assert_str_eq(values("*mail"), "");
}
END_TEST

START_TEST(accepted_then_plain)
{
    static const struct gs2_setting passwords[] = {
        { "carol", "carol.secret.1" }, { NULL, NULL }
    };

    have(&attr_three, 1);
    ask("*gss:x");
    ask("gss:x");
    d.passwords = passwords;
    log_in();
    ck_assert_str_eq(values("gss:x"), "a|b|c|");
    ck_assert_int_eq(gs2_dialogue_plain(&d, "carol", "carol.secret.1"),
                     SASL_OK);
    ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_AUTHUSER), "carol");
    ck_assert_str_eq(values("*gss:x"), "");
    ck_assert_str_eq(values("gss:x"), "");
}
END_TEST

START_TEST(second_login_has_its_own)
{
    static const struct gs2_script_value other[] = { V("z") };
    static const struct gs2_script_attr attr_other = ATTR("x", other);

    have(&attr_three, 1);
    ask("*gss:x");
    d.authzid = GS2_GIVEN("bob");
    d.proxy_code = SASL_NOAUTHZ;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), SASL_NOAUTHZ);
    have(&attr_other, 1);
    d.proxy_code = SASL_OK;
    renew_client();
    ck_assert_int_eq(attempt(), SASL_OK);
    ck_assert_str_eq(values("*gss:x"), "z|");
}
END_TEST

SUITE("publish-names",
      PREPARE(scripted_one),
      FIXTURE(set_up, tear_down),
      TIMEOUT(60),
      TEST(names_are_verbatim),
      TEST(prefixes_do_not_mix),
      TEST(misspelt_name),
      TEST(nothing_after_canon_user),
      TABLE(rules_on_hostile_names, hostile_rules),
      TEST(no_request_and_no_rule_no_call),
      TEST(a_rule_and_two_properties_read_once),
      TEST(nothing_is_read_for_another_authzid),
      TEST(refused_then_plain),
      TEST(accepted_then_plain),
      TEST(second_login_has_its_own))
