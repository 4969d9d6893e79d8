/*
 * p_lexer.c - any text of up to TEXT octets: the word at its front is given, or
 * nothing is, and the cursor stays within the text.
 */
#include "common/text/lexer.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"

#define TEXT 4

void
proof(void)
{
    const size_t text_len = any_up_to(TEXT);
    const char *text = any_text(text_len);
    struct gs2_lexer lexer;
    gs2_status status;
    size_t len;
    char *word;

    gs2_lexer_start(&lexer, text, NULL);
    (void)gs2_lexer_skip_space(&lexer);
    status = gs2_lexer_take(&lexer, &word, &len);
    prove(lexer.at >= text && lexer.at <= text + text_len,
          "the cursor is in the text");
    if (status == GS2_OK) {
        prove(strlen(word) == len, "a word is terminated and has no NUL");
        prove(gs2_lexer_is_end(*lexer.at), "it ends where a word may");
    } else {
        prove(word == NULL && len == 0, "a refusal gives nothing");
    }
    free(word);
}
