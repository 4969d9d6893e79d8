/*
 * t_linear.c - what the reading of a gs2-header costs, by its size (RFC 5801
 * section 4): a table of processor time, up to a mebibyte, for each way in
 * which a header can be long.  A benchmark more than a test: it fails only
 * where the time is far from linear.  For make check-full.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "tests/lib/header_input.h"
#include "tests/lib/suite.h"

#define SMALL ((size_t)16 * 1024)
#define LARGE ((size_t)1024 * 1024)
/* How many times as long an octet may take in the large one: a quadratic
 * reading takes 64 times as long. */
#define FACTOR 8
/* Measurements, and the nanoseconds of one after which there are no more: a
 * reading that is far too slow ends with a figure. */
#define RUNS 50
#define ENOUGH 1000000000

static const struct {
    const char *what, *start, *again;
} inputs[] = {
    { "an authzid of letters", "n,a=", "b" },
    { "an authzid of escapes", "n,a=", "=2C" },
    { "an authzid of UTF-8", "y,a=", "\xc3\xa9" },
    { "an authzid that is not UTF-8", "n,a=", "\xc3" },
    { "a name of a channel binding", "p=", "x" },
    { "an extension before the header", "", "," },
    { "letters", "", "n" },
    { "NULs", "n,a=", "\0" },
};

static uint64_t
processor_time(void)
{
    struct timespec t;

    ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Nanoseconds an octet: of some readings the quickest, and each long enough to
 * be measured. */
static double
measure(const char *message, size_t len)
{
    const size_t rounds = LARGE / len;
    double best = 1e9, spent = 0;
    struct gs2_header hdr;
    uint64_t start;

    for (int i = 0; i < RUNS && spent < ENOUGH; i++) {
        start = processor_time();
        for (size_t n = 0; n < rounds; n++) {
            if (gs2_header_decode(message, len, &hdr, &err) == GS2_OK)
                gs2_header_free(&hdr);
        }
        spent = (double)(processor_time() - start);
        if (spent / (double)(rounds * len) < best)
            best = spent / (double)(rounds * len);
    }
    return best;
}

static void
fill(char *message, const char *start, const char *again)
{
    const size_t piece = again[0] == '\0' ? 1 : strlen(again);
    size_t at = strlen(start);

    memcpy(message, start, at);
    for (; at + piece <= LARGE; at += piece)
        memcpy(message + at, again, piece);
    memset(message + at, ',', LARGE - at);
}

START_TEST(h4_h5_a_mebibyte_is_read_in_linear_time)
{
    char *message = malloc(LARGE);
    double small, large;

    ck_assert_ptr_nonnull(message);
    fill(message, inputs[_i].start, inputs[_i].again);
    assert_refused(message, LARGE);
    small = measure(message, SMALL);
    large = measure(message, LARGE);
    printf("# %-40s %7zu octets: %8.3f ns each; %zu: %8.3f ns; ratio %.2f\n",
           inputs[_i].what, SMALL, small, LARGE, large, large / small);
    ck_assert_double_le(large, small * FACTOR + .5);
    free(message);
}
END_TEST

SUITE("linear",
      TIMEOUT(120),
      TABLE(h4_h5_a_mebibyte_is_read_in_linear_time, inputs))
