/*
 * channel_binding.h - a channel binding (RFC 5056): that of a TLS connection
 * (RFC 5929, RFC 9266), or octets for two ends in one process.
 */
#ifndef CHANNEL_BINDING_H
#define CHANNEL_BINDING_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>
#include <sasl/sasl.h>

#include "common/text/error.h"

#define CHANNEL_BINDING_MAX 128 /* octets */

struct channel_binding {
    char type[32]; /* as people call it; "" for none */
    char name[32]; /* as SASL has it */
    unsigned char octets[CHANNEL_BINDING_MAX];
    size_t len;
};

/* Fills the caller's *binding_out with 32 random octets; none where type is
 * NULL or "none".  False, with a reason, where the type is too long. */
bool channel_binding_make(const char *type,
                          struct channel_binding *binding_out,
                          struct gs2_error *err);

/*
 * Fills the caller's *binding_out with the binding of a type; "none": none.
 * False, with a reason, where the type is unknown or there is no such binding.
 *
 * With is_libldap, tls-endpoint and tls-unique are those of libldap's option
 * SASL_CBINDING: SASL calls both "ldap", and the octets begin with the type of
 * RFC 5929.
 */
bool channel_binding_of_tls(SSL *ssl, const char *type, bool is_libldap,
                            struct channel_binding *binding_out,
                            struct gs2_error *err);

/* Sets it on a connection; binding and holder stay with the caller for as long
 * as the connection.  SASL_OK or why not. */
int channel_binding_set(sasl_conn_t *conn,
                        const struct channel_binding *binding,
                        sasl_channel_binding_t *holder);

#endif
