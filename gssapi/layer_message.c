/*
 * layer_message.c - offer and choice of a layer (see layer_message.h; RFC 4752
 * sections 3.1 and 3.2).
 */
#include "layer_message.h"

#include <stdlib.h>
#include <string.h>

#include "common/text/utf8.h"

void
gs2_layer_message_encode(const struct gs2_layer_message *message,
                         unsigned char octets_out[GS2_LAYER_MESSAGE_OCTETS])
{
    octets_out[0] = (unsigned char)message->layers;
    octets_out[1] = (unsigned char)(message->size >> 16);
    octets_out[2] = (unsigned char)(message->size >> 8);
    octets_out[3] = (unsigned char)message->size;
}

static void
decode(const unsigned char *octets, struct gs2_layer_message *message_out)
{
    message_out->layers = octets[0];
    message_out->size = (unsigned)octets[1] << 16 | (unsigned)octets[2] << 8 |
                        octets[3];
}

gs2_status
gs2_layer_message_decode_offer(const void *data, size_t len,
                               struct gs2_layer_message *message_out,
                               struct gs2_error *err)
{
    *message_out = (struct gs2_layer_message){ 0, 0 };
    if (len != GS2_LAYER_MESSAGE_OCTETS)
        return gs2_fail(err, GS2_BADPROT, "the server's offer of security "
                        "layers has %zu octets, not %d", len,
                        GS2_LAYER_MESSAGE_OCTETS);
    decode(data, message_out);
    return GS2_OK;
}

/* Checked like the saslname of a gs2-header: RFC 4752 wants UTF-8 without a
 * NUL at its end, and a NUL within could hide what follows. */
static gs2_status
check_authzid(const char *text, size_t len, struct gs2_error *err)
{
    size_t at = 0, step;

    while (at < len) {
        step = gs2_utf8_char(text + at, len - at);
        if (step == 0)
            return gs2_fail(err, GS2_BADPROT, "the authorization identity is "
                            "no UTF-8 at octet %zu", at + 1);
        if (text[at] == '\0')
            return gs2_fail(err, GS2_BADPROT, "the authorization identity has "
                            "a NUL at octet %zu", at + 1);
        at += step;
    }
    return GS2_OK;
}

gs2_status
gs2_layer_message_encode_choice(const struct gs2_layer_message *message,
                                const char *authzid, char **octets_out,
                                size_t *len_out, struct gs2_error *err)
{
    const char *text = authzid != NULL ? authzid : "";
    const size_t len = strlen(text);
    gs2_status status;

    *octets_out = NULL;
    *len_out = 0;
    status = check_authzid(text, len, err);
    if (status != GS2_OK)
        return status;
    *octets_out = malloc(GS2_LAYER_MESSAGE_OCTETS + len);
    if (*octets_out == NULL)
        return gs2_fail_nomem(err);
    gs2_layer_message_encode(message, (unsigned char *)*octets_out);
    memcpy(*octets_out + GS2_LAYER_MESSAGE_OCTETS, text, len);
    *len_out = GS2_LAYER_MESSAGE_OCTETS + len;
    return GS2_OK;
}

gs2_status
gs2_layer_message_decode_choice(const void *data, size_t len,
                                struct gs2_layer_message *message_out,
                                char **authzid_out, struct gs2_error *err)
{
    const char *text;
    gs2_status status;

    *message_out = (struct gs2_layer_message){ 0, 0 };
    *authzid_out = NULL;
    if (len < GS2_LAYER_MESSAGE_OCTETS)
        return gs2_fail(err, GS2_BADPROT, "the client's choice of a security "
                        "layer has %zu octets, fewer than %d", len,
                        GS2_LAYER_MESSAGE_OCTETS);
    text = (const char *)data + GS2_LAYER_MESSAGE_OCTETS;
    len -= GS2_LAYER_MESSAGE_OCTETS;
    status = check_authzid(text, len, err);
    if (status != GS2_OK)
        return status;
    if (len > 0) {
        *authzid_out = strndup(text, len);
        if (*authzid_out == NULL)
            return gs2_fail_nomem(err);
    }
    decode(data, message_out);
    return GS2_OK;
}
