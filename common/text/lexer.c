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
gs2_lexer_start(struct gs2_lexer *lexer, const char *text,
                struct gs2_error *err)
{
    lexer->text = text;
    lexer->at = text;
    lexer->err = err;
}

bool
gs2_lexer_skip_space(struct gs2_lexer *lexer)
{
    const char *start = lexer->at;

    while (is_space(*lexer->at))
        lexer->at++;
    return lexer->at > start;
}

bool
gs2_lexer_is_end(char octet)
{
    return octet == '\0' || octet == '(' || octet == ')' || is_space(octet);
}

size_t
gs2_lexer_bare(const char *s)
{
    size_t n = 0;

    while (is_bare(s[n]))
        n++;
    return n;
}

gs2_status
gs2_lexer_fail(const struct gs2_lexer *lexer, const char *at,
               const char *format, ...)
{
    size_t line = 1, column = 1;
    char reason[GS2_TEXT_MAX];
    va_list args;

    for (const char *p = lexer->text; p < at; p++) {
        column++;
        if (*p == '\n') {
            line++;
            column = 1;
        }
    }
    va_start(args, format);
    (void)vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    return gs2_fail(lexer->err, GS2_BADCONFIG, "line %zu, column %zu: %s",
                    line, column, reason);
}

gs2_status
gs2_lexer_fail_expected(const struct gs2_lexer *lexer, const char *at,
                        const char *what)
{
    const size_t bare = gs2_lexer_bare(at);
    char found[32];

    if (*at == '\0')
        return gs2_lexer_fail(lexer, at, "%s expected, where the text ends",
                              what);
    if (is_space(*at))
        return gs2_lexer_fail(lexer, at, "%s expected, found white space",
                              what);
    gs2_escape(found, sizeof(found), at, bare > 0 ? bare : 1);
    return gs2_lexer_fail(lexer, at, "%s expected, found '%s'%s", what, found,
                          bare > 0 || strchr("()\"=*", *at) != NULL ? ""
                          : ", which must be in double quotes");
}

/* One octet of a quoted word, its escape resolved; the cursor is in front of
 * it, open at the opening quote. */
static gs2_status
take_quoted_octet(struct gs2_lexer *lexer, const char *open, char *out)
{
    const char *p = lexer->at;

    if (*p == '\\')
        p++;
    if (*p == '\0')
        return gs2_lexer_fail(lexer, open, "this quote is not closed");
    if (p > lexer->at && *p != '"' && *p != '\\')
        return gs2_lexer_fail(lexer, lexer->at,
                              "only \\\" and \\\\ are escapes");
    *out = *p;
    lexer->at = p + 1;
    return GS2_OK;
}

gs2_status
gs2_lexer_take_quoted(struct gs2_lexer *lexer, char **word_out,
                      size_t *len_out)
{
    const char *open = lexer->at++;
    gs2_status status = GS2_OK;
    size_t len = 0;
    char *word;

    *word_out = NULL;
    *len_out = 0;
    word = malloc(strlen(open) + 1);
    if (word == NULL)
        return gs2_fail_nomem(lexer->err);
    while (status == GS2_OK && *lexer->at != '"')
        status = take_quoted_octet(lexer, open, word + len++);
    if (status != GS2_OK) {
        free(word);
        return status;
    }
    lexer->at++;
    word[len] = '\0';
    *word_out = word;
    *len_out = len;
    return GS2_OK;
}

gs2_status
gs2_lexer_take(struct gs2_lexer *lexer, char **word_out, size_t *len_out)
{
    const size_t bare = gs2_lexer_bare(lexer->at);
    gs2_status status;

    *word_out = NULL;
    *len_out = 0;
    if (*lexer->at == '"') {
        status = gs2_lexer_take_quoted(lexer, word_out, len_out);
        if (status != GS2_OK)
            return status;
    } else {
        if (bare == 0)
            return gs2_lexer_fail_expected(lexer, lexer->at, "a word");
        *word_out = strndup(lexer->at, bare);
        if (*word_out == NULL)
            return gs2_fail_nomem(lexer->err);
        *len_out = bare;
        lexer->at += bare;
    }
    if (gs2_lexer_is_end(*lexer->at))
        return GS2_OK;
    free(*word_out);
    *word_out = NULL;
    *len_out = 0;
    return gs2_lexer_fail_expected(lexer, lexer->at, "the end of the word");
}
