/*
 * error.c - reasons of failure, one line each and bounded (see error.h).
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

static int
is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

char *
gs2_escape(char *out, size_t size, const void *data, size_t len)
{
    const unsigned char *in = data;
    const size_t room = size - sizeof("...");
    size_t at = 0;

    for (size_t i = 0; i < len; i++) {
        if (at + (is_plain(in[i]) ? 1 : 4) > room) {
            memcpy(out + at, "...", sizeof("..."));
            return out;
        }
        if (is_plain(in[i]))
            out[at++] = (char)in[i];
        else
            at += (size_t)sprintf(out + at, "\\x%02x", in[i]);
    }
    out[at] = '\0';
    return out;
}

/* A text that came from a library may hold what a peer chose, and programs show
 * it: keep it one line of UTF-8 that no terminal obeys. */
static void
flatten(char *text)
{
    const size_t len = strlen(text);
    size_t step;

    for (size_t i = 0; i < len; i += step) {
        unsigned char *p = (unsigned char *)text + i;

        step = gs2_utf8_char(p, len - i);
        if (step == 0) {
            *p = '?';
            step = 1;
        } else if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0)) {
            memset(p, ' ', step);
        }
    }
}

bool
gs2_status_blames_peer(gs2_status status)
{
    return status == GS2_BADPROT || status == GS2_BADBINDING ||
           status == GS2_BADAUTH;
}

void
gs2_error_set(struct gs2_error *err, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return;
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    flatten(err->text);
    err->detail[0] = '\0';
}

void
gs2_error_detail(struct gs2_error *err, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return;
    va_start(args, format);
    (void)vsnprintf(err->detail, sizeof(err->detail), format, args);
    va_end(args);
    flatten(err->detail);
}
