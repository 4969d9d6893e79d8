/*
 * config_file.h - a server's options where its getopt knows no option.
 *
 * 389-ds answers SASL_OK without a value for each option that it does not
 * know, and libsasl does not look further: a rule in its file would never be
 * in force.  So the plugin asks for the file that libsasl itself has read.
 */
#ifndef GS2_CONFIG_FILE_H
#define GS2_CONFIG_FILE_H

#include <stdbool.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/options.h"

/*
 * The text of a server's option, by its name: the getopt's, or, if that says
 * SASL_OK and gives none, that of libsasl's file; NULL if it is not set.  Good
 * until the next call of a getopt: copy what you keep.
 *
 * Sets *lost where this libsasl does not let its file be asked: whether the
 * option is set is not known then.  Leaves it as it is otherwise.
 */
const char *gs2_config_file_text(const sasl_utils_t *utils,
                                 const char *option, bool *lost);

/* If the getopt gives SASL_OK without a value, one line of the log says that
 * libsasl's file counts. */
void gs2_config_file_announce(const char *family, const sasl_utils_t *utils);

#endif
