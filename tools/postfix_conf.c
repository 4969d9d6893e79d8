/*
 * postfix_conf.c - what main.cf of Postfix says (see postfix_conf.h).
 */
#include "postfix_conf.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "text_file.h"

#define PATH "/etc/postfix/main.cf"
#define OF_DEBIAN "/usr/share/postfix/main.cf.debian" /* what it starts with */
#define SASL_PATH "cyrus_sasl_config_path"
#define WHITE " \t\n\v\f\r"
#define SEPARATORS ", \t\r\n" /* of a list */

/* The parameter that is looked for, and what is known of it. */
struct reading {
    const char *name;
    char *value;
    unsigned line;
    bool goes_on; /* the last line was a part of it */
};

/* A line that begins one, "NAME = VALUE". */
static void
take_line(struct reading *r, const char *text, unsigned line)
{
    const size_t len = strlen(r->name);
    const char *at = text + len;

    r->goes_on = false;
    if (strncmp(text, r->name, len) != 0)
        return;
    at += strspn(at, WHITE);
    if (*at != '=')
        return;
    at++;
    at += strspn(at, WHITE);
    free(r->value);
    r->value = need(strdup(at));
    r->line = line;
    r->goes_on = true;
}

/* A line that begins with white space belongs to the one before. */
static void
take_more(struct reading *r, const char *text)
{
    char *joined;

    if (!r->goes_on)
        return;
    if (asprintf(&joined, "%s%s", r->value, text) < 0)
        joined = need(NULL);
    free(r->value);
    r->value = joined;
}

static void
cut(char *text)
{
    size_t len = strlen(text);

    while (len > 0 && strchr(WHITE, text[len - 1]) != NULL)
        text[--len] = '\0';
}

/* As postfix_conf_find(), in the file at path. */
static char *
find_in(const char *path, const char *name, unsigned *line_out)
{
    struct reading r = { .name = name };
    char *text = text_file_read(path), *rest = text;
    const int error = text == NULL ? errno : 0;
    const char *line, *at;

    for (unsigned n = 1; (line = strsep(&rest, "\n")) != NULL; n++) {
        at = line + strspn(line, WHITE);
        if (*at == '\0' || *at == '#')
            continue; /* even between the lines of a value */
        if (at == line)
            take_line(&r, line, n);
        else
            take_more(&r, line);
    }
    free(text);
    if (r.value != NULL)
        cut(r.value);
    *line_out = r.line;
    errno = error;
    return r.value;
}

char *
postfix_conf_find(const char *name, unsigned *line_out)
{
    return find_in(PATH, name, line_out);
}

/* Whether this Postfix goes by cyrus_sasl_config_path: Debian 12's does not, and
 * Debian's own lines for main.cf do not name it there. */
static bool
has_sasl_path(void)
{
    unsigned line;
    char *value = find_in(OF_DEBIAN, SASL_PATH, &line);
    const bool has = value != NULL;

    free(value);
    return has;
}

char *
postfix_conf_sasl_places(const char *places_of_debian_12)
{
    char *places = NULL, *more, *folders, *rest;
    const char *folder;
    unsigned line;

    if (!has_sasl_path())
        return need(strdup(places_of_debian_12));
    folders = rest = postfix_conf_find(SASL_PATH, &line);
    if (folders != NULL && folders[0] == '\0')
        rest = NULL;
    while ((folder = strsep(&rest, ":")) != NULL) {
        if (asprintf(&more, "%s%s%s/smtpd.conf", places != NULL ? places : "",
                     places != NULL ? ":" : "", folder) < 0)
            more = need(NULL);
        free(places);
        places = more;
    }
    free(folders);
    return places;
}

char *
postfix_conf_sasl_unsure(void)
{
    unsigned line;
    char *why = NULL, *folders, *rest;
    const char *folder;
    bool good = true;

    if (!has_sasl_path())
        return NULL;
    folders = rest = postfix_conf_find(SASL_PATH, &line);
    if (folders != NULL && folders[0] == '\0')
        rest = NULL;
    while ((folder = strsep(&rest, ":")) != NULL)
        good = good && folder[0] == '/' && strchr(folder, '$') == NULL;
    free(folders);
    if (!good && asprintf(&why, "%s:%u: " SASL_PATH " is more than paths: write "
                          "them from / on, without \"$\"", PATH, line) < 0)
        return need(NULL);
    return why;
}

char *
postfix_conf_unread(void)
{
    unsigned line;
    char *why = NULL;

    free(postfix_conf_find("", &line));
    if (errno != 0 && errno != ENOENT &&
        asprintf(&why, "cannot read %s: %s", PATH, strerror(errno)) < 0)
        return need(NULL);
    return why;
}

/* The last word of a list that is NAME or NAME=VALUE; NULL for none.
 * Borrows. */
static const char *
last_word(const char *list, const char *name)
{
    const size_t len = strlen(name);
    const char *found = NULL, *at = list;

    for (; *at != '\0'; at += strcspn(at, SEPARATORS)) {
        at += strspn(at, SEPARATORS);
        if (strncmp(at, name, len) == 0 &&
            (at[len] == '=' || strchr(SEPARATORS, at[len]) != NULL))
            found = at;
    }
    return found;
}

void
postfix_conf_variable(const char *name, char **value_out, char **why_out)
{
    static const char parameter[] = "import_environment";
    const char *word, *why = NULL;
    unsigned line;
    char *list = postfix_conf_find(parameter, &line);

    *value_out = NULL;
    *why_out = postfix_conf_unread();
    word = list != NULL ? last_word(list, name) : NULL;
    if (list != NULL && (strchr(list, '$') != NULL ||
                         (strpbrk(list, "{}") != NULL &&
                          strstr(list, name) != NULL)))
        why = "is more than words: write it without \"$\" and braces";
    else if (word != NULL && word[strlen(name)] == '=')
        *value_out = need(strndup(word + strlen(name) + 1,
                                  strcspn(word + strlen(name) + 1,
                                          SEPARATORS)));
    else if (word != NULL)
        why = "leaves a variable to whoever starts Postfix: write NAME=VALUE";
    if (why != NULL && asprintf(why_out, "%s:%u: %s, for %s, %s", PATH, line,
                                parameter, name, why) < 0)
        *why_out = need(NULL);
    free(list);
}
