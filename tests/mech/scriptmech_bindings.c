/*
 * scriptmech_bindings.c - the inputs of the scriptable mechanism that go on
 * record, and channel bindings (RFC 2743 section 1.1.6) inside its tokens:
 * appended whole, not hashed, so that a test can read what went over the wire.
 *
 *   token    = inner bindings length
 *   bindings = "" / 5 fields of a 4-octet number, three of them a length
 *              followed by so many octets
 *   length   = 4 octets, of bindings
 */
#include "scriptmech_int.h"

#include <stdint.h>
#include <string.h>

static unsigned char *
put_number(unsigned char *p, size_t value)
{
    p[0] = (unsigned char)(value >> 24);
    p[1] = (unsigned char)(value >> 16);
    p[2] = (unsigned char)(value >> 8);
    p[3] = (unsigned char)value;
    return p + 4;
}

static unsigned char *
put_buffer(unsigned char *p, const gss_buffer_desc *buffer)
{
    p = put_number(p, buffer->length);
    if (buffer->length > 0)
        memcpy(p, buffer->value, buffer->length);
    return p + buffer->length;
}

struct gs2_octets
gs2_play_bindings_encode(const struct gss_channel_bindings_struct *bindings)
{
    unsigned char *data, *p;
    size_t len = 0;

    if (bindings != NULL)
        len = 5 * 4 + bindings->initiator_address.length +
              bindings->acceptor_address.length +
              bindings->application_data.length;
    p = data = gs2_play_alloc(len + 4);
    if (bindings != NULL) {
        p = put_number(p, bindings->initiator_addrtype);
        p = put_buffer(p, &bindings->initiator_address);
        p = put_number(p, bindings->acceptor_addrtype);
        p = put_buffer(p, &bindings->acceptor_address);
        p = put_buffer(p, &bindings->application_data);
    }
    put_number(p, len);
    return (struct gs2_octets){data, len + 4};
}

bool
gs2_play_bindings_find(struct gs2_octets token, struct gs2_octets *inner,
                       struct gs2_octets *bindings)
{
    const unsigned char *data = token.data, *p;
    size_t len;

    if (token.len < 4)
        return false;
    p = data + token.len - 4;
    len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    if (len > token.len - 4)
        return false;
    *inner = (struct gs2_octets){data, token.len - 4 - len};
    *bindings = (struct gs2_octets){p - len, len + 4};
    return true;
}

void
gs2_play_bindings_note(struct gs2_call *call,
                       const struct gss_channel_bindings_struct *bindings)
{
    call->bindings = bindings != NULL;
    if (bindings == NULL)
        return;
    call->initiator_addrtype = bindings->initiator_addrtype;
    call->acceptor_addrtype = bindings->acceptor_addrtype;
    call->initiator_address = gs2_play_octets_of(&bindings->initiator_address);
    call->acceptor_address = gs2_play_octets_of(&bindings->acceptor_address);
    call->application_data = gs2_play_octets_of(&bindings->application_data);
}

void
gs2_play_input_note(struct gs2_call *call, const gss_buffer_desc *token)
{
    call->token = gs2_play_octets_of(token);
    if (token == GSS_C_NO_BUFFER)
        call->input = GS2_INPUT_NONE;
    else if (token->value == NULL)
        call->input = GS2_INPUT_NULL;
    else
        call->input = token->length == 0 ? GS2_INPUT_EMPTY : GS2_INPUT_SOME;
}
