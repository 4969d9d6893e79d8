/*
 * config_file.h - a server's options where its getopt knows no option.
 *
 * 389-ds answers SASL_OK without a value to all that it does not know, and
 * libsasl asks no further: a rule in its file would never be in force.  So the
 * file counts that libsasl itself has read for the application.
 */
#ifndef GS2_CONFIG_FILE_H
#define GS2_CONFIG_FILE_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/options.h"

/* The text of a server's option, by its name: the getopt's, or, where that says SASL_OK and
 * has none, that of libsasl's file; NULL where it is not set.  Good until the
 * next call of a getopt: copy what you keep. */
const char *gs2_config_file_text(const sasl_utils_t *utils,
                                 const char *option);

/* Where the getopt says so of an option, one line of the log: at SASL_LOG_NOTE
 * that libsasl's file counts, at SASL_LOG_ERR that it cannot be asked. */
void gs2_config_file_announce(const sasl_utils_t *utils);

#endif
