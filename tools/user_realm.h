/*
 * user_realm.h - the realm of users without one: a server may give it to libsasl,
 * which appends it to their names.
 */
#ifndef USER_REALM_H
#define USER_REALM_H

#include <stdbool.h>

#include "conf_file.h"

/*
 * Finds what Postfix and slapd give to libsasl: smtpd_sasl_local_domain of
 * main.cf, sasl-realm of slapd's own configuration.  Fills the caller's
 * *realm_out, which they free: NULL for none, for other servers, and where conf
 * is not the file that the server reads.  False, with a reason and what helps,
 * where it cannot be told.
 */
bool user_realm_find(const struct conf_file *conf, char **realm_out,
                     struct gs2_error *err);

#endif
