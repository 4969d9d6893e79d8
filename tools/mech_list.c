/*
 * mech_list.c - the option mech_list of libsasl's (see mech_list.h).
 */
#include "mech_list.h"

#include <string.h>

#include <sasl/sasl.h>

#include "common/gss/mechs.h"

#define WHITE " \t\n\v\f\r"

const char *
mech_list_next(const char **at, size_t *len_out)
{
    const char *word = *at + strspn(*at, WHITE);

    *len_out = strcspn(word, WHITE);
    *at = word + *len_out;
    return *len_out > 0 ? word : NULL;
}

/* libsasl separates its words by white space alone, we ours by commas, too. */
static bool
is_word_of(const char *word, size_t len, const char *mech)
{
    char name[SASL_MECHNAMEMAX + 1] = "";

    if (len >= sizeof(name) || memchr(word, ',', len) != NULL)
        return false;
    memcpy(name, word, len);
    return gs2_mechs_named(name, mech);
}

bool
mech_list_has(const char *list, const char *mech)
{
    const char *word;
    size_t len;

    if (list == NULL)
        return true;
    while ((word = mech_list_next(&list, &len)) != NULL) {
        if (is_word_of(word, len, mech))
            return true;
    }
    return false;
}
