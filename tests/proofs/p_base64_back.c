/*
 * p_base64_back.c - any data of up to DATA octets: decoded, what was encoded
 * is the same.
 */
#include "common/text/base64.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"

#define DATA 6

void
proof(void)
{
    const size_t len = any_up_to(DATA);
    const char *data = any_octets(len);
    char *text = gs2_base64_encode(data, len);
    size_t text_len, again_len, bad_at;
    gs2_status status;
    void *again;

    if (text == NULL)
        return;
    text_len = strlen(text);
    prove(text_len == (len + 2) / 3 * 4, "the text is padded");
    status = gs2_base64_decode(text, text_len, &again, &again_len, &bad_at);
    prove(status == GS2_OK || status == GS2_NOMEM,
          "what was encoded can be decoded");
    if (status == GS2_OK)
        prove(again_len == len && is_same(again, data, len),
              "decode(encode(data)) is the data");
    free(again);
    free(text);
}
