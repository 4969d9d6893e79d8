/*
 * t_utf8.c - well-formed UTF-8 (RFC 3629 section 4): every character is taken,
 * and nothing else.  Requirement H4 rests on it, and so does what is text in a
 * value of an attribute.  (What runs a million times does without ck_assert(),
 * which writes to a file each time.)
 */
#include <stdbool.h>

#include "tests/lib/suite.h"
#include "common/text/utf8.h"

static size_t
encode_utf8(unsigned long c, unsigned char *out)
{
    const size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    for (size_t i = len; i > 1; i--, c >>= 6)
        out[i - 1] = (unsigned char)(0x80 | (c & 0x3f));
    out[0] = (unsigned char)(lead[len] | c);
    return len;
}

START_TEST(h4_utf8_every_character_and_each_cut_short)
{
    unsigned char s[4];
    size_t len;

    for (unsigned long c = 0; c <= 0x1fffff; c++) {
        len = encode_utf8(c, s);
        if ((c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff) {
            if (gs2_utf8_char(s, len) != 0)
                ck_abort_msg("U+%04lX is taken", c);
            continue;
        }
        if (gs2_utf8_char(s, len) != len)
            ck_abort_msg("U+%04lX is refused", c);
        for (size_t cut = 0; cut < len; cut++)
            if (gs2_utf8_char(s, cut) != 0)
                ck_abort_msg("U+%04lX cut short is taken", c);
    }
}
END_TEST

/* Nothing else is taken: of all sequences there are as many as characters. */
START_TEST(h4_utf8_every_sequence_of_three_octets)
{
    size_t taken[5] = { 0 };
    unsigned char s[3];

    for (unsigned long n = 0; n < 0x1000000; n++) {
        s[0] = (unsigned char)(n >> 16);
        s[1] = (unsigned char)(n >> 8);
        s[2] = (unsigned char)n;
        taken[gs2_utf8_char(s, 3)]++;
    }
    ck_assert_uint_eq(taken[1], 0x80UL << 16);
    ck_assert_uint_eq(taken[2], 0x780UL << 8);
    ck_assert_uint_eq(taken[3], 0x10000 - 0x800 - 0x800);
    ck_assert_uint_eq(taken[4], 0);
}
END_TEST

START_TEST(h4_utf8_ill_formed_sequences_of_four_octets)
{
    static const unsigned char edges[] = { 0x00, 0x7f, 0x80, 0x8f, 0x90,
                                           0xbf, 0xc0, 0xff };
    unsigned char s[4];
    bool good;

    for (unsigned n = 0; n < 16U * 256 * 8 * 8; n++) {
        s[0] = (unsigned char)(0xf0 | (n & 15));
        s[1] = (unsigned char)(n >> 4);
        s[2] = edges[n >> 12 & 7];
        s[3] = edges[n >> 15 & 7];
        good = s[0] <= 0xf4 && (s[1] & 0xc0) == 0x80 &&
               (s[2] & 0xc0) == 0x80 && (s[3] & 0xc0) == 0x80 &&
               (s[0] != 0xf0 || s[1] >= 0x90) &&
               (s[0] != 0xf4 || s[1] < 0x90);
        if (gs2_utf8_char(s, 4) != (good ? 4 : 0))
            ck_abort_msg("%02x %02x %02x %02x", s[0], s[1], s[2], s[3]);
    }
}
END_TEST

SUITE("utf8",
      TIMEOUT(60),
      TEST(h4_utf8_every_character_and_each_cut_short),
      TEST(h4_utf8_every_sequence_of_three_octets),
      TEST(h4_utf8_ill_formed_sequences_of_four_octets))
