/*
 * print.c - what is printed for people (see print.h).
 */
#include "print.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd.h"
#include "common/text/utf8.h"

/* Line ends and tabs are often our own, and harmless. */
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

/* --- where a line is folded ----------------------------------------------- */

/* Where standard output and standard error are in their lines. */
static struct place {
    size_t column, indent; /* indent: blanks at the start of the line */
    bool begun;            /* something else is behind them */
} places[2];

static struct place *
place_of(FILE *out)
{
    return &places[out == stderr];
}

/* Columns of a terminal; without a limit for a file and for a terminal that is
 * too narrow. */
static size_t
width_of(FILE *out)
{
    struct winsize size;

    if (isatty(fileno(out)) == 0)
        return SIZE_MAX;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col >= 40 ? size.ws_col : SIZE_MAX;
}

/* Prints octets of a text, and keeps count. */
static void
put_octets(FILE *out, const char *text, size_t left)
{
    struct place *place = place_of(out);
    bool printable;
    size_t len;

    for (; left > 0; text += len, left -= len) {
        len = next_char(text, left, &printable);
        if (printable)
            (void)fwrite(text, 1, len, out);
        for (size_t i = 0; !printable && i < len; i++)
            (void)fprintf(out, "\\x%02x", (unsigned char)text[i]);
        place->column += printable ? 1 : 4 * len;
        place->begun |= *text != ' ';
        place->indent += !place->begun;
        if (*text == '\n')
            memset(place, 0, sizeof(*place));
    }
}

/* Columns of some octets. */
static size_t
columns_of(const char *text, size_t len)
{
    const char *const end = text + len;
    bool printable;
    size_t n, columns = 0;

    for (; text < end; text += n) {
        n = next_char(text, (size_t)(end - text), &printable);
        columns += printable ? 1 : 4 * n;
    }
    return columns;
}

/* Octets of the word at the start of text.  What stands in quotation marks may
 * be for a shell: it is one word, where a line has room for it. */
static size_t
word_len(const char *text, size_t room)
{
    const size_t len = strcspn(text, " \n");
    size_t quoted = 0, inside;

    while (strcspn(text + quoted, " \n") > 0) {
        inside = text[quoted] == '"'
                 ? 1 + strcspn(text + quoted + 1, "\"\n") : 0;
        if (inside > 0 && text[quoted + inside] == '"')
            quoted += inside;
        quoted++;
    }
    return columns_of(text, quoted) <= room ? quoted : len;
}

/* Words that do not fit go to the next line, further to the right. */
static void
put_folded(FILE *out, const char *text)
{
    struct place *place = place_of(out);
    const size_t width = width_of(out);
    size_t indent, blanks, len;

    for (; *text != '\0'; text += blanks + len) {
        indent = place->indent + 2;
        blanks = strspn(text, " ");
        len = word_len(text + blanks, width - indent);
        if (len == 0)
            len = text[blanks] == '\n';
        if (place->begun && blanks > 0 && place->column > indent &&
            place->column + blanks + columns_of(text + blanks, len) > width &&
            text[blanks] != '\n') {
            (void)fprintf(out, "\n%*s", (int)indent, "");
            place->column = indent;
            put_octets(out, text + blanks, len);
        } else {
            put_octets(out, text, blanks + len);
        }
    }
}

/* --- printing ------------------------------------------------------------- */

static void
put_format(FILE *out, bool folded, const char *format, va_list args)
{
    char *text;

    if (vasprintf(&text, format, args) < 0)
        text = need(NULL);
    if (folded)
        put_folded(out, text);
    else
        put_octets(out, text, strlen(text));
    free(text);
}

void
print_to(FILE *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_format(out, false, format, args);
    va_end(args);
}

void
print_folded(FILE *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_format(out, true, format, args);
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
    put_format(out, true, format, args);
    va_end(args);
    if (coloured)
        (void)fputs("\033[0m", out);
}

void
complain(const char *format, ...)
{
    va_list args;

    print_to(stderr, "gs2-inspect: ");
    va_start(args, format);
    put_format(stderr, true, format, args);
    va_end(args);
    print_to(stderr, "\n");
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
