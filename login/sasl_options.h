/*
 * sasl_options.h - reading options through libsasl, for client and server
 * alike (their names and what their texts say are in common/options.h).
 */
#ifndef GS2_SASL_OPTIONS_H
#define GS2_SASL_OPTIONS_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/options.h"

/* The text of a client's option, or NULL where it is not set.  Good until the next
 * call of a getopt: copy what you keep. */
const char *gs2_sasl_options_text(const sasl_utils_t *utils,
                                  enum gs2_option option);

/* Fills the caller's texts with a server's options as they are now, and with
 * the options of the roles that gs2_roles names, each copied or NULL.  Gives
 * them, freed with free(), also if it fails.  Sets *lost_out if one of them
 * cannot be known (config_file.h).  GS2_OK or GS2_NOMEM. */
GS2_MUST_USE gs2_status gs2_sasl_options_read(const sasl_utils_t *utils,
                                              char *texts[GS2_TEXTS],
                                              bool *lost_out,
                                              struct gs2_error *err);

#endif
