/*
 * conf_file.h - a server's configuration file, read as libsasl reads it, or, an
 * imapd.conf, as Cyrus IMAP does: there libsasl's options have "sasl_" in
 * front.
 */
#ifndef CONFFILE_H
#define CONFFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/options.h"

struct conffile_line {
    unsigned number;    /* from 1 */
    char *text;         /* the whole line, without its end */
    char *key;          /* in lower case, without "sasl_" where that belongs */
    const char *value;  /* in text, without spaces at its end; NULL for none */
    const char *fault;  /* why libsasl refuses the file, else NULL */
    bool misplaced;     /* "sasl_" where it does not belong, or lacks */
    bool of_service;    /* imapd.conf: for one service of cyrus.conf alone */
};

struct conffile {
    char *path;
    bool imapd;
    struct conffile_line *lines; /* that are no comments */
    size_t count;
};

/*
 * Reads what, a path with a slash in it, a file that is there, or the name of
 * an application, whose file is looked for where it and libsasl look for it;
 * before libsasl is in use.  Fills the caller's *file_out, freed with
 * conffile_free().  False, with a complaint on standard error, where there is
 * none.
 */
bool conffile_read(const char *what, struct conffile *file_out);

void conffile_free(struct conffile *file);

/* The line that sets an option, NULL where there is none.  Borrows. */
const struct conffile_line *conffile_find(const struct conffile *file,
                                          const char *key);

/* The value that the server sees, NULL where the option is not set.  file may
 * be one of zeros.  Borrows. */
const char *conffile_option(const struct conffile *file, const char *key);

/* Fills the caller's *config_out with the texts of the options, not parsed yet;
 * freed with gs2_options_clear(). */
void conffile_config(const struct conffile *file,
                     struct gs2_config *config_out);

#endif
