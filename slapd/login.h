/*
 * login.h - what our plugins tell of the login on a SASL context.
 */
#ifndef GS2_SLAPD_LOGIN_H
#define GS2_SLAPD_LOGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <sasl/sasl.h>

/* An end that nobody lives to see: some mechanisms have none. */
#define GS2_SLAPD_NEVER ((time_t)INT64_MAX)

struct gs2_slapd_login {
    const char *const *roles; /* count of them; the context's */
    size_t count;
    time_t end; /* of the context of GSS */
};

/*
 * Fills the caller's *login_out from a context on which a login has just
 * succeeded; what it points at lives until the next call on that context.
 *
 * False, with an empty *login_out, where the login was not by one of our
 * plugins, or where it has no roles.
 */
bool gs2_slapd_login_read(sasl_conn_t *sasl,
                          struct gs2_slapd_login *login_out);

#endif
