/*
 * cyrus_conf.c - the services of Cyrus IMAP (see cyrus_conf.h).
 *
 *   SERVICES {
 *     imaps cmd="imapd -s" listen="imaps"
 *   }
 */
#include "cyrus_conf.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "print.h"

#define WHITE " \t\n\v\f\r"

/* What is looked for, and what was found. */
struct search {
    const char *program; /* or NULL */
    bool within;         /* SERVICES */
    char **names;
    size_t count;
};

static void
add_name(struct search *search, const char *name, size_t len)
{
    char *copy = need(strndup(name, len));

    for (char *p = copy; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    search->names = need(reallocarray(search->names, search->count + 1,
                                      sizeof(*search->names)));
    search->names[search->count++] = copy;
}

/* Whether a word is the name of a program, or the path of one. */
static bool
is_program(const char *word, size_t len, const char *program)
{
    const size_t own = strlen(program);

    return len >= own && strncmp(word + len - own, program, own) == 0 &&
           (len == own || word[len - own - 1] == '/');
}

/* Whether what is behind the name of a service runs a program: itself, or by
 * another one. */
static bool
runs(const char *at, const char *program)
{
    static const char between[] = WHITE "=\"";
    size_t len;

    for (at += strspn(at, between); (len = strcspn(at, between)) > 0;
         at += len + strspn(at + len, between)) {
        if (is_program(at, len, program))
            return true;
    }
    return false;
}

/* Takes one line, in which there is a comment no more. */
static void
take_line(struct search *search, const char *line)
{
    const char *at = line + strspn(line, WHITE);
    const size_t len = strcspn(at, WHITE "{}=");

    if (at[0] == '}')
        search->within = false;
    else if (len > 0 && strchr(at, '{') != NULL)
        search->within = len == strlen("SERVICES") &&
                         strncasecmp(at, "SERVICES", len) == 0;
    else if (len > 0 && search->within &&
             (search->program == NULL || runs(at + len, search->program)))
        add_name(search, at, len);
}

void
cyrus_conf_services(const char *imapd_conf, const char *program,
                    char ***names_out, size_t *count_out)
{
    struct search search = { .program = program };
    const char *slash = strrchr(imapd_conf, '/');
    const int folder = slash != NULL ? (int)(slash + 1 - imapd_conf) : 0;
    char *path, *line = NULL;
    size_t size = 0;
    FILE *in;

    *names_out = NULL;
    *count_out = 0;
    if (asprintf(&path, "%.*scyrus.conf", folder, imapd_conf) < 0)
        path = need(NULL);
    in = fopen(path, "re");
    free(path);
    if (in == NULL)
        return;
    while (getline(&line, &size, in) >= 0) {
        line[strcspn(line, "#")] = '\0';
        take_line(&search, line);
    }
    free(line);
    (void)fclose(in);
    *names_out = search.names;
    *count_out = search.count;
}

void
cyrus_conf_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}
