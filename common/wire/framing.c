/*
 * framing.c - RFC 2743 section 3.1 framing, off and on (see framing.h).
 */
#include "framing.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TAG_TOKEN 0x60
#define TAG_OID 0x06
#define OID_MAX 127                    /* so that its length is one octet */
#define LENGTH_MAX (UINT32_MAX - 255)  /* a DER length of four octets */

/*
 * Reads a DER length at s.  Returns the octets it takes, 0 where it is cut
 * short, indefinite, over four octets or not minimal.
 */
static size_t
get_length(const unsigned char *s, size_t len, size_t *value_out)
{
    size_t octets, value = 0;

    if (len == 0)
        return 0;
    if (s[0] < 0x80) {
        *value_out = s[0];
        return 1;
    }
    octets = s[0] & 0x7f;
    if (octets == 0 || octets > 4 || len - 1 < octets || s[1] == 0)
        return 0;
    for (size_t i = 1; i <= octets; i++)
        value = value << 8 | s[i];
    if (value < 0x80)
        return 0;
    *value_out = value;
    return 1 + octets;
}

static size_t
length_octets(size_t value)
{
    size_t octets = 1;

    if (value < 0x80)
        return 1;
    for (; value > 0; value >>= 8)
        octets++;
    return octets;
}

static unsigned char *
put_length(unsigned char *s, size_t value)
{
    const size_t octets = length_octets(value) - 1;

    if (octets == 0) {
        *s++ = (unsigned char)value;
        return s;
    }
    *s++ = (unsigned char)(0x80 | octets);
    for (size_t i = octets; i > 0; i--)
        *s++ = (unsigned char)(value >> (8 * (i - 1)));
    return s;
}

gs2_status
gs2_framing_strip(const void *token, size_t len, const void *oid,
                  size_t oid_len, const void **inner_out, size_t *inner_len_out,
                  struct gs2_error *err)
{
    const unsigned char *s = token;
    size_t rest, n;

    *inner_out = NULL;
    *inner_len_out = 0;
    if (len == 0 || s[0] != TAG_TOKEN)
        return gs2_fail(err, GS2_BADPROT, "the initial token is not framed");
    n = get_length(s + 1, len - 1, &rest);
    if (n == 0)
        return gs2_fail(err, GS2_BADPROT,
                        "the length in the initial token's framing is cut "
                        "short or not minimal DER");
    if (rest != len - 1 - n)
        return gs2_fail(err, GS2_BADPROT,
                        "the framing of the initial token says %zu octets, "
                        "there are %zu", rest, len - 1 - n);
    s += 1 + n;
    if (rest < 2 || s[0] != TAG_OID || s[1] != oid_len || oid_len > OID_MAX ||
        rest - 2 < oid_len || memcmp(s + 2, oid, oid_len) != 0)
        return gs2_fail(err, GS2_BADPROT,
                        "the framing of the initial token does not name the "
                        "mechanism");
    *inner_out = s + 2 + oid_len;
    *inner_len_out = rest - 2 - oid_len;
    return GS2_OK;
}

gs2_status
gs2_framing_add(const void *inner, size_t inner_len, const void *oid,
                size_t oid_len, void **token_out, size_t *len_out,
                struct gs2_error *err)
{
    unsigned char *p;
    size_t rest;

    *token_out = NULL;
    *len_out = 0;
    if (oid_len == 0 || oid_len > OID_MAX ||
        inner_len > LENGTH_MAX - 2 - OID_MAX)
        return gs2_fail(err, GS2_BADPROT, "the token is too long to frame");
    rest = 2 + oid_len + inner_len;
    p = malloc(1 + length_octets(rest) + rest);
    if (p == NULL)
        return gs2_fail_nomem(err);
    *token_out = p;
    *len_out = 1 + length_octets(rest) + rest;
    *p++ = TAG_TOKEN;
    p = put_length(p, rest);
    *p++ = TAG_OID;
    *p++ = (unsigned char)oid_len;
    memcpy(p, oid, oid_len);
    if (inner_len > 0)
        memcpy(p + oid_len, inner, inner_len);
    return GS2_OK;
}
