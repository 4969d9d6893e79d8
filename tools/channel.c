/*
 * channel.c - lines to and from a server (see channel.h).
 *
 * The chain of BIOs is a buffer, TLS once it is started, the connection.  The
 * connection does not block: where the chain wants to be called again, poll()
 * waits for it, and no longer than the server has time.
 */
#include "channel.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "outcome.h"
#include "print.h"

#define LINE_OCTETS_MAX 65536
#define OCTETS_MAX 4000000   /* from the server, in all */
#define TIMEOUT_SECONDS 30   /* for an answer */
#define LOGIN_SECONDS 120    /* for all of them */
#define PATIENCE_SECONDS 3   /* with one that may not answer at all */

#define WANTS_TLS "a server that speaks TLS from the first octet wants %ss://"

struct channel {
    char *host;
    const char *protocol;
    BIO *bio;
    SSL_CTX *context;
    SSL *ssl;        /* the chain's; NULL without TLS */
    double deadline; /* of outcome_clock(), for the server's answer */
    double end;      /* the same, for all answers */
    bool heard;      /* something of the answer */
    size_t octets;   /* ever heard, TLS aside */
    size_t used;     /* of line: what came of one that has not ended */
    char line[LINE_OCTETS_MAX];
};

/* The server's time for its next answer begins. */
static void
expect_answer(struct channel *channel)
{
    channel->deadline = outcome_clock() + TIMEOUT_SECONDS * 1e3;
    if (channel->deadline > channel->end)
        channel->deadline = channel->end;
    channel->heard = false;
}

/* Waits until the chain can go on.  1 if it can, 0 if not in time, -1 if it
 * failed. */
static int
wait_until(BIO *bio, double deadline)
{
    const double left = deadline - outcome_clock();
    struct pollfd on = { .events = BIO_should_read(bio) ? POLLIN : POLLOUT };

    if (!BIO_should_retry(bio) || BIO_get_fd(bio, &on.fd) < 0)
        return -1;
    return left > 0 ? poll(&on, 1, (int)left + 1) : 0;
}

/* The first reason that OpenSSL has noted: the system's, the resolver's or its
 * own.  Borrows. */
static const char *
first_reason(void)
{
    const char *data = NULL;
    int flags = 0;
    const unsigned long code = ERR_peek_error_data(&data, &flags);

    if (code == 0)
        return "the connection ended";
    if (ERR_SYSTEM_ERROR(code))
        return strerror(ERR_GET_REASON(code));
    if ((flags & ERR_TXT_STRING) != 0 && data != NULL && data[0] != '\0')
        return data;
    return ERR_reason_error_string(code);
}

/* --- TCP ------------------------------------------------------------------ */

static bool
connect_to(struct channel *channel, const char *port, double deadline,
           struct gs2_error *err)
{
    const bool address = strchr(channel->host, ':') != NULL;
    char *where;
    BIO *tcp;
    int ready = 1;

    if (asprintf(&where, "%s%s%s:%s", address ? "[" : "", channel->host,
                 address ? "]" : "", port) < 0)
        where = need(NULL);
    tcp = need(BIO_new_connect(where));
    free(where);
    channel->bio = BIO_push(need(BIO_new(BIO_f_buffer())), tcp);
    (void)BIO_set_nbio(tcp, 1);
    ERR_clear_error();
    while (ready > 0 && BIO_do_connect(tcp) <= 0)
        ready = wait_until(tcp, deadline);
    if (ready > 0)
        return true;
    gs2_error_set(err, "cannot connect to %s, port %s: %s", channel->host,
                  port, ready == 0 ? strerror(ETIMEDOUT) : first_reason());
    gs2_error_detail(err, "look whether the server runs, and at which host "
                     "and port (HOST:PORT)");
    return false;
}

bool
channel_is_there(const char *host, const char *port)
{
    struct channel channel = { .host = need(strdup(host)) };
    struct gs2_error ignored;
    const bool there = connect_to(&channel, port, outcome_clock() +
                                  PATIENCE_SECONDS * 1e3, &ignored);

    BIO_free_all(channel.bio);
    free(channel.host);
    return there;
}

bool
channel_open(const char *host, const char *port, const char *protocol,
             struct channel **channel_out, struct gs2_error *err)
{
    struct channel *channel = need(calloc(1, sizeof(*channel)));

