/*
 * channel.c - a connection to a server, with TLS (see channel.h).
 */
#include "channel.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define LINE_OCTETS_MAX 65536
#define TIMEOUT_SECONDS 30
#define PATIENCE_SECONDS 3 /* with a server that has not yet greeted */

#define WANTS_TLS                                                             \
    "\nnext: a server that speaks TLS from the first octet wants imaps://"

struct channel {
    char *host;
    int fd;
    SSL_CTX *context;
    SSL *ssl; /* NULL without TLS */
    char in[LINE_OCTETS_MAX];
    size_t at, end; /* what of in was not taken yet */
    char line[LINE_OCTETS_MAX];
};

/* True before the first octet of a server that is to speak first. */
static bool
is_silent(const struct channel *channel)
{
    return channel->ssl == NULL && channel->end == 0;
}

/* code is OpenSSL's, 0 where the connection is to blame. */
static void
complain_tls(const struct channel *channel, const char *what,
             unsigned long code)
{
    const long verdict = channel->ssl != NULL
                         ? SSL_get_verify_result(channel->ssl) : X509_V_OK;

    if (verdict != X509_V_OK)
        inspect_say("the certificate of %s is not good: %s\nnext: name the "
                    "server as its certificate does, and a file with the "
                    "certificate of its authority in SSL_CERT_FILE",
                    channel->host,
                    X509_verify_cert_error_string(verdict));
    else
        inspect_say("%s: %s: %s", channel->host, what,
                    code != 0 ? ERR_reason_error_string(code)
                              : "the connection ended");
}

/* Why there is no TLS; status is what SSL_get_error() says. */
static void
complain_handshake(const struct channel *channel, int status)
{
    const unsigned long code = ERR_get_error();

    if (status == SSL_ERROR_WANT_READ)
        inspect_say("%s: no TLS: nothing is said for %d seconds",
                    channel->host, TIMEOUT_SECONDS);
    else if (channel->end == 0 &&
             ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER)
        inspect_say("%s does not speak TLS: %s\nnext: imap:// asks for "
                    "STARTTLS", channel->host, ERR_reason_error_string(code));
    else
        complain_tls(channel, "no TLS", code);
}

/* --- TCP ------------------------------------------------------------------ */

static int
connect_to(const struct addrinfo *list)
{
    const struct timeval limit = { TIMEOUT_SECONDS, 0 };
    int fd = -1;

    for (; list != NULL && fd < 0; list = list->ai_next) {
        fd = socket(list->ai_family, list->ai_socktype | SOCK_CLOEXEC,
                    list->ai_protocol);
        if (fd < 0)
            continue;
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        if (connect(fd, list->ai_addr, list->ai_addrlen) != 0) {
            (void)close(fd);
            fd = -1;
        }
    }
    return fd;
}

struct channel *
channel_open(const char *host, const char *port)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;
    struct channel *channel;
    int code, fd;

    code = getaddrinfo(host, port, &hints, &list);
    if (code != 0) {
        inspect_say("%s, port %s: %s", host, port, gai_strerror(code));
        return NULL;
    }
    fd = connect_to(list);
    if (fd < 0) /* EINPROGRESS is what SO_SNDTIMEO makes of it */
        inspect_say("cannot connect to %s, port %s: %s", host, port,
                    strerror(errno == EINPROGRESS ? ETIMEDOUT : errno));
    freeaddrinfo(list);
    if (fd < 0)
        return NULL;
    channel = inspect_need(calloc(1, sizeof(*channel)));
    channel->host = inspect_need(strdup(host));
    channel->fd = fd;
    return channel;
}

void
channel_close(struct channel *channel)
{
    if (channel == NULL)
        return;
    SSL_free(channel->ssl);
    SSL_CTX_free(channel->context);
    (void)close(channel->fd);
    free(channel->host);
    free(channel);
}

/* --- TLS ------------------------------------------------------------------ */

/* A server is told no name that is an address (RFC 6066 section 3). */
static bool
is_address(const char *host)
{
    return strchr(host, ':') != NULL ||
           host[strspn(host, "0123456789.")] == '\0';
}

bool
channel_start_tls(struct channel *channel)
{
    int status;

    /* What came before TLS and was not taken would be taken as said in it. */
    if (channel->at != channel->end) {
        inspect_say("%s says more than it was asked, before TLS: is somebody "
                    "between?", channel->host);
        return false;
    }
    channel->context = SSL_CTX_new(TLS_client_method());
    if (channel->context == NULL ||
        SSL_CTX_set_default_verify_paths(channel->context) != 1 ||
        SSL_CTX_set_min_proto_version(channel->context, TLS1_2_VERSION) != 1 ||
        (channel->ssl = SSL_new(channel->context)) == NULL ||
        SSL_set1_host(channel->ssl, channel->host) != 1 ||
        (!is_address(channel->host) &&
         SSL_set_tlsext_host_name(channel->ssl, channel->host) != 1) ||
        SSL_set_fd(channel->ssl, channel->fd) != 1) {
        complain_tls(channel, "OpenSSL does not start", ERR_get_error());
        return false;
    }
    SSL_set_verify(channel->ssl, SSL_VERIFY_PEER, NULL);
    ERR_clear_error();
    status = SSL_connect(channel->ssl);
    if (status == 1)
        return true;
    complain_handshake(channel, SSL_get_error(channel->ssl, status));
    return false;
}

const char *
channel_tls(const struct channel *channel)
{
    return channel->ssl != NULL ? SSL_get_version(channel->ssl) : NULL;
}

