/*
 * t_status.c - reasons of failure: one line, bounded, split in what the peer
 * may see and what the log alone gets; the text of an OID.
 */
#include "tests/lib/octets.h"
#include "common/gss/gss_error.h"
#include "common/text/error.h"
#include "tests/lib/suite.h"

static void
assert_ends_within(const char *text)
{
    ck_assert_ptr_nonnull(memchr(text, '\0', GS2_TEXT_MAX));
}

START_TEST(reason_and_detail)
{
    struct gs2_error err;

    memset(&err, 'x', sizeof(err));
    ck_assert_int_eq(gs2_fail(&err, GS2_BADAUTH, "no %s, %d times", "way", 3),
                     GS2_BADAUTH);
    ck_assert_str_eq(err.text, "no way, 3 times");
    ck_assert_str_eq(err.detail, "");
    gs2_error_detail(&err, "see %s", "/etc/krb5.keytab");
    ck_assert_str_eq(err.text, "no way, 3 times");
    ck_assert_str_eq(err.detail, "see /etc/krb5.keytab");
}
END_TEST

START_TEST(a_new_reason_has_no_old_detail)
{
    struct gs2_error err;

    ck_assert_int_eq(gs2_fail(&err, GS2_FAIL, "first"), GS2_FAIL);
    gs2_error_detail(&err, "secret of the first");
    ck_assert_int_eq(gs2_fail_nomem(&err), GS2_NOMEM);
    ck_assert_str_eq(err.text, "out of memory");
    ck_assert_str_eq(err.detail, "");
}
END_TEST

START_TEST(nobody_need_listen)
{
    ck_assert_int_eq(gs2_fail(NULL, GS2_NOAUTHZ, "%d", 1), GS2_NOAUTHZ);
    ck_assert_int_eq(gs2_fail_nomem(NULL), GS2_NOMEM);
    gs2_error_detail(NULL, "%d", 1);
}
END_TEST

START_TEST(a_long_reason_is_cut)
{
    struct gs2_error err;
    char text[2 * GS2_TEXT_MAX + 1];

    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    ck_assert_int_eq(gs2_fail(&err, GS2_FAIL, "%s", text), GS2_FAIL);
    gs2_error_detail(&err, "%s", text);
    assert_ends_within(err.text);
    assert_ends_within(err.detail);
    ck_assert_uint_eq(strlen(err.text), GS2_TEXT_MAX - 1);
    ck_assert_uint_eq(strlen(err.detail), GS2_TEXT_MAX - 1);
}
END_TEST

START_TEST(a_reason_is_one_line)
{
    struct gs2_error err;
    char c = (char)_i;

    (void)gs2_fail(&err, GS2_FAIL, "a%cb", c);
    gs2_error_detail(&err, "c%cd", c);
    ck_assert_str_eq(err.text, "a b");
    ck_assert_str_eq(err.detail, "c d");
}
END_TEST

/* What a library may put into a text, and what is left of it. */
static const struct {
    const char *text, *shown;
} texts[] = {
    { "gr\xc3\xbcn", "gr\xc3\xbcn" },
    { "a\xc2\x9b" "2Jb", "a  2Jb" },
    { "a\xc2\x80" "b\xc2\x9f", "a  b  " },
    { "a\xc2\xa0" "b", "a\xc2\xa0" "b" },
    { "a\x9b" "2J", "a?2J" },
    { "cut\xe2\x82", "cut??" },
};

START_TEST(a_reason_is_utf8_that_no_terminal_obeys)
{
    struct gs2_error err;

    (void)gs2_fail(&err, GS2_FAIL, "%s", texts[_i].text);
    gs2_error_detail(&err, "%s", texts[_i].text);
    ck_assert_str_eq(err.text, texts[_i].shown);
    ck_assert_str_eq(err.detail, texts[_i].shown);
}
END_TEST

