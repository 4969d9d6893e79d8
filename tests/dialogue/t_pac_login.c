/*
 * t_pac_login.c - groups, SID and UPN of an Active Directory user through
 * libsasl: the scriptable mechanism plays attributes with real buffers of a
 * PAC, libgs2-pac.so decodes them (common/rules/names.h; RFC 6680 sections 3,
 * 5 and 9).
 */
#include "tests/lib/publish_login.h"

#include <stdlib.h>
#include <time.h>

#include "tests/lib/pac_sample.h"
#include "tests/lib/suite.h"

#define LOGON_INFO "urn:mspac:logon-info"
#define UPN_INFO   "urn:mspac:upn-dns-info"
#define GROUPS                                                                \
    SAMPLE_DOMAIN "-513|" SAMPLE_DOMAIN "-1106|" SAMPLE_DOMAIN "-1107|"       \
    SAMPLE_DOMAIN "-1108|S-1-18-1|"
#define UPN "alice.gr\xc3\xbcn@ad.test"

static struct pac_octets logon, upn;
static char decoder[4096];

/* The attributes that the mechanism plays. */
static struct gs2_script_value logon_values[2], upn_values[1];
static struct gs2_script_attr pac[2];

static void
option(const char *name, const char *value)
{
    gs2_dialogue_set(d.server_options, name, value);
}

static void
play(struct gs2_script_value *value, struct pac_octets octets)
{
    *value = (struct gs2_script_value){ { octets.data, octets.len },
                                        NO_DISPLAY, GOOD };
}

static void
set_up_pac(void)
{
    const char *build = getenv("GS2_BUILDDIR");

    set_up();
    snprintf(decoder, sizeof(decoder), "%s/pac/.libs/libgs2-pac.so",
             build != NULL ? build : ".");
    logon = pac_sample_read("logon-info-alice");
    upn = pac_sample_read("upn-dns-info-alice");
    play(&logon_values[0], logon);
    play(&logon_values[1], logon);
    play(&upn_values[0], upn);
    pac[0] = (struct gs2_script_attr){ GS2_OCTETS(LOGON_INFO), logon_values,
                                       1, false, false, 0 };
    pac[1] = (struct gs2_script_attr){ GS2_OCTETS(UPN_INFO), upn_values, 1,
                                       false, false, 0 };
    have(pac, 2);
    option("gs2_pac_decoder", decoder);
}

static void
tear_down_pac(void)
{
    tear_down();
    free(logon.data);
    free(upn.data);
}

static void
ask_all(void)
{
    ask("*gss-ad-groups");
    ask("gss-ad-groups");
    ask("*gss-ad-user-sid");
    ask("*gss-ad-upn");
}

static void
nothing_is_there(void)
{
    ck_assert_str_eq(values("*gss-ad-groups"), "");
    ck_assert_str_eq(values("gss-ad-groups"), "");
    ck_assert_str_eq(values("*gss-ad-user-sid"), "");
}

static void
logged(const char *text)
{
    ck_assert_msg(strstr(d.server_log, text) != NULL, "no \"%s\" in\n%s",
                  text, d.server_log);
}

/* --- what the application sees ------------------------------------------ */

START_TEST(properties)
{
    ask_all();
    ask("*groups");
    ask("*gss:gs2:ad-upn");
    ask("*gss64:gs2:ad-user-sid");
    option("gs2_attributes", "groups=gs2:ad-groups");
    log_in();
    ck_assert_str_eq(values("*gss-ad-groups"), GROUPS);
    ck_assert_str_eq(values("gss-ad-groups"), GROUPS);
    ck_assert_str_eq(values("*gss-ad-user-sid"), SAMPLE_DOMAIN "-1102|");
    ck_assert_str_eq(values("*gss-ad-upn"), UPN "|");
    ck_assert_str_eq(values("*groups"), GROUPS);
    ck_assert_str_eq(values("*gss:gs2:ad-upn"), UPN "|");
    ck_assert_str_eq(values("*gss64:gs2:ad-user-sid"),
                     "Uy0xLTUtMjEtMzA2MTg2MTU5Mi0yODM5NTE3MjAzLTIwODM5NjcwNTQt"
                     "MTEwMg==|");
}
END_TEST

/* A name without "*" speaks of the authorization identity. */
START_TEST(another_authzid)
{
    ask_all();
    d.authzid = GS2_GIVEN("bob");
    log_in();
    ck_assert_str_eq(values("*gss-ad-groups"), GROUPS);
    ck_assert_str_eq(values("gss-ad-groups"), "");
}
END_TEST

START_TEST(each_buffer_is_read_once)
{
    ask_all();
    option("gs2_require", "gs2:ad-groups=S-1-18-1 and gs2:ad-user-sid=*");
    log_in();
    ck_assert_uint_eq(sm->count(GS2_CALL_GET_ATTRIBUTE), 2);
}
END_TEST

