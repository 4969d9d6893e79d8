/*
 * tls-client.c - a client of tls-server.c: it verifies who the server is, by
 * its certificate and by its key in the Kerberos realm, and logs in by what is
 * bound to the TLS channel, or not at all.
 *
 *   tls-client HOST PORT
 *
 * cc -o tls-client tls-client.c $(pkg-config --cflags --libs libsasl2 openssl)
 */
#include <openssl/err.h>

#include "tls-lines.h"

/* Not chosen from the server's list: whoever changes that list cannot talk us
 * into a mechanism that is not bound. */
#define MECH "GS2-KRB5-PLUS"

/* TLS to the server, whose certificate must have this name. */
static bool
connect_to(struct channel *c, SSL_CTX *tls, const char *host, const char *port)
{
    BIO *bio = BIO_new_ssl_connect(tls);

    BIO_get_ssl(bio, &c->ssl);
    (void)BIO_set_conn_hostname(bio, host);
    (void)BIO_set_conn_port(bio, port);
    (void)SSL_set_tlsext_host_name(c->ssl, host);
    return SSL_set1_host(c->ssl, host) == 1 && start_tls(c, bio);
}

static int
explain(SSL *ssl, const char *host)
{
    long verdict = SSL_get_verify_result(ssl);

    if (verdict == X509_V_OK)
        ERR_print_errors_fp(stderr);
    else
        fprintf(stderr, "the certificate of %s is not good: %s\n", host,
                X509_verify_cert_error_string(verdict));
    return 1;
}

/* Why the login failed, or NULL: the server has said OK, and has proved to
 * libsasl who it is. */
static const char *
log_in(struct channel *c)
{
    const char *out = NULL;
    unsigned len = 0;
    int code = sasl_client_start(c->conn, MECH, NULL, &out, &len, NULL);

    if (code != SASL_OK && code != SASL_CONTINUE)
        return sasl_errdetail(c->conn);
    say_octets(c, MECH, out, len);
    while (hear(c) && strcmp(c->line, "+") == 0) {
        if (!decode(c, &len))
            return "the server does not speak base64";
        code = sasl_client_step(c->conn, c->rest, len, NULL, &out, &len);
        if (code != SASL_OK && code != SASL_CONTINUE)
            return sasl_errdetail(c->conn);
        say_octets(c, "+", out, len);
    }
    if (strcmp(c->line, "NO") == 0)
        return c->rest;
    if (strcmp(c->line, "OK") != 0 || code != SASL_OK)
        return "the server ends the login too soon";
    return NULL;
}

int
main(int argc, char **argv)
{
    static struct channel c;
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    const char *why;

    if (argc != 3)
        return fail("usage: tls-client HOST PORT");
    (void)SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
    (void)SSL_CTX_set_default_verify_paths(tls);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    if (!connect_to(&c, tls, argv[1], argv[2]))
        return explain(c.ssl, argv[1]);
    if (sasl_client_init(NULL) != SASL_OK ||
        sasl_client_new("example", argv[1], NULL, NULL, NULL, 0, &c.conn) !=
            SASL_OK ||
        !bind_channel(&c, true))
        return fail("libsasl does not start");
    if (!hear(&c) || strstr(c.rest, MECH) == NULL)
        return fail("the server does not offer " MECH);
    why = log_in(&c);
    if (why == NULL)
        printf("logged in as %s, by " MECH "\n", c.rest);
    else
        fprintf(stderr, "no login: %s\n", why);
    sasl_dispose(&c.conn);
    sasl_done();
    BIO_free_all(c.bio);
    SSL_CTX_free(tls);
    return why == NULL ? 0 : 1;
}
