/*
 * near.c - the word that was meant (see near.h).
 */
#include "near.h"

#include <string.h>

static size_t
least(size_t a, size_t b, size_t c)
{
    const size_t d = a < b ? a : b;

    return d < c ? d : c;
}

/* Letters to change, to add and to take away to make b of a. */
static size_t
distance(const char *a, const char *b)
{
    size_t row[64], corner, above;
    const size_t len = strlen(b);

    if (len >= sizeof(row) / sizeof(row[0]))
        return len;
    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        corner = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < len; j++) {
            above = row[j + 1];
            row[j + 1] = least(above + 1, row[j] + 1,
                               corner + (a[i] != b[j]));
            corner = above;
        }
    }
    return row[len];
}

const char *
near_find(const char *word, near_word *nth, size_t most)
{
    const char *found = NULL, *one;
    size_t best = most + 1, d;

    for (size_t n = 0; (one = nth(n)) != NULL; n++) {
        d = distance(word, one);
        if (d < best) {
            best = d;
            found = one;
        }
    }
    return found;
}
