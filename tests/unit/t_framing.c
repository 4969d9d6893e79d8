/*
 * t_framing.c - the framing of initial tokens (RFC 2743 section 3.1), taken
 * off and put on as RFC 5801 section 4 wants it; H2 is the requirement.
 */
#include <stdint.h>

#include "common/wire/framing.h"
#include "tests/lib/octets.h"
#include "tests/lib/suite.h"

#define KRB5 "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define KRB5_LEN (sizeof(KRB5) - 1)

#define NOT_FRAMED "the initial token is not framed"
#define NOT_MINIMAL                                                           \
    "the length in the initial token's framing is cut short or not minimal DER"
#define NOT_OURS                                                              \
    "the framing of the initial token does not name the mechanism"

static struct gs2_error err;

/* Strips a copy of exactly len octets, and compares with inner; NULL: it must
 * be refused. */
static void
strip(const void *token, size_t len, const char *oid, size_t oid_len,
      const void *inner, size_t inner_len)
{
    unsigned char *copy = exact_copy(token, len);
    char *oid_copy = exact_copy(oid, oid_len);
    const void *got = copy;
    size_t got_len = 99;
    gs2_status status;

    memset(&err, 0, sizeof(err));
    status = gs2_framing_strip(copy, len, oid_copy, oid_len, &got, &got_len,
                               &err);
    if (inner == NULL) {
        ck_assert_int_eq(status, GS2_BADPROT);
        ck_assert_ptr_null(got);
        ck_assert_uint_eq(got_len, 0);
        ck_assert_str_ne(err.text, "");
    } else {
        ck_assert_msg(status == GS2_OK, "%s", err.text);
        ck_assert_uint_eq(got_len, inner_len);
        ck_assert_ptr_eq(got, copy + len - inner_len);
        ck_assert(inner_len == 0 || memcmp(got, inner, inner_len) == 0);
    }
    free(oid_copy);
    free(copy);
}

/* Lengths of what the DER length covers, and the DER length. */
static const struct {
    size_t rest;
    const char *der;
    size_t der_len;
} lengths[] = {
    { 11, OCTETS("\x0b") },
    { 12, OCTETS("\x0c") },
    { 126, OCTETS("\x7e") },
    { 127, OCTETS("\x7f") },
    { 128, OCTETS("\x81\x80") },
    { 129, OCTETS("\x81\x81") },
    { 255, OCTETS("\x81\xff") },
    { 256, OCTETS("\x82\x01\x00") },
    { 65535, OCTETS("\x82\xff\xff") },
    { 65536, OCTETS("\x83\x01\x00\x00") },
    { 0xffffff, OCTETS("\x83\xff\xff\xff") },
    { 0x1000000, OCTETS("\x84\x01\x00\x00\x00") },
};

/* An inner token that makes the framing cover rest octets. */
static unsigned char *
make_inner(size_t rest, size_t *len_out)
{
    unsigned char *inner;

    *len_out = rest - 2 - KRB5_LEN;
    inner = malloc(*len_out);
    for (size_t i = 0; i < *len_out; i++)
        inner[i] = (unsigned char)(i * 7 + (i >> 8));
    return inner;
}

START_TEST(h2_length_boundaries_both_ways)
{
    const size_t rest = lengths[_i].rest, der_len = lengths[_i].der_len;
    size_t inner_len, len;
    unsigned char *inner = make_inner(rest, &inner_len), *token;
    void *out;

    ck_assert_int_eq(gs2_framing_add(inner, inner_len, KRB5, KRB5_LEN, &out,
                                     &len, &err), GS2_OK);
    token = out;
    ck_assert_uint_eq(len, 1 + der_len + rest);
    ck_assert_uint_eq(token[0], 0x60);
    ck_assert_mem_eq(token + 1, lengths[_i].der, der_len);
    ck_assert_mem_eq(token + 1 + der_len, "\x06\x09" KRB5, 2 + KRB5_LEN);
    ck_assert(memcmp(token + len - inner_len, inner, inner_len) == 0);
    strip(token, len, KRB5, KRB5_LEN, inner, inner_len);
    free(token);
    free(inner);
}
END_TEST

