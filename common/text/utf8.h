/*
 * utf8.h - well-formed UTF-8 (RFC 3629), for saslnames and attribute values.
 */
#ifndef GS2_UTF8_H
#define GS2_UTF8_H

#include <stddef.h>

/*
 * Octets of the well-formed UTF-8 character at the front of the len octets at
 * text: 1 to 4; 0 where there is none (len is 0, an overlong form, a
 * surrogate, above U+10FFFF, cut short).  NUL is a character of 1 octet.
 */
size_t gs2_utf8_char(const void *text, size_t len);

#endif
