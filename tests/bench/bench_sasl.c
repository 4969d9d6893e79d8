/*
 * bench_sasl.c - logins through libsasl, with the plugins that SASL_PATH says.
 *
 * From sasl_client_start() and sasl_server_start() to sasl_dispose(): what
 * libsasl itself does in a login is part of the cost, what it does for a new
 * connection is not.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sasl/sasl.h>

struct state {
    sasl_conn_t *conns[BENCH_ROLES];
    bool started[BENCH_ROLES], done[BENCH_ROLES];
};

unsigned bench_max_ssf;

static const char *mech_name, *user_name;

static int
give_user(void *context, int id, const char **result, unsigned *len)
{
    const char *text = id == SASL_CB_AUTHNAME ? user_name : "";

    (void)context;
    *result = text;
    if (len != NULL)
        *len = (unsigned)strlen(text);
    return SASL_OK;
}

static int
drop_log(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    (void)text;
    return SASL_OK;
}

/* sasl.conf, as far as this server has one. */
static int
give_option(void *context, const char *plugin, const char *option,
            const char **result, unsigned *len)
{
    const char *value = NULL;

    (void)context;
    (void)plugin;
    if (bench_attrs == BENCH_RULE && strcmp(option, "gs2_require") == 0)
        value = BENCH_ATTR "=bench1";
    else if (strcmp(option, "sasldb_path") == 0)
        value = getenv("BENCH_SASLDB");
    if (value == NULL)
        return SASL_FAIL;
    *result = value;
    if (len != NULL)
        *len = (unsigned)strlen(value);
    return SASL_OK;
}

static void
start_libsasl(void)
{
    static sasl_callback_t server[] = {
        { SASL_CB_LOG, (int (*)(void))(void *)drop_log, NULL },
        { SASL_CB_GETOPT, (int (*)(void))(void *)give_option, NULL },
        { SASL_CB_LIST_END, NULL, NULL },
    };
    static sasl_callback_t client[] = {
        { SASL_CB_LOG, (int (*)(void))(void *)drop_log, NULL },
        { SASL_CB_USER, (int (*)(void))(void *)give_user, NULL },
        { SASL_CB_AUTHNAME, (int (*)(void))(void *)give_user, NULL },
        { SASL_CB_LIST_END, NULL, NULL },
    };

    if (user_name == NULL)
        client[2].id = SASL_CB_LIST_END;
    if (sasl_client_init(client) != SASL_OK ||
        sasl_server_init(server, "bench") != SASL_OK)
        bench_die("libsasl does not start");
}

static void *
open_state(void)
{
    struct state *s = calloc(1, sizeof(*s));

    if (s == NULL)
        bench_die("out of memory");
    return s;
}

static void
request_properties(sasl_conn_t *conn)
{
    static char one[128];
    const char *names[] = { NULL, NULL };

    if (bench_attrs == BENCH_ONE_ATTR) {
        snprintf(one, sizeof(one), "*gss:%s", bench_attr_name);
        names[0] = one;
    } else if (bench_attrs == BENCH_ALL_ATTRS) {
        names[0] = "*gss-attributes-json";
    }
    if (names[0] != NULL && sasl_auxprop_request(conn, names) != SASL_OK)
        bench_die("sasl_auxprop_request");
}

static void
begin(void *state, enum bench_role role)
{
    const sasl_security_properties_t security = { .max_ssf = bench_max_ssf,
                                                  .maxbufsize = 65536 };
    struct state *s = state;
    int code;

    if (role == BENCH_CLIENT)
        code = sasl_client_new(BENCH_SERVICE, BENCH_HOST, NULL, NULL, NULL,
                               SASL_SUCCESS_DATA, &s->conns[role]);
    else
        code = sasl_server_new(BENCH_SERVICE, BENCH_HOST, NULL, NULL, NULL,
                               NULL, bench_waits_for_last_word
                               ? 0 : SASL_SUCCESS_DATA, &s->conns[role]);
    if (code == SASL_OK)
        code = sasl_setprop(s->conns[role], SASL_SEC_PROPS, &security);
    if (code != SASL_OK)
        bench_die("libsasl makes no connection: %d", code);
    if (role == BENCH_SERVER)
        request_properties(s->conns[role]);
    s->started[role] = s->done[role] = false;
}

