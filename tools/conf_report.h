/*
 * conf_report.h - what is said of a configuration's errors, as compilers do,
 * or as JSON.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include <stdio.h>

#include <jansson.h>

#include "cmd.h"
#include "conf_check.h"

/* A line each, its kind in front of the text ("" for errors), and the place. */
void conf_report_print(FILE *out, const struct conf_file *conf,
                       const char *kind, const struct findings *findings);

/* Sets the file, its errors and warnings in a document. */
void conf_report_set(json_t *document, const struct conf_file *conf,
                     const struct findings *errors,
                     const struct findings *warnings);

/*
 * Reads the configuration that the command line names, if it does: fills the
 * caller's *conf_out, freed with conf_file_free() in any case.  True where it
 * can be read and has no error.  Otherwise that is the outcome, of which it has
 * told: on standard error, or as a document, with "login":false where the
 * command is to log in.  effect is what the errors lead to.
 */
bool conf_report_open(const struct arguments *arguments, bool login,
                      const char *effect, struct conf_file *conf_out,
                      struct outcome *outcome);

#endif
