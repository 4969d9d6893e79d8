/*
 * conf_report.h - what is said of a configuration, as compilers do, or as JSON.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include <stdio.h>

#include <jansson.h>

#include "cmd.h"
#include "conf_check.h"

/* One of the three words. */
void conf_report_word(FILE *out, enum conf_word word);

/* What is not in force and what is closed, a line each, with the place. */
void conf_report_errors(FILE *out, const struct conf_file *conf,
                        const struct conf_check *check);

/* Likewise what lets people in past the rule, and what helps. */
void conf_report_warnings(FILE *out, const struct conf_file *conf,
                          const struct conf_check *check);

/* A document with the file, what it is, its errors and warnings.  Gives. */
json_t *conf_report_make(const struct conf_file *conf,
                         const struct conf_check *check);

/*
 * Reads the configuration that the command line names, if it does: fills the
 * caller's *conf_out, freed with conf_file_free() in any case.  True if it can
 * be read and the server goes on with it; lines that are not in force are
 * reported on standard error.  Otherwise the outcome is set, and reported: on
 * standard error, or as a document, with "login":false if the command is to
 * log in.  effect is what a closed configuration leads to.  Gives *said_out,
 * what a document of the command says of the configuration, or NULL if no
 * document is wanted.
 */
bool conf_report_open(const struct arguments *arguments, bool login,
                      const char *effect, struct conf_file *conf_out,
                      json_t **said_out, struct outcome *outcome);

#endif