    *channel_out = NULL;
    channel->protocol = protocol;
    channel->end = outcome_clock() + LOGIN_SECONDS * 1e3;
    channel->host = need(strdup(host));
    expect_answer(channel);
    if (!connect_to(channel, port, channel->deadline, err)) {
        channel_close(channel);
        return false;
    }
    *channel_out = channel;
    return true;
}

void
channel_close(struct channel *channel)
{
    if (channel == NULL)
        return;
    BIO_free_all(channel->bio);
    SSL_CTX_free(channel->context);
    free(channel->host);
    free(channel);
}

/* --- TLS ------------------------------------------------------------------ */

/* An address is not sent as the server's name (RFC 6066 section 3). */
static bool
is_address(const char *host)
{
    return strchr(host, ':') != NULL ||
           host[strspn(host, "0123456789.")] == '\0';
}

/* Puts TLS between the buffer and the connection. */
static bool
add_tls(struct channel *channel)
{
    BIO *tls, *tcp;

    channel->context = SSL_CTX_new(TLS_client_method());
    if (channel->context == NULL ||
        SSL_CTX_set_default_verify_paths(channel->context) != 1 ||
        SSL_CTX_set_min_proto_version(channel->context, TLS1_2_VERSION) != 1)
        return false;
    tls = BIO_new_ssl(channel->context, 1);
    if (tls == NULL)
        return false;
    tcp = BIO_pop(channel->bio);
    (void)BIO_push(channel->bio, BIO_push(tls, tcp));
    (void)BIO_get_ssl(tls, &channel->ssl);
    SSL_set_verify(channel->ssl, SSL_VERIFY_PEER, NULL);
    return SSL_set1_host(channel->ssl, channel->host) == 1 &&
           (is_address(channel->host) ||
            SSL_set_tlsext_host_name(channel->ssl, channel->host) == 1);
}

/* Why there is no TLS. */
static void
explain_tls(const struct channel *channel, bool late, struct gs2_error *err)
{
    const long verdict = SSL_get_verify_result(channel->ssl);

    if (verdict != X509_V_OK) {
        gs2_error_set(err, "the certificate of %s is not good: %s",
                      channel->host, X509_verify_cert_error_string(verdict));
        gs2_error_detail(err, "name the server as its certificate does, and a "
                         "file with the certificate of its authority in "
                         "SSL_CERT_FILE");
    } else if (late) {
        gs2_error_set(err, "%s: no TLS: nothing is said for %d seconds",
                      channel->host, TIMEOUT_SECONDS);
    } else {
        gs2_error_set(err, "%s does not speak TLS: %s", channel->host,
                      first_reason());
        if (channel->octets == 0)
            gs2_error_detail(err, "%s:// asks for STARTTLS",
                             channel->protocol);
    }
}

bool
channel_start_tls(struct channel *channel, struct gs2_error *err)
{
    int ready = 1;

    /* What came before TLS and was not read yet would be read as if it came in
     * TLS. */
    if (BIO_pending(channel->bio) > 0) {
        gs2_error_set(err, "%s says more than it was asked, before TLS: is "
                      "somebody between?", channel->host);
        return false;
    }
    ERR_clear_error();
    if (!add_tls(channel)) {
        gs2_error_set(err, "OpenSSL does not start: %s", first_reason());
        return false;
    }
    expect_answer(channel);
    while (ready > 0 && BIO_do_handshake(channel->bio) <= 0)
        ready = wait_until(channel->bio, channel->deadline);
    if (ready <= 0)
        explain_tls(channel, ready == 0, err);
    expect_answer(channel);
    return ready > 0;
}

SSL *
channel_tls(const struct channel *channel)
{
    return channel->ssl;
}

/* --- octets and lines ----------------------------------------------------- */

enum got { GOT_SOME, GOT_TOO_LONG, GOT_TOO_MUCH, GOT_TOO_LATE, GOT_END };

