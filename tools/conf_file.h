/*
 * conf_file.h - a server's configuration file, read as libsasl reads it, or,
 * an imapd.conf, as Cyrus IMAP does: there libsasl's options have "sasl_" in
 * front.
 */
#ifndef CONF_FILE_H
#define CONF_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/options.h"

struct conf_file_line {
    unsigned number;    /* from 1 */
    char *text;         /* the whole line, without its end */
    char *key;          /* in lower case, without "sasl_" where that belongs */
    const char *value;  /* in text, without spaces at its end; NULL for none */
    const char *fault;  /* why libsasl refuses the file, else NULL */
    bool misplaced;     /* "sasl_" where it does not belong, or lacks */
    bool of_service;    /* imapd.conf: for one service of cyrus.conf alone */
};

struct conf_file {
    char *path;
    bool imapd;
    struct conf_file_line *lines; /* that are no comments */
    size_t count;
};

/*
 * Reads what, a path with a slash in it, a file that is there, or the name of
 * an application, whose file is looked for where it and libsasl look for it;
 * before libsasl is in use.  Fills the caller's *file_out, freed with
 * conf_file_free().  False, with a reason, where there is none.
 */
bool conf_file_read(const char *what, struct conf_file *file_out,
                    struct gs2_error *err);

void conf_file_free(struct conf_file *file);

/* The line that sets an option, NULL where there is none.  Borrows. */
const struct conf_file_line *conf_file_find(const struct conf_file *file,
                                          const char *key);

/* The value that the server sees, NULL where the option is not set.  file may
 * be one of zeros.  Borrows. */
const char *conf_file_option(const struct conf_file *file, const char *key);

/* Fills the caller's *config_out with the texts of the options, not parsed yet;
 * freed with gs2_options_clear(). */
void conf_file_config(const struct conf_file *file,
                     struct gs2_config *config_out);

#endif
