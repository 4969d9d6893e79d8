/*
 * t_publish.c - properties from attributes whose values no honest mechanism
 * has, or that are not to be used (RFC 6680 sections 7.5 and 9; the scriptable
 * mechanism behind the plugin behind libsasl).
 */
#include "tests/lib/publish_login.h"

#include "tests/lib/suite.h"

/* --- values -------------------------------------------------------------- */

static const struct {
    struct gs2_octets value;
    const char *base64;
    bool text;
} one_value[] = {
    { GS2_OCTETS("plain"), "cGxhaW4=", true },
    { GS2_OCTETS(""), "", true },
    { GS2_OCTETS(" "), "IA==", true },
    { GS2_OCTETS("a, b|\"c\"\\"), "YSwgYnwiYyJc", true },
    { GS2_OCTETS("gr\xc3\xbcn"), "Z3LDvG4=", true },
    { GS2_OCTETS("\xf0\x9f\x94\x91"), "8J+UkQ==", true },
    { GS2_OCTETS("bob\0evil"), "Ym9iAGV2aWw=", false },
    { GS2_OCTETS("\0"), "AA==", false },
    { GS2_OCTETS("end\0"), "ZW5kAA==", false },
    { GS2_OCTETS("two\nlines"), "dHdvCmxpbmVz", false },
    { GS2_OCTETS("tab\there"), "dGFiCWhlcmU=", false },
    { GS2_OCTETS("\x1b[2J"), "G1sySg==", false },
    { GS2_OCTETS("\x7f"), "fw==", false },
    { GS2_OCTETS("\xc2\x85"), "woU=", false },         /* U+0085 */
    { GS2_OCTETS("\xff\xfe"), "//4=", false },
    { GS2_OCTETS("\xc0\x80"), "wIA=", false },         /* overlong NUL */
    { GS2_OCTETS("\xed\xa0\x80"), "7aCA", false },     /* a surrogate */
    { GS2_OCTETS("cut \xc3"), "Y3V0IMM=", false },
};

START_TEST(a_value)
{
    const struct gs2_script_value v = { one_value[_i].value, NO_DISPLAY,
                                        GOOD };
    const struct gs2_script_attr attr = { GS2_OCTETS("x"), &v, 1, false,
                                          false, 0 };
    char wanted[64];

    have(&attr, 1);
    ask("*gss:x");
    ask("gss:x");
    ask("*gss64:x");
    log_in();
    snprintf(wanted, sizeof(wanted), "%s|", one_value[_i].base64);
    ck_assert_str_eq(values("*gss64:x"), wanted);
    snprintf(wanted, sizeof(wanted), "%s|", (const char *)v.value.data);
    ck_assert_str_eq(values("*gss:x"), one_value[_i].text ? wanted : "");
    ck_assert_str_eq(values("gss:x"), one_value[_i].text ? wanted : "");
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log,
                                          "property *gss:x is not set: a "
                                          "value is not text"),
                      one_value[_i].text ? 0 : 1);
}
END_TEST

START_TEST(one_bad_value_hides_the_good_ones)
{
    static const struct gs2_script_value v[] = { V("good"), V("b\0d"),
                                                 V("good") };
    static const struct gs2_script_attr attr = ATTR("x", v);

    have(&attr, 1);
    ask("*gss:x");
    ask("*gss64:x");
    log_in();
    ck_assert_str_eq(values("*gss:x"), "");
    ck_assert_str_eq(values("*gss64:x"), "Z29vZA==|YgBk|Z29vZA==|");
}
END_TEST

START_TEST(display_values)
{
    static const struct gs2_script_value all[] = {
        { GS2_OCTETS("\1"), GS2_OCTETS("one"), GOOD },
        { GS2_OCTETS("\2"), GS2_OCTETS(""), GOOD },
    };
    static const struct gs2_script_value some[] = {
        { GS2_OCTETS("1"), GS2_OCTETS("one"), GOOD }, V("2")
    };
    static const struct gs2_script_value bad[] = {
        { GS2_OCTETS("1"), GS2_OCTETS("o\ne"), GOOD }
    };
    static const struct gs2_script_attr attrs[] = {
        ATTR("all", all), ATTR("some", some), ATTR("bad", bad)
    };

    have(attrs, 3);
    ask("*gss-display:all");
    ask("*gss-display:some");
    ask("*gss-display:bad");
    ask("*gss:all");
    log_in();
    ck_assert_str_eq(values("*gss-display:all"), "one||");
    ck_assert_str_eq(values("*gss:all"), "");
    ck_assert_str_eq(values("*gss-display:some"), "");
    ck_assert_str_eq(values("*gss-display:bad"), "");
    ck_assert_ptr_nonnull(strstr(d.server_log,
                                 "*gss-display:some is not set: a value has "
                                 "no display value"));
    ck_assert_ptr_nonnull(strstr(d.server_log,
                                 "*gss-display:bad is not set: a value is not "
                                 "text"));
}
END_TEST

/* --- what is not used at all --------------------------------------------- */