START_TEST(nothing_is_read_that_nobody_wants)
{
    log_in();
    ck_assert_uint_eq(sm->count(GS2_CALL_GET_ATTRIBUTE), 0);
}
END_TEST

/* --- roles ---------------------------------------------------------------- */

#define MANY 500
#define ROLES 16

/* A user of that many groups, and roles for the last of them. */
static void
play_many_groups(void)
{
    static char names[ROLES][16], rules[ROLES][80], list[ROLES * 8];
    struct pac_group groups[MANY];
    struct pac_logon of = { .domain = SAMPLE_DOMAIN, .rid = 1102,
                            .primary = 513, .groups = groups,
                            .group_count = MANY };

    for (uint32_t i = 0; i < MANY; i++)
        groups[i] = (struct pac_group){ 2000 + i, 7 };
    free(logon.data);
    logon = pac_sample_logon(&of);
    play(&logon_values[0], logon);
    list[0] = '\0';
    for (int i = 0; i < ROLES; i++) {
        snprintf(names[i], sizeof(names[i]), "gs2_role_r%d", i);
        snprintf(rules[i], sizeof(rules[i]), "gs2:ad-groups=%s-%d",
                 SAMPLE_DOMAIN, 2000 + MANY - ROLES + i);
        option(names[i], rules[i]);
        strcat(list, names[i] + strlen("gs2_role_"));
        strcat(list, " ");
    }
    option("gs2_roles", list);
}

START_TEST(roles_of_many_groups)
{
    play_many_groups();
    log_in();
    ck_assert_str_eq(values("*gs2-roles"), "r0|r1|r2|r3|r4|r5|r6|r7|r8|r9|r10|"
                                           "r11|r12|r13|r14|r15|");
    /* The PAC is read and decoded once. */
    ck_assert_uint_eq(sm->count(GS2_CALL_GET_ATTRIBUTE), 1);
}
END_TEST

static double
microseconds_of(int logins)
{
    struct timespec begun, now;

    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (int i = 0; i < logins; i++) {
        renew_client();
        ck_assert_int_eq(attempt(), SASL_OK);
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    return ((double)(now.tv_sec - begun.tv_sec) * 1e6 +
            (double)(now.tv_nsec - begun.tv_nsec) / 1e3) / logins;
}

/* For whoever reads the log: what they cost, beside logins without roles. */
START_TEST(cost_of_roles)
{
    double with, without;

    play_many_groups();
    log_in();
    with = microseconds_of(100);
    option("gs2_roles", NULL);
    without = microseconds_of(100);
    printf("# %d roles of %d groups: %.0f us a login, without %.0f us\n",
           ROLES, MANY, with, without);
    fflush(stdout);
    ck_assert(with < without + 100000);
}
END_TEST

/* --- rules and identities ----------------------------------------------- */

static const struct {
    const char *rule;
    int code;
} rules[] = {
    { "gs2:ad-groups=" SAMPLE_DOMAIN "-1106", SASL_OK },
    { "gs2:ad-groups=*", SASL_OK },
    { "gs2:ad-user-sid=" SAMPLE_DOMAIN "-1102", SASL_OK },
    { "gs2:ad-upn=\"" UPN "\"", SASL_OK },
    { "gs2:mech=GS2-SCRIPT and gs2:ad-groups=S-1-18-1", SASL_OK },
    { "gs2:ad-groups=" SAMPLE_DOMAIN "-110", SASL_NOAUTHZ },
    { "gs2:ad-groups=" SAMPLE_DOMAIN "-11060", SASL_NOAUTHZ },
    { "gs2:ad-groups=" SAMPLE_DOMAIN, SASL_NOAUTHZ },
    { "gs2:ad-groups=s-1-18-1", SASL_NOAUTHZ },
    { "gs2:ad-groups=" SAMPLE_DOMAIN "-1102", SASL_NOAUTHZ }, /* herself */
    { "gs2:ad-user-sid=" SAMPLE_DOMAIN "-1106", SASL_NOAUTHZ },
    { "gs2:ad-upn=alice@ad.test", SASL_NOAUTHZ },
};

START_TEST(rule)
{
    ask_all();
    option("gs2_require", rules[_i].rule);
    gs2_dialogue_open(&d);
    ck_assert_msg(attempt() == rules[_i].code, "%s\n%s", rules[_i].rule,
                  d.server_log);
    if (rules[_i].code != SASL_OK) {
        logged("not met: gs2:ad-");
        nothing_is_there();
    }
}
END_TEST

static const struct {
    const char *option, *authid;
} identities[] = {
    { "attribute gs2:ad-user-sid", SAMPLE_DOMAIN "-1102" },
    { "attribute gs2:ad-upn", UPN },
    { "attribute gs2:ad-groups", NULL }, /* more than one value */
};

START_TEST(identity)
{
    option("gs2_authid", identities[_i].option);
    gs2_dialogue_open(&d);
    if (identities[_i].authid != NULL) {
        ck_assert_msg(attempt() == SASL_OK, "%s", d.server_log);
        ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_AUTHUSER),
                         identities[_i].authid);
    } else {
        ck_assert_int_eq(attempt(), SASL_NOAUTHZ);
    }
}
END_TEST

