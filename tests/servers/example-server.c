/*
 * example-server.c - how an application uses attributes: a server of lines on
 * its standard input and output, as inetd starts one.
 *
 *   S: MECHS GS2-KRB5               what is offered
 *   C: GS2-KRB5 BASE64              a choice, with the first message
 *   S: + BASE64                     messages go to and fro
 *   C: BASE64
 *   S: OK alice                     or NO and the reason
 *   C: NAME                         an attribute of the user's
 *   S: VALUE BASE64                 each of its values
 *   S: END
 *
 * It lets nobody in without a smart card, and only carol of the help desk
 * act as somebody else.  What that takes: to ask for two properties before the
 * login (wanted), and to look at them in the proxy policy callback
 * (may_log_in), which libsasl calls at every login.  After the login it reads
 * attributes through the user's GSS name (show_attribute; RFC 6680 section
 * 7.4).
 *
 * cc example-server.c -lsasl2 -lgssapi_krb5
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>
#include <sasl/prop.h>
#include <sasl/sasl.h>
#include <sasl/saslutil.h>

#define INDICATORS "*gss:auth-indicators"
#define CLIENT_INFO "*gss64:urn:mspac:client-info"
#define LINE_SIZE 65536

/* libsasl keeps these pointers for as long as the connection. */
static const char *wanted[] = { INDICATORS, CLIENT_INFO, NULL };

/* Whether a property has this value; any value will do for NULL. */
static bool
has(struct propctx *props, const char *name, const char *value)
{
    const char *names[] = { name, NULL };
    struct propval found[2];

    if (prop_getnames(props, names, found) != 1 || found[0].values == NULL)
        return false; /* absent is never good */
    for (const char **v = found[0].values; *v != NULL; v++) {
        if (value == NULL || strcmp(*v, value) == 0)
            return true;
    }
    return false;
}

static int
refuse(sasl_conn_t *conn, const char *why)
{
    sasl_seterror(conn, 0, "%s", why);
    return SASL_NOAUTHZ;
}

/* The proxy policy: may authid log in, as user?  Neither ends in a NUL. */
static int
may_log_in(sasl_conn_t *conn, void *context, const char *user, unsigned ulen,
           const char *authid, unsigned alen, const char *realm,
           unsigned rlen, struct propctx *props)
{
    (void)context, (void)realm, (void)rlen;
    if (!has(props, INDICATORS, "smartcard"))
        return refuse(conn, "log in with your smart card");
    if (ulen == alen && memcmp(user, authid, alen) == 0)
        return SASL_OK;
    if (alen != strlen("carol") || memcmp(authid, "carol", alen) != 0)
        return refuse(conn, "you are not of the help desk");
    if (!has(props, CLIENT_INFO, NULL))
        return refuse(conn, "your ticket has no PAC");
    return SASL_OK;
}

static bool
read_line(char *line)
{
    char *end;

    if (fgets(line, LINE_SIZE, stdin) == NULL)
        return false;
    end = strpbrk(line, "\r\n");
    if (end == NULL)
        return false; /* too long */
    *end = '\0';
    return true;
}

/* sasl_decode64() has more codes than good and bad. */
static bool
decode(const char *text, char *octets, unsigned *len_out)
{
    *len_out = 0;
    return sasl_decode64(text, (unsigned)strlen(text), octets, LINE_SIZE,
                         len_out) == SASL_OK;
}

static void
write_line(const char *word, const void *octets, size_t len)
{
    char text[2 * LINE_SIZE];

    if (sasl_encode64(octets, (unsigned)len, text, sizeof(text), NULL) !=
        SASL_OK)
        text[0] = '\0';
    printf("%s %s\n", word, text);
}

/* One attempt to log in, from the client's choice to its last message: why it
 * failed, or NULL. */
static const char *
log_in(sasl_conn_t *conn)
{
    static const char malformed[] = "this line is malformed";
    char line[LINE_SIZE], in[LINE_SIZE], *first;
    const char *out = NULL;
    unsigned len = 0, out_len = 0;
    int code;

    if (!read_line(line))
        return malformed;
    first = strchr(line, ' ');
    if (first != NULL)
        *first++ = '\0';
    if (first != NULL && !decode(first, in, &len))
        return malformed;
    code = sasl_server_start(conn, line, first != NULL ? in : NULL, len, &out,
                             &out_len);
    while (code == SASL_CONTINUE) {
        write_line("+", out, out_len);
        if (!read_line(line) || !decode(line, in, &len))
            return malformed;
        code = sasl_server_step(conn, in, len, &out, &out_len);
    }
    return code == SASL_OK ? NULL : sasl_errdetail(conn);
}

/* An attribute of the user's GSS name.  What is not authenticated is only what
 * the client says of itself. */
static void
show_attribute(sasl_conn_t *conn, char *name)
{
    gss_buffer_desc attribute = { strlen(name), name };
    const void *peer = NULL;
    OM_uint32 major, minor;
    int more = -1; /* the first value */

    if (sasl_getprop(conn, SASL_GSS_PEER_NAME, &peer) != SASL_OK ||
        peer == NULL)
        return;
    do {
        gss_buffer_desc value = GSS_C_EMPTY_BUFFER;
        gss_buffer_desc display = GSS_C_EMPTY_BUFFER;
        int authenticated = 0, complete = 0;

        major = gss_get_name_attribute(&minor, (gss_name_t)(size_t)peer,
                                       &attribute, &authenticated, &complete,
                                       &value, &display, &more);
        if (!GSS_ERROR(major) && authenticated)
            write_line("VALUE", value.value, value.length);
        (void)gss_release_buffer(&minor, &value);
        (void)gss_release_buffer(&minor, &display);
    } while (!GSS_ERROR(major) && more != 0);
}

static void
serve(sasl_conn_t *conn)
{
    char line[LINE_SIZE];
    const void *user = NULL;
    const char *why = log_in(conn);

    if (why != NULL) {
        printf("NO %s\n", why);
        return;
    }
    (void)sasl_getprop(conn, SASL_USERNAME, &user);
    printf("OK %s\n", (const char *)user);
    while (read_line(line)) {
        show_attribute(conn, line);
        printf("END\n");
    }
}

int
main(void)
{
    sasl_callback_t callbacks[] = {
        { SASL_CB_PROXY_POLICY, (int (*)(void))(void (*)(void))may_log_in,
          NULL },
        { SASL_CB_LIST_END, NULL, NULL }
    };
    sasl_conn_t *conn = NULL;
    const char *mechs = NULL;
    int code;

    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    code = sasl_server_init(callbacks, "example-server");
    if (code == SASL_OK)
        code = sasl_server_new("example", NULL, NULL, NULL, NULL, NULL, 0,
                               &conn);
    if (code == SASL_OK)
        code = sasl_auxprop_request(conn, wanted);
    if (code == SASL_OK)
        code = sasl_listmech(conn, NULL, "MECHS ", " ", "\n", &mechs, NULL,
                             NULL);
    if (code == SASL_OK) {
        fputs(mechs, stdout);
        serve(conn);
    } else {
        fprintf(stderr, "example-server: %s\n",
                conn != NULL ? sasl_errdetail(conn)
                             : sasl_errstring(code, NULL, NULL));
    }
    sasl_dispose(&conn);
    sasl_done();
    return code == SASL_OK ? 0 : 1;
}
