/*
 * tls-lines.h - what tls-server.c and tls-client.c do alike: TLS, its channel
 * binding for libsasl, and lines of a word and what belongs to it:
 *
 *   S: MECHS GS2-KRB5-PLUS GS2-KRB5     what is offered
 *   C: GS2-KRB5-PLUS BASE64             a choice, with the first message
 *   S: + BASE64                         messages go to and fro
 *   C: + BASE64
 *   S: OK alice                         or NO and the reason
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/ssl.h>
#include <sasl/sasl.h>
#include <sasl/saslutil.h>

#define LINE_SIZE 65536

struct channel {
    BIO *bio;
    SSL *ssl;
    sasl_conn_t *conn;
    sasl_channel_binding_t binding; /* libsasl keeps a pointer to it, */
    unsigned char octets[32];       /* which points here */
    char line[LINE_SIZE], *rest;
};

/* The handshake, on a BIO of TLS above one of TCP; then lines. */
static inline bool
start_tls(struct channel *c, BIO *tls)
{
    BIO_get_ssl(tls, &c->ssl);
    c->bio = BIO_push(BIO_new(BIO_f_buffer()), tls);
    return BIO_do_handshake(tls) == 1;
}

/* Tells libsasl the channel binding (RFC 9266).  It must know before it lists
 * mechanisms, and before a login starts.  A client whose binding is critical
 * uses it or gives up. */
static inline bool
bind_channel(struct channel *c, bool critical)
{
    static const char label[] = "EXPORTER-Channel-Binding";

    c->binding.name = "tls-exporter";
    c->binding.critical = critical;
    c->binding.data = c->octets;
    c->binding.len = sizeof(c->octets);
    return SSL_export_keying_material(c->ssl, c->octets, sizeof(c->octets),
                                      label, strlen(label), NULL, 0, 0) == 1 &&
        sasl_setprop(c->conn, SASL_CHANNEL_BINDING, &c->binding) == SASL_OK;
}

static inline void
say(struct channel *c, const char *word, const char *rest)
{
    BIO_printf(c->bio, "%s %s\r\n", word, rest);
    (void)BIO_flush(c->bio);
}

static inline void
say_octets(struct channel *c, const char *word, const char *octets,
           unsigned len)
{
    char text[2 * LINE_SIZE] = "";

    (void)sasl_encode64(octets, len, text, sizeof(text), NULL);
    say(c, word, text);
}

/* A line: its word is in c->line, what follows in c->rest.  It may end up on a
 * terminal, so there is no control character in it. */
static inline bool
hear(struct channel *c)
{
    char *end = NULL;

    if (BIO_gets(c->bio, c->line, sizeof(c->line)) > 0)
        end = strpbrk(c->line, "\r\n");
    c->rest = strchr(c->line, ' ');
    if (end == NULL || c->rest == NULL) {
        c->line[0] = '\0'; /* the end, or too long, or no such line */
        return false;
    }
    *end = '\0';
    for (char *p = c->line; *p != '\0'; p++) {
        if ((unsigned char)*p < ' ')
            *p = '?';
    }
    *c->rest++ = '\0';
    return true;
}

/* What follows the word, if it is base64, becomes what it stands for. */
static inline bool
decode(struct channel *c, unsigned *len_out)
{
    unsigned len = (unsigned)strlen(c->rest);

    return sasl_decode64(c->rest, len, c->rest, len + 1, len_out) == SASL_OK;
}

static inline int
fail(const char *why)
{
    fprintf(stderr, "%s\n", why);
    return 1;
}
