/*
 * t_publish_roles.c - roles and the facts of a login as properties: who has
 * which, that the plugin itself requests the roles, what an attempt leaves, and
 * what happens where a rule cannot be decided (the scriptable mechanism behind
 * the plugin behind libsasl).
 */
#include "tests/lib/publish_login.h"

#include <stdlib.h>
#include <time.h>

#include "tests/lib/suite.h"

#define ROLES "*gs2-roles"
#define EXPIRES "*gs2-expires"

static const struct gs2_script_value otp[] = { V("otp"), V("card") };
static const struct gs2_script_attr marks = ATTR("marks", otp);

static void
option(const char *name, const char *value)
{
    gs2_dialogue_set(d.server_options, name, value);
}

/* Three roles, of which the login has the last and the first. */
static void
have_roles(void)
{
    have(&marks, 1);
    option("gs2_roles", "strong other card");
    option("gs2_role_card", "marks=card and not gs2:authid=root");
    option("gs2_role_other", "marks=password or gs2:realm=X");
    option("gs2_role_strong", "marks=otp or marks=card");
}

static bool
is_requested(const char *name)
{
    const struct propval *p = prop_get(sasl_auxprop_getctx(d.server));

    for (; p != NULL && p->name != NULL; p++) {
        if (strcmp(p->name, name) == 0)
            return true;
    }
    return false;
}

START_TEST(nobody_asked_and_the_roles_are_there)
{
    have_roles();
    log_in();
    ck_assert_str_eq(values(ROLES), "strong|card|");
    ck_assert(is_requested(EXPIRES));
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log,
                                          " roles=\"strong card\" tag=-\n"), 1);
}
END_TEST

/* Once for the connection, and in its place where somebody has asked. */
START_TEST(asked_for_once)
{
    unsigned count = 0;

    have_roles();
    if (_i == 0)
        ask(ROLES);
    ask("*gss:marks");
    log_in();
    renew_client();
    ck_assert_int_eq(attempt(), SASL_OK);
    for (const struct propval *p = prop_get(sasl_auxprop_getctx(d.server));
         p->name != NULL; p++)
        count += strcmp(p->name, ROLES) == 0 || strcmp(p->name, EXPIRES) == 0;
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(values("*gss:marks"), "otp|card|");
}
END_TEST

/* What is remembered of a configuration is found by the rules of its roles. */
START_TEST(another_rule_another_role)
{
    have_roles();
    log_in();
    ck_assert_str_eq(values(ROLES), "strong|card|");
    gs2_dialogue_disconnect(&d);
    option("gs2_role_card", "marks=none");
    gs2_dialogue_connect(&d);
    ck_assert_int_eq(attempt(), SASL_OK);
    ck_assert_str_eq(values(ROLES), "strong|");
}
END_TEST

START_TEST(no_roles_no_request)
{
    have(&marks, 1);
    log_in();
    ck_assert(!is_requested(ROLES));
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, " roles=- tag=-\n"), 1);
}
END_TEST

START_TEST(roles_asked_for_where_there_are_none)
{
    have(&marks, 1);
    ask(ROLES);
    log_in();
    ck_assert_str_eq(values(ROLES), "");
}
END_TEST

/* Of the authentication identity: the other name has them only where that is
 * the same. */
START_TEST(for_another_authzid)
{
    have_roles();
    ask("gs2-roles");
    ask("gs2-mech");
    d.authzid = GS2_GIVEN("bob");
    log_in();
    ck_assert_str_eq(values(ROLES), "strong|card|");
    ck_assert_str_eq(values("gs2-roles"), "");
    ck_assert_str_eq(values("gs2-mech"), "");
}
END_TEST

static const struct {
    const char *rule, *proxy_rule, *not_met;
} asking[] = {
    { "gs2:role=card and gs2:role=strong", NULL, NULL },
    { "gs2:role=*", "gs2:role=card", NULL },
    { "gs2:role=other", NULL, "not met: gs2:role=other," },
    { NULL, "gs2:role=other or gs2:authid=root",
      "not met: gs2:role=other, gs2:authid=root," },
};