/* --- what is not believed ----------------------------------------------- */

/* Nothing is published, no rule satisfied, and note is in the log. */
static void
is_not_believed(const char *note)
{
    ask_all();
    log_in();
    nothing_is_there();
    if (note != NULL)
        logged(note);
    ck_assert_int_eq(gs2_dialogue_logged(d.server_log, SAMPLE_DOMAIN), 0);
    gs2_dialogue_close(&d);
    option("gs2_require", "gs2:ad-groups=* or gs2:ad-user-sid=*");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), SASL_NOAUTHZ);
}

START_TEST(asserted_by_the_peer)
{
    logon_values[0].authenticated = false;
    is_not_believed("attribute \"" LOGON_INFO "\" is not used: it is asserted "
                    "by the peer, not authenticated");
}
END_TEST

START_TEST(two_values)
{
    pac[0].count = 2;
    is_not_believed("attribute \"gs2:ad-groups\" is not used: its source has "
                    "more than one value");
}
END_TEST

START_TEST(two_values_with_other_flags)
{
    pac[0].count = 2;
    logon_values[1].authenticated = false;
    is_not_believed("attribute \"" LOGON_INFO "\" is not used: its flags "
                    "change from value to value");
}
END_TEST

START_TEST(cut_short)
{
    logon_values[0].value.len /= 2;
    is_not_believed("attribute \"gs2:ad-groups\" is not used: it cannot be "
                    "decoded");
}
END_TEST

START_TEST(no_octets)
{
    logon_values[0].value.data = "";
    logon_values[0].value.len = 0;
    is_not_believed("attribute \"gs2:ad-user-sid\" is not used: it cannot be "
                    "decoded");
}
END_TEST

START_TEST(not_there)
{
    have(&pac[1], 1);
    is_not_believed(NULL);
    ck_assert_int_eq(gs2_dialogue_logged(d.server_log, "is not used"), 0);
}
END_TEST

/* A mechanism's attributes do not get our own names. */
START_TEST(named_like_ours)
{
    static const struct gs2_script_value admins[] = { V("S-1-5-32-544") };
    static const struct gs2_script_attr attrs[] = {
        ATTR("gs2:ad-groups", admins), ATTR("gs2:ad-user-sid", admins),
    };

    have(attrs, 2);
    is_not_believed(NULL);
}
END_TEST

/* --- bounds ------------------------------------------------------------- */

static struct pac_group all[2000];

static void
play_groups(size_t count)
{
    const struct pac_logon many = {
        .domain = "S-1-5-21-1-2-3", .rid = 1000, .groups = all,
        .group_count = count,
    };

    for (uint32_t i = 0; i < count; i++)
        all[i] = (struct pac_group){ 2000 + i, 7 };
    free(logon.data);
    logon = pac_sample_logon(&many);
    play(&logon_values[0], logon);
}

START_TEST(as_many_groups_as_an_attribute_may_have_values)
{
    play_groups(1024);
    ask("*gss-ad-groups");
    option("gs2_require", "gs2:ad-groups=S-1-5-21-1-2-3-3023");
    log_in();
    ck_assert_uint_eq(property("*gss-ad-groups")->nvalues, 1024);
}
END_TEST

START_TEST(one_group_more)
{
    play_groups(1025);
    ask("*gss-ad-groups");
    ask("*gss-ad-user-sid");
    log_in();
    ck_assert_str_eq(values("*gss-ad-groups"), "");
    ck_assert_str_eq(values("*gss-ad-user-sid"), "S-1-5-21-1-2-3-1000|");
    logged("attribute \"gs2:ad-groups\" is not used: it has too many values");
}
END_TEST

/* The line of the login says it as well. */
START_TEST(one_group_more_and_a_rule)
{
    play_groups(1025);
    option("gs2_require", "gs2:ad-groups=S-1-5-21-1-2-3-2000");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), SASL_NOAUTHZ);
    logged("is not used: it has too many values; not met: gs2:ad-groups=");
}
END_TEST

SUITE("pac-login",
      PREPARE(scripted_one),
      FIXTURE(set_up_pac, tear_down_pac),
      TIMEOUT(60),
      TEST(properties),
      TEST(another_authzid),
      TEST(each_buffer_is_read_once),
      TEST(roles_of_many_groups),
      TEST(cost_of_roles),
      TEST(nothing_is_read_that_nobody_wants),
      TABLE(rule, rules),
      TABLE(identity, identities),
      TEST(asserted_by_the_peer),
      TEST(two_values),
      TEST(two_values_with_other_flags),
      TEST(cut_short),
      TEST(no_octets),
      TEST(not_there),
      TEST(named_like_ours),
      TEST(as_many_groups_as_an_attribute_may_have_values),
      TEST(one_group_more),
      TEST(one_group_more_and_a_rule))
