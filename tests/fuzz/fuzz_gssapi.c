/*
 * fuzz_gssapi.c - fuzz harness of a whole login by GSSAPI (RFC 4752) or
 * GSS-SPNEGO, in either role, with real krb5 contexts: both ends through
 * libsasl, with messages that are changed on their way, or one of them a peer
 * who says of layers what the input says (fuzz_peer.h).
 *
 * What the input means is in fuzz_asks.h.  Whatever it is: nobody but alice is
 * logged in; nobody without a message about layers that is the other side's
 * own, as it was made; the layer is one that was offered, is in the range, and
 * is the same on both sides; a failure stays one; nothing of a refused attempt
 * is left.
 */
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "common/text/utf8.h"
#include "fuzz.h"
#include "fuzz_asks.h"
#include "fuzz_krb5.h"
#include "fuzz_refusal.h"
#include "tests/lib/dialogue.h"

static struct gs2_dialogue d;
static struct fuzz_asks asks;
static struct fuzz_peer peer;

/* --- messages on their way ------------------------------------------------ */

/* The message that came last from each side, as it was made, and whether it was
 * delivered otherwise. */
static struct way {
    uint8_t octets[8192];
    size_t len;
    bool changed;
} ways[2]; /* to the server, to the client */

/* Does a change matter?  RRC, octets 6 and 7 of a wrapped message, is not
 * protected (RFC 4121 section 4.2.5). */
static bool
differs(const struct way *way, const struct gs2_message *m)
{
    const uint8_t *octets = m->data;

    if (m->len != way->len)
        return true;
    return m->len < 8 ? m->len > 0 && memcmp(octets, way->octets, m->len) != 0
                      : memcmp(octets, way->octets, 6) != 0 ||
                        memcmp(octets + 8, way->octets + 8, m->len - 8) != 0;
}

static void
apply(const struct fuzz_change *c, const struct way *other,
      const struct way *before, struct gs2_message *m)
{
    static uint8_t room[sizeof(other->octets) + 256];

    if (m->len > 0)
        memcpy(room, m->data, m->len);
    m->data = room;
    if (c->kind == FUZZ_FLIP && m->len > 0) {
        room[(c->a | (c->b & 0x0fu) << 8) % m->len] ^= (uint8_t)(c->b | 1);
    } else if (c->kind == FUZZ_CUT) {
        m->len -= c->a < m->len ? c->a : m->len;
    } else if (c->kind == FUZZ_LENGTHEN) {
        memset(room + m->len, c->b, c->a);
        m->len += c->a;
    } else if (c->kind == FUZZ_EMPTY) {
        m->len = 0;
    } else if (c->kind == FUZZ_NOTHING) {
        *m = (struct gs2_message){ NULL, 0 };
    } else if (c->kind == FUZZ_BACK) {
        *m = (struct gs2_message){ other->octets, other->len };
    } else if (c->kind == FUZZ_AGAIN) {
        memcpy(room, before->octets, before->len);
        m->len = before->len;
    } else if (c->kind == FUZZ_TEXT) {
        *m = (struct gs2_message){ asks.text, asks.text_len };
    }
}

static void
change(struct gs2_dialogue *dialogue, bool to_client, struct gs2_message *m)
{
    struct way *way = &ways[to_client], before = *way;

    if (dialogue->messages >= 100 || m->len > sizeof(way->octets))
        return;
    if (m->len > 0)
        memcpy(way->octets, m->data, m->len);
    way->len = m->len;
    way->changed = false;
    for (size_t i = 0; i < FUZZ_CHANGES; i++) {
        if (asks.changes[i].number == dialogue->messages) {
            apply(&asks.changes[i], &ways[!to_client], &before, m);
            way->changed = differs(way, m);
        }
    }
}

/* --- a login -------------------------------------------------------------- */

static void
connect_end(sasl_conn_t *conn, const struct fuzz_range *range)
{
    sasl_security_properties_t props = { 0 };

    props.min_ssf = range->min;
    props.max_ssf = range->max;
    props.maxbufsize = range->buffer;
    MUST(sasl_setprop(conn, SASL_SEC_PROPS, &props) == SASL_OK);
    MUST(sasl_setprop(conn, SASL_SSF_EXTERNAL, &range->external) == SASL_OK);
}