/* What a step came to. */
static bool
settle(struct state *s, enum bench_role role, int code, const char *data,
       unsigned len, struct bench_message *out)
{
    if (code != SASL_OK && code != SASL_CONTINUE)
        bench_die("%s, %s: %s (%d)", mech_name,
                  role == BENCH_CLIENT ? "client" : "server",
                  sasl_errdetail(s->conns[role]), code);
    s->done[role] = code == SASL_OK;
    /* A mechanism may leave something behind that is not to be sent. */
    *out = (struct bench_message){ NULL, 0 };
    if (code == SASL_CONTINUE || (data != NULL && len > 0))
        *out = (struct bench_message){ data != NULL ? data : "", len };
    return s->done[role];
}

static bool
client_turn(void *state, const struct bench_message *in,
            struct bench_message *out)
{
    struct state *s = state;
    sasl_conn_t *conn = s->conns[BENCH_CLIENT];
    const char *data = NULL, *mech;
    unsigned len = 0;
    int code;

    if (s->done[BENCH_CLIENT] && in->len == 0) {
        *out = (struct bench_message){ NULL, 0 };
        return true;
    }
    if (s->started[BENCH_CLIENT])
        code = sasl_client_step(conn, in->data, (unsigned)in->len, NULL,
                                &data, &len);
    else
        code = sasl_client_start(conn, mech_name, NULL, &data, &len, &mech);
    s->started[BENCH_CLIENT] = true;
    return settle(s, BENCH_CLIENT, code, data, len, out);
}

static bool
server_turn(void *state, const struct bench_message *in,
            struct bench_message *out)
{
    struct state *s = state;
    sasl_conn_t *conn = s->conns[BENCH_SERVER];
    const char *data = NULL;
    unsigned len = 0;
    int code;

    if (s->done[BENCH_SERVER]) {
        *out = (struct bench_message){ NULL, 0 };
        return true;
    }
    if (s->started[BENCH_SERVER])
        code = sasl_server_step(conn, in->data, (unsigned)in->len, &data,
                                &len);
    else
        code = sasl_server_start(conn, mech_name, in->data, (unsigned)in->len,
                                 &data, &len);
    s->started[BENCH_SERVER] = true;
    return settle(s, BENCH_SERVER, code, data, len, out);
}

static void
end_client(void *state)
{
    sasl_dispose(&((struct state *)state)->conns[BENCH_CLIENT]);
}

static void
end_server(void *state)
{
    sasl_dispose(&((struct state *)state)->conns[BENCH_SERVER]);
}

static void
park(void *state, enum bench_role role)
{
    ((struct state *)state)->conns[role] = NULL;
}

static void
must_carry(struct state *s, enum bench_role role, int code, const char *data,
           unsigned len, struct bench_message *out)
{
    if (code != SASL_OK)
        bench_die("%s, the layer: %s (%d)", mech_name,
                  sasl_errdetail(s->conns[role]), code);
    *out = (struct bench_message){ data, len };
}

static void
encode(void *state, enum bench_role role, const struct bench_message *in,
       struct bench_message *out)
{
    struct state *s = state;
    const char *data = NULL;
    unsigned len = 0;
    int code = sasl_encode(s->conns[role], in->data, (unsigned)in->len, &data,
                           &len);

    must_carry(s, role, code, data, len, out);
}

static void
decode(void *state, enum bench_role role, const struct bench_message *in,
       struct bench_message *out)
{
    struct state *s = state;
    const char *data = NULL;
    unsigned len = 0;
    int code = sasl_decode(s->conns[role], in->data, (unsigned)in->len, &data,
                           &len);

    must_carry(s, role, code, data, len, out);
}

const struct bench_way *
bench_sasl(const char *mech, const char *authname)
{
    static struct bench_way way = {
        .open = open_state,
        .close = free,
        .begin = begin,
        .turn = { client_turn, server_turn },
        .end = { end_client, end_server },
        .park = park,
        .encode = encode,
        .decode = decode,
    };

    way.name = mech_name = mech;
    user_name = authname;
    start_libsasl();
    return &way;
}
