/*
 * arguments.c - the arguments of a `plugin' line (see arguments.h).
 *
 * slapd keeps the line in cn=config without its quotes, so a DN with a blank
 * comes back from there as several arguments.  So all arguments are joined to
 * one text first, with blanks between them.  A word that can be a role ends a
 * pair if it is the last word, or if a DN begins behind it; anywhere else it
 * is part of a DN.
 */
#include "arguments.h"

#include <stdlib.h>
#include <string.h>

#include "message.h"

static const char blanks[] = " \t";

/* True where a DN begins at text: with the type of an attribute and "=". */
static bool
begins_dn(const char *text)
{
    const size_t len =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789-.");

    return len > 0 && text[len + strspn(text + len, blanks)] == '=';
}

/* All arguments, with a blank between two; freed with free(), NULL where there
 * is no memory. */
static char *
join(int count, char *const *arguments)
{
    size_t size = 1, len = 0;
    char *text;

    for (int i = 0; i < count; i++)
        size += strlen(arguments[i]) + 1;
    text = malloc(size);
    if (text == NULL)
        return NULL;
    for (int i = 0; i < count; i++) {
        const size_t octets = strlen(arguments[i]);

        if (i > 0)
            text[len++] = ' ';
        memcpy(text + len, arguments[i], octets);
        len += octets;
    }
    text[len] = '\0';
    return text;
}

/*
 * Cuts the first pair out of *text, which begins with no blank, and moves it
 * on: the DN is terminated and its role comes back.  NULL, with *text
 * unchanged, where no role ends a pair.
 */
static char *
cut_role(char **text)
{
    char *word = *text;

    for (;;) {
        char *const before = word + strcspn(word, blanks);
        char *const start = before + strspn(before, blanks);
        const size_t len = strcspn(start, blanks);
        char *const next = start + len + strspn(start + len, blanks);

        if (len == 0)
            return NULL;
        if (gs2_slapd_is_role(start, len) &&
            (*next == '\0' || begins_dn(next))) {
            *before = '\0';
            start[len] = '\0';
            *text = next;
            return start;
        }
        word = start;
    }
}

/* Reads the first pair of *text and moves it on. */
static bool
read_pair(char **text, struct gs2_slapd_group **groups)
{
    char *const dn = *text;
    char *const role = cut_role(text);
    const char *wrong;

    if (role == NULL) {
        gs2_slapd_message("there is no role behind \"%s\": a role is 1 to %d "
                          "of a-z, 0-9, _ and -, the first a letter",
                          dn, GS2_SLAPD_ROLE_MAX);
        return false;
    }
    wrong = gs2_slapd_groups_add(groups, dn, role);
    if (wrong != NULL)
        gs2_slapd_message("\"%s\" %s", dn, wrong);
    return wrong == NULL;
}

bool
gs2_slapd_arguments_read(int count, char *const *arguments,
                         struct gs2_slapd_group **groups_out)
{
    char *const text = join(count, arguments);
    char *rest;
    bool ok = true;

    *groups_out = NULL;
    if (text == NULL) {
        gs2_slapd_message("out of memory");
        return false;
    }
    rest = text + strspn(text, blanks);
    if (*rest == '\0') {
        gs2_slapd_message("no group is named: the arguments are pairs of a "
                          "group's DN and a role");
        ok = false;
    }
    while (ok && *rest != '\0')
        ok = read_pair(&rest, groups_out);
    if (!ok)
        gs2_slapd_groups_free(groups_out);
    free(text);
    return ok;
}
