/*
 * mech_list.c - the option mech_list of libsasl's (see mech_list.h).
 */
#include "mech_list.h"

#include <string.h>
#include <strings.h>

#include <sasl/sasl.h>

#include "common/gss/mechs.h"
#include "mech_name.h"
#include "served.h"

#define WHITE " \t\n\v\f\r"

const char *
mech_list_next(const char **at, size_t *len_out)
{
    const char *word = *at + strspn(*at, WHITE);

    *len_out = strcspn(word, WHITE);
    *at = word + *len_out;
    return *len_out > 0 ? word : NULL;
}

bool
mech_list_ignores(const char *word, size_t len)
{
    static const char plus[] = "-PLUS";
    const size_t plus_len = sizeof(plus) - 1;

    return len > plus_len && word[len] != '\0' &&
           strncasecmp(word + len - plus_len, plus, plus_len) == 0;
}

/* A word is compared as one of gs2_mechs, but a comma in it is refused:
 * libsasl separates words by white space alone. */
static bool
is_word_of(const char *word, size_t len, const char *mech)
{
    char name[SASL_MECHNAMEMAX + 1] = "";

    if (len >= sizeof(name) || memchr(word, ',', len) != NULL ||
        mech_list_ignores(word, len))
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

/* Of libsasl's own plugins those for SCRAM and GSSAPI say that they bind.  That
 * of gssapi/ does not.  What there is no plugin for is not listed, but for
 * EXTERNAL, which libsasl has itself. */
static bool
is_plus(const char *word, size_t len, const char *ours)
{
    char name[SASL_MECHNAMEMAX + 1] = "";
    struct served served;

    if (len >= sizeof(name))
        return false;
    memcpy(name, word, len);
    served_find(name, &served);
    if (gs2_mechs_named(name, "GSSAPI") || gs2_mechs_named(name, "GSS-SPNEGO"))
        return served.by != SERVED_BY_US;
    return (served.by == SERVED_BY_NONE && strcasecmp(name, "EXTERNAL") != 0) ||
           strncasecmp(name, "SCRAM-", strlen("SCRAM-")) == 0 ||
           mech_name_is_gs2(name, len) || mech_name_is_in(ours, name);
}

bool
mech_list_is_plus(const char *list, const char *ours)
{
    const char *word;
    size_t len;

    while ((word = mech_list_next(&list, &len)) != NULL) {
        if (!mech_list_ignores(word, len) && !is_plus(word, len, ours))
            return false;
    }
    return true;
}
