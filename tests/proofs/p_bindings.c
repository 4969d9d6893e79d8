/*
 * p_bindings.c - any header of up to WIRE octets, bound from any octet on,
 * and any data of up to DATA: GSS is given that part, then the data where the
 * flag is p, and no more.
 */
#include "common/gss/bindings.h"

#include "model.h"

#define WIRE 8
#define DATA 8

/* Neither has an address; type 0 says so (RFC 5801 section 5.1). */
static bool
has_no_address(const struct gss_channel_bindings_struct *bindings)
{
    return bindings->initiator_addrtype == 0 &&
           bindings->initiator_address.length == 0 &&
           bindings->initiator_address.value == NULL &&
           bindings->acceptor_addrtype == 0 &&
           bindings->acceptor_address.length == 0 &&
           bindings->acceptor_address.value == NULL;
}

static bool
has_no_data(const struct gss_channel_bindings_struct *bindings)
{
    return bindings->application_data.length == 0 &&
           bindings->application_data.value == NULL;
}

void
proof(void)
{
    const size_t len = any_up_to(WIRE), data_len = any_up_to(DATA);
    const char *wire = any_octets(len), *data = any_octets(data_len);
    struct gs2_header hdr = { .length = len };
    struct gss_channel_bindings_struct bindings;
    gss_buffer_desc *bound = &bindings.application_data;
    gs2_status status;

    hdr.cb_flag = (enum gs2_cb_flag)nondet_unsigned();
    hdr.bound_at = any_up_to(len);
    hdr.bound_len = len - hdr.bound_at;
    status = gs2_bindings_fill(&bindings, &hdr, wire, data, data_len, NULL);
    prove(has_no_address(&bindings), "there is no address");
    if (status != GS2_OK) {
        prove(has_no_data(&bindings), "a failure gives nothing");
        return;
    }
    prove(bound->length == hdr.bound_len +
          (hdr.cb_flag == GS2_CB_USED ? data_len : 0),
          "the data is behind p alone");
    prove(is_same(bound->value, wire + hdr.bound_at, hdr.bound_len),
          "the header is as it was sent");
    prove(hdr.cb_flag != GS2_CB_USED ||
          is_same((char *)bound->value + hdr.bound_len, data, data_len),
          "the data is the application's");
    gs2_bindings_free(&bindings);
    prove(has_no_address(&bindings) && has_no_data(&bindings),
          "nothing is left once it is freed");
}
