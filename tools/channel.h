/*
 * channel.h - octets and lines to and from a server over TCP, with TLS from the
 * first octet or later.  All of it is OpenSSL's BIO: the connection, TLS, the
 * buffer.
 *
 * A server has 30 seconds for each answer, and two minutes and four million
 * octets for all of them.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "common/text/error.h"

struct channel;

/* Each that can fail returns false, with a reason and, where there is one, what
 * to do about it as its detail. */

/* Whether a port answers within some seconds. */
bool channel_is_there(const char *host, const char *port);

/* Connects to a host and a port or a service's name; protocol is what URLs call
 * it, and is borrowed.  Gives *channel_out, closed with channel_close(). */
bool channel_open(const char *host, const char *port, const char *protocol,
                  struct channel **channel_out, struct gs2_error *err);

/* channel may be NULL. */
void channel_close(struct channel *channel);

/* Starts TLS; the certificate must be the host's, and of an authority that
 * OpenSSL knows (SSL_CERT_FILE, SSL_CERT_DIR). */
bool channel_start_tls(struct channel *channel, struct gs2_error *err);

/* NULL without TLS.  Borrows. */
SSL *channel_tls(const struct channel *channel);

/* Sends octets.  From then on the server has 30 seconds for its answer. */
bool channel_put(struct channel *channel, const void *octets, size_t len,
                 struct gs2_error *err);

/* Reads len octets into the caller's. */
bool channel_read(struct channel *channel, void *octets_out, size_t len,
                  struct gs2_error *err);

/* One line, without its end, of at most 65,536 octets.  Borrows until the next
 * call. */
bool channel_get(struct channel *channel, const char **line_out,
                 struct gs2_error *err);

/* The line that a server begins with, as channel_get().  Where it does not come
 * soon, standard error is told why that may be. */
bool channel_greet(struct channel *channel, const char **line_out,
                   struct gs2_error *err);

#endif
