/*
 * p_header.c - any message of up to MESSAGE octets: what is read as a
 * gs2-header lies in the message, and encoded again gives its first octets.
 */
#include "common/wire/header.h"

#include <stdlib.h>

#include "model.h"

#define MESSAGE 8

/* Every member: there may be octets between them. */
static bool
is_empty(const struct gs2_header *hdr)
{
    return !hdr->nonstd && hdr->cb_flag == 0 && hdr->cb_name == NULL &&
           hdr->authzid == NULL && hdr->length == 0 && hdr->bound_at == 0 &&
           hdr->bound_len == 0;
}

static void
encode_again(const struct gs2_header *hdr, const char *message)
{
    struct gs2_header again = *hdr;
    gs2_status status;
    char *wire;

    again.length = again.bound_at = again.bound_len = 0;
    status = gs2_header_encode(&again, &wire, NULL);
    if (status != GS2_OK) {
        prove(status == GS2_NOMEM, "what was read can be said");
        prove(wire == NULL, "a failure gives nothing");
        return;
    }
    prove(again.length == hdr->length && again.bound_at == hdr->bound_at &&
          again.bound_len == hdr->bound_len, "its lengths are the same");
    prove(is_same(wire, message, hdr->length) && wire[hdr->length] == '\0',
          "encode(decode(message)) is the front of the message");
    free(wire);
}

void
proof(void)
{
    const size_t len = any_up_to(MESSAGE);
    const char *message = any_octets(len);
    struct gs2_header hdr;

    if (gs2_header_decode(message, len, &hdr, NULL) != GS2_OK) {
        prove(is_empty(&hdr), "a refusal gives nothing");
        return;
    }
    prove(hdr.length <= len, "the header is in the message");
    prove(hdr.bound_at == (hdr.nonstd ? 2 : 0) &&
          hdr.bound_at + hdr.bound_len == hdr.length,
          "all but F, is bound");
    prove((hdr.cb_name != NULL) == (hdr.cb_flag == GS2_CB_USED),
          "p alone has a name");
    prove(hdr.authzid == NULL || hdr.authzid[0] != '\0',
          "an authzid is not empty");
    encode_again(&hdr, message);
    gs2_header_free(&hdr);
    prove(is_empty(&hdr), "nothing is left once it is freed");
}