/* Octets, the buffer that they are escaped into, and what it then holds. */
static const struct {
    const char *octets;
    size_t len, size;
    const char *text;
} escapes[] = {
    { OCTETS(""), 8, "" },
    { OCTETS("abcd"), 8, "abcd" },
    { OCTETS("abcdefghi"), 8, "abcd..." },
    { OCTETS("a b~"), 16, "a b~" },
    { OCTETS("\0"), 8, "\\x00" },
    { OCTETS("\0\0"), 8, "\\x00..." },
    { OCTETS("a\0"), 16, "a\\x00" },
    { OCTETS("\r\n\t\x1b\x7f"), 64, "\\x0d\\x0a\\x09\\x1b\\x7f" },
    { OCTETS("\"\\'%s"), 64, "\\x22\\x5c'%s" },
    { OCTETS("\xc3\xa9\xff"), 64, "\\xc3\\xa9\\xff" },
    /* An escape is never cut in two. */
    { OCTETS("abc\xff"), 8, "abc..." },
    { OCTETS("\xff" "abc"), 8, "\\xff..." },
};

START_TEST(escape_makes_printable_ascii)
{
    char *in = exact_copy(escapes[_i].octets, escapes[_i].len);
    char *out = malloc(escapes[_i].size);

    ck_assert_ptr_eq(gs2_escape(out, escapes[_i].size, in, escapes[_i].len),
                     out);
    ck_assert_str_eq(out, escapes[_i].text);
    free(out);
    free(in);
}
END_TEST

START_TEST(escape_of_every_octet_into_every_size)
{
    unsigned char in[512];
    char *out;
    size_t len;

    for (size_t i = 0; i < sizeof(in); i++)
        in[i] = (unsigned char)i;
    for (size_t size = 8; size < 1200; size++) {
        out = malloc(size);
        (void)gs2_escape(out, size, in, sizeof(in));
        ck_assert_ptr_nonnull(memchr(out, '\0', size));
        len = strlen(out);
        ck_assert_str_eq(out + len - 3, "...");
        for (size_t i = 0; i < len; i++) {
            if (out[i] < ' ' || out[i] >= 0x7f || out[i] == '"')
                ck_abort_msg("octet %d in size %zu", out[i], size);
        }
        free(out);
    }
}
END_TEST

static const struct {
    gss_OID_desc oid;
    const char *text;
} oids[] = {
    { { 0, NULL }, "no OID" },
    { { 9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" }, "1.2.840.113554.1.2.2" },
    { { 3, "\x27\x00\x7f" }, "0.39.0.127" },
    { { 2, "\x88\x37" }, "2.999" },
};

START_TEST(text_of_an_oid)
{
    char out[GS2_OID_TEXT_MAX];

    ck_assert_str_eq(gs2_oid_text(out, &oids[_i].oid), oids[_i].text);
    ck_assert_str_eq(gs2_oid_text(out, NULL), "no OID");
}
END_TEST

/* Of one that is too long the beginning; nothing behind the room for it. */
START_TEST(text_of_a_long_oid)
{
    char out[4 * GS2_OID_TEXT_MAX], octets[240];
    const gss_OID_desc oid = { sizeof(octets), octets };

    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = i % 3 == 2 ? '\x7f' : '\xff';
    memset(out, 'x', sizeof(out));
    gs2_oid_text(out, &oid);
    ck_assert_int_eq(strncmp(out, "2.2097071.2097151.", 18), 0);
    ck_assert_ptr_nonnull(memchr(out, '\0', GS2_OID_TEXT_MAX));
    for (size_t i = GS2_OID_TEXT_MAX; i < sizeof(out); i++)
        ck_assert_int_eq(out[i], 'x');
}
END_TEST

SUITE("status",
      TEST(reason_and_detail),
      TEST(a_new_reason_has_no_old_detail),
      TEST(nobody_need_listen),
      TEST(a_long_reason_is_cut),
      RANGE(a_reason_is_one_line, 1, 0x20),
      RANGE(a_reason_is_one_line, 0x7f, 0x80),
      TABLE(a_reason_is_utf8_that_no_terminal_obeys, texts),
      TABLE(escape_makes_printable_ascii, escapes),
      TEST(escape_of_every_octet_into_every_size),
      TABLE(text_of_an_oid, oids),
      TEST(text_of_a_long_oid))
