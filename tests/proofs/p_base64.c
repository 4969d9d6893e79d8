/*
 * p_base64.c - any text of up to TEXT octets: what can be decoded is what
 * encoding would write, and what cannot has a place where it is wrong.
 */
#include "common/text/base64.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"

#define TEXT 8

void
proof(void)
{
    const size_t len = any_up_to(TEXT);
    const char *text = any_octets(len);
    size_t data_len, bad_at;
    gs2_status status;
    void *data;
    char *again;

    status = gs2_base64_decode(text, len, &data, &data_len, &bad_at);
    if (status != GS2_OK) {
        prove(data == NULL && data_len == 0, "a refusal gives nothing");
        prove(bad_at <= len, "what is wrong is in the text, or missing");
        return;
    }
    prove(data != NULL, "there is always data");
    again = gs2_base64_encode(data, data_len);
    prove(again == NULL ||
          (strlen(again) == len && is_same(again, text, len)),
          "encode(decode(text)) is the text");
    free(again);
    free(data);
}
