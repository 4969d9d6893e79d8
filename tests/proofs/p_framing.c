/*
 * p_framing.c - any initial token of up to TOKEN octets and any OID of up to
 * OID: what is taken off lies in the token, and put on again gives the token.
 */
#include "common/wire/framing.h"

#include <stdlib.h>

#include "model.h"

#define TOKEN 12
#define OID 4

void
proof(void)
{
    const size_t len = any_up_to(TOKEN), oid_len = any_up_to(OID);
    const char *token = any_octets(len), *oid = any_octets(oid_len);
    const void *inner;
    size_t inner_len, again_len;
    void *again;

    if (gs2_framing_strip(token, len, oid, oid_len, &inner, &inner_len,
                          NULL) != GS2_OK) {
        prove(inner == NULL && inner_len == 0, "a refusal gives nothing");
        return;
    }
    prove((const char *)inner + inner_len == token + len,
          "the inner token is the rest");
    if (oid_len == 0)
        return;
    if (gs2_framing_add(inner, inner_len, oid, oid_len, &again, &again_len,
                        NULL) != GS2_OK) {
        prove(again == NULL && again_len == 0, "a failure gives nothing");
        return;
    }
    prove(again_len == len && is_same(again, token, len),
          "add(strip(token)) is the token");
    free(again);
}