static void
prepare(void)
{
    gs2_dialogue_init(&d);
    d.host = "host.script.test";
    d.mech = asks.spnego ? "GSS-SPNEGO" : "GSSAPI";
    d.change = change;
    d.success_data = asks.success_data;
    d.null_for_empty = asks.null_for_empty;
    if (asks.authzid)
        d.authzid = GS2_GIVEN("bob");
    d.proxy_code = asks.refused ? SASL_NOAUTHZ : SASL_OK;
    d.server_binding = asks.server_binding;
    d.client_binding = asks.client_binding;
    if (asks.ad_compat)
        gs2_dialogue_set(d.client_options, "ad_compat", "yes");
    if (asks.rule)
        gs2_dialogue_set(d.server_options, "gs2_require",
                         "gs2:layer=privacy");
    memset(ways, 0, sizeof(ways));
    gs2_dialogue_connect(&d);
    connect_end(d.server, &asks.server);
    connect_end(d.client, &asks.client);
}

/* The peer of no libsasl binds to what the other one has, or to another end
 * point. */
static void
prepare_peer(struct gss_channel_bindings_struct *bindings)
{
    const sasl_channel_binding_t *of = asks.raw_client ? asks.client_binding
                                                       : asks.server_binding;

    memset(&peer, 0, sizeof(peer));
    peer.initiator = asks.raw_client;
    peer.spnego = asks.spnego;
    peer.flags = asks.flags;
    peer.layers = asks.text;
    peer.layers_len = asks.text_len;
    peer.how = asks.how;
    if (of == NULL)
        return;
    memset(bindings, 0, sizeof(*bindings));
    bindings->application_data.length = of->len;
    bindings->application_data.value = (void *)of->data;
    peer.bindings = bindings;
}

static void
run_raw_client(void)
{
    struct gs2_message in = { NULL, 0 }, out;

    int code = SASL_CONTINUE;

    while (fuzz_peer_turn(&peer, &in, &out) && code == SASL_CONTINUE) {
        MUST(d.messages < 100);
        gs2_dialogue_say(&d, out.data, out.len);
        code = d.server_steps == 0 ? gs2_dialogue_server_start(&d)
                                   : gs2_dialogue_server_step(&d);
        if (code < SASL_OK)
            return;
        in = (struct gs2_message){ d.out, d.out_len };
    }
}

static void
run_raw_server(void)
{
    struct gs2_message in, out;

    (void)gs2_dialogue_client_start(&d);
    while (d.client_code == SASL_CONTINUE || d.client_code == SASL_OK) {
        MUST(d.messages < 100);
        in = (struct gs2_message){ d.out, d.out_len };
        if (!fuzz_peer_turn(&peer, &in, &out) || d.client_code == SASL_OK)
            return;
        gs2_dialogue_say(&d, out.data, out.len);
        (void)gs2_dialogue_client_step(&d);
    }
}

/* --- what must hold ------------------------------------------------------- */

static sasl_ssf_t
ssf_of(sasl_conn_t *conn)
{
    const void *value = NULL;

    MUST(sasl_getprop(conn, SASL_SSF, &value) == SASL_OK && value != NULL);
    return *(const sasl_ssf_t *)value;
}

static unsigned
most_of(sasl_conn_t *conn)
{
    const void *value = NULL;

    MUST(sasl_getprop(conn, SASL_MAXOUTBUF, &value) == SASL_OK);
    return *(const unsigned *)value;
}

/* A GSS-SPNEGO server takes a layer that is stronger than it asks for. */
static void
check_range(sasl_conn_t *conn, const struct fuzz_range *range, bool bounded)
{
    const sasl_ssf_t ssf = ssf_of(conn), e = range->external;
    const sasl_ssf_t need = range->min > e ? range->min - e : 0;
    const sasl_ssf_t allowed = range->max > e ? range->max - e : 0;

    MUST(ssf >= need);
    MUST(!bounded || ssf <= allowed);
    MUST(ssf == 0 || range->buffer > 0);
}

static bool
is_end_point(const sasl_channel_binding_t *binding)
{
    return binding != NULL && strcmp(binding->name, "ldap") == 0;
}

/* A token that was bound is not taken on another channel. */
static void
check_binding(void)
{
    const bool bound = asks.raw_client ? asks.client_binding != NULL
                       : asks.spnego && is_end_point(asks.client_binding);
    const bool plain = asks.spnego && asks.server.external == 0;

    if (bound && (is_end_point(asks.server_binding) || plain))
        MUST(asks.server_binding == asks.client_binding);
}

/* The message about layers is one that the other side has made as RFC 4752
 * wants it: sealing it changes nothing, and without SEQUENCE, where there is no
 * layer to agree on but none, GSS does not say what is missing before it. */
