/*
 * options.h - reading options through libsasl, for client and server alike
 * (what a server's say is in config.h).
 */
#ifndef GS2_OPTIONS_H
#define GS2_OPTIONS_H

#include <stdbool.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/mechs.h"
#include "common/status.h"

/* The text of an option, or NULL where it is not set.  Good until the next call
 * of a getopt: copy what you keep. */
const char *gs2_option_text(const sasl_utils_t *utils, const char *name);

/* What a boolean option says whose text is text, unset where that is NULL.
 * GS2_OK or GS2_BADCONFIG. */
GS2_MUST_USE gs2_status gs2_option_parse_bool(const char *text, bool unset,
                                              bool *value_out,
                                              struct gs2_error *err);

/* Whether gs2_mechs, whose text is list (NULL where it is not set), lets mech
 * be offered. */
bool gs2_option_lists(const char *list, const struct gs2_mech *mech);

#endif
