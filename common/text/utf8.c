/*
 * utf8.c - well-formed UTF-8, by the table of RFC 3629 section 4.
 */
#include "utf8.h"

static const struct {
    unsigned char first_low, first_high;   /* the first octet */
    unsigned char second_low, second_high; /* the second; the rest are 80-BF */
    unsigned char length;
} forms[] = {
    { 0x00, 0x7f, 0x00, 0x00, 1 },
    { 0xc2, 0xdf, 0x80, 0xbf, 2 },
    { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
    { 0xe1, 0xec, 0x80, 0xbf, 3 },
    { 0xed, 0xed, 0x80, 0x9f, 3 },
    { 0xee, 0xef, 0x80, 0xbf, 3 },
    { 0xf0, 0xf0, 0x90, 0xbf, 4 },
    { 0xf1, 0xf3, 0x80, 0xbf, 4 },
    { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t
gs2_utf8_char(const void *text, size_t len)
{
    const unsigned char *s = text;

    for (size_t i = 0; len > 0 && i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (s[0] < forms[i].first_low || s[0] > forms[i].first_high)
            continue;
        if (len < forms[i].length)
            return 0;
        if (forms[i].length > 1 &&
            (s[1] < forms[i].second_low || s[1] > forms[i].second_high))
            return 0;
        for (size_t j = 2; j < forms[i].length; j++) {
            if (s[j] < 0x80 || s[j] > 0xbf)
                return 0;
        }
        return forms[i].length;
    }
    return 0;
}
