/*
 * sasl_options.h - reading options through libsasl, for client and server alike
 * (what their texts say is in common/options.h).
 */
#ifndef GS2_SASL_OPTIONS_H
#define GS2_SASL_OPTIONS_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

/* The text of an option, or NULL where it is not set.  Good until the next call
 * of a getopt: copy what you keep. */
const char *gs2_option_text(const sasl_utils_t *utils, const char *name);

#endif
