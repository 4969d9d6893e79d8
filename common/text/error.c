/*
 * error.c - reasons of failure, one line each and bounded (see error.h).
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* A text that came from a library may hold anything: keep it one line. */
static void
flatten(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p != '\0'; p++) {
        if (*p < 0x20 || *p == 0x7f)
            *p = ' ';
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
