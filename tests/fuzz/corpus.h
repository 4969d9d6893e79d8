/*
 * corpus.h - corpora as text, an input a line: corpus/NAME.txt.
 *
 * Printable ASCII is itself.  Of anything else, and of the backslash, a line
 * has an escape of C: \\ \n \r \t, or \x and two small hexadecimal digits.
 * An empty line is an input of no octets.  README.md says how to add one.
 */
#ifndef GS2_TESTS_CORPUS_H
#define GS2_TESTS_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes an input as a line. */
void corpus_print(FILE *out, const uint8_t *data, size_t size);

/* Reads a line of len octets, without its end, in place: line holds the input
 * afterwards, *size_out octets.  False where corpus_print() does not write
 * such a line. */
bool corpus_read(char *line, size_t len, size_t *size_out);

#endif
