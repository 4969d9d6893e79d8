/*
 * tls-server.c - a server with TLS 1.3 that lets nobody in whose login is not
 * bound to the TLS channel, and says who logged in, and by what.  Its standard
 * input is the connection, as inetd starts a server:
 *
 *   systemd-socket-activate --accept --inetd -l 4433 \
 *       ./tls-server CERTIFICATE KEY
 *
 * cc -o tls-server tls-server.c $(pkg-config --cflags --libs libsasl2 openssl)
 */
#include <sasl/prop.h>

#include "tls-lines.h"

/* libsasl keeps these pointers for as long as the connection. */
static const char *asked[] = { "*gs2-mech", "*gs2-binding", NULL };

/* What the plugin says of the login; "" where it says nothing.  After a login
 * by another mechanism, these names may have a value from some database. */
static const char *
fact(sasl_conn_t *conn, const char *name)
{
    const char *names[] = { name, NULL };
    struct propval found[2];
    const void *mech = NULL;

    if (sasl_getprop(conn, SASL_MECHNAME, &mech) != SASL_OK ||
        strncmp(mech, "GS2-", 4) != 0 ||
        prop_getnames(sasl_auxprop_getctx(conn), names, found) != 1 ||
        found[0].values == NULL || found[0].values[0] == NULL)
        return "";
    return found[0].values[0];
}

/* Why the login failed, or NULL. */
static const char *
log_in(struct channel *c)
{
    static const char malformed[] = "this is no word with base64 behind it";
    const char *out = NULL;
    unsigned len = 0, out_len = 0;
    int code;

    if (!hear(c) || !decode(c, &len))
        return malformed;
    code = sasl_server_start(c->conn, c->line, c->rest, len, &out, &out_len);
    while (code == SASL_CONTINUE) {
        say_octets(c, "+", out, out_len);
        if (!hear(c) || !decode(c, &len))
            return malformed;
        code = sasl_server_step(c->conn, c->rest, len, &out, &out_len);
    }
    if (code != SASL_OK)
        return sasl_errdetail(c->conn);
    if (strcmp(fact(c->conn, "*gs2-binding"), "tls-exporter") != 0)
        return "this login is not bound to the TLS channel";
    return NULL;
}

static void
serve(struct channel *c)
{
    const char *why = log_in(c);
    const void *user = NULL;

    if (why != NULL) {
        say(c, "NO", why);
        return;
    }
    (void)sasl_getprop(c->conn, SASL_USERNAME, &user);
    fprintf(stderr, "%s is in, by %s, bound to %s\n", (const char *)user,
            fact(c->conn, "*gs2-mech"), fact(c->conn, "*gs2-binding"));
    say(c, "OK", user);
}

int
main(int argc, char **argv)
{
    static struct channel c;
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    const char *mechs = NULL;

    if (argc != 3 || SSL_CTX_use_certificate_chain_file(tls, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, argv[2], SSL_FILETYPE_PEM) != 1)
        return fail("usage: tls-server CERTIFICATE KEY, two files of PEM");
    (void)SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION);
    if (!start_tls(&c, BIO_push(BIO_new_ssl(tls, 0),
                                BIO_new_socket(0, BIO_NOCLOSE))))
        return fail("the client does not speak TLS 1.3 with us");
    if (sasl_server_init(NULL, "tls-server") != SASL_OK ||
        sasl_server_new("example", NULL, NULL, NULL, NULL, NULL, 0,
                        &c.conn) != SASL_OK ||
        sasl_auxprop_request(c.conn, asked) != SASL_OK ||
        !bind_channel(&c, false) ||
        sasl_listmech(c.conn, NULL, "", " ", "", &mechs, NULL, NULL) !=
            SASL_OK ||
        *mechs == '\0')
        return fail("libsasl offers nothing: is there a key for the server?");
    say(&c, "MECHS", mechs);
    serve(&c);
    sasl_dispose(&c.conn);
    sasl_done();
    BIO_free_all(c.bio);
    SSL_CTX_free(tls);
    return 0;
}