static bool
is_proper(void)
{
    return asks.how == FUZZ_WRAPPED || asks.how == FUZZ_SEALED ||
           (asks.how == FUZZ_SKIPPED &&
            !(peer.got_flags & GSS_C_SEQUENCE_FLAG));
}

/* libsasl drops blanks at both ends. */
static void
check_user(const char *user, size_t len)
{
    for (; len > 0 && user[0] == ' '; len--)
        user++;
    while (len > 0 && user[len - 1] == ' ')
        len--;
    MUST(len > 0 && len == strlen(gs2_dialogue_property(d.server,
                                                        SASL_USERNAME)));
    MUST(memcmp(user, gs2_dialogue_property(d.server, SASL_USERNAME), len) ==
         0);
}

static void
check_choice(void)
{
    const uint8_t *text = asks.text;
    const unsigned offered = peer.theirs[0];
    const sasl_ssf_t ssf = ssf_of(d.server);

    MUST(is_proper() && peer.has_layers && asks.text_len >= 4);
    MUST((peer.got_flags & GSS_C_SEQUENCE_FLAG) != 0 || ssf == 0);
    if (text[0] == 6) {
        MUST((offered & 4) != 0 && ssf > 1);
    } else {
        MUST(text[0] == 1 || text[0] == 2 || text[0] == 4);
        MUST((text[0] & offered) != 0);
        MUST(text[0] == 1 ? ssf == 0 : text[0] == 2 ? ssf == 1 : ssf > 1);
    }
    for (size_t at = 4, n; at < asks.text_len; at += n) {
        n = gs2_utf8_char((const char *)text + at, asks.text_len - at);
        MUST(n > 0 && text[at] != '\0');
    }
    if (asks.text_len > 4)
        check_user((const char *)text + 4, asks.text_len - 4);
    else
        check_user(FUZZ_USER, strlen(FUZZ_USER));
}

static void
check_server_login(void)
{
    const char *user = gs2_dialogue_property(d.server, SASL_USERNAME);

    MUST(strcmp(gs2_dialogue_property(d.server, SASL_AUTHUSER), FUZZ_USER) ==
         0);
    MUST(d.canon_calls > 0);
    MUST(d.proxy_calls > 0 && d.proxy_code == SASL_OK);
    /* GSS-SPNEGO has no other identity (row KP1). */
    MUST((asks.raw_client && !asks.spnego) ||
         strcmp(user, asks.authzid && !asks.spnego ? "bob" : FUZZ_USER) == 0);
    check_range(d.server, &asks.server, !asks.spnego);
    MUST(!asks.rule || ssf_of(d.server) > 1);
    check_binding();
    MUST(asks.spnego || !ways[0].changed);
    if (asks.raw_client && !asks.spnego)
        check_choice();
}

static void
check_client_login(void)
{
    check_range(d.client, &asks.client, true);
    if (!asks.raw_server)
        return;
    MUST(peer.complete);
    if (asks.spnego)
        return;
    MUST(is_proper() && asks.text_len == 4 && !ways[1].changed);
    MUST(ssf_of(d.client) == 0 || (asks.text[0] & 6) != 0);
    MUST(ssf_of(d.client) > 0 || (asks.text[0] & 1) != 0);
}

/* --- the layer ------------------------------------------------------------ */

static const char text[] = "a text that is longer than a small buffer takes";

/* From one end of libsasl's to the other. */
static void
carry(sasl_conn_t *from, sasl_conn_t *to, unsigned len)
{
    const char *packet, *out;
    unsigned packet_len, out_len;

    if (ssf_of(from) > 0 && len > most_of(from))
        len = most_of(from);
    MUST(sasl_encode(from, text, len, &packet, &packet_len) == SASL_OK);
    MUST((ssf_of(from) > 0) == (packet_len != len));
    MUST(sasl_decode(to, packet, packet_len, &out, &out_len) == SASL_OK);
    MUST(out_len == len && memcmp(out, text, len) == 0);
}

/* One octet of a message is wrong: that one, and the next, do not arrive. */
static void
carry_wrong(sasl_conn_t *from, sasl_conn_t *to)
{
    const char *packet, *out;
    char wrong[256];
    unsigned len, out_len;

    for (int i = 0; i < 2; i++) {
        MUST(sasl_encode(from, text, 1, &packet, &len) == SASL_OK);
        MUST(len < sizeof(wrong));
        memcpy(wrong, packet, len);
        wrong[len - 1] ^= i == 0;
        MUST(sasl_decode(to, wrong, len, &out, &out_len) < SASL_OK);
        MUST(out_len == 0);
    }
}

