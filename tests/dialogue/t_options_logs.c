/*
 * t_options_logs.c - the log and the error texts: at the moment of failure,
 * once, one line, escaped, bounded, nothing secret (libgs2(5), LOGGING;
 * SECURITY.md, "What is told to whom").
 */
#include "t_options.h"

#include <stdio.h>
#include <string.h>

#define LINE_MAX_OCTETS 3000

/* Every line is one line of bounded length: no control character in it. */
static void
check_lines(const char *log)
{
    size_t len;

    for (const char *p = log; *p != '\0'; p += len + 1) {
        len = strcspn(p, "\n");
        ck_assert_uint_lt(len, LINE_MAX_OCTETS);
        ck_assert(p[0] >= '0' && p[0] <= '9' && p[1] == ' ');
        for (size_t i = 0; i < len; i++)
            ck_assert_msg((unsigned char)p[i] >= ' ' && p[i] != 0x7f,
                          "octet 0x%02x in the log", (unsigned char)p[i]);
    }
}

static void
check_text(const char *text)
{
    ck_assert_uint_lt(strlen(text), 1500);
    for (const char *p = text; *p != '\0'; p++)
        ck_assert_msg((unsigned char)*p >= ' ',
                      "octet 0x%02x in the error text", (unsigned char)*p);
}

/* The client may hang up instead of asking why. */
START_TEST(logged_before_the_error_token)
{
    t_options_prepare();
    script.acceptor[0].major = GSS_S_BAD_MIC;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_CONTINUE);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "login failed"), 1);
    t_options_has(d.server_log, "2 GS2-SCRIPT login failed: "
                                "client=192.0.2.7;4711 code=SASL_BADAUTH "
                                "fault=client binding=- rules=- authid=- authzid=- "
                                "principal=- reason=\"GSS acceptor: ");
    t_options_has(d.server_log, "detail=\"A token had an invalid Message "
                                "Integrity Check (MIC); mechanism "
                                "1.3.6.1.4.1.32473.1.1\"\n");
    gs2_dialogue_say(&d, "", 0);
    ck_assert_int_eq(gs2_dialogue_server_step(&d), SASL_BADAUTH);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "login failed"), 1);
    check_lines(d.server_log);
    t_options_end();
}
END_TEST

static char long_text[6000];

/* Texts of the mechanism's, which may quote what the peer sent. */
static const struct {
    const char *what, *text, *logged;
    bool endless;
} texts[] = {
    { "a line of another log", "bad\n2 GS2-KRB5 login ok", "bad 2 GS2",
      false },
    { "a terminal's escapes", "a\033[2Jb", "a", false },
    { "carriage returns", "a\r\rb", "a", false },
    { "6,000 octets", long_text, "xxxxxxxx", false },
    { "no end of them", "again", "again", true },
    { "a format", "%s%n%s", "%s%n%s", false },
};

START_TEST(texts_of_the_mechanism)
{
    const struct gs2_script_text text = {
        4711, { texts[_i].text, 0 },
    };

    memset(long_text, 'x', sizeof(long_text) - 1);
    t_options_prepare();
    script.texts[0] = text;
    script.texts[0].text.len = strlen(texts[_i].text);
    script.texts_endless = texts[_i].endless;
    script.acceptor[1].major = GSS_S_FAILURE;
    script.acceptor[1].minor = 4711;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_BADAUTH);
    t_options_has(d.server_log, texts[_i].logged);
    t_options_has(d.server_error, texts[_i].logged);
    check_lines(d.server_log);
    check_text(d.server_error);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "login failed"), 1);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "\n2 "), 1);
    t_options_end();
}
END_TEST

/* Where things are on this machine is for the log alone. */
START_TEST(paths)
{
    static const char text[] = "file '/etc/secret/key tab' of HTTP/host, "
                               "(/var/x), FILE:tickets: no";

    t_options_prepare();
    script.texts[0].minor = 4711;
    script.texts[0].text.data = text;
    script.texts[0].text.len = sizeof(text) - 1;
    script.acceptor[1].major = GSS_S_FAILURE;
    script.acceptor[1].minor = 4711;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_BADAUTH);
    t_options_has(d.server_log, "file '/etc/secret/key tab' of HTTP/host");
    t_options_has(d.server_error, "of HTTP/host");
    t_options_lacks(d.server_error, "/etc");
    t_options_lacks(d.server_error, "/var");
    t_options_lacks(d.server_error, "tickets");
    t_options_end();
}
END_TEST

/* An authzid is the client's own words. */
START_TEST(words_of_the_client)
{
    t_options_prepare();
    d.authzid = GS2_GIVEN("eve\" 2 login ok \\x0a\xe2\x80\xae");
    gs2_dialogue_open(&d);
    d.canon_code = SASL_BADPARAM;
    ck_assert_int_eq(t_options_log_in(), SASL_BADPARAM);
    check_lines(d.server_log);
    check_text(d.server_error);
    /* And as the application has it, exactly. */
    d.canon_code = SASL_OK;
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_str_eq(d.proxied, "scripted@SCRIPT.TEST as "
                                "eve\" 2 login ok \\x0a\xe2\x80\xae");
    check_lines(d.server_log);
    t_options_end();
}
END_TEST

