/*
 * shell_code.c - what else a shell may do in a file of assignments (see
 * shell_code.h).
 */
#include "shell_code.h"

#include <stdlib.h>
#include <string.h>

#include "print.h"

bool
shell_code_names(const char *text, const char *word)
{
    const size_t len = strlen(word);

    for (const char *at = text; (at = strstr(at, word)) != NULL; at += len) {
        if ((at == text || strchr(SHELL_NAME, at[-1]) == NULL) &&
            (at[len] == '\0' || strchr(SHELL_NAME, at[len]) == NULL))
            return true;
    }
    return false;
}

/* Whether the next word is one of a list that ends with NULL. */
static bool
is_one_of(const char *at, size_t len, const char *const *words)
{
    while (*words != NULL &&
           (strlen(*words) != len || strncmp(at, *words, len) != 0))
        words++;
    return *words != NULL;
}

/* Whether the shell makes a name of something in the words up to the end of the
 * line. */
static bool
makes_name(const char *text)
{
    const char *const end = text + strcspn(text, "\n");
    size_t len;

    for (; text < end; text += len) {
        text += strspn(text, SHELL_BLANKS);
        len = strcspn(text, SHELL_BLANKS "\n");
        if (strcspn(text, "$`") < len &&
            strcspn(text, "$`") < strcspn(text, "="))
            return true;
    }
    return false;
}

/* Whether a word of a text, which is without quotes, may read another file, make
 * a command of something, or set a variable whose name is not there.  Comments do
 * not; "#" begins one at the beginning of a line, elsewhere it may be octets of a
 * word that was quoted. */
static bool
reads_more(const char *text)
{
    static const char ends[] = SHELL_BLANKS "\n;" SHELL_OPERATORS;
    static const char *const readers[] = { ".", "source", "eval", NULL };
    static const char *const setters[] = { "export", "readonly", "read",
                                           "unset", NULL };
    size_t len;

    for (const char *at = text; *at != '\0'; at += len) {
        at += strspn(at, ends);
        len = strcspn(at, *at == '#' && (at == text || at[-1] == '\n')
                              ? "\n" : ends);
        if (is_one_of(at, len, readers) ||
            (is_one_of(at, len, setters) && makes_name(at + len)))
            return true;
    }
    return false;
}

/* A text without its quotation marks and backslashes, and without line ends
 * behind backslashes.  Gives. */
static char *
without_quotes(const char *text)
{
    char *bare = need(malloc(strlen(text) + 1)), *to = bare;

    for (; *text != '\0'; text++) {
        if (*text == '\\' && text[1] == '\n')
            text++;
        else if (strchr("'\"\\", *text) == NULL)
            *to++ = *text;
    }
    *to = '\0';
    return bare;
}

bool
shell_code_may_set(const char *text, const char *name)
{
    char *bare = without_quotes(text);
    const bool may = reads_more(bare) || shell_code_names(bare, name) ||
                     shell_code_names(text, name);

    free(bare);
    return may;
}
