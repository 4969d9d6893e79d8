/*
 * sasl-end.c - one end of a SASL exchange, client or server of the real libsasl
 * with whatever plugins SASL_PATH has, obedient to lines on its standard input.
 *
 *     sasl-end client|server [KEY=VALUE ...]
 *
 * Keys: service, host, mech, authzid, binding (NAME:HEX, :critical behind it),
 * min, max, external (SSFs), buffer (octets), success-data, http,
 * pass-credentials and creds (yes), policy (allow), and option:NAME, an option of
 * sasl.conf.  With creds the application gives a credential of all mechanisms.  A
 * line is a command and octets in base64, "=" for none at all:
 *
 *     start OCTETS, step OCTETS, encode OCTETS, decode OCTETS, get, plain,
 *     other MECHANISM, new
 *
 * encode may have several octet strings, pieces of one message; plain asks a
 * server for PLAIN with a wrong password, other starts a mechanism of that name
 * on the same connection of a client; new begins a connection in the place of the
 * old one.  Each command is answered by one line: the code's number, octets (in base64; "=" for NULL),
 * and an error text; get by "NAME=VALUE" in a line, with tabs between.  Lines
 * of the log come before, behind "log ".
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include <gssapi/gssapi.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <sasl/saslutil.h>

#define PIECES_MAX 16
#define LINE_MAX (4 * 1024 * 1024)
#define CALLBACK(p) ((int (*)(void))(void (*)(void))(p))

static int option_count;
static char **options;
static bool is_client;
static sasl_conn_t *conn;
static char *authzid;
static char octets[LINE_MAX], shown[LINE_MAX];
static gss_cred_id_t creds = GSS_C_NO_CREDENTIAL;

/* What KEY=VALUE says, or otherwise. */
static const char *
setting(const char *key, const char *otherwise)
{
    const size_t len = strlen(key);

    for (int i = 0; i < option_count; i++) {
        if (strncmp(options[i], key, len) == 0 && options[i][len] == '=')
            return options[i] + len + 1;
    }
    return otherwise;
}

static void
must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "sasl-end: %s\n", what);
    exit(2);
}

/* text, in one line. */
static void
print_line(const char *text)
{
    for (; *text != '\0'; text++)
        (void)putchar(*text == '\n' ? ' ' : *text);
    (void)putchar('\n');
}

/* --- callbacks ------------------------------------------------------------ */

static int
log_line(void *context, int level, const char *text)
{
    (void)context;
    printf("log %d ", level);
    print_line(text);
    return SASL_OK;
}

static int
get_option(void *context, const char *plugin, const char *name,
           const char **value_out, unsigned *len_out)
{
    char key[256];

    (void)context;
    (void)plugin;
    (void)snprintf(key, sizeof(key), "option:%s", name);
    *value_out = setting(key, NULL);
    if (*value_out != NULL && len_out != NULL)
        *len_out = (unsigned)strlen(*value_out);
    return *value_out != NULL ? SASL_OK : SASL_FAIL;
}

static int
get_user(void *context, int id, const char **result, unsigned *len)
{
    (void)context;
    (void)id;
    *result = authzid != NULL ? authzid : "";
    if (len != NULL)
        *len = (unsigned)strlen(*result);
    return SASL_OK;
}

static int
allow(sasl_conn_t *of, void *context, const char *user, unsigned user_len,
      const char *auth, unsigned auth_len, const char *realm,
      unsigned realm_len, struct propctx *props)
{
    (void)of;
    (void)context;
    (void)realm;
    (void)realm_len;
    (void)props;
    printf("log proxy %.*s as %.*s\n", (int)auth_len, auth, (int)user_len,
           user);
    return SASL_OK;
}

static int
check_password(sasl_conn_t *of, void *context, const char *user,
               const char *password, unsigned len, struct propctx *props)
{
    (void)of;
    (void)context;
    (void)user;
    (void)props;
    return len == 5 && memcmp(password, "right", 5) == 0 ? SASL_OK
                                                         : SASL_BADAUTH;
}

/* --- beginning ------------------------------------------------------------ */

static unsigned
number(const char *key, const char *otherwise)
{
    return (unsigned)strtoul(setting(key, otherwise), NULL, 0);
}

static void
set_binding(const char *text)
{
    static sasl_channel_binding_t binding;
    static unsigned char data[4096];
    static char name[2 * sizeof(data)];
    char *hex, *end;
    unsigned octet;

    must(strlen(text) < sizeof(name), "binding");
    hex = strchr(strcpy(name, text), ':');
    must(hex != NULL, "binding=NAME:HEX");
    *hex++ = '\0';
    end = strchr(hex, ':');
    binding = (sasl_channel_binding_t){ .name = name, .data = data,
                                        .critical = end != NULL };
    for (; sscanf(hex, "%2x", &octet) == 1 && hex[0] != ':'; hex += 2) {
        must(binding.len < sizeof(data), "binding");
        data[binding.len++] = (unsigned char)octet;
    }
    must(sasl_setprop(conn, SASL_CHANNEL_BINDING, &binding) == SASL_OK,
         "SASL_CHANNEL_BINDING");
}

