/*
 * p_header_back.c - any values of a gs2-header, with an authzid of up to
 * AUTHZID octets and the name of a binding of up to NAME: decoded, what was
 * encoded is the same.
 */
#include "common/wire/header.h"

#include <stdlib.h>

#include "model.h"

#define AUTHZID 2
#define NAME 1

static void
decode_again(const struct gs2_header *hdr, const char *wire)
{
    struct gs2_header again;
    gs2_status status;

    status = gs2_header_decode(wire, hdr->length, &again, NULL);
    prove(status == GS2_OK || status == GS2_NOMEM,
          "what was encoded can be read");
    if (status != GS2_OK)
        return;
    prove(again.nonstd == hdr->nonstd && again.cb_flag == hdr->cb_flag,
          "the flags are the same");
    prove(hdr->cb_flag != GS2_CB_USED ||
          is_same_text(again.cb_name, hdr->cb_name),
          "the binding is the same");
    prove(is_same_text(again.authzid, hdr->authzid), "the authzid is the same");
    prove(again.length == hdr->length && again.bound_at == hdr->bound_at &&
          again.bound_len == hdr->bound_len, "the lengths are the same");
    gs2_header_free(&again);
}

void
proof(void)
{
    struct gs2_header hdr = { .nonstd = nondet_bool() };
    gs2_status status;
    char *wire;

    hdr.cb_flag = (enum gs2_cb_flag)nondet_unsigned();
    if (nondet_bool())
        hdr.cb_name = any_text(any_up_to(NAME));
    if (nondet_bool())
        hdr.authzid = any_text(any_up_to(AUTHZID));
    status = gs2_header_encode(&hdr, &wire, NULL);
    if (status != GS2_OK) {
        prove(wire == NULL, "a refusal gives nothing");
        return;
    }
    prove(wire[hdr.length] == '\0', "what was encoded is terminated");
    decode_again(&hdr, wire);
    free(wire);
}
