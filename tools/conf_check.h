/*
 * conf_check.h - what is wrong with the GS2 options of a server's
 * configuration, of which libsasl says nothing.
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf_file.h"

struct finding {
    const struct conf_file_line *line; /* borrowed of the configuration */
    unsigned column;                   /* in the line, from 1 */
    char text[GS2_TEXT_MAX];
};

struct findings {
    struct finding *list;
    size_t count;
};

/* Errors, with which a server does not do what was meant.  Fills the caller's
 * *errors_out, freed with conf_check_free(). */
void conf_check_errors(const struct conf_file *conf,
                       struct findings *errors_out);

/* What may let people in without gs2_require (SECURITY.md, "What is not
 * promised").  Fills the caller's *warnings_out, freed with
 * conf_check_free(). */
void conf_check_ways_past(const struct conf_file *conf,
                          struct findings *warnings_out);

void conf_check_free(struct findings *findings);

/* The nth name of an option, NULL behind the last. */
const char *conf_check_option(size_t n);

#endif
