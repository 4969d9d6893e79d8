/*
 * corpus.c - reads and writes the lines of a corpus (see corpus.h).
 */
#include "corpus.h"

#include <string.h>

/* The octets that have an escape of a letter, and these letters. */
static const char escaped[] = "\\\n\r\t", letters[] = "\\nrt";

static bool
is_printable(int c)
{
    return c >= ' ' && c < 0x7f;
}

void
corpus_print(FILE *out, const uint8_t *data, size_t size)
{
    const char *escape;

    for (size_t i = 0; i < size; i++) {
        escape = data[i] != '\0' ? strchr(escaped, data[i]) : NULL;
        if (escape != NULL)
            fprintf(out, "\\%c", letters[escape - escaped]);
        else if (is_printable(data[i]))
            fputc(data[i], out);
        else
            fprintf(out, "\\x%02x", data[i]);
    }
    fputc('\n', out);
}

/* The value of a hexadecimal digit, or -1. */
static int
digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* Reads the escape behind a backslash, left octets of a line.  Returns how
 * many it takes, or 0 where it is none. */
static size_t
read_escape(const char *text, size_t left, char *octet_out)
{
    const char *letter;
    int value;

    if (left == 0 || text[0] == '\0')
        return 0;
    letter = strchr(letters, text[0]);
    if (letter != NULL) {
        *octet_out = escaped[letter - letters];
        return 1;
    }
    if (text[0] != 'x' || left < 3 || digit(text[1]) < 0 || digit(text[2]) < 0)
        return 0;
    value = digit(text[1]) << 4 | digit(text[2]);
    if (value != 0 && (is_printable(value) || strchr(escaped, value) != NULL))
        return 0;
    *octet_out = (char)value;
    return 3;
}

bool
corpus_read(char *line, size_t len, size_t *size_out)
{
    size_t size = 0, taken;

    for (size_t i = 0; i < len; i += taken) {
        taken = 1;
        if (!is_printable(line[i]))
            return false;
        if (line[i] == '\\') {
            taken = 1 + read_escape(line + i + 1, len - i - 1, &line[size++]);
            if (taken == 1)
                return false;
        } else {
            line[size++] = line[i];
        }
    }
    *size_out = size;
    return true;
}
