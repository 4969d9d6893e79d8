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

static void
add_name(char ***names, size_t *count, const char *name, size_t len)
{
    char *copy = need(strndup(name, len));

    for (char *p = copy; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    *names = need(reallocarray(*names, *count + 1, sizeof(**names)));
    (*names)[(*count)++] = copy;
}

/* Takes one line; *within says whether it is of SERVICES. */
static void
take_line(const char *line, bool *within, char ***names, size_t *count)
{
    const char *at = line + strspn(line, WHITE);
    const size_t len = strcspn(at, WHITE "{}=#");

    if (at[0] == '}')
        *within = false;
    else if (len > 0 && strchr(at, '{') != NULL)
        *within = len == strlen("SERVICES") &&
                  strncasecmp(at, "SERVICES", len) == 0;
    else if (len > 0 && *within)
        add_name(names, count, at, len);
}

void
cyrus_conf_services(const char *imapd_conf, char ***names_out,
                    size_t *count_out)
{
    const char *slash = strrchr(imapd_conf, '/');
    const int folder = slash != NULL ? (int)(slash + 1 - imapd_conf) : 0;
    char *path, *line = NULL;
    bool within = false;
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
    while (getline(&line, &size, in) >= 0)
        take_line(line, &within, names_out, count_out);
    free(line);
    (void)fclose(in);
}
