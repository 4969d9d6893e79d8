/*
 * imap-server.c - a very small IMAP server for the tests of gs2-inspect: TLS,
 * STARTTLS, AUTHENTICATE through libsasl with a channel binding, and nothing
 * else.
 *
 *   imap-server CERTIFICATE KEY BINDING [starttls] [no-ir] [no-plus] [tls1.2]
 *
 * BINDING is the type that the server has, or none.  no-plus: it offers
 * GS2-KRB5 alone.  It says on which port it
 * listens and serves one connection after another until it is stopped, or its
 * parent dies.  Options of libsasl are those of imap-server.conf.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <sasl/sasl.h>
#include <sasl/saslutil.h>

#define LINE_MAX_OCTETS 65536

struct server {
    SSL_CTX *tls;
    const char *binding;
    bool starttls, initial, plus;
};

struct session {
    const struct server *server;
    BIO *socket, *bio; /* bio: what is read and written, buffered */
    SSL *ssl;
    sasl_conn_t *conn;
    unsigned char octets[EVP_MAX_MD_SIZE];
    sasl_channel_binding_t cb;
    char line[LINE_MAX_OCTETS];
};

static void
die(const char *what)
{
    fprintf(stderr, "imap-server: %s\n", what);
    exit(1);
}

static void
say(struct session *s, const char *text)
{
    BIO_printf(s->bio, "%s\r\n", text);
    (void)BIO_flush(s->bio);
}

static bool
hear(struct session *s)
{
    if (BIO_gets(s->bio, s->line, sizeof(s->line)) <= 0)
        return false;
    s->line[strcspn(s->line, "\r\n")] = '\0';
    return true;
}

/* Of our certificate, whose signature has SHA-256. */
static unsigned long
bind_end_point(struct session *s)
{
    unsigned len = 0;

    X509_digest(SSL_get_certificate(s->ssl), EVP_sha256(), s->octets, &len);
    return len;
}

static unsigned long
bind_exporter(struct session *s)
{
    static const char label[] = "EXPORTER-Channel-Binding";

    return SSL_export_keying_material(s->ssl, s->octets, 32, label,
                                      strlen(label), NULL, 0, 0) == 1 ? 32 : 0;
}

static void
bind_channel(struct session *s)
{
    const char *type = s->server->binding;

    if (strcmp(type, "none") == 0)
        return;
    if (strcmp(type, "tls-exporter") == 0)
        s->cb.len = bind_exporter(s);
    else if (strcmp(type, "tls-server-end-point") == 0)
        s->cb.len = bind_end_point(s);
    else /* the client's Finished is the first of a new session */
        s->cb.len = SSL_get_peer_finished(s->ssl, s->octets,
                                          sizeof(s->octets));
    s->cb.name = type;
    s->cb.data = s->octets;
    if (sasl_setprop(s->conn, SASL_CHANNEL_BINDING, &s->cb) != SASL_OK)
        die("no channel binding");
}

static bool
start_tls(struct session *s)
{
    BIO *tls = BIO_new_ssl(s->server->tls, 0);

    if (s->bio != NULL) { /* the buffer alone; the socket stays */
        (void)BIO_pop(s->bio);
        BIO_free(s->bio);
    }
    s->bio = BIO_push(BIO_new(BIO_f_buffer()), BIO_push(tls, s->socket));
    BIO_get_ssl(tls, &s->ssl);
    if (BIO_do_handshake(tls) != 1)
        return false;
    bind_channel(s);
    return true;
}

static void
say_capabilities(struct session *s)
{
    const char *mechs = "";

    if (s->ssl == NULL) {
        say(s, "* CAPABILITY IMAP4rev1 LOGINDISABLED STARTTLS");
        return;
    }
    if (sasl_listmech(s->conn, NULL, "AUTH=", " AUTH=", "", &mechs, NULL,
                      NULL) != SASL_OK)
        mechs = "";
    if (!s->server->plus)
        mechs = "AUTH=GS2-KRB5";
    BIO_printf(s->bio, "* CAPABILITY IMAP4rev1%s %s\r\n",
               s->server->initial ? " SASL-IR" : "", mechs);
}

/* A line of base64, decoded in place. */
static unsigned
decode(char *text)
{
    unsigned len = 0;

    if (strcmp(text, "=") == 0 ||
        sasl_decode64(text, (unsigned)strlen(text), text,
                      (unsigned)strlen(text) + 1, &len) != SASL_OK)
        return 0;
    return len;
}