START_TEST(rules_on_roles)
{
    have_roles();
    option("gs2_require", asking[_i].rule);
    option("gs2_proxy_require", asking[_i].proxy_rule);
    d.authzid = GS2_GIVEN("bob");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), asking[_i].not_met == NULL ? SASL_OK
                                                           : SASL_NOAUTHZ);
    if (asking[_i].not_met != NULL) {
        ck_assert_ptr_nonnull(strstr(d.server_log, asking[_i].not_met));
        ck_assert_str_eq(values(ROLES), "|");
    }
}
END_TEST

/* What is refused, and what another mechanism does, leaves nothing. */
START_TEST(nothing_is_left)
{
    static const struct gs2_setting passwords[] = {
        { "carol", "carol.secret.1" }, { NULL, NULL }
    };

    have_roles();
    ask("*gs2-mech");
    d.passwords = passwords;
    if (_i == 1)
        d.canon_code = SASL_NOAUTHZ;
    if (_i == 2) {
        d.authzid = GS2_GIVEN("bob");
        d.proxy_code = SASL_NOAUTHZ;
    }
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), _i == 0 ? SASL_OK : SASL_NOAUTHZ);
    /* An empty value, so that no auxprop plugin is asked for one. */
    if (_i > 0) {
        ck_assert_str_eq(values(ROLES), "|");
        ck_assert_str_eq(values("*gs2-mech"), "");
    }
    d.canon_code = d.proxy_code = SASL_OK;
    ck_assert_int_eq(gs2_dialogue_plain(&d, "carol", "carol.secret.1"),
                     SASL_OK);
    ck_assert_str_eq(values(ROLES), "|");
    ck_assert_str_eq(values("*gs2-mech"), "");
}
END_TEST

START_TEST(facts)
{
    static const char *const names[] = {
        "*gs2-mech", "*gs2-service", "*gs2-principal", "gs2-principal",
        "*gs2-binding", "*gs2-realm", "*gs2-ticket-service", "*gs2-layer",
    };

    have(&marks, 1);
    for (size_t i = 0; i < COUNT(names); i++)
        ask(names[i]);
    log_in();
    ck_assert_str_eq(values("*gs2-mech"), "GS2-SCRIPT|");
    ck_assert_str_eq(values("*gs2-service"), "test|");
    ck_assert_str_eq(values("*gs2-principal"), "scripted@SCRIPT.TEST|");
    ck_assert_str_eq(values("gs2-principal"), "scripted@SCRIPT.TEST|");
    ck_assert_str_eq(values("*gs2-binding"), "");
    ck_assert_str_eq(values("*gs2-realm"), "");
    ck_assert_str_eq(values("*gs2-layer"), "none|");
    ck_assert_str_eq(values("*gs2-ticket-service"), "");
}
END_TEST

/* When the context ends: never, in an hour; what the mechanism does not tell is
 * no value, and a line of the log. */
static const struct {
    OM_uint32 lifetime, major;
} ends[] = {
    { 0, GSS_S_COMPLETE },
    { 3600, GSS_S_COMPLETE },
    { 3600, GSS_S_CONTEXT_EXPIRED },
    { 3600, GSS_S_FAILURE },
};

START_TEST(expires)
{
    const time_t before = time(NULL);
    const bool failed = ends[_i].major != GSS_S_COMPLETE;
    long long when;

    have(&marks, 1);
    ask(EXPIRES);
    script.lifetime = ends[_i].lifetime;
    if (failed)
        script.faults[0] = (struct gs2_script_fault){
            GS2_CALL_CONTEXT_TIME, 1, ends[_i].major, 5 };
    log_in();
    ck_assert_uint_eq(gs2_dialogue_logged(
        d.server_log, "3 GS2: property *gs2-expires is not set: the mechanism "
        "does not tell when the context ends, or it has ended\n"), failed);
    if (failed || ends[_i].lifetime == 0) {
        ck_assert_str_eq(values(EXPIRES), failed ? "" : "never|");
        return;
    }
    when = atoll(values(EXPIRES)) - ends[_i].lifetime;
    ck_assert(when >= before && when <= time(NULL));
}
END_TEST

START_TEST(bound)
{
    static const sasl_channel_binding_t binding = {
        .name = "tls-exporter", .len = 4, .data = (const unsigned char *)"data"
    };

    have(&marks, 1);
    ask("*gs2-binding");
    ask("*gs2-mech");
    d.mech = "GS2-SCRIPT-PLUS";
    d.client_binding = d.server_binding = &binding;
    log_in();
    ck_assert_str_eq(values("*gs2-binding"), "tls-exporter|");
    ck_assert_str_eq(values("*gs2-mech"), "GS2-SCRIPT|");
}
END_TEST

