/*
 * conf_names.h - the names of options in a configuration: which are of GS2, and
 * why a line that is of GS2 is not read.
 */
#ifndef CONF_NAMES_H
#define CONF_NAMES_H

#include "conf_file.h"

/* The nth name of an option, NULL behind the last. */
const char *conf_names_option(size_t n);

/* A key without what stands before an option in imapd.conf: "sasl_", and
 * before that the name of a service, whose length is set, 0 without one.
 * Borrows. */
const char *conf_names_base(const char *key, size_t *service_len_out);

/* Whether a line was meant to be an option of GS2. */
bool conf_names_is_ours(const struct conf_line *line);

/* Fills the caller's text with why the server does not read a line that
 * conf_names_is_ours(). */
void conf_names_explain(const struct conf_file *conf,
                        const struct conf_line *line,
                        char text[GS2_TEXT_MAX]);

#endif
