/*
 * bench_floor.c - the floor: what any SASL mechanism on GSS must call (RFC
 * 5801 section 5), with credentials and the target's name acquired once.
 *
 * The initiator: gss_init_sec_context() to completion, then its own name and
 * how it is written.  The acceptor: gss_accept_sec_context() and how the
 * peer's name is written, and the attributes that were asked for.
 *
 * bench_floor_gssapi: without channel bindings, and the two wraps of RFC 4752;
 * then a layer of bare wraps.
 */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

gss_OID bench_mech;
const char *bench_attr_name = BENCH_ATTR;
enum bench_attrs bench_attrs;

static struct gss_channel_bindings_struct bindings = {
    .application_data = { 3, (void *)"n,," },
};

struct state {
    gss_cred_id_t creds[BENCH_ROLES];
    gss_name_t target;
    gss_channel_bindings_t bindings;
    gss_ctx_id_t contexts[BENCH_ROLES];
    bool established[BENCH_ROLES];
    gss_buffer_desc out[BENCH_ROLES];
};

static void *
open_state(void)
{
    gss_buffer_desc text = { sizeof(BENCH_SERVICE "@" BENCH_HOST) - 1,
                             (void *)(BENCH_SERVICE "@" BENCH_HOST) };
    struct state *s = calloc(1, sizeof(*s));
    gss_OID_set_desc mechs;
    OM_uint32 major, minor;

    if (s == NULL)
        bench_die("out of memory");
    s->bindings = &bindings;
    if (bench_mech == GSS_C_NO_OID)
        bench_mech = (gss_OID)gss_mech_krb5;
    mechs = (gss_OID_set_desc){ 1, bench_mech };
    major = gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE,
                            &s->target);
    bench_check("gss_import_name", major, minor);
    major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechs,
                             GSS_C_INITIATE, &s->creds[BENCH_CLIENT], NULL,
                             NULL);
    bench_check("gss_acquire_cred (initiator)", major, minor);
    major = gss_acquire_cred(&minor, s->target, GSS_C_INDEFINITE, &mechs,
                             GSS_C_ACCEPT, &s->creds[BENCH_SERVER], NULL,
                             NULL);
    bench_check("gss_acquire_cred (acceptor)", major, minor);
    return s;
}

static void
close_state(void *state)
{
    struct state *s = state;
    OM_uint32 minor;

    (void)gss_release_name(&minor, &s->target);
    for (unsigned role = 0; role < BENCH_ROLES; role++)
        (void)gss_release_cred(&minor, &s->creds[role]);
    free(s);
}

static void
begin(void *state, enum bench_role role)
{
    (void)state;
    (void)role;
}

/* The name as a SASL mechanism needs it; it is not kept. */
static void
display(gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;

    major = gss_display_name(&minor, name, &text, NULL);
    bench_check("gss_display_name", major, minor);
    (void)gss_release_buffer(&minor, &text);
}

static void
give(gss_buffer_desc *token, struct bench_message *out)
{
    *out = (struct bench_message){ NULL, 0 };
    if (token->length > 0)
        *out = (struct bench_message){ token->value, token->length };
}

static bool
client_turn(void *state, const struct bench_message *in,
            struct bench_message *out)
{
    struct state *s = state;
    gss_buffer_desc token = { in->len, (void *)in->data };
    gss_name_t own = GSS_C_NO_NAME;
    OM_uint32 major, minor, flags;
    gss_OID mech;

    (void)gss_release_buffer(&minor, &s->out[BENCH_CLIENT]);
    major = gss_init_sec_context(
        &minor, s->creds[BENCH_CLIENT], &s->contexts[BENCH_CLIENT], s->target,
        bench_mech, GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG, 0, s->bindings,
        in->data != NULL ? &token : GSS_C_NO_BUFFER, &mech,
        &s->out[BENCH_CLIENT], &flags, NULL);
    bench_check("gss_init_sec_context", major, minor);
    give(&s->out[BENCH_CLIENT], out);
    if (major & GSS_S_CONTINUE_NEEDED)
        return false;
    major = gss_inquire_context(&minor, s->contexts[BENCH_CLIENT], &own, NULL,
                                NULL, NULL, NULL, NULL, NULL);
    bench_check("gss_inquire_context", major, minor);
    display(own);
    (void)gss_release_name(&minor, &own);
    return true;
}

static void
read_attribute(gss_name_t name, gss_buffer_t attr)
{
    gss_buffer_desc value, text;
    int more = -1, authenticated, complete;
    OM_uint32 major, minor;

    while (more != 0) {
        value = text = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
        major = gss_get_name_attribute(&minor, name, attr, &authenticated,
                                       &complete, &value, &text, &more);
        bench_check("gss_get_name_attribute", major, minor);
        (void)gss_release_buffer(&minor, &value);
        (void)gss_release_buffer(&minor, &text);
    }
}