/* The flag where the setting says yes. */
static unsigned
flag(const char *name, unsigned value)
{
    return strcmp(setting(name, ""), "yes") == 0 ? value : 0;
}

static void
set_security(void)
{
    sasl_security_properties_t security = {
        .min_ssf = number("min", "0"), .max_ssf = number("max", "256"),
        .maxbufsize = number("buffer", "65536"),
        .security_flags = flag("pass-credentials", SASL_SEC_PASS_CREDENTIALS) |
                          flag("mutual", SASL_SEC_MUTUAL_AUTH) };
    sasl_ssf_t external = number("external", "0");

    if (external > 0)
        must(sasl_setprop(conn, SASL_SSF_EXTERNAL, &external) == SASL_OK,
             "SASL_SSF_EXTERNAL");
    must(sasl_setprop(conn, SASL_SEC_PROPS, &security) == SASL_OK,
         "SASL_SEC_PROPS");
}

/* One of all mechanisms, for all connections of this end. */
static void
set_creds(void)
{
    OM_uint32 minor;

    if (creds == GSS_C_NO_CREDENTIAL)
        must(gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET,
                              is_client ? GSS_C_INITIATE : GSS_C_ACCEPT,
                              &creds, NULL, NULL) == GSS_S_COMPLETE,
             "no credential");
    must(sasl_setprop(conn, SASL_GSS_CREDS, creds) == SASL_OK,
         "SASL_GSS_CREDS");
}

static sasl_callback_t callbacks[] = {
    { SASL_CB_LOG, CALLBACK(log_line), NULL },
    { SASL_CB_GETOPT, CALLBACK(get_option), NULL },
    { SASL_CB_USER, CALLBACK(get_user), NULL },
    { SASL_CB_SERVER_USERDB_CHECKPASS, CALLBACK(check_password), NULL },
    { SASL_CB_LIST_END, NULL, NULL },
    { SASL_CB_LIST_END, NULL, NULL },
};

/* A connection with its settings. */
static void
connect_end(void)
{
    const char *service = setting("service", "imap");
    const char *host = setting("host", "localhost");
    unsigned flags = 0;

    if (strcmp(setting("policy", ""), "allow") == 0)
        callbacks[4] = (sasl_callback_t){ SASL_CB_PROXY_POLICY,
                                          CALLBACK(allow), NULL };
    if (strcmp(setting("success-data", ""), "yes") == 0)
        flags |= SASL_SUCCESS_DATA;
    if (strcmp(setting("http", ""), "yes") == 0)
        flags |= SASL_NEED_HTTP;
    if (is_client)
        must(sasl_client_new(service, host[0] != '\0' ? host : NULL, NULL, NULL,
                             callbacks, flags, &conn) == SASL_OK, "no client");
    else
        must(sasl_server_new(service, host, NULL, NULL, NULL, callbacks, flags,
                             &conn) == SASL_OK, "no server");
    set_security();
    if (strcmp(setting("creds", ""), "yes") == 0)
        set_creds();
    if (setting("binding", NULL) != NULL)
        set_binding(setting("binding", NULL));
}

/* --- commands ------------------------------------------------------------- */

/* The octets of a word in memory of their size; NULL for "=". */
static char *
decode_word(const char *word, unsigned *len_out)
{
    static char *kept[PIECES_MAX];
    static unsigned at;
    char *copy;

    *len_out = 0;
    if (word == NULL || strcmp(word, "=") == 0)
        return NULL;
    at = (at + 1) % PIECES_MAX;
    must(word[0] == '\0' ||
         sasl_decode64(word, (unsigned)strlen(word), octets, LINE_MAX,
                       len_out) == SASL_OK, "base64");
    free(kept[at]);
    copy = malloc(*len_out > 0 ? *len_out : 1);
    must(copy != NULL, "memory");
    memcpy(copy, octets, *len_out);
    kept[at] = copy;
    return copy;
}

static void
answer(int code, const char *data, unsigned len)
{
    unsigned shown_len = 0;
    const bool good = code == SASL_OK || code == SASL_CONTINUE;

    (void)strcpy(shown, "=");
    if (good && data != NULL)
        must(sasl_encode64(data, len, shown, LINE_MAX, &shown_len) == SASL_OK,
             "base64");
    if (good && data != NULL && len == 0)
        (void)strcpy(shown, "");
    printf("%d %s ", code, shown);
    print_line(sasl_errdetail(conn));
}

