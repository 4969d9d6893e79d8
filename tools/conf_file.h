/*
 * conf_file.h - a server's configuration: where it is, and which options the
 * server takes from it.  In an imapd.conf libsasl's options have "sasl_" in
 * front, and before that the name of a service of cyrus.conf where they are for
 * it alone.
 */
#ifndef CONF_FILE_H
#define CONF_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/options.h"
#include "conf_line.h"
#include "server_table.h"

struct conf_file {
    char *path;
    bool by_name;                /* it was looked for by the server's name */
    const struct server_row *server; /* NULL: none that is known */
    bool imapd;
    const char *service;         /* of cyrus.conf, for which options are looked
                                  * up; NULL: one without options of its own */
    struct conf_lines lines;
    struct conf_lines fallback;  /* imapd.conf: libsasl's own file, which is
                                  * asked for what the other lacks */
    char **services;             /* of cyrus.conf beside an imapd.conf */
    size_t service_count;        /* 0: it is not known which there are */
    char *unsure;                /* of server_environment_set(); or NULL */
};

/*
 * Reads what: a path with a slash in it, a file that exists, or the name of a
 * server, whose file is looked for where the server and libsasl look for it.
 * Call it before libsasl is in use.  Fills the caller's *file_out, freed with
 * conf_file_free().  False, with a reason, where there is none.
 */
bool conf_file_read(const char *what, struct conf_file *file_out,
                    struct gs2_error *err);

void conf_file_free(struct conf_file *file);

/* The places where the server looks for its file, a colon list; NULL where it
 * looks where libsasl does.  Gives. */
char *conf_file_places(const struct server_row *server);

/* The line that sets an option of GS2 or of libsasl, for file->service; NULL
 * where there is none.  Borrows. */
const struct conf_line *conf_file_find(const struct conf_file *file,
                                       const char *key);

/* The value that the server sees, NULL where the option is not set.  file may
 * be one of zeros.  Borrows. */
const char *conf_file_option(const struct conf_file *file, const char *key);

/* The line with this key as it stands, the first of them; NULL for none. */
const struct conf_line *conf_file_line(const struct conf_lines *lines,
                                       const char *key);

/* Fills the caller's *config_out with the texts of the options, not parsed yet;
 * freed with gs2_options_clear(). */
void conf_file_config(const struct conf_file *file,
                      struct gs2_config *config_out);

#endif