/* Waits for some octets, at most room of them, of a line or as they come. */
static enum got
take(struct channel *channel, bool line, void *to, size_t room,
     size_t *len_out)
{
    int n, ready = 1;

    ERR_clear_error();
    while ((n = line ? BIO_gets(channel->bio, to, (int)room)
                     : BIO_read(channel->bio, to, (int)room)) <= 0) {
        ready = wait_until(channel->bio, channel->deadline);
        if (ready <= 0)
            return ready == 0 ? GOT_TOO_LATE : GOT_END;
    }
    channel->heard = true;
    channel->octets += (size_t)n;
    *len_out = (size_t)n;
    return channel->octets <= OCTETS_MAX ? GOT_SOME : GOT_TOO_MUCH;
}

/* A line to its end, into the channel's room for one. */
static enum got
take_line(struct channel *channel)
{
    enum got got;
    size_t n;

    for (;;) {
        got = take(channel, true, channel->line + channel->used,
                   sizeof(channel->line) - channel->used, &n);
        if (got != GOT_SOME)
            return got;
        channel->used += n;
        if (channel->line[channel->used - 1] == '\n')
            return GOT_SOME;
        if (channel->used + 1 == sizeof(channel->line))
            return GOT_TOO_LONG;
    }
}

static void
explain_silence(const struct channel *channel, struct gs2_error *err)
{
    if (channel->deadline >= channel->end)
        gs2_error_set(err, "%s does not come to an end within %d seconds",
                      channel->host, LOGIN_SECONDS);
    else if (channel->heard)
        gs2_error_set(err, "%s does not end its answer within %d seconds",
                      channel->host, TIMEOUT_SECONDS);
    else
        gs2_error_set(err, "%s says nothing for %d seconds", channel->host,
                      TIMEOUT_SECONDS);
}

/* Why nothing more was got.  Returns false. */
static bool
explain(const struct channel *channel, enum got got, struct gs2_error *err)
{
    const bool silent = channel->octets == 0 && channel->ssl == NULL;

    if (got == GOT_TOO_LONG)
        gs2_error_set(err, "%s sends a line of more than %d octets",
                      channel->host, LINE_OCTETS_MAX);
    else if (got == GOT_TOO_MUCH)
        gs2_error_set(err, "%s sends more than %d octets", channel->host,
                      OCTETS_MAX);
    else if (got == GOT_END)
        gs2_error_set(err, "%s ends the connection%s", channel->host,
                      silent ? " before it has said anything" : "");
    else
        explain_silence(channel, err);
    if (silent)
        gs2_error_detail(err, WANTS_TLS, channel->protocol);
    return false;
}

bool
channel_get(struct channel *channel, const char **line_out,
            struct gs2_error *err)
{
    const enum got got = take_line(channel);
    char *end = channel->line + channel->used;

    *line_out = NULL;
    if (got != GOT_SOME)
        return explain(channel, got, err);
    while (end > channel->line && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    *end = '\0';
    channel->used = 0;
    *line_out = channel->line;
    return true;
}

bool
channel_read(struct channel *channel, void *octets_out, size_t len,
             struct gs2_error *err)
{
    char *to = octets_out;
    enum got got;
    size_t n;

    for (; len > 0; to += n, len -= n) {
        got = take(channel, false, to, len, &n);
        if (got != GOT_SOME)
            return explain(channel, got, err);
    }
    return true;
}

bool
channel_greet(struct channel *channel, const char **line_out,
              struct gs2_error *err)
{
    struct pollfd in = { .events = POLLIN };

    if (channel->ssl == NULL && BIO_get_fd(channel->bio, &in.fd) >= 0 &&
        poll(&in, 1, PATIENCE_SECONDS * 1000) == 0)
        complain("%s sends no greeting; waiting for it\nnext: " WANTS_TLS,
                 channel->host, channel->protocol);
    return channel_get(channel, line_out, err);
}

bool
channel_put(struct channel *channel, const void *octets, size_t len,
            struct gs2_error *err)
{
    const char *from = octets;
    int n, ready = 1;

    expect_answer(channel);
    while (ready > 0 && (len > 0 || BIO_flush(channel->bio) <= 0)) {
        n = len > 0 ? BIO_write(channel->bio, from, (int)len) : 0;
        if (n > 0) {
            from += n;
            len -= (size_t)n;
        } else {
            ready = wait_until(channel->bio, channel->deadline);
        }
    }
    return ready > 0 ||
           explain(channel, ready == 0 ? GOT_TOO_LATE : GOT_END, err);
}
