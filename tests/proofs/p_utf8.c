/*
 * p_utf8.c - every string of up to TEXT octets: the length of its first
 * character is what the code points of RFC 3629 section 3 say.
 */
#include "common/text/utf8.h"

#include <stdint.h>

#include "model.h"

#define TEXT 5

/* Reckons with code points, where utf8.c has a table of octets. */
static size_t
decode(const unsigned char *s, size_t len)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t octets;
    uint32_t code;

    if (len == 0)
        return 0;
    octets = s[0] < 0x80 ? 1 : s[0] >> 5 == 6 ? 2 : s[0] >> 4 == 14 ? 3
             : s[0] >> 3 == 30 ? 4 : 0;
    if (octets == 0 || octets > len)
        return 0;
    code = octets == 1 ? s[0] : s[0] & (0xffu >> (octets + 1));
    for (size_t i = 1; i < octets; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    if (code < least[octets] || code > 0x10ffff ||
        (code >= 0xd800 && code <= 0xdfff))
        return 0;
    return octets;
}

void
proof(void)
{
    const size_t len = any_up_to(TEXT);
    const char *text = any_octets(len);

    prove(gs2_utf8_char(text, len) ==
          decode((const unsigned char *)text, len),
          "the length is that of the character");
}