static const struct gs2_script_value asserted[] = {
    { GS2_OCTETS("v"), NO_DISPLAY, false, true, 0, 0 }
};
static const struct gs2_script_value changes[] = {
    V("v"), { GS2_OCTETS("v"), NO_DISPLAY, false, true, 0, 0 }
};
static const struct gs2_script_value incomplete[] = {
    V("v"), { GS2_OCTETS("v"), NO_DISPLAY, true, false, 0, 0 }
};
static const struct gs2_script_value unavailable[] = {
    { GS2_OCTETS("v"), NO_DISPLAY, true, true, GSS_S_UNAVAILABLE, 0 }
};
static const struct gs2_script_value stops[] = {
    V("v"),
    { GS2_OCTETS("v"), NO_DISPLAY, true, true, GSS_S_UNAVAILABLE, 0 }
};
static const struct gs2_script_value fails[] = {
    V("v"), { GS2_OCTETS("v"), NO_DISPLAY, true, true, GSS_S_FAILURE, 7 }
};
static const struct gs2_script_value endless[] = { V("v") };

static const struct {
    struct gs2_script_attr attr;
    const char *note;
} unused[] = {
    { ATTR("x", asserted), "asserted by the peer, not authenticated" },
    { ATTR("x", changes), "flags change from value to value" },
    { ATTR("x", incomplete), "flags change from value to value" },
    { ATTR("x", unavailable), "it is listed, but unavailable" },
    { ATTR("x", stops), "it became unavailable while it was read" },
    { ATTR("x", fails), "it cannot be read" },
    { { GS2_OCTETS("x"), endless, 1, true, false, 0 },
      "it has too many values" },
};

START_TEST(not_used)
{
    static const char *const forms[] = { "*gss:x", "*gss64:x",
                                         "*gss-display:x", "*mail" };

    have(&unused[_i].attr, 1);
    for (size_t i = 0; i < 4; i++)
        ask(forms[i]);
    gs2_dialogue_set(d.server_options, "gs2_attributes", "mail=x");
    log_in();
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(values(forms[i]), "");
    ck_assert_ptr_nonnull(strstr(d.server_log, unused[_i].note));
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "\"x\" is not used"),
                      1);
}
END_TEST

START_TEST(not_used_satisfies_no_rule)
{
    have(&unused[_i].attr, 1);
    gs2_dialogue_set(d.server_options, "gs2_require", "x=* or x=v");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), SASL_NOAUTHZ);
    ck_assert_ptr_nonnull(strstr(d.server_error,
                                 "does not meet the requirements"));
    ck_assert_ptr_null(strstr(d.server_error, "x=v"));
    ck_assert_ptr_nonnull(strstr(d.server_log, "not met: x=*, x=v,"));
    ck_assert_ptr_nonnull(strstr(d.server_log, unused[_i].note));
}
END_TEST

/* --- bounds -------------------------------------------------------------- */

#define VALUES 1024
#define OCTETS 65536

START_TEST(values_at_the_bound_and_one_past_it)
{
    static struct gs2_script_value many[VALUES + 1];
    const size_t count = VALUES + (size_t)_i;
    const struct gs2_script_attr attr = { GS2_OCTETS("x"), many, count, false,
                                          false, 0 };

    for (size_t i = 0; i < count; i++)
        many[i] = (struct gs2_script_value)V("v");
    have(&attr, 1);
    ask("*gss:x");
    log_in();
    ck_assert_uint_eq(property("*gss:x")->nvalues, _i == 0 ? VALUES : 0);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log,
                                          "it has too many values"),
                      (unsigned)_i);
}
END_TEST

START_TEST(octets_at_the_bound_and_one_past_it)
{
    static char octets[OCTETS + 1];
    const struct gs2_script_value v = {
        { octets, OCTETS + (size_t)_i }, NO_DISPLAY, GOOD
    };
    const struct gs2_script_attr attr = { GS2_OCTETS("x"), &v, 1, false,
                                          false, 0 };
    const struct propval *p;

    memset(octets, 'a', sizeof(octets));
    have(&attr, 1);
    ask("*gss:x");
    log_in();
    p = property("*gss:x");
    if (_i == 0) {
        ck_assert_uint_eq(p->nvalues, 1);
        ck_assert_uint_eq(strlen(p->values[0]), OCTETS);
    } else {
        ck_assert_uint_eq(p->nvalues, 0);
        ck_assert_ptr_nonnull(strstr(d.server_log, "its values are too long"));
    }
}
END_TEST

SUITE("publish",
      PREPARE(scripted_one),
      FIXTURE(set_up, tear_down),
      TIMEOUT(60),
      TABLE(a_value, one_value),
      TEST(one_bad_value_hides_the_good_ones),
      TEST(display_values),
      TABLE(not_used, unused),
      TABLE(not_used_satisfies_no_rule, unused),
      TIMES(values_at_the_bound_and_one_past_it, 2),
      TIMES(octets_at_the_bound_and_one_past_it, 2))
