/*
 * channel.h - a TCP connection to a server, with TLS (OpenSSL) from the first
 * octet or later, and the channel bindings of RFC 5929 and RFC 9266.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "outcome.h"

struct channel;

/* Connects to a host and a port or a service's name.  Gives, closed with
 * channel_close(); NULL, with a complaint, where that cannot be. */
struct channel *channel_open(const char *host, const char *port);

void channel_close(struct channel *channel);

/* Starts TLS; the certificate must be the host's, and of an authority that
 * OpenSSL knows (SSL_CERT_FILE, SSL_CERT_DIR).  False, with a complaint. */
bool channel_start_tls(struct channel *channel);

/* "TLSv1.3"; NULL without TLS.  Borrows. */
const char *channel_tls(const struct channel *channel);

/* Fills the caller's *binding_out with the binding of a type; type NULL: the
 * one that suits the version of TLS (RFC 9266); "none": none.  False, with a
 * complaint, where the type is unknown or there is no such binding. */
bool channel_bind(const struct channel *channel, const char *type,
                  struct inspect_binding *binding_out);

/* One line, without its end; true.  False, with a complaint, where the
 * connection ends or the line is too long.  Borrows until the next call. */
bool channel_get(struct channel *channel, const char **line_out);

/* The line that a server begins with, as channel_get().  Where it does not come
 * soon, standard error is told why that may be. */
bool channel_greet(struct channel *channel, const char **line_out);

bool channel_put(struct channel *channel, const char *text);

#endif
