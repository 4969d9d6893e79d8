/*
 * print.h - what is printed for people.  Values come from files, tickets and
 * servers: whatever a terminal could obey is shown as \xNN.
 */
#ifndef PRINT_H
#define PRINT_H

#include <stdio.h>

#include "common/text/error.h"

/* As fprintf(), in which only line ends, tabs and the other printable
 * characters of UTF-8 stay as they are. */
void print_to(FILE *out, const char *format, ...) GS2_PRINTF(2, 3);

/* print_to(stdout, ...) */
#define print(...) print_to(stdout, __VA_ARGS__)

/* The same of a text, of which words that do not fit into a terminal's line go
 * to the next one.  A value that people may copy is for print_to(). */
void print_folded(FILE *out, const char *format, ...) GS2_PRINTF(2, 3);

/* Prints blanks, as wide as the first len octets of text. */
void print_room(FILE *out, const char *text, size_t len);

/* What a word means, which a terminal shows by a colour, unless NO_COLOR is
 * set in the environment. */
enum print_style { PRINT_GOOD, PRINT_BAD, PRINT_DOUBT };

/* print_folded() in that style. */
void print_styled(FILE *out, enum print_style style, const char *format, ...)
    GS2_PRINTF(3, 4);

/* One message on standard error, with the program's name in front. */
void complain(const char *format, ...) GS2_PRINTF(1, 2);

/* A reason as complain() has it, its detail as what to do next. */
void complain_of(const struct gs2_error *err);

/* Gives memory back; ends the program with CMD_ERROR where it is NULL. */
void *need(void *memory);

#endif
