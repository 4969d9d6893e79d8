/*
 * t_mark.c - the marks of our plugins among the notes of a file, which may be
 * anything (common/mark.h).
 */
#include <stdint.h>

#include "common/mark.h"
#include "tests/lib/octets.h"
#include "tests/lib/suite.h"

#define OWNER "cyrus-sasl-gs2\0\0"
#define FRONT sizeof(((struct note *)0)->words)

/* A note: how long its owner's name and its text are, its type, and both. */
static const struct note {
    uint32_t words[3];
    const char *octets;
    size_t len;
    bool found;
} notes[] = {
    { { 15, 0, 1 }, OCTETS(OWNER), true },
    { { 15, 3, 1 }, OCTETS(OWNER "abc\0"), true },
    { { 4, 6, 3 }, OCTETS("GNU\0abcdef\0\0"), false },
    { { 15, 0, 2 }, OCTETS(OWNER), false },
    { { 14, 0, 1 }, OCTETS(OWNER), false },
    { { 16, 0, 1 }, OCTETS(OWNER), false },
    { { 15, 0, 1 }, OCTETS("cyrus-sasl-gs2xx"), false },
    { { 15, 0, 1 }, OCTETS("Cyrus-sasl-gs2\0\0"), false },
    { { 0, 16, 1 }, OCTETS(OWNER), false },
    /* lengths that lie */
    { { 15, 1, 1 }, OCTETS(OWNER), false },
    { { 15, UINT32_MAX, 1 }, OCTETS(OWNER), false },
    { { UINT32_MAX, 0, 1 }, OCTETS(OWNER), false },
    { { UINT32_MAX - 2, 0, 1 }, OCTETS(OWNER), false },
};

/* Whether the mark is in the first len octets of the note, behind count good
 * ones of somebody else's. */
static bool
is_in(const struct note *note, size_t count, size_t len)
{
    const struct note *other = &notes[2];
    char all[256], *at = all;
    void *copy;
    bool found;

    for (size_t i = 0; i <= count; i++) {
        const struct note *each = i < count ? other : note;

        at = mempcpy(at, each->words, FRONT);
        at = mempcpy(at, each->octets, each->len);
    }
    len += (size_t)(at - all) - FRONT - note->len;
    copy = exact_copy(all, len);
    found = gs2_mark_is_in(copy, len, GS2_MARK_PLUGIN);
    free(copy);
    return found;
}

START_TEST(a_note)
{
    for (size_t count = 0; count < 3; count++)
        ck_assert(is_in(&notes[_i], count, FRONT + notes[_i].len) ==
                  notes[_i].found);
}
END_TEST

START_TEST(a_note_that_is_cut)
{
    for (size_t len = 0; len < FRONT + notes[_i].len; len++)
        ck_assert(!is_in(&notes[_i], 1, len));
}
END_TEST

SUITE("mark",
      TABLE(a_note, notes),
      TABLE(a_note_that_is_cut, notes))
