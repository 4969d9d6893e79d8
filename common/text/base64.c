/*
 * base64.c - base64 by RFC 4648 section 4, decoded strictly (see base64.h).
 */
#include "base64.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *
gs2_base64_encode(const void *data, size_t len)
{
    const unsigned char *in = data;
    char *text, *out;
    uint32_t bits;

    if (len > SIZE_MAX / 4 * 3 - 4)
        return NULL;
    out = text = malloc((len + 2) / 3 * 4 + 1);
    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < len; i += 3) {
        bits = (uint32_t)in[i] << 16;
        if (i + 1 < len)
            bits |= (uint32_t)in[i + 1] << 8;
        if (i + 2 < len)
            bits |= in[i + 2];
        *out++ = alphabet[bits >> 18];
        *out++ = alphabet[bits >> 12 & 0x3f];
        *out++ = alphabet[bits >> 6 & 0x3f];
        *out++ = alphabet[bits & 0x3f];
    }
    if (len % 3 == 1)
        out[-2] = '=';
    if (len % 3 != 0)
        out[-1] = '=';
    *out = '\0';
    return text;
}

static const char *
find_digit(char c)
{
    return memchr(alphabet, c, sizeof(alphabet) - 1);
}

/*
 * Decodes the group of four at text, of which the last pad (0 to 2) are "=".
 * Returns 4, or the offset of what is wrong in it.
 */
static size_t
decode_group(const char *text, size_t pad, unsigned char *out)
{
    const char *found;
    uint32_t bits = 0;

    for (size_t i = 0; i < 4 - pad; i++) {
        found = find_digit(text[i]);
        if (found == NULL)
            return i;
        bits |= (uint32_t)(found - alphabet) << (18 - 6 * i);
    }
    /* Bits behind the last octet: another spelling of the same value. */
    if (pad > 0 && (bits & (pad == 2 ? 0xffff : 0xff)) != 0)
        return 3 - pad;
    for (size_t i = 0; i < 3 - pad; i++)
        out[i] = (unsigned char)(bits >> (16 - 8 * i));
    return 4;
}

/* How many "=" the group of four at text ends in; the first two octets are
 * never padding. */
static size_t
count_padding(const char *text)
{
    if (text[3] != '=')
        return 0;
    return text[2] == '=' ? 2 : 1;
}

/* Decodes all of text.  Returns len, or the offset of what is wrong. */
static size_t
decode(const char *text, size_t len, unsigned char *data, size_t *data_len_out)
{
    size_t at = 0, pad = 0, ok;

    for (; len - at >= 4 && pad == 0; at += 4) {
        pad = count_padding(text + at);
        ok = decode_group(text + at, pad, data + at / 4 * 3);
        if (ok < 4)
            return at + ok;
    }
    *data_len_out = at / 4 * 3 - pad;
    if (pad > 0)
        return at; /* where the text should end */
    while (at < len && (text[at] == '=' || find_digit(text[at]) != NULL))
        at++;
    return at;
}

gs2_status
gs2_base64_decode(const char *text, size_t len, void **data_out,
                  size_t *data_len_out, size_t *bad_at_out)
{
    unsigned char *data = malloc(len / 4 * 3 + 1);

    *data_out = NULL;
    *data_len_out = 0;
    *bad_at_out = 0;
    if (data == NULL)
        return GS2_NOMEM;
    *bad_at_out = decode(text, len, data, data_len_out);
    if (*bad_at_out < len || len % 4 != 0) {
        free(data);
        *data_len_out = 0;
        return GS2_BADCONFIG;
    }
    *data_out = data;
    return GS2_OK;
}
