/*
 * conf_line.h - the lines of a configuration, as the server itself makes them
 * of its file: libsasl, for all servers but one, and Cyrus IMAP.
 *
 * libsasl takes a line for what fgets() gives it in 4,096 octets; what is left
 * of a longer one is a line of its own.  Cyrus joins a line that ends in a
 * backslash with the next one, and then looks whether it is a comment; a line
 * that the file ends within is dropped.  "@include: PATH" reads another file.
 */
#ifndef CONF_LINE_H
#define CONF_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/text/error.h"

struct conf_line {
    const char *path;   /* of the file that it is in; borrowed of the lines */
    unsigned number;    /* of its first line there, from 1 */
    char *text;         /* the whole, without its end; joined, where it was */
    char *key;          /* in lower case; "" where it has none */
    const char *value;  /* in text, without spaces at its end; NULL for none */
    char *fault;        /* why the server refuses the file, else NULL */
    char *ignored;      /* why it is no line of its own, else NULL */
};

struct conf_lines {
    struct conf_line *list; /* that are no comments */
    size_t count;
    char **paths;           /* of all files that were read */
    size_t path_count;
    char *unsure;           /* why what the server reads cannot be told */
    char *unread, *cure;    /* why it does not read them, and what helps:
                             * conf_reader_apply() */
};

/* Reads a file as libsasl does, or, with imapd, as Cyrus IMAP.  Fills the
 * caller's *lines_out, freed with conf_lines_free().  False, with a reason,
 * where it cannot be read. */
bool conf_lines_read(const char *path, bool imapd,
                     struct conf_lines *lines_out, struct gs2_error *err);

void conf_lines_free(struct conf_lines *lines);

#endif
