/*
 * t_base64.c - base64 (RFC 4648): the vectors of section 10, what cannot be
 * written so, and what is not taken (section 3.5).
 */
#include <stdint.h>

#include "common/text/base64.h"
#include "tests/lib/octets.h"
#include "tests/lib/suite.h"

static const struct {
    const char *octets, *text;
} vectors[] = {
    { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
    { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
    { "\xff\xff\xff", "////" }, { "\xfb\xef\xbe", "++++" },
};

START_TEST(rfc4648_10_vectors)
{
    const size_t len = strlen(vectors[_i].octets);
    void *octets = exact_copy(vectors[_i].octets, len), *back;
    char *text = gs2_base64_encode(octets, len), *exact;
    size_t back_len, bad_at;

    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(text, vectors[_i].text);
    exact = exact_copy(text, strlen(text));
    ck_assert_int_eq(gs2_base64_decode(exact, strlen(text), &back, &back_len,
                                       &bad_at), GS2_OK);
    ck_assert_uint_eq(back_len, len);
    ck_assert_mem_eq(back, vectors[_i].octets, len);
    free(back);
    free(exact);
    free(text);
    free(octets);
}
END_TEST

START_TEST(too_long_to_be_written)
{
    ck_assert_ptr_null(gs2_base64_encode("", SIZE_MAX));
    ck_assert_ptr_null(gs2_base64_encode("", SIZE_MAX / 4 * 3 - 3));
}
END_TEST

static const struct {
    const char *text;
    size_t len, bad_at;
} refused[] = {
    { OCTETS("Z"), 1 }, { OCTETS("Zg"), 2 }, { OCTETS("Zg="), 3 },
    { OCTETS("="), 1 }, { OCTETS("Zh=="), 1 }, { OCTETS("Zm9="), 2 },
    { OCTETS("Zg==Zg=="), 4 }, { OCTETS("Zm 9"), 2 }, { OCTETS("Zm9v\n"), 4 },
    { OCTETS("Zm-_"), 2 }, { OCTETS("Zm9\0"), 3 },
};

START_TEST(rfc4648_3_5_what_is_not_taken)
{
    const size_t len = refused[_i].len;
    char *exact = exact_copy(refused[_i].text, len);
    size_t back_len = 7, bad_at = 99;
    void *back = exact;

    ck_assert_int_eq(gs2_base64_decode(exact, len, &back, &back_len, &bad_at),
                     GS2_BADCONFIG);
    ck_assert_ptr_null(back);
    ck_assert_uint_eq(bad_at, refused[_i].bad_at);
    free(exact);
}
END_TEST

SUITE("base64",
      TABLE(rfc4648_10_vectors, vectors),
      TEST(too_long_to_be_written),
      TABLE(rfc4648_3_5_what_is_not_taken, refused))
