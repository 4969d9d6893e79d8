/*
 * json.c - a writer of JSON (see json.h).
 */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text/base64.h"
#include "common/text/utf8.h"
#include "outcome.h"

static bool after_a_member; /* so that a comma is due */

static void
put_octets(const char *octets, size_t len)
{
    putchar('"');
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)octets[i];

        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void
begin(const char *name)
{
    if (after_a_member)
        putchar(',');
    after_a_member = true;
    if (name != NULL)
        printf("\"%s\":", name);
}

void
json_open(const char *name, char bracket)
{
    begin(name);
    putchar(bracket);
    after_a_member = false;
}

void
json_close(char bracket)
{
    putchar(bracket);
    after_a_member = true;
}

void
json_bool(const char *name, bool value)
{
    begin(name);
    printf("%s", value ? "true" : "false");
}

void
json_number(const char *name, long long value)
{
    begin(name);
    printf("%lld", value);
}

static bool
is_utf8(const char *octets, size_t len)
{
    size_t n;

    for (size_t i = 0; i < len; i += n) {
        n = gs2_utf8_char(octets + i, len - i);
        if (n == 0)
            return false;
    }
    return true;
}

void
json_octets(const char *name, const void *octets, size_t len)
{
    char *text;

    begin(name);
    if (is_utf8(octets, len)) {
        put_octets(octets, len);
        return;
    }
    text = inspect_need(gs2_base64_encode(octets, len));
    printf("{\"b64\":\"%s\"}", text);
    free(text);
}

void
json_string(const char *name, const char *value)
{
    if (value != NULL) {
        json_octets(name, value, strlen(value));
        return;
    }
    begin(name);
    printf("null");
}
