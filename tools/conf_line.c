/*
 * conf_line.c - the lines of a configuration (see conf_line.h).
 */
#include "conf_line.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "print.h"

/* What fgets() puts into libsasl's 4,096 octets, a NUL behind it. */
#define SASL_LINE_MAX 4095
#define WHITE " \t\n\v\f\r"
#define KEY_CHARS "abcdefghijklmnopqrstuvwxyz" \
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

static char *format(const char *format, ...) GS2_PRINTF(1, 2);

static char *
format(const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    return need(text);
}

/* --- one line ------------------------------------------------------------- */

static bool
is_blank_or_comment(const char *text)
{
    text += strspn(text, WHITE);
    return *text == '\0' || *text == '#';
}

/* Where the value is, and what the server refuses. */
static void
split(struct conf_line *line, bool imapd)
{
    char *at = line->text + strspn(line->text, WHITE), *end;
    const size_t directive = imapd && at[0] == '@' ? 1 : 0;
    const size_t len = directive + strspn(at + directive, KEY_CHARS);

    line->key = need(strndup(at, len));
    for (char *p = line->key; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    if (at[len] != ':') {
        line->fault = format("a name and a colon expected");
        return;
    }
    at += len + 1;
    at += strspn(at, WHITE);
    for (end = at + strlen(at); end > at && strchr(WHITE, end[-1]) != NULL;)
        end--;
    *end = '\0';
    if (end == at)
        line->fault = format("the option has no value");
    else
        line->value = at;
}

/* Where lines come from. */
struct source {
    struct conf_lines *lines; /* where they are put */
    const char *path;
    bool imapd;
};

/* Adds a line that begins in this one of the file. */
static struct conf_line *
add_line(const struct source *from, unsigned number, const char *text)
{
    struct conf_lines *lines = from->lines;
    struct conf_line *line;

    lines->list = need(reallocarray(lines->list, lines->count + 1,
                                    sizeof(*lines->list)));
    line = &lines->list[lines->count++];
    memset(line, 0, sizeof(*line));
    line->path = from->path;
    line->number = number;
    line->text = need(strdup(text));
    split(line, from->imapd);
    return line;
}

/* Adds a line that the server does not read as one. */
static void
add_ignored(const struct source *from, unsigned number, const char *text,
            char *why)
{
    struct conf_line *line = add_line(from, number, text);

    free(line->fault);
    line->fault = NULL;
    line->ignored = why;
}

static const char *
add_path(struct conf_lines *lines, const char *path)
{
    lines->paths = need(reallocarray(lines->paths, lines->path_count + 1,
                                     sizeof(*lines->paths)));
    lines->paths[lines->path_count] = need(strdup(path));
    return lines->paths[lines->path_count++];
}

/* --- libsasl -------------------------------------------------------------- */

/* The nth part of a line that libsasl takes in parts. */
static void
add_part(const struct source *from, unsigned number, const char *text,
         size_t n)
{
    struct conf_line *line;

    if (n == 0 && is_blank_or_comment(text))
        return;
    if (n > 0 && text[strspn(text, WHITE)] == '\0')
        return;
    if (n > 0 && is_blank_or_comment(text)) {
        add_ignored(from, number, text, format(
            "libsasl takes 4,094 octets for a line, and what is left of this "
            "one, from here on, for a comment"));
        return;
    }
    line = add_line(from, number, text);
    if (n == 0 || line->fault == NULL)
        return;
    free(line->fault);
    line->fault = format("the line is longer than the 4,094 octets that "
                         "libsasl takes for one");
}

static void
add_parts(const struct source *from, unsigned number, const char *text,
          size_t len)
{
    char part[SASL_LINE_MAX + 1];
    size_t n = 0, taken;

    for (size_t at = 0; at < len; at += taken) {
        taken = len - at < SASL_LINE_MAX ? len - at : SASL_LINE_MAX;
        memcpy(part, text + at, taken);
        part[taken] = '\0'; /* libsasl stops at an earlier NUL */
        part[strcspn(part, "\n")] = '\0';
        add_part(from, number, part, n++);
    }
}

/* --- Cyrus IMAP ----------------------------------------------------------- */

/* A line of Cyrus', of one line of the file or of some. */
struct joined {
    char *text;
    size_t len;
    unsigned first;  /* number of the first */
    size_t *starts;  /* where each begins in text */
    size_t count;
};

/* Adds a line; true where the next one belongs to it. */
static bool
join(struct joined *joined, unsigned number, const char *text)
{
    size_t len = strlen(text);
    bool goes_on;

    if (joined->count == 0)
        joined->first = number;
    joined->starts = need(reallocarray(joined->starts, joined->count + 1,
                                       sizeof(*joined->starts)));
    joined->starts[joined->count++] = joined->len;
    joined->text = need(realloc(joined->text, joined->len + len + 1));
    goes_on = len > 1 && text[len - 1] == '\n' && text[len - 2] == '\\';
    len -= goes_on ? 2 : len > 0 && text[len - 1] == '\n' ? 1 : 0;
    memcpy(joined->text + joined->len, text, len);
    joined->len += len;
    joined->text[joined->len] = '\0';
    return goes_on;
}

static void
forget(struct joined *joined)
{
    free(joined->text);
    free(joined->starts);
    memset(joined, 0, sizeof(*joined));
}

/* Whether the text would be a line that is of interest here, or is meant for
 * one, with another sign for the colon. */
static bool
is_of_interest(const char *text)
{
    const char *at = text + strspn(text, WHITE);
    const size_t directive = at[0] == '@' ? 1 : 0;
    const size_t len = directive + strspn(at + directive, KEY_CHARS);
    bool found;
    char *key;

    if (at[len] != ':' && at[len] != '=')
        return false;
    key = need(strndup(at, len));
    found = strcasestr(key, "gs2") != NULL ||
            strcasestr(key, "sasl_") != NULL ||
            strcasecmp(key, "@include") == 0;
    free(key);
    return found;
}

/* Tells of the lines, from the nth on, that are only a part of a joined one. */
static void
add_swallowed(const struct source *from, const struct joined *joined,
              size_t n, const char *before, const char *after)
{
    for (; n < joined->count; n++) {
        const size_t end = n + 1 < joined->count ? joined->starts[n + 1]
                                                 : joined->len;
        char *text = need(strndup(joined->text + joined->starts[n],
                                  end - joined->starts[n]));

        if (is_of_interest(text))
            add_ignored(from, joined->first + (unsigned)n, text,
                        format("%sline %u %s", before, joined->first,
                               after));
        free(text);
    }
}

static bool read_file(struct conf_lines *lines, const char *path, bool imapd);

/* Keeps the first such reason; only this one is told. */
static void
set_unsure(struct conf_lines *lines, char *why)
{
    if (lines->unsure == NULL)
        lines->unsure = why;
    else
        free(why);
}

/* Whether Cyrus has read a file of this name.  It was told the first one by
 * its own command line, perhaps by another path than ours if that is
 * relative. */
static bool
is_included(const struct conf_lines *lines, const char *path)
{
    for (size_t i = path[0] == '/' ? 0 : 1; i < lines->path_count; i++) {
        if (strcmp(lines->paths[i], path) == 0)
            return true;
    }
    return false;
}

/* Takes the lines of an included file; NULL, or the line's fault.  Gives. */
static char *
read_included(struct conf_lines *lines, const char *path)
{
    char *why;

    if (is_included(lines, path))
        return format("%s is included twice", path);
    if (path[0] != '/') {
        (void)add_path(lines, path);
        set_unsure(lines, format("which file \"@include: %s\" names depends "
                                 "on the directory that Cyrus is started in; "
                                 "write its whole path", path));
        return NULL;
    }
    if (read_file(lines, path, true) || errno == EISDIR)
        return NULL; /* Cyrus finds no line in a directory */
    why = format("cannot read %s: %s", path, strerror(errno));
    if (errno != EACCES)
        return why;
    set_unsure(lines, why); /* the server's user may */
    return NULL;
}

static void
include(struct conf_lines *lines, struct conf_line *line)
{
    const size_t at = (size_t)(line - lines->list);
    char *path, *fault;

    if (strcmp(line->key, "@include") != 0) {
        line->fault = format("there is no directive %s", line->key);
        return;
    }
    path = need(strdup(line->value));
    fault = read_included(lines, path);
    lines->list[at].fault = fault; /* there may be more of them now */
    free(path);
}

static void
add_joined(const struct source *from, const struct joined *joined)
{
    struct conf_line *line;

    if (is_blank_or_comment(joined->text)) {
        add_swallowed(from, joined, 1, "the comment of ", "ends in a "
                      "backslash, so this is a part of it");
        return;
    }
    line = add_line(from, joined->first, joined->text);
    if (line->fault == NULL && line->key[0] == '@')
        include(from->lines, line);
    add_swallowed(from, joined, 1, "", "ends in a backslash, so this is a "
                  "part of its value");
}

/* --- files ---------------------------------------------------------------- */

/* Takes the lines of one file. */
static void
take_lines(const struct source *from, FILE *in)
{
    struct joined joined = { 0 };
    unsigned number = 0;
    char *text = NULL;
    size_t size = 0;
    ssize_t len;

    while ((len = getline(&text, &size, in)) >= 0) {
        number++;
        if (!from->imapd) {
            add_parts(from, number, text, (size_t)len);
        } else if (!join(&joined, number, text)) {
            add_joined(from, &joined);
            forget(&joined);
        }
    }
    if (joined.count > 0)
        add_swallowed(from, &joined, 0, "the file ends within ",
                      "and its backslash: Cyrus drops it");
    forget(&joined);
    free(text);
}

/* False, and errno is set, where it cannot be read to its end. */
static bool
read_file(struct conf_lines *lines, const char *path, bool imapd)
{
    struct source from = { .lines = lines, .imapd = imapd };
    FILE *in = fopen(path, "re");
    int error;

    if (in == NULL)
        return false;
    from.path = add_path(lines, path);
    take_lines(&from, in);
    error = ferror(in) != 0 ? errno : 0; /* of a directory, for one */
    (void)fclose(in);
    errno = error;
    return error == 0;
}

bool
conf_lines_read(const char *path, bool imapd, struct conf_lines *lines_out,
                struct gs2_error *err)
{
    memset(lines_out, 0, sizeof(*lines_out));
    if (read_file(lines_out, path, imapd))
        return true;
    gs2_error_set(err, "cannot read %s: %s", path, strerror(errno));
    conf_lines_free(lines_out);
    return false;
}

void
conf_lines_free(struct conf_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->list[i].text);
        free(lines->list[i].key);
        free(lines->list[i].fault);
        free(lines->list[i].ignored);
    }
    for (size_t i = 0; i < lines->path_count; i++)
        free(lines->paths[i]);
    free(lines->paths);
    free(lines->list);
    free(lines->unsure);
    free(lines->unread);
    free(lines->cure);
    memset(lines, 0, sizeof(*lines));
}
