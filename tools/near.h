/*
 * near.h - the word that was meant: the nearest of some.
 */
#ifndef NEAR_H
#define NEAR_H

#include <stddef.h>

/* The nth of the words, NULL behind the last. */
typedef const char *near_word(size_t n);

/* The word that needs the fewest changes (letters changed, added or removed),
 * at most `most`; NULL for none. */
const char *near_find(const char *word, near_word *nth, size_t most);

#endif
