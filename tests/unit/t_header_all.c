/*
 * t_header_all.c - the gs2-header codec (RFC 5801 section 4) held against its
 * ABNF: every short message, every short authzid, and very long ones.
 */
#include <regex.h>

#include "tests/lib/header_input.h"
#include "tests/lib/suite.h"

/* Compares the codec with the ABNF as a regular expression. */
static void
compare_with_abnf(const regex_t *abnf, const char *message, size_t len)
{
    struct gs2_header hdr;
    regmatch_t match = { 0, 0 };
    char *wire;

    if (regexec(abnf, message, 1, &match, 0) != 0) {
        assert_refused(message, len);
        return;
    }
    if (decode(message, len, &hdr) != GS2_OK)
        ck_abort_msg("\"%s\" is refused: %s", message, err.text);
    ck_assert_msg(hdr.length == (size_t)match.rm_eo, "length of \"%s\"",
                  message);
    ck_assert_int_eq(gs2_header_encode(&hdr, &wire, &err), GS2_OK);
    ck_assert_uint_eq(hdr.length, (size_t)match.rm_eo);
    ck_assert_mem_eq(wire, message, hdr.length);
    free(wire);
    gs2_header_free(&hdr);
}

START_TEST(h4_h5_every_message_of_up_to_six_octets)
{
    static const char octets[] = "Fnpa=,2C";
    const size_t base = sizeof(octets) - 1;
    size_t total = 1, rest;
    char message[8];
    regex_t abnf;

    ck_assert_int_eq(regcomp(&abnf,
                             "^(F,)?(p=[A-Za-z0-9.-]+|n|y),"
                             "(a=([^,=]|=2C|=3D)+)?,", REG_EXTENDED), 0);
    for (size_t len = 0; len <= 6; len++, total *= base) {
        for (size_t n = 0; n < total; n++) {
            rest = n;
            for (size_t i = 0; i < len; i++, rest /= base)
                message[i] = octets[rest % base];
            message[len] = '\0';
            compare_with_abnf(&abnf, message, len);
        }
    }
    regfree(&abnf);
}
END_TEST

START_TEST(h5_every_authzid_of_up_to_four_characters)
{
    static const char *const chars[] = { ",", "=", "2", "C", "3", "D", "a",
                                         "\xc3\xa9", "\xf0\x9f\x94\x91" };
    const size_t base = COUNT(chars);
    struct gs2_header hdr = { .cb_flag = GS2_CB_OFFERED }, back;
    char authzid[32], *wire;
    size_t total = base;

    hdr.authzid = authzid;
    for (size_t len = 1; len <= 4; len++, total *= base) {
        for (size_t n = 0; n < total; n++) {
            authzid[0] = '\0';
            for (size_t i = 0, rest = n; i < len; i++, rest /= base)
                strcat(authzid, chars[rest % base]);
            ck_assert_int_eq(gs2_header_encode(&hdr, &wire, &err), GS2_OK);
            ck_assert_uint_eq(strlen(wire), hdr.length);
            ck_assert_int_eq(decode(wire, hdr.length, &back), GS2_OK);
            ck_assert_str_eq(back.authzid, authzid);
            gs2_header_free(&back);
            free(wire);
        }
    }
}
END_TEST

/* --- a large header ------------------------------------------------------ */

#define MEBIBYTE ((size_t)1 << 20)

/* "n,a=" and count times unit. */
static char *
large(const char *unit, size_t count, size_t *len_out)
{
    const size_t len = strlen(unit);
    char *message = malloc(4 + len * count + 1);

    memcpy(message, "n,a=", 4);
    for (size_t i = 0; i < count; i++)
        memcpy(message + 4 + i * len, unit, len);
    *len_out = 4 + len * count + 1;
    return message;
}

/* What is not linear would take minutes here, and Check stops the test after
 * some seconds: no clock is read. */
START_TEST(h4_header_of_a_mebibyte)
{
    static const char *const units[] = { "a", "=2C", "=3D", "\xe2\x82\xac" };
    struct gs2_header hdr;
    size_t len, count;
    char *message, *wire;

    for (size_t i = 0; i < COUNT(units); i++) {
        count = MEBIBYTE / strlen(units[i]);
        message = large(units[i], count, &len);
        message[len - 1] = '=';
        assert_refused(message, len);
        message[len - 1] = ',';
        ck_assert_int_eq(decode(message, len, &hdr), GS2_OK);
        ck_assert_uint_eq(hdr.length, len);
        ck_assert_int_eq(gs2_header_encode(&hdr, &wire, &err), GS2_OK);
        ck_assert_uint_eq(hdr.length, len);
        ck_assert(memcmp(wire, message, len) == 0);
        free(wire);
        gs2_header_free(&hdr);
        free(message);
    }
}
END_TEST

SUITE("header_all",
      CASE("all"),
      TIMEOUT(600),
      TEST(h4_h5_every_message_of_up_to_six_octets),
      TEST(h5_every_authzid_of_up_to_four_characters),
      CASE("large"),
      TIMEOUT(120),
      TEST(h4_header_of_a_mebibyte))
