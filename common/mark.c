/*
 * mark.c - finds the marks of our plugins (see mark.h).
 *
 * A note is three words (the length of its owner's name, with the NUL; that of
 * what it says; its type), then both, each filled up to four octets.
 */
#include "mark.h"

#include <string.h>

#define WORDS 3

/* Takes so many octets, filled up, from the front of what is left; NULL where
 * there are not so many. */
static const unsigned char *
take(const unsigned char **rest, size_t *left, size_t len)
{
    const unsigned char *taken = *rest;
    const size_t fill = (GS2_MARK_ALIGN - len % GS2_MARK_ALIGN) %
                        GS2_MARK_ALIGN;

    if (len > *left || fill > *left - len)
        return NULL;
    *rest += len + fill;
    *left -= len + fill;
    return taken;
}

bool
gs2_mark_is_in(const void *notes, size_t size, enum gs2_mark type)
{
    const unsigned char *rest = notes, *head, *owner;
    uint32_t words[WORDS];

    while ((head = take(&rest, &size, sizeof(words))) != NULL) {
        memcpy(words, head, sizeof(words));
        owner = take(&rest, &size, words[0]);
        if (owner == NULL || take(&rest, &size, words[1]) == NULL)
            return false;
        if (words[2] == (uint32_t)type && words[0] == sizeof(GS2_MARK_OWNER) &&
            memcmp(owner, GS2_MARK_OWNER, sizeof(GS2_MARK_OWNER)) == 0)
            return true;
    }
    return false;
}