static void
read_attributes(gss_name_t name)
{
    gss_buffer_desc attr = { strlen(bench_attr_name),
                             (void *)bench_attr_name };
    gss_buffer_set_t attrs = GSS_C_NO_BUFFER_SET;
    OM_uint32 major, minor;
    int is_mn;

    if (bench_attrs != BENCH_ALL_ATTRS) {
        read_attribute(name, &attr);
        return;
    }
    major = gss_inquire_name(&minor, name, &is_mn, NULL, &attrs);
    bench_check("gss_inquire_name", major, minor);
    for (size_t i = 0; attrs != NULL && i < attrs->count; i++)
        read_attribute(name, &attrs->elements[i]);
    (void)gss_release_buffer_set(&minor, &attrs);
}

static bool
server_turn(void *state, const struct bench_message *in,
            struct bench_message *out)
{
    struct state *s = state;
    gss_buffer_desc token = { in->len, (void *)in->data };
    gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
    gss_name_t peer = GSS_C_NO_NAME;
    OM_uint32 major, minor, flags;
    gss_OID mech;

    (void)gss_release_buffer(&minor, &s->out[BENCH_SERVER]);
    major = gss_accept_sec_context(
        &minor, &s->contexts[BENCH_SERVER], s->creds[BENCH_SERVER], &token,
        s->bindings, &peer, &mech, &s->out[BENCH_SERVER], &flags, NULL,
        &delegated);
    bench_check("gss_accept_sec_context", major, minor);
    give(&s->out[BENCH_SERVER], out);
    if (major & GSS_S_CONTINUE_NEEDED)
        return false;
    display(peer);
    if (bench_attrs != BENCH_NO_ATTRS)
        read_attributes(peer);
    (void)gss_release_name(&minor, &peer);
    return true;
}

static void
end(struct state *s, enum bench_role role)
{
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &s->out[role]);
    (void)gss_delete_sec_context(&minor, &s->contexts[role], NULL);
    s->established[role] = false;
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

static void
park(void *state, enum bench_role role)
{
    struct state *s = state;

    s->out[role] = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    s->contexts[role] = GSS_C_NO_CONTEXT;
    s->established[role] = false;
}

const struct bench_way bench_floor = {
    .name = "floor",
    .open = open_state,
    .close = close_state,
    .begin = begin,
    .turn = { client_turn, server_turn },
    .end = { end_client, end_server },
    .park = park,
};

/* --- GSSAPI -------------------------------------------------------------- */

static void *
open_gssapi(void)
{
    struct state *s = open_state();

    s->bindings = GSS_C_NO_CHANNEL_BINDINGS;
    return s;
}

static void
wrap(void *state, enum bench_role role, const struct bench_message *in,
     struct bench_message *out)
{
    struct state *s = state;
    gss_buffer_desc plain = { in->len, (void *)in->data };
    OM_uint32 major, minor;
    int sealed;

    (void)gss_release_buffer(&minor, &s->out[role]);
    major = gss_wrap(&minor, s->contexts[role], bench_max_ssf > 1,
                     GSS_C_QOP_DEFAULT, &plain, &sealed, &s->out[role]);
    bench_check("gss_wrap", major, minor);
    give(&s->out[role], out);
}

static void
unwrap(void *state, enum bench_role role, const struct bench_message *in,
       struct bench_message *out)
{
    struct state *s = state;
    gss_buffer_desc wrapped = { in->len, (void *)in->data };
    OM_uint32 major, minor;
    int sealed;

    (void)gss_release_buffer(&minor, &s->out[role]);
    major = gss_unwrap(&minor, s->contexts[role], &wrapped, &s->out[role],
                       &sealed, NULL);
    bench_check("gss_unwrap", major, minor);
    give(&s->out[role], out);
}

/* What the layers are and what is chosen: unsealed, whatever the layer. */
static void
say_layers(struct state *s, enum bench_role role, struct bench_message *out)
{
    const unsigned max_ssf = bench_max_ssf;
    const struct bench_message layers = { "\1\0\0", 4 };

    bench_max_ssf = 0;
    wrap(s, role, &layers, out);
    bench_max_ssf = max_ssf;
}

static bool
client_gssapi_turn(void *state, const struct bench_message *in,
                   struct bench_message *out)
{
    struct state *s = state;

    if (s->established[BENCH_CLIENT]) {
        unwrap(s, BENCH_CLIENT, in, out);
        say_layers(s, BENCH_CLIENT, out);
        return true;
    }
    s->established[BENCH_CLIENT] = client_turn(state, in, out);
    if (s->established[BENCH_CLIENT])
        *out = (struct bench_message){ "", 0 };
    return false;
}

static bool
server_gssapi_turn(void *state, const struct bench_message *in,
                   struct bench_message *out)
{
    struct state *s = state;

    if (!s->established[BENCH_SERVER]) {
        s->established[BENCH_SERVER] = server_turn(state, in, out);
        return false;
    }
    if (in->len == 0) {
        say_layers(s, BENCH_SERVER, out);
        return false;
    }
    unwrap(s, BENCH_SERVER, in, out);
    *out = (struct bench_message){ NULL, 0 };
    return true;
}

const struct bench_way bench_floor_gssapi = {
    .name = "floor of GSSAPI",
    .open = open_gssapi,
    .close = close_state,
    .begin = begin,
    .turn = { client_gssapi_turn, server_gssapi_turn },
    .end = { end_client, end_server },
    .park = park,
    .encode = wrap,
    .decode = unwrap,
};