static bool
challenge(struct session *s, const char *out, unsigned len)
{
    static char text[LINE_MAX_OCTETS];

    if (sasl_encode64(out != NULL ? out : "", len, text, sizeof(text), NULL) !=
        SASL_OK)
        die("a challenge is too long");
    BIO_printf(s->bio, "+ %s\r\n", text);
    (void)BIO_flush(s->bio);
    return hear(s) && strcmp(s->line, "*") != 0;
}

static void
authenticate(struct session *s, const char *tag, char *arguments)
{
    char *mech = strtok(arguments, " "), *first = strtok(NULL, " ");
    const char *out = NULL;
    const void *user = "";
    unsigned len = 0;
    int code;

    if (mech == NULL || s->ssl == NULL) {
        BIO_printf(s->bio, "%s BAD not now\r\n", tag);
        return;
    }
    mech = strdup(mech);
    if (first == NULL && challenge(s, "", 0))
        first = s->line;
    len = first != NULL ? decode(first) : 0;
    code = sasl_server_start(s->conn, mech, first, len, &out, &len);
    while (code == SASL_CONTINUE && challenge(s, out, len))
        code = sasl_server_step(s->conn, s->line, decode(s->line), &out, &len);
    if (code == SASL_OK)
        (void)sasl_getprop(s->conn, SASL_USERNAME, &user);
    printf("%s %s %s\n", code == SASL_OK ? "in" : "out", mech,
           code == SASL_OK ? (const char *)user : sasl_errdetail(s->conn));
    fflush(stdout);
    BIO_printf(s->bio, "%s %s\r\n", tag,
               code == SASL_OK ? "OK you are in"
                               : "NO authentication failure");
    free(mech);
}

/* One command; false at the end. */
static bool
obey(struct session *s)
{
    char tag[16] = "", name[16] = "";
    int n = 0;

    if (sscanf(s->line, "%15s %15s %n", tag, name, &n) < 2)
        return false;
    if (strcasecmp(name, "AUTHENTICATE") == 0) {
        char *arguments = strdup(s->line + n);

        authenticate(s, tag, arguments);
        free(arguments);
    } else if (strcasecmp(name, "CAPABILITY") == 0) {
        say_capabilities(s);
        BIO_printf(s->bio, "%s OK done\r\n", tag);
    } else {
        BIO_printf(s->bio, "%s OK done\r\n", tag);
    }
    (void)BIO_flush(s->bio);
    if (strcasecmp(name, "STARTTLS") == 0)
        return start_tls(s);
    return strcasecmp(name, "LOGOUT") != 0;
}

static void
serve(const struct server *server, int fd)
{
    struct session *s = calloc(1, sizeof(*s));

    if (s == NULL)
        die("no memory");
    s->server = server;
    s->socket = BIO_new_socket(fd, BIO_CLOSE);
    if (sasl_server_new("imap", "localhost", NULL, NULL, NULL, NULL, 0,
                        &s->conn) != SASL_OK)
        die("sasl_server_new failed");
    if (server->starttls)
        s->bio = BIO_push(BIO_new(BIO_f_buffer()), s->socket);
    if (server->starttls || start_tls(s)) {
        say(s, "* OK at your service");
        while (hear(s) && obey(s))
            ;
    }
    sasl_dispose(&s->conn);
    BIO_free_all(s->bio);
    free(s);
}

static int
listen_somewhere(void)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 ||
        listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        die("cannot listen");
    printf("listening port=%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int
main(int argc, char **argv)
{
    struct server server = { .initial = true, .plus = true };
    int listener, fd;

    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGPIPE, SIG_IGN);
    if (argc < 4)
        die("usage: CERTIFICATE KEY BINDING [starttls] [no-ir] [no-plus] "
            "[tls1.2]");
    server.binding = argv[3];
    server.tls = SSL_CTX_new(TLS_server_method());
    if (server.tls == NULL ||
        SSL_CTX_use_certificate_chain_file(server.tls, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(server.tls, argv[2],
                                    SSL_FILETYPE_PEM) != 1)
        die("the certificate or its key cannot be used");
    for (int i = 4; i < argc; i++) {
        server.starttls |= strcmp(argv[i], "starttls") == 0;
        server.initial &= strcmp(argv[i], "no-ir") != 0;
        server.plus &= strcmp(argv[i], "no-plus") != 0;
        if (strcmp(argv[i], "tls1.2") == 0)
            SSL_CTX_set_max_proto_version(server.tls, TLS1_2_VERSION);
    }
    if (sasl_server_init(NULL, "imap-server") != SASL_OK)
        die("libsasl does not start");
    listener = listen_somewhere();
    while ((fd = accept(listener, NULL, NULL)) >= 0)
        serve(&server, fd);
    return 0;
}
