/*
 * t_rules_all.c - every rule of up to six words, and longer ones at random,
 * against an evaluator of another kind: both must agree on which are rules and
 * which of them are met.
 */
#include <string.h>

#include "tests/lib/rules_login.h"
#include "tests/lib/suite.h"

/*
 * An evaluator of another kind, by rewriting: A and a are attributes that
 * match and do not, F and f facts, U a fact that is absent, ! is not.  The first of these that applies
 * is replaced, until none does:  !F  (X)  X&X  X|X, the last where no other
 * operator is nearer to either side.  What is left is one letter, or the rule
 * is malformed.
 */
static bool
is_operand(char c)
{
    return c != '\0' && strchr("AaFfU", c) != NULL;
}

static bool
is_fact(char c)
{
    return strchr("FfU", c) != NULL;
}

/* Kleene's: what decides alone does, and the unknown is nearer to that than
 * what does not.  Both letters are attributes if either is: nothing may stand
 * before them, so for them the unknown is false. */
static char
join(char x, char op, char y)
{
    const bool met_x = x == 'A' || x == 'F', met_y = y == 'A' || y == 'F';
    const bool met = op == '&' ? met_x && met_y : met_x || met_y;
    const char decides = op == '&' ? 'f' : 'F';

    if (!is_fact(x) || !is_fact(y))
        return met ? 'A' : 'a';
    if (x == decides || y == decides)
        return decides;
    return x == 'U' || y == 'U' ? 'U' : x;
}

static bool
replace(char *at, size_t len, char with)
{
    *at = with;
    memmove(at + 1, at + len, strlen(at + len) + 1);
    return true;
}

/* s has a NUL before its first octet. */
static bool
rewrite(char *s)
{
    for (char *p = s; *p != '\0'; p++)
        if (*p == '!' && p[1] != '\0' && is_fact(p[1]))
            return replace(p, 2, p[1] == 'U' ? 'U' : p[1] == 'F' ? 'f' : 'F');
    for (char *p = s; *p != '\0'; p++)
        if (*p == '(' && is_operand(p[1]) && p[2] == ')')
            return replace(p, 3, p[1]);
    for (char *p = s; *p != '\0'; p++)
        if (is_operand(*p) && p[1] == '&' && is_operand(p[2]) && p[-1] != '!')
            return replace(p, 3, join(*p, '&', p[2]));
    for (char *p = s; *p != '\0'; p++)
        if (is_operand(*p) && p[1] == '|' && is_operand(p[2]) &&
            p[-1] != '!' && p[-1] != '&' && p[3] != '&')
            return replace(p, 3, join(*p, '|', p[2]));
    return false;
}

static const char symbols[] = "AaFfU!&|()";
static const char *const spellings[] = {
    "t=1", "t=0", "gs2:mech=GS2-KRB5", "gs2:mech=x", "gs2:binding=x", "not",
    "and", "or", "(", ")",
};

static void
compare_with_rewriting(const char *word)
{
    char text[320] = "", reduced[16] = "";
    struct asked asked = { "", GS2_OK };
    gs2_status parsed, checked = GS2_OK;
    struct gs2_rule *rule;
    bool good, met;

    for (const char *p = word; *p != '\0'; p++) {
        strcat(text, spellings[strchr(symbols, *p) - symbols]);
        strcat(text, " ");
    }
    strcpy(reduced + 1, word);
    while (rewrite(reduced + 1))
        continue;
    good = is_operand(reduced[1]) && reduced[2] == '\0';
    met = reduced[1] == 'A' || reduced[1] == 'F';
    parsed = gs2_rule_parse(text, &roles, &rule, &err);
    if (parsed == GS2_OK) {
        checked = gs2_rule_check(rule, look_up, &asked, &err);
        gs2_rule_free(rule);
    }
    if (parsed != (good ? GS2_OK : GS2_BADCONFIG))
        ck_abort_msg("%s: %s", text, good ? err.text : "is not refused");
    if (good && checked != (met ? GS2_OK : GS2_NOAUTHZ))
        ck_abort_msg("%s: wrong verdict", text);
}

START_TEST(every_rule_of_up_to_six_words)
{
    const size_t base = sizeof(symbols) - 1;
    char word[8];
    size_t total = base;

    for (size_t len = 1; len <= 6; len++, total *= base) {
        word[len] = '\0';
        for (size_t n = 0; n < total; n++) {
            for (size_t i = 0, rest = n; i < len; i++, rest /= base)
                word[i] = symbols[rest % base];
            compare_with_rewriting(word);
        }
    }
}
END_TEST

/* Longer ones, at random, from a fixed seed, and mostly well-formed. */
static char *
grow(char *out, int depth, unsigned *seed)
{
    *seed = *seed * 1103515245U + 12345U;
    switch (depth == 0 ? 4 : *seed >> 16 & 7) {
    case 0:
    case 1:
        *out++ = '!';
        return grow(out, depth - 1, seed);
    case 2:
        *out++ = '(';
        out = grow(out, depth - 1, seed);
        *out++ = ')';
        return out;
    case 3:
    case 5:
    case 6:
        out = grow(out, depth - 1, seed);
        *out++ = "&|"[*seed >> 20 & 1];
        return grow(out, depth - 1, seed);
    default:
        *out++ = "AaFfUFfU"[*seed >> 18 & 7];
        return out;
    }
}

START_TEST(a_hundred_thousand_longer_rules)
{
    unsigned seed = 6680, kept = 0;
    char word[256];

    for (int i = 0; i < 100000; i++) {
        *grow(word, 4, &seed) = '\0';
        if (strlen(word) > 14)
            continue;
        kept++;
        compare_with_rewriting(word);
    }
    ck_assert_uint_gt(kept, 50000);
}
END_TEST

SUITE("all",
      TIMEOUT(600),
      TEST(every_rule_of_up_to_six_words),
      TEST(a_hundred_thousand_longer_rules))