static void
check_layer(void)
{
    const bool small = asks.server.buffer == FUZZ_BUFFER_SMALL ||
                       asks.client.buffer == FUZZ_BUFFER_SMALL;
    const unsigned len = asks.spnego && small ? 1 : sizeof(text);

    MUST(ssf_of(d.server) == ssf_of(d.client));
    if (asks.server.buffer == 0 || asks.client.buffer == 0)
        return; /* libsasl itself encodes nothing */
    carry(d.client, d.server, len);
    carry(d.server, d.client, len);
    if (asks.lies && ssf_of(d.server) > 0) {
        carry_wrong(d.client, d.server);
        carry_wrong(d.server, d.client);
    }
}

/* From the peer of no libsasl to the other one, and back. */
static void
check_layer_with_peer(sasl_conn_t *conn)
{
    const bool seal = ssf_of(conn) > 1;
    gss_buffer_desc in = { 1, (void *)text }, out;
    char frame[256];
    const char *got;
    unsigned got_len;
    OM_uint32 minor;

    if (ssf_of(conn) == 0)
        return;
    MUST(gss_wrap(&minor, peer.context, seal, GSS_C_QOP_DEFAULT, &in, NULL,
                  &out) == GSS_S_COMPLETE);
    MUST(out.length < sizeof(frame) - 4);
    memcpy(frame, (char[]){ 0, 0, 0, (char)out.length }, 4);
    memcpy(frame + 4, out.value, out.length);
    MUST(sasl_decode(conn, frame, (unsigned)out.length + 4, &got, &got_len) ==
         SASL_OK && got_len == 1 && got[0] == text[0]);
    (void)gss_release_buffer(&minor, &out);
    MUST(sasl_encode(conn, text, 1, &got, &got_len) == SASL_OK);
    in = (gss_buffer_desc){ got_len - 4, (void *)(got + 4) };
    MUST(gss_unwrap(&minor, peer.context, &in, &out, NULL, NULL) ==
         GSS_S_COMPLETE && out.length == 1);
    (void)gss_release_buffer(&minor, &out);
}

static void
check_outcome(void)
{
    if (d.server_code == SASL_OK)
        check_server_login();
    else if (d.server_code < SASL_OK && d.server_steps > 0)
        fuzz_check_server_refusal(&d);
    if (d.client_code == SASL_OK)
        check_client_login();
    else if (d.client_code < SASL_OK)
        fuzz_check_nothing_left(d.client);
    if (d.server_code == SASL_OK && d.client_code == SASL_OK)
        check_layer();
    else if (asks.raw_client && d.server_code == SASL_OK)
        check_layer_with_peer(d.server);
    else if (asks.raw_server && d.client_code == SASL_OK)
        check_layer_with_peer(d.client);
    MUST(!asks.honest || (d.server_code == SASL_OK &&
                          d.client_code == SASL_OK && ssf_of(d.server) > 1));
}

/* --- the harness ---------------------------------------------------------- */

/* The file of this build, or the one that GS2_GSSAPI names. */
static const char *
plugin_path(void)
{
    static char path[PATH_MAX];
    const char *build = getenv("GS2_BUILDDIR"), *other = getenv("GS2_GSSAPI");

    (void)snprintf(path, sizeof(path), "%s/gssapi/.libs/libgssapiv2.so",
                   build != NULL ? build : ".");
    return other != NULL ? other : path;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_krb5_begin();
    if (!gs2_dialogue_plugins(plugin_path()))
        exit(1); /* libFuzzer does not look at what is returned */
    gs2_dialogue_init(&d);
    gs2_dialogue_begin(&d);
    /* A file that does not load would be no error of libsasl's. */
    gs2_dialogue_connect(&d);
    MUST(strstr(gs2_dialogue_listed(d.client), "GSSAPI") != NULL);
    gs2_dialogue_disconnect(&d);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gss_channel_bindings_struct bindings;

    fuzz_asks_take(data, size, &asks);
    prepare();
    prepare_peer(&bindings);
    if (asks.raw_client)
        run_raw_client();
    else if (asks.raw_server)
        run_raw_server();
    else
        gs2_dialogue_run(&d);
    check_outcome();
    gs2_dialogue_disconnect(&d);
    fuzz_peer_clear(&peer);
    return 0;
}