/* RFC 9266 section 2. */
static bool
bind_exporter(const struct channel *channel, struct inspect_binding *binding)
{
    static const char label[] = "EXPORTER-Channel-Binding";

    binding->len = 32;
    return SSL_export_keying_material(channel->ssl, binding->octets,
                                      binding->len, label, sizeof(label) - 1,
                                      NULL, 0, 0) == 1;
}

/* RFC 5929 section 3: the first Finished message, of which a resumed session,
 * which we never ask for, would have the server's. */
static bool
bind_unique(const struct channel *channel, struct inspect_binding *binding)
{
    binding->len = SSL_get_finished(channel->ssl, binding->octets,
                                    sizeof(binding->octets));
    return binding->len > 0 && binding->len <= sizeof(binding->octets);
}

/* RFC 5929 section 4.1: the hash of the certificate, by the hash function of
 * its signature, but no weaker one than SHA-256. */
static bool
bind_end_point(const struct channel *channel, struct inspect_binding *binding)
{
    X509 *certificate = SSL_get1_peer_certificate(channel->ssl);
    int hash = NID_undef, key;
    unsigned len = 0;
    bool good;

    if (certificate == NULL)
        return false;
    (void)OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &hash,
                              &key);
    if (hash == NID_md5 || hash == NID_sha1 || hash == NID_undef)
        hash = NID_sha256;
    good = X509_digest(certificate, EVP_get_digestbynid(hash),
                       binding->octets, &len) == 1;
    binding->len = len;
    X509_free(certificate);
    return good;
}

bool
channel_bind(const struct channel *channel, const char *type,
             struct inspect_binding *binding_out)
{
    static const struct {
        const char *type;
        bool (*bind)(const struct channel *, struct inspect_binding *);
    } types[] = {
        { "tls-exporter", bind_exporter },
        { "tls-unique", bind_unique },
        { "tls-server-end-point", bind_end_point },
    };

    memset(binding_out, 0, sizeof(*binding_out));
    if (type == NULL)
        type = SSL_version(channel->ssl) >= TLS1_3_VERSION ? "tls-exporter"
                                                           : "tls-unique";
    if (strcmp(type, "none") == 0)
        return true;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].type, type) != 0)
            continue;
        if (!types[i].bind(channel, binding_out)) {
            complain_tls(channel, "no channel binding", ERR_get_error());
            return false;
        }
        memcpy(binding_out->type, type, strlen(type) + 1);
        return true;
    }
    inspect_say("the channel bindings of TLS are tls-exporter, tls-unique and "
                "tls-server-end-point; %s is none", type);
    return false;
}

/* --- lines ---------------------------------------------------------------- */

/* Why nothing more came. */
static void
complain_end(const struct channel *channel, bool waited)
{
    const bool silent = is_silent(channel);

    if (waited)
        inspect_say("%s %s %d seconds%s", channel->host,
                    silent ? "sends no greeting within" : "says nothing for",
                    TIMEOUT_SECONDS, silent ? WANTS_TLS : "");
    else
        inspect_say("%s ends the connection%s", channel->host,
                    silent ? " without a greeting" WANTS_TLS : "");
}

/* What comes next; 0 or less where nothing does, *waited_out: not in time. */
static ssize_t
receive(struct channel *channel, bool *waited_out)
{
    ssize_t n;

    if (channel->ssl == NULL) {
        n = read(channel->fd, channel->in, sizeof(channel->in));
        *waited_out = n < 0 && errno == EAGAIN;
        return n;
    }
    ERR_clear_error();
    n = SSL_read(channel->ssl, channel->in, sizeof(channel->in));
    *waited_out = n <= 0 && SSL_get_error(channel->ssl, (int)n) ==
                            SSL_ERROR_WANT_READ;
    return n;
}

static bool
fill(struct channel *channel)
{
    bool waited;
    const ssize_t n = receive(channel, &waited);

    if (n <= 0) {
        complain_end(channel, waited);
        return false;
    }
    channel->at = 0;
    channel->end = (size_t)n;
    return true;
}

bool
channel_get(struct channel *channel, const char **line_out)
{
    size_t len = 0;
    char c;

    *line_out = NULL;
    do {
        if (channel->at == channel->end && !fill(channel))
            return false;
        c = channel->in[channel->at++];
        if (len + 1 == sizeof(channel->line)) {
            inspect_say("%s sends a line of more than %d octets",
                        channel->host, LINE_OCTETS_MAX);
            return false;
        }
        channel->line[len++] = c;
    } while (c != '\n');
    while (len > 0 && (channel->line[len - 1] == '\n' ||
                       channel->line[len - 1] == '\r'))
        len--;
    channel->line[len] = '\0';
    *line_out = channel->line;
    return true;
}

bool
channel_greet(struct channel *channel, const char **line_out)
{
    struct pollfd in = { .fd = channel->fd, .events = POLLIN };

    if (is_silent(channel) && poll(&in, 1, PATIENCE_SECONDS * 1000) == 0) {
        inspect_say("%s sends no greeting; waiting for it%s", channel->host,
                    WANTS_TLS);
        if (poll(&in, 1, (TIMEOUT_SECONDS - PATIENCE_SECONDS) * 1000) == 0) {
            complain_end(channel, true);
            return false;
        }
    }
    return channel_get(channel, line_out);
}

bool
channel_put(struct channel *channel, const char *text)
{
    size_t len = strlen(text);
    ssize_t n;

    for (; len > 0; text += n, len -= (size_t)n) {
        if (channel->ssl != NULL)
            n = SSL_write(channel->ssl, text, (int)len);
        else
            n = send(channel->fd, text, len, MSG_NOSIGNAL);
        if (n <= 0) {
            inspect_say("%s ends the connection", channel->host);
            return false;
        }
    }
    return true;
}
