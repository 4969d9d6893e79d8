/*
 * lexer.c - cursor, words and quoting for the options that are parsed (see
 * lexer.h); no RFC: the syntax is ours.
 */
#include "lexer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c != '\0' && strchr("._:/@-", c));
}

void
gs2_words_start(struct gs2_words *words, const char *text,
                struct gs2_error *err)
{
    words->text = text;
    words->at = text;
    words->err = err;
}

bool
gs2_words_skip_space(struct gs2_words *words)
{
    const char *start = words->at;

    while (is_space(*words->at))
        words->at++;
    return words->at > start;
}

bool
gs2_words_is_end(char octet)
{
    return octet == '\0' || octet == '(' || octet == ')' || is_space(octet);
}

size_t
gs2_words_bare(const char *s)
{
    size_t n = 0;

    while (is_bare(s[n]))
        n++;
    return n;
}

gs2_status
gs2_words_fail(const struct gs2_words *words, const char *at,
               const char *format, ...)
{
    size_t line = 1, column = 1;
    char reason[GS2_TEXT_MAX];
    va_list args;

    for (const char *p = words->text; p < at; p++) {
        column++;
        if (*p == '\n') {
            line++;
            column = 1;
        }
    }
    va_start(args, format);
    (void)vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    return gs2_fail(words->err, GS2_BADCONFIG, "line %zu, column %zu: %s",
                    line, column, reason);
}

gs2_status
gs2_words_fail_expected(const struct gs2_words *words, const char *at,
                        const char *what)
{
    const size_t bare = gs2_words_bare(at);
    char found[32];

    if (*at == '\0')
        return gs2_words_fail(words, at, "%s expected, where the text ends",
                              what);
    if (is_space(*at))
        return gs2_words_fail(words, at, "%s expected, found white space",
                              what);
    gs2_escape(found, sizeof(found), at, bare > 0 ? bare : 1);
    return gs2_words_fail(words, at, "%s expected, found '%s'%s", what, found,
                          bare > 0 || strchr("()\"=*", *at) != NULL ? ""
                          : ", which must be in double quotes");
}

/* One octet of a quoted word, its escape resolved; the cursor is in front of
 * it, open at the opening quote. */
static gs2_status
take_quoted_octet(struct gs2_words *words, const char *open, char *out)
{
    const char *p = words->at;

    if (*p == '\\')
        p++;
    if (*p == '\0')
        return gs2_words_fail(words, open, "this quote is not closed");
    if (p > words->at && *p != '"' && *p != '\\')
        return gs2_words_fail(words, words->at,
                              "only \\\" and \\\\ are escapes");
    *out = *p;
    words->at = p + 1;
    return GS2_OK;
}

gs2_status
gs2_words_take_quoted(struct gs2_words *words, char **word_out,
                      size_t *len_out)
{
    const char *open = words->at++;
    gs2_status status = GS2_OK;
    size_t len = 0;
    char *word;

    *word_out = NULL;
    *len_out = 0;
    word = malloc(strlen(open) + 1);
    if (word == NULL)
        return gs2_fail_nomem(words->err);
    while (status == GS2_OK && *words->at != '"')
        status = take_quoted_octet(words, open, word + len++);
    if (status != GS2_OK) {
        free(word);
        return status;
    }
    words->at++;
    word[len] = '\0';
    *word_out = word;
    *len_out = len;
    return GS2_OK;
}

gs2_status
gs2_words_take(struct gs2_words *words, char **word_out, size_t *len_out)
{
    gs2_status status;

    *word_out = NULL;
    *len_out = 0;
    if (*words->at == '"') {
        status = gs2_words_take_quoted(words, word_out, len_out);
        if (status != GS2_OK)
            return status;
    } else {
        *len_out = gs2_words_bare(words->at);
        if (*len_out == 0)
            return gs2_words_fail_expected(words, words->at, "a word");
        *word_out = strndup(words->at, *len_out);
        if (*word_out == NULL)
            return gs2_fail_nomem(words->err);
        words->at += *len_out;
    }
    if (gs2_words_is_end(*words->at))
        return GS2_OK;
    free(*word_out);
    *word_out = NULL;
    *len_out = 0;
    return gs2_words_fail_expected(words, words->at, "the end of the word");
}
