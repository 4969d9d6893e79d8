/*
 * shell_file.c - a variable in a file of assignments (see shell_file.h).
 *
 * The file is taken apart into words and statements as the shell's grammar has
 * them (POSIX, Shell Command Language, 2.2 and 2.3), as far as assignments need
 * it.
 */
#include "shell_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text/utf8.h"
#include "print.h"
#include "shell_code.h"
#include "text_file.h"

/* A word, without its quotes. */
struct word {
    char *text;
    size_t len;
    size_t name_len; /* of a name that it begins with, or is */
    bool no_name;    /* it has a quotation mark before that ends */
    bool assigns;    /* "=" is behind that */
    bool replaced;   /* the shell puts something else into it */
};

struct reading {
    const char *name;
    enum shell_reader reader;
    const char *start, *at;
    unsigned line;     /* of at */
    bool joined;       /* a word goes on in the next line */
    char *value;       /* of the variable so far; NULL: it is not set */
    bool exported;
    const char *why;   /* why the value is not known; NULL: it is */
    unsigned why_line;
    bool lost;         /* nor is whether it is set */
};

/* --- words ---------------------------------------------------------------- */

/* Takes the next octet into the word. */
static void
take_octet(struct reading *r, struct word *word)
{
    word->text = need(realloc(word->text, word->len + 2));
    word->text[word->len++] = *r->at;
    word->text[word->len] = '\0';
    r->joined |= *r->at == '\n';
    r->line += *r->at == '\n';
    r->at++;
}

/* "$" outside single quotes; the NAME or {NAME} behind it are octets like
 * others.  False for all that has a grammar of its own. */
static bool
take_dollar(struct reading *r, struct word *word)
{
    const char *next = r->at + 1;
    const size_t len = *next == '{' ? strspn(next + 1, SHELL_NAME) : 0;

    if (*next == '(' || *next == '\'' || *next == '"' ||
        (*next == '{' && (len == 0 || next[1 + len] != '}')))
        return false;
    word->replaced = true;
    take_octet(r, word);
    return true;
}

/* A backslash outside single quotes. */
static void
take_backslash(struct reading *r, struct word *word, bool quoted)
{
    const char next = r->at[1];

    word->no_name |= !word->assigns;
    if (next == '\n') {
        r->at += 2;
        r->line++;
        r->joined = true;
        return;
    }
    if (next != '\0' && (!quoted || strchr("$`\"\\", next) != NULL))
        r->at++;
    take_octet(r, word);
}

/* From one quotation mark to behind the other. */
static bool
take_quoted(struct reading *r, struct word *word)
{
    const char mark = *r->at++;
    bool good = true;

    word->no_name |= !word->assigns;
    while (good && *r->at != mark) {
        if (*r->at == '\0' || (mark == '"' && *r->at == '`'))
            good = false;
        else if (mark == '"' && *r->at == '$')
            good = take_dollar(r, word);
        else if (mark == '"' && *r->at == '\\')
            take_backslash(r, word, true);
        else
            take_octet(r, word);
    }
    r->at += good;
    return good;
}

/* An octet that is not quoted. */
static void
take_plain(struct reading *r, struct word *word)
{
    const bool in_name = !word->assigns && !word->no_name &&
                         word->name_len == word->len;
    char before = '=';

    if (word->len > 0)
        before = word->text[word->len - 1];
    if (in_name && *r->at == '=')
        word->assigns = word->len > 0;
    else if (in_name && strchr(word->len > 0 ? SHELL_NAME : SHELL_FIRST,
                               *r->at) != NULL)
        word->name_len++;
    word->replaced |= *r->at == '~' && (before == '=' || before == ':');
    take_octet(r, word);
}

/* The next word, whose text the caller frees; false where it is not
 * understood. */
static bool
take_word(struct reading *r, struct word *word_out)
{
    bool good = true;

    memset(word_out, 0, sizeof(*word_out));
    word_out->text = need(strdup(""));
    while (good && strchr(SHELL_BLANKS "\n;", *r->at) == NULL) {
        if (*r->at == '\'' || *r->at == '"')
            good = take_quoted(r, word_out);
        else if (*r->at == '\\')
            take_backslash(r, word_out, false);
        else if (*r->at == '$')
            good = take_dollar(r, word_out);
        else if (strchr(SHELL_OPERATORS, *r->at) == NULL)
            take_plain(r, word_out);
        else
            good = false;
    }
    return good;
}

/* --- statements ----------------------------------------------------------- */

/* Whether the text of the line is nothing but this assignment, with or without
 * quotation marks around all of the value, and with nothing in it that is one
 * thing to a shell and another to systemd. */
static bool
is_read_alike(const struct reading *r, const char *line)
{
    const size_t name_len = strlen(r->name), len = strlen(r->value);
    const char *at = line + strspn(line, SHELL_BLANKS);
    char mark = '\0';

    if ((line > r->start && line[-1] != '\n') ||
        strncmp(at, r->name, name_len) != 0 || at[name_len] != '=')
        return false;
    at += name_len + 1;
    if (*at == '"' || *at == '\'')
        mark = *at++;
    if (strpbrk(r->value, "\"'\\$`\n") != NULL ||
        strncmp(at, r->value, len) != 0)
        return false;
    at += len;
    if (mark != '\0' && *at++ != mark)
        return false;
    at += strspn(at, SHELL_BLANKS);
    return *at == '\n' || *at == '\0';
}

