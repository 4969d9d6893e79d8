/*
 * options.h - the options of sasl.conf that are about a login (libgs2(5),
 * "Options"; sasl.conf.example explains each).
 *
 * They are read where they are needed and nothing of them is kept: the strings
 * are the application's, and good until the next call into it.
 */
#ifndef GS2_OPTIONS_H
#define GS2_OPTIONS_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/identity.h"
#include "common/mechs.h"

struct gs2_options {
    const char *keytab;   /* NULL for the default one */
    const char *acceptor; /* service@host or "*"; NULL for the connection's */
    enum gs2_authid_source authid;
    const char *authid_attribute; /* with GS2_AUTHID_ATTRIBUTE */
    const char *binding_verified_by; /* names of mechanisms, or NULL */
    bool error_tokens;
    bool accept_anonymous;
};

/* Reads the options of a server.  GS2_OK, or GS2_BADCONFIG with the name of the
 * option and what is wrong with it in err's detail. */
GS2_MUST_USE gs2_status gs2_options_read(const sasl_utils_t *utils,
                                         struct gs2_options *options_out,
                                         struct gs2_error *err);

/* Makes err's text its detail, for the log, and tells the client only that the
 * server's configuration is at fault.  Returns GS2_BADCONFIG. */
gs2_status gs2_options_refuse(struct gs2_error *err);

/* The text of an option, or NULL where it is not set. */
const char *gs2_option_text(const sasl_utils_t *utils, const char *name);

/* A boolean option.  GS2_OK or GS2_BADCONFIG. */
GS2_MUST_USE gs2_status gs2_option_bool(const sasl_utils_t *utils,
                                        const char *name, bool unset,
                                        bool *value_out,
                                        struct gs2_error *err);

/* gs2_mechs: may this mechanism be offered? */
bool gs2_option_offers(const sasl_utils_t *utils, const struct gs2_mech *mech);

#endif
