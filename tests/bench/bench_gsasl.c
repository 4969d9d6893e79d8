/*
 * bench_gsasl.c - logins through GNU SASL, client and server, where its
 * library is there.  It is loaded, not linked: nothing else here needs it, and
 * its functions (gsasl.h) are few.
 */
#include "bench.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Of gsasl.h. */
enum { OK = 0, NEEDS_MORE = 1, NO_CALLBACK = 51 };
enum { AUTHZID = 2, SERVICE = 5, HOSTNAME = 6, VALIDATE_GSSAPI = 503 };

typedef int callback(void *library, void *session, int property);

static struct {
    int (*init)(void **library);
    void (*callback_set)(void *library, callback *answer);
    int (*client_start)(void *library, const char *mech, void **session);
    int (*server_start)(void *library, const char *mech, void **session);
    int (*step)(void *session, const char *in, size_t len, char **out,
                size_t *out_len);
    void (*finish)(void *session);
    int (*property_set)(void *session, int property, const char *value);
    const char *(*strerror)(int code);
} gsasl;

static const char *mech_name;
static void *library;

struct state {
    void *sessions[BENCH_ROLES];
    char *out[BENCH_ROLES];
    bool done[BENCH_ROLES];
};

static int
answer(void *of, void *session, int property)
{
    (void)of;
    switch (property) {
    case VALIDATE_GSSAPI:
        return OK;
    case AUTHZID:
        return OK;
    case SERVICE:
        return gsasl.property_set(session, property, BENCH_SERVICE);
    case HOSTNAME:
        return gsasl.property_set(session, property, BENCH_HOST);
    default:
        return NO_CALLBACK;
    }
}

static void
check(int code)
{
    if (code != OK && code != NEEDS_MORE)
        bench_die("gsasl: %s: %s", mech_name, gsasl.strerror(code));
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
begin(void *state, enum bench_role role)
{
    struct state *s = state;

    s->done[role] = false;
    if (role == BENCH_CLIENT)
        check(gsasl.client_start(library, mech_name, &s->sessions[role]));
    else
        check(gsasl.server_start(library, mech_name, &s->sessions[role]));
}

static bool
turn(struct state *s, enum bench_role role, const struct bench_message *in,
     struct bench_message *out)
{
    size_t len = 0;
    int code;

    *out = (struct bench_message){ NULL, 0 };
    if (s->done[role] && in->len == 0)
        return true;
    free(s->out[role]);
    s->out[role] = NULL;
    code = gsasl.step(s->sessions[role], in->data, in->len, &s->out[role],
                      &len);
    check(code);
    s->done[role] = code == OK;
    if (code == NEEDS_MORE || len > 0)
        *out = (struct bench_message){ s->out[role] != NULL ? s->out[role]
                                                            : "", len };
    return s->done[role];
}

static bool
client_turn(void *state, const struct bench_message *in,
            struct bench_message *out)
{
    return turn(state, BENCH_CLIENT, in, out);
}

static bool
server_turn(void *state, const struct bench_message *in,
            struct bench_message *out)
{
    return turn(state, BENCH_SERVER, in, out);
}

static void
park(void *state, enum bench_role role)
{
    struct state *s = state;

    s->sessions[role] = NULL;
    s->out[role] = NULL;
}

static void
end(struct state *s, enum bench_role role)
{
    gsasl.finish(s->sessions[role]);
    free(s->out[role]);
    park(s, role);
}

static void
end_client(void *state)
{
    end(state, BENCH_CLIENT);
}

static void
end_server(void *state)
{
    end(state, BENCH_SERVER);
}

static bool
load(void)
{
    static const struct {
        const char *name;
        void *place;
    } functions[] = {
        { "gsasl_init", &gsasl.init },
        { "gsasl_callback_set", &gsasl.callback_set },
        { "gsasl_client_start", &gsasl.client_start },
        { "gsasl_server_start", &gsasl.server_start },
        { "gsasl_step", &gsasl.step },
        { "gsasl_finish", &gsasl.finish },
        { "gsasl_property_set", &gsasl.property_set },
        { "gsasl_strerror", &gsasl.strerror },
    };
    void *handle = dlopen("libgsasl.so.18", RTLD_NOW | RTLD_LOCAL);
    void *function;

    if (handle == NULL)
        return false;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        function = dlsym(handle, functions[i].name);
        if (function == NULL)
            return false;
        memcpy(functions[i].place, &function, sizeof(function));
    }
    return true;
}

const struct bench_way *
bench_gsasl(const char *mech)
{
    static struct bench_way way = {
        .open = open_state,
        .close = free,
        .begin = begin,
        .turn = { client_turn, server_turn },
        .end = { end_client, end_server },
        .park = park,
    };

    if (!load() || gsasl.init(&library) != OK)
        return NULL;
    gsasl.callback_set(library, answer);
    way.name = mech_name = mech;
    return &way;
}