/* The variable is assigned to by a word that begins the text, or stands behind
 * other words there. */
static void
assign(struct reading *r, const struct word *word, const char *text)
{
    free(r->value);
    r->value = need(strdup(word->text + word->name_len + 1));
    r->why = NULL;
    r->why_line = r->line;
    if (word->replaced)
        r->why = "has a value that the shell makes: write it without \"$\" "
                 "and \"~\"";
    else if (r->reader == SHELL_UNIT && !is_read_alike(r, text))
        r->why = "is read in two ways, by systemd and by a shell: write "
                 "NAME=VALUE, without \"export\", and nothing else in its "
                 "line";
}

/* An operand of "export", or an assignment; false where it is neither. */
static bool
take_operand(struct reading *r, const struct word *word, bool exports,
             const char *text)
{
    const bool is_ours = word->name_len == strlen(r->name) &&
                         strncmp(word->text, r->name, word->name_len) == 0;

    if (!word->assigns && (!exports || word->no_name || word->len == 0 ||
                           word->name_len != word->len))
        return false;
    if (is_ours && word->assigns)
        assign(r, word, text);
    r->exported |= is_ours && exports;
    return true;
}

/* A comment begins where a word could.  systemd before 254 takes the next line
 * for more of one that ends in a backslash. */
static void
skip_blanks(struct reading *r)
{
    size_t len;

    r->at += strspn(r->at, SHELL_BLANKS);
    if (*r->at != '#')
        return;
    len = strcspn(r->at, "\n");
    r->joined |= r->at[len - 1] == '\\';
    r->at += len;
}

/* A statement, up to its end; false where it is more than assignments and
 * "export", or is not understood. */
static bool
take_statement(struct reading *r)
{
    const char *const text = r->at;
    bool exports = false, first = true, good = true;
    struct word word;

    for (skip_blanks(r); good && strchr("\n;", *r->at) == NULL;
         skip_blanks(r)) {
        good = take_word(r, &word);
        if (good && first && !word.no_name &&
            strcmp(word.text, "export") == 0)
            exports = true;
        else if (good)
            good = take_operand(r, &word, exports, text);
        first = false;
        free(word.text);
    }
    return good && !(r->joined && r->reader == SHELL_UNIT);
}

/* --- the rest ------------------------------------------------------------- */

/* From a statement on that is more than an assignment.  It, or what comes
 * behind it, may set the variable. */
static void
look_at_rest(struct reading *r, const char *rest, unsigned line)
{
    if (!shell_code_may_set(rest, r->name))
        return;
    r->lost = true;
    r->why = "depends on what a shell does here: leave nothing in the file "
             "but NAME=VALUE and \"export NAME\"";
    r->why_line = line;
}

static void
take_all(struct reading *r)
{
    const char *begun;
    unsigned line;

    while (*r->at != '\0') {
        begun = r->at;
        line = r->line;
        if (!take_statement(r)) {
            look_at_rest(r, begun, line);
            return;
        }
        r->line += *r->at == '\n';
        r->at += *r->at != '\0';
    }
}

static bool
is_utf8(const char *text)
{
    size_t left = strlen(text), len = 1;

    for (; left > 0 && len > 0; left -= len, text += len)
        len = gs2_utf8_char(text, left);
    return len > 0;
}

/* What systemd takes in another way than a shell, or refuses with all of the
 * file. */
static void
look_at_octets(struct reading *r)
{
    if (r->reader != SHELL_UNIT || !shell_code_names(r->start, r->name) ||
        (strchr(r->start, '\r') == NULL && is_utf8(r->start)))
        return;
    r->lost = true;
    r->why = "is not read by systemd as by a shell: the file has a carriage "
             "return, or octets that are no UTF-8";
    r->why_line = 1;
}

static void
give(struct reading *r, const char *path, char **value_out, char **why_out)
{
    const bool is_seen = r->exported || r->reader != SHELL_EXPORTS;

    if (r->why != NULL && (r->lost || is_seen)) {
        if (asprintf(why_out, "%s:%u: %s %s", path, r->why_line, r->name,
                     r->why) < 0)
            *why_out = need(NULL);
    } else if (is_seen) {
        *value_out = r->value;
        r->value = NULL;
    }
    free(r->value);
}

void
shell_file_find(const char *path, const char *name, enum shell_reader reader,
                char **value_out, char **why_out)
{
    struct reading r = { .name = name, .reader = reader, .line = 1 };
    char *text = text_file_read(path);

    *value_out = *why_out = NULL;
    if (text != NULL) {
        r.start = r.at = text;
        take_all(&r);
        look_at_octets(&r);
        give(&r, path, value_out, why_out);
        free(text);
    } else if (errno != ENOENT && asprintf(why_out, "cannot read %s: %s", path,
                                           strerror(errno)) < 0) {
        *why_out = need(NULL);
    }
}