/* The mechanism does not tell the acceptor's name when the server asks first;
 * the client's question is the call before. */
static void
hide_acceptor(void)
{
    have_roles();
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_INQUIRE_CONTEXT, 2, GSS_S_FAILURE, 5 };
    script.texts[0] = (struct gs2_script_text){
        5, GS2_OCTETS("no name today") };
}

#define NOT_TOLD                                                              \
    "the mechanism does not tell the name of the acceptor: no name today"

/* The login is let in without the role. */
START_TEST(role_that_cannot_be_decided)
{
    hide_acceptor();
    option("gs2_role_other", "gs2:acceptor=* or marks=card");
    log_in();
    ck_assert_str_eq(values(ROLES), "strong|card|");
    ck_assert_uint_eq(gs2_dialogue_logged(
        d.server_log, "3 GS2: the login has not the role other: " NOT_TOLD
        "\n"), 1);
}
END_TEST

START_TEST(rule_that_cannot_be_decided)
{
    hide_acceptor();
    option("gs2_require", "gs2:acceptor=* or marks=card");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), SASL_NOAUTHZ);
    ck_assert_ptr_nonnull(strstr(d.server_error, "the login cannot be held "
                                 "against the requirements of the server"));
    ck_assert_ptr_nonnull(strstr(d.server_log, "detail=\"" NOT_TOLD "\""));
    ck_assert_str_eq(values(ROLES), "|");
}
END_TEST

START_TEST(property_that_is_not_known)
{
    hide_acceptor();
    ask("*gs2-acceptor");
    log_in();
    ck_assert_str_eq(values("*gs2-acceptor"), "");
    ck_assert_uint_eq(gs2_dialogue_logged(
        d.server_log, "3 GS2: property *gs2-acceptor is not set: " NOT_TOLD
        "\n"), 1);
}
END_TEST

START_TEST(document_without_what_is_not_known)
{
    hide_acceptor();
    ask("*gss-attributes-json");
    log_in();
    ck_assert_ptr_nonnull(strstr(values("*gss-attributes-json"),
                                 "\"acceptor\":null,"));
    ck_assert_ptr_nonnull(strstr(values("*gss-attributes-json"),
                                 "\"roles\":[\"strong\",\"card\"],"));
}
END_TEST

/* More than the log's field has room for: what fits, and three dots. */
START_TEST(log_of_many_roles)
{
    static char list[1024], names[30][40];
    const char *logged;

    have(&marks, 1);
    option("gs2_roles", list);
    for (int i = 0; i < 30; i++) {
        snprintf(names[i], sizeof(names[i]), "gs2_role_r%d-aaaaaaaaaaaaaaaaa",
                 i + 10);
        strcat(list, names[i] + strlen("gs2_role_"));
        strcat(list, i < 29 ? " " : "");
        option(names[i], "marks=card");
    }
    log_in();
    ck_assert_uint_eq(strlen(values(ROLES)), strlen(list) + 1);
    logged = strstr(d.server_log, " roles=\"") + strlen(" roles=\"");
    ck_assert_uint_eq(strcspn(logged, "\""), 509);
    ck_assert_int_eq(strncmp(logged, list, 505), 0);
    ck_assert_int_eq(strncmp(logged + 505, " ...\" tag", 9), 0);
}
END_TEST

SUITE("publish-roles",
      PREPARE(scripted_one),
      FIXTURE(set_up, tear_down),
      TIMEOUT(60),
      TEST(nobody_asked_and_the_roles_are_there),
      TIMES(asked_for_once, 2),
      TEST(another_rule_another_role),
      TEST(no_roles_no_request),
      TEST(roles_asked_for_where_there_are_none),
      TEST(for_another_authzid),
      TABLE(rules_on_roles, asking),
      TIMES(nothing_is_left, 3),
      TEST(facts),
      TABLE(expires, ends),
      TEST(bound),
      TEST(role_that_cannot_be_decided),
      TEST(rule_that_cannot_be_decided),
      TEST(property_that_is_not_known),
      TEST(document_without_what_is_not_known),
      TEST(log_of_many_roles))
