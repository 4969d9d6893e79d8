/*
 * print.c - what is printed for people (see print.h).
 */
#include "print.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "common/text/utf8.h"

/* Line ends and tabs are ours as often as not, and harmless. */
static bool
is_printable(const char *at, size_t len)
{
    const unsigned char c = (unsigned char)at[0];

    if (len == 1)
        return (c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t';
    /* U+0080 to U+009F command a terminal as ESC and a letter do. */
    return len > 2 || c != 0xc2 || (unsigned char)at[1] >= 0xa0;
}

/* Octets of the character at text, and whether it is printed as it is. */
static size_t
next_char(const char *text, size_t left, bool *printable_out)
{
    const size_t len = gs2_utf8_char(text, left);

    *printable_out = len > 0 && is_printable(text, len);
    return len > 0 ? len : 1;
}

static void
put(FILE *out, const char *text)
{
    size_t len, left = strlen(text);
    bool printable;

    for (; left > 0; text += len, left -= len) {
        len = next_char(text, left, &printable);
        if (printable)
            (void)fwrite(text, 1, len, out);
        for (size_t i = 0; !printable && i < len; i++)
            (void)fprintf(out, "\\x%02x", (unsigned char)text[i]);
    }
}

void
print_room(FILE *out, const char *text, size_t len)
{
    const char *const end = text + len;
    bool printable;
    size_t n;

    for (; text < end; text += n) {
        n = next_char(text, (size_t)(end - text), &printable);
        if (printable)
            (void)fputc(*text == '\t' ? '\t' : ' ', out);
        else
            (void)fprintf(out, "%*s", (int)(4 * n), "");
    }
}

static void
put_format(FILE *out, const char *format, va_list args)
{
    char *text;

    if (vasprintf(&text, format, args) < 0)
        text = need(NULL);
    put(out, text);
    free(text);
}

void
print_to(FILE *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_format(out, format, args);
    va_end(args);
}

/* https://no-color.org */
static bool
has_colours(FILE *out)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    return (no == NULL || no[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0 && isatty(fileno(out)) != 0;
}

void
print_styled(FILE *out, enum print_style style, const char *format, ...)
{
    static const char *const colours[] = {
        [PRINT_GOOD] = "32", [PRINT_BAD] = "31", [PRINT_DOUBT] = "33",
    };
    const bool coloured = has_colours(out);
    va_list args;

    if (coloured)
        (void)fprintf(out, "\033[%sm", colours[style]);
    va_start(args, format);
    put_format(out, format, args);
    va_end(args);
    if (coloured)
        (void)fputs("\033[0m", out);
}

void
complain(const char *format, ...)
{
    va_list args;

    (void)fputs("gs2-inspect: ", stderr);
    va_start(args, format);
    put_format(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
}

void
complain_of(const struct gs2_error *err)
{
    if (err->detail[0] != '\0')
        complain("%s\nnext: %s", err->text, err->detail);
    else
        complain("%s", err->text);
}

void *
need(void *memory)
{
    if (memory == NULL) {
        (void)fputs("gs2-inspect: out of memory\n", stderr);
        exit(CMD_ERROR);
    }
    return memory;
}