/* Cut short at every octet, or one octet too many; for the large ones near
 * both ends alone. */
START_TEST(h2_length_covers_the_token_exactly)
{
    size_t inner_len, len;
    unsigned char *inner = make_inner(lengths[_i].rest, &inner_len), *longer;
    void *token;

    ck_assert_int_eq(gs2_framing_add(inner, inner_len, KRB5, KRB5_LEN, &token,
                                     &len, &err), GS2_OK);
    for (size_t cut = 0; cut < len; cut++) {
        if (cut > 300 && cut + 3 < len)
            cut = len - 3;
        strip(token, cut, KRB5, KRB5_LEN, NULL, 0);
    }
    longer = malloc(len + 1);
    memcpy(longer, token, len);
    longer[len] = 0;
    strip(longer, len + 1, KRB5, KRB5_LEN, NULL, 0);
    free(longer);
    free(token);
    free(inner);
}
END_TEST

#define BODY "\x06\x09" KRB5

static const struct {
    const char *token;
    size_t len;
    const char *text;
} malformed[] = {
    { OCTETS(""), NOT_FRAMED },
    { OCTETS("\x61\x0b" BODY), NOT_FRAMED },
    { OCTETS("n\x82\x02\x01" BODY), NOT_FRAMED },
    { OCTETS("NTLMSSP"), NOT_FRAMED },
    { OCTETS("\x60"), NOT_MINIMAL },
    { OCTETS("\x60\x80" BODY "\0\0"), NOT_MINIMAL },       /* indefinite */
    { OCTETS("\x60\x81\x0b" BODY), NOT_MINIMAL },
    { OCTETS("\x60\x81\x7f" BODY), NOT_MINIMAL },
    { OCTETS("\x60\x82\x00\x0b" BODY), NOT_MINIMAL },
    { OCTETS("\x60\x82\x00\x80" BODY), NOT_MINIMAL },
    { OCTETS("\x60\x83\x00\x00\x0b" BODY), NOT_MINIMAL },
    { OCTETS("\x60\x84\x00\x00\x00\x0b" BODY), NOT_MINIMAL },
    { OCTETS("\x60\x84\x00\xff\xff\xff" BODY), NOT_MINIMAL },
    { OCTETS("\x60\x85\x01\x00\x00\x00\x00" BODY), NOT_MINIMAL },
    { OCTETS("\x60\x88\xff\xff\xff\xff\xff\xff\xff\xff" BODY), NOT_MINIMAL },
    { OCTETS("\x60\xff" BODY), NOT_MINIMAL },
    { OCTETS("\x60\x82\x01"), NOT_MINIMAL },
    { OCTETS("\x60\x0a" BODY),
      "the framing of the initial token says 10 octets, there are 11" },
    { OCTETS("\x60\x0c" BODY),
      "the framing of the initial token says 12 octets, there are 11" },
    { OCTETS("\x60\x00" BODY),
      "the framing of the initial token says 0 octets, there are 11" },
    { OCTETS("\x60\x84\xff\xff\xff\xff" BODY),
      "the framing of the initial token says 4294967295 octets, "
      "there are 11" },
    { OCTETS("\x60\x00"), NOT_OURS },
    { OCTETS("\x60\x01\x06"), NOT_OURS },
    { OCTETS("\x60\x02\x06\x09"), NOT_OURS },
    { OCTETS("\x60\x0a\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02"), NOT_OURS },
    { OCTETS("\x60\x0b\x05\x09" KRB5), NOT_OURS },
    { OCTETS("\x60\x0c\x06\x81\x09" KRB5), NOT_OURS }, /* not minimal */
    { OCTETS("\x60\x0b\x06\x08" KRB5), NOT_OURS },
    { OCTETS("\x60\x0b\x06\x0a" KRB5), NOT_OURS },
    { OCTETS("\x60\x0c\x06\x0a" KRB5 "\x01"), NOT_OURS },
    /* SPNEGO's. */
    { OCTETS("\x60\x08\x06\x06\x2b\x06\x01\x05\x05\x02"), NOT_OURS },
};