static void
take_step(bool first, const char *word)
{
    const char *out = NULL, *mech = setting("mech", "GSSAPI"), *chosen;
    unsigned len, out_len = 0;
    const char *in = decode_word(word, &len);
    int code;

    if (is_client && first)
        code = sasl_client_start(conn, mech, NULL, &out, &out_len, &chosen);
    else if (is_client)
        code = sasl_client_step(conn, in, len, NULL, &out, &out_len);
    else if (first)
        code = sasl_server_start(conn, mech, in, len, &out, &out_len);
    else
        code = sasl_server_step(conn, in, len, &out, &out_len);
    answer(code, out, out_len);
}

static void
encode(char *words)
{
    struct iovec pieces[PIECES_MAX];
    const char *out = NULL;
    unsigned count = 0, len = 0;
    char *word;
    int code;

    while ((word = strsep(&words, " ")) != NULL && count < PIECES_MAX - 1) {
        pieces[count].iov_base = decode_word(word, &len);
        pieces[count++].iov_len = len;
    }
    len = 0;
    code = sasl_encodev(conn, pieces, count, &out, &len);
    answer(code, out, len);
}

static void
decode(const char *word)
{
    const char *out = NULL;
    unsigned len, out_len = 0;
    const char *in = decode_word(word, &len);
    const int code = sasl_decode(conn, in, len, &out, &out_len);

    answer(code, out, out_len);
}

static void
print_number(const char *name, int which)
{
    const void *value = NULL;

    if (sasl_getprop(conn, which, &value) == SASL_OK && value != NULL)
        printf("\t%s=%u", name, *(const unsigned *)value);
}

static void
print_text(const char *name, int which)
{
    const void *value = NULL;

    if (sasl_getprop(conn, which, &value) == SASL_OK && value != NULL)
        printf("\t%s=%s", name, (const char *)value);
}

static void
print_is(const char *name, int which)
{
    const void *value = NULL;

    if (sasl_getprop(conn, which, &value) == SASL_OK && value != NULL)
        printf("\t%s=yes", name);
}

static void
get(void)
{
    const char *list = NULL;

    /* Before the line: it may log. */
    (void)sasl_listmech(conn, NULL, "", " ", "", &list, NULL, NULL);
    printf("get");
    print_number("ssf", SASL_SSF);
    print_number("maxoutbuf", SASL_MAXOUTBUF);
    print_text("user", SASL_USERNAME);
    print_text("authid", SASL_AUTHUSER);
    print_text("mech", SASL_MECHNAME);
    print_is("peer", SASL_GSS_PEER_NAME);
    print_is("local", SASL_GSS_LOCAL_NAME);
    print_is("creds", SASL_DELEGATEDCREDS);
    printf("\theap=%zu", mallinfo2().uordblks);
    printf("\tlist=%s\n", list != NULL ? list : "");
}

/* PLAIN with a wrong password, on the server. */
static void
plain(void)
{
    const char *out = NULL;
    unsigned len = 0;
    int code = sasl_server_start(conn, "PLAIN", "\0carol\0wrong", 12, &out,
                                 &len);

    answer(code, out, len);
}

static void
start_other(const char *mech)
{
    const char *out = NULL, *chosen;
    unsigned len = 0;
    int code = sasl_client_start(conn, mech, NULL, &out, &len, &chosen);

    answer(code, out, len);
}

static void
renew(void)
{
    sasl_dispose(&conn);
    connect_end();
    answer(SASL_OK, NULL, 0);
}

static void
obey(char *line)
{
    char *rest = line;
    const char *command = strsep(&rest, " ");

    if (rest == NULL)
        rest = line + strlen(line);
    if (strcmp(command, "start") == 0 || strcmp(command, "step") == 0)
        take_step(strcmp(command, "start") == 0, rest);
    else if (strcmp(command, "encode") == 0)
        encode(rest);
    else if (strcmp(command, "decode") == 0)
        decode(rest);
    else if (strcmp(command, "get") == 0)
        get();
    else if (strcmp(command, "plain") == 0)
        plain();
    else if (strcmp(command, "other") == 0)
        start_other(rest);
    else if (strcmp(command, "new") == 0)
        renew();
    else
        must(false, "no such command");
    (void)fflush(stdout);
}

int
main(int argc, char **argv)
{
    static char line[LINE_MAX];
    OM_uint32 minor;

    must(argc > 1, "client or server?");
    is_client = strcmp(argv[1], "client") == 0;
    options = argv + 2;
    option_count = argc - 2;
    if (setting("authzid", NULL) != NULL)
        authzid = strdup(setting("authzid", NULL));
    must((is_client ? sasl_client_init(callbacks)
                    : sasl_server_init(callbacks, "sasl-end")) == SASL_OK,
         "no library");
    connect_end();
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        obey(line);
    }
    sasl_dispose(&conn);
    if (is_client)
        sasl_client_done();
    else
        sasl_server_done();
    (void)gss_release_cred(&minor, &creds);
    free(authzid);
    return 0;
}
