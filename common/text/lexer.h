/*
 * lexer.h - what the parsers of options share: a cursor that knows its line
 * and column, bare words and quoted ones.
 *
 *   bare   = 1*( ALPHA / DIGIT / "." / "_" / ":" / "/" / "@" / "-" )
 *   quoted = DQUOTE *( any but DQUOTE and "\" / "\" DQUOTE / "\\" ) DQUOTE
 *   WSP    = SP / HTAB / CR / LF
 */
#ifndef GS2_LEXER_H
#define GS2_LEXER_H

#include <stdbool.h>

#include "error.h"

/* A cursor over a terminated text, which it borrows: *at is what comes next,
 * NUL at the end. */
struct gs2_lexer {
    const char *text, *at;
    struct gs2_error *err;
};

void gs2_lexer_start(struct gs2_lexer *lexer, const char *text,
                     struct gs2_error *err);

/* Moves on to the first octet that is no white space.  True where there was
 * any. */
bool gs2_lexer_skip_space(struct gs2_lexer *lexer);

/* True where a word may end before octet: white space, a parenthesis, NUL. */
bool gs2_lexer_is_end(char octet);

/* Octets of the bare word at s, 0 where none begins there. */
size_t gs2_lexer_bare(const char *s);

/*
 * Takes the word at the cursor, bare or quoted, and checks that it ends there.
 * Gives *word_out, terminated and without a NUL in its *len_out octets, freed
 * with free().  A bare word is not empty, a quoted one may be.
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG: no word here, a quote that is not
 * closed, an escape but \" and \\, an octet behind it that wants quotes.
 */
GS2_MUST_USE gs2_status
gs2_lexer_take(struct gs2_lexer *lexer, char **word_out, size_t *len_out);

/* The quoted word at the cursor, of which the first octet is a DQUOTE, without
 * a look at what follows it.  Otherwise as gs2_lexer_take(). */
GS2_MUST_USE gs2_status
gs2_lexer_take_quoted(struct gs2_lexer *lexer, char **word_out,
                      size_t *len_out);

/* Refuses the text at the octet at at, which may be its end: GS2_BADCONFIG,
 * the text begins with "line L, column C: ". */
gs2_status gs2_lexer_fail(const struct gs2_lexer *lexer, const char *at,
                          const char *format, ...) GS2_PRINTF(3, 4);

/* gs2_lexer_fail() where what is expected ("a value") is not at at: the text
 * quotes the octet found there, and says when quoting would help. */
gs2_status gs2_lexer_fail_expected(const struct gs2_lexer *lexer,
                                   const char *at, const char *what);

#endif