START_TEST(h2_malformed_framing_and_its_text)
{
    strip(malformed[_i].token, malformed[_i].len, KRB5, KRB5_LEN, NULL, 0);
    ck_assert_str_eq(err.text, malformed[_i].text);
    ck_assert_str_eq(err.detail, "");
}
END_TEST

/* What stands behind a token in the same memory does not belong to it. */
static const struct {
    const char *memory;
    size_t len;
} cut_short[] = {
    { "\x60\x00" BODY, 2 },
    { "\x60\x01" BODY, 3 },
    { "\x60\x02" BODY, 4 },
    { "\x60\x0a" BODY, 12 },
};

START_TEST(h2_nothing_behind_the_token_counts)
{
    const void *inner;
    size_t inner_len;

    ck_assert_int_eq(gs2_framing_strip(cut_short[_i].memory, cut_short[_i].len,
                                       KRB5, KRB5_LEN, &inner, &inner_len,
                                       &err), GS2_BADPROT);
    ck_assert_str_eq(err.text, NOT_OURS);
}
END_TEST

START_TEST(h2_any_octet_of_the_oid_counts)
{
    char token[] = "\x60\x0d" BODY "in";

    strip(token, sizeof(token) - 1, KRB5, KRB5_LEN, "in", 2);
    for (size_t i = 0; i < KRB5_LEN; i++) {
        token[4 + i] ^= 0x40;
        strip(token, sizeof(token) - 1, KRB5, KRB5_LEN, NULL, 0);
        ck_assert_str_eq(err.text, NOT_OURS);
        token[4 + i] ^= 0x40;
    }
}
END_TEST

START_TEST(h2_empty_inner_token)
{
    size_t len;
    void *token;

    ck_assert_int_eq(gs2_framing_add(NULL, 0, KRB5, KRB5_LEN, &token, &len,
                                     &err), GS2_OK);
    ck_assert_uint_eq(len, 13);
    ck_assert_mem_eq(token, "\x60\x0b" BODY, 13);
    strip(token, len, KRB5, KRB5_LEN, "", 0);
    free(token);
}
END_TEST

START_TEST(h2_oid_of_one_to_127_octets)
{
    char oid[128];
    size_t len;
    void *token;

    memset(oid, 0x2a, sizeof(oid));
    for (size_t oid_len = 1; oid_len <= 127; oid_len++) {
        ck_assert_int_eq(gs2_framing_add("in", 2, oid, oid_len, &token, &len,
                                         &err), GS2_OK);
        strip(token, len, oid, oid_len, "in", 2);
        strip(token, len, oid, oid_len - 1, NULL, 0);
        strip(token, len, oid, oid_len + 1, NULL, 0);
        free(token);
    }
}
END_TEST

static const struct {
    size_t inner_len, oid_len;
} unframeable[] = {
    { 0, 0 },          { 0, 128 },        { SIZE_MAX, 9 },
    { SIZE_MAX - 9, 9 }, { UINT32_MAX, 9 }, { UINT32_MAX - 255, 9 },
};

START_TEST(h2_lengths_out_of_bounds_are_not_framed)
{
    void *token = &err;
    size_t len = 99;

    ck_assert_int_eq(gs2_framing_add("", unframeable[_i].inner_len, KRB5,
                                     unframeable[_i].oid_len, &token, &len,
                                     &err), GS2_BADPROT);
    ck_assert_ptr_null(token);
    ck_assert_uint_eq(len, 0);
    ck_assert_str_eq(err.text, "the token is too long to frame");
}
END_TEST

SUITE("framing",
      TIMEOUT(30),
      TABLE(h2_length_boundaries_both_ways, lengths),
      TABLE(h2_length_covers_the_token_exactly, lengths),
      TABLE(h2_malformed_framing_and_its_text, malformed),
      TABLE(h2_nothing_behind_the_token_counts, cut_short),
      TEST(h2_any_octet_of_the_oid_counts),
      TEST(h2_empty_inner_token),
      TEST(h2_oid_of_one_to_127_octets),
      TABLE(h2_lengths_out_of_bounds_are_not_framed, unframeable))