/* No application gets what could end a line of its own log. */
START_TEST(controls_of_the_client)
{
    static const char *const authzids[] = {
        "eve\r\n2 login ok", "\teve", "e\033[2Jve", "eve\x7f", "eve\xc2\x9b",
        "eve\xe2\x80\xa8", "\342\200\251eve", "\n",
    };

    t_options_prepare();
    d.authzid = GS2_GIVEN(authzids[_i]);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_BADPROT);
    ck_assert_str_eq(d.canon_users, "authid=scripted@SCRIPT.TEST;");
    ck_assert_uint_eq(d.proxy_calls, 0);
    t_options_has(d.server_error, "the identity \"");
    t_options_has(d.server_error, "has a control character in it");
    check_lines(d.server_log);
    check_text(d.server_error);
    t_options_end();
}
END_TEST

/* The first message is quoted in refusals. */
static const struct gs2_message headers[] = {
    GS2_MESSAGE("\033[2J,,token"),
    GS2_MESSAGE("n,x\r\nx,token"),
    GS2_MESSAGE("n,a=eve\0adam,token"),
    GS2_MESSAGE("p=tls\nunique,,token"),
    GS2_MESSAGE("p=tls-nothing-that-anybody-has-ever-heard-of-in-all-the-"
                "world-or-will-ever-hear-of-again,,token"),
};

START_TEST(header_of_the_client)
{
    t_options_prepare();
    gs2_dialogue_open(&d);
    gs2_dialogue_say(&d, headers[_i].data, headers[_i].len);
    ck_assert_int_lt(gs2_dialogue_server_start(&d), SASL_OK);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "login failed"), 1);
    check_lines(d.server_log);
    check_text(d.server_error);
    t_options_end();
}
END_TEST

static const struct gs2_script_value secret_values[] = {
    { .value = GS2_OCTETS("Secretvalue"), .authenticated = true,
      .complete = true },
};
static const struct gs2_script_attr secret_attrs[] = {
    { .name = GS2_OCTETS("mail"), .values = secret_values, .count = 1 },
};
static const struct gs2_script_name alice = {
    .text = GS2_OCTETS("alice"), .attrs = secret_attrs, .attr_count = 1,
};

/* Tokens, attribute values, bindings: nowhere, whatever happens. */
START_TEST(nothing_secret)
{
    static const sasl_channel_binding_t binding = {
        "tls-unique", 1, 13, (const unsigned char *)"Secretbinding",
    };

    t_options_prepare();
    script.source = &alice;
    script.acceptor[0].token.data = script.initiator[1].expect.data =
        "Secrettoken";
    script.acceptor[0].token.len = script.initiator[1].expect.len = 11;
    d.client_binding = d.server_binding = &binding;
    d.mech = "GS2-SCRIPT-PLUS";
    d.properties[0] = "*gss:mail";
    if (_i == 1)
        t_options_server("gs2_require", "mail=other");
    if (_i == 2)
        script.acceptor[1].major = GSS_S_FAILURE;
    if (_i == 3)
        script.initiator[1].expect.len = 3;
    gs2_dialogue_open(&d);
    ck_assert(_i == 0 ? t_options_log_in() == SASL_OK
                      : t_options_log_in() != SASL_OK);
    t_options_lacks(d.server_log, "Secret");
    t_options_lacks(d.client_log, "Secret");
    t_options_lacks(d.server_error, "Secret");
    t_options_lacks(d.client_error, "Secret");
    if (_i == 1) { /* which rule it was is for the log alone */
        t_options_has(d.server_log, "rules=not-met authid=\"alice\" ");
        t_options_has(d.server_log, "mail=other");
        t_options_lacks(d.server_error, "mail");
    }
    t_options_end();
}
END_TEST

/* A good login is no news of errors; the rules in force are said once. */
START_TEST(good_login)
{
    t_options_prepare();
    t_options_server("gs2_require", "gs2:mech=GS2-SCRIPT");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    for (const char *p = d.server_log; *p != '\0';
         p += strcspn(p, "\n") + 1)
        ck_assert(p[0] >= '4');
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log,
                                          "gs2_require is gs2:mech="), 1);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log,
                                          "gs2_proxy_require is not set"), 1);
    ck_assert_str_eq(d.client_log, "");
    t_options_end();
}
END_TEST

TESTS(t_options_logs,
      TEST(logged_before_the_error_token),
      TABLE(texts_of_the_mechanism, texts),
      TEST(paths),
      TEST(words_of_the_client),
      TIMES(controls_of_the_client, 8),
      TABLE(header_of_the_client, headers),
      TIMES(nothing_secret, 4),
      TEST(good_login))
