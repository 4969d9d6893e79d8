/*
 * t_leftovers.c - what an attempt leaves for the next one on its connection:
 * nothing.  Attempts by GSSAPI, GSS-SPNEGO, GS2-KRB5 and PLAIN that are
 * refused, given up or successful, in all orders of three, on a server's
 * connection and on a client's, in a realm of its own
 * (tests/lib/python/realm.py).  After each attempt, all that an application can
 * read is what the same attempt leaves on a new connection (traps 16, 26 and 27
 * of doc/gssapi.md; RFC 4422 section 3.5).
 *
 * Behind a security layer there is no plain text (row KL6), unless PLAIN logs
 * in, which is not ours.  And libsasl 2.1.28 calls no step of a server behind a
 * login by PLAIN, nor of a client behind one by a mechanism with layers.
 */
#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi.h>
#include <sasl/sasl.h>

#include "tests/lib/dialogue.h"
#include "tests/lib/suite.h"

/* Attempts on a connection. */
#define ORDER 3

/* --- attempts ------------------------------------------------------------- */

enum way {
    JUNK,  /* the peer's first message is no token */
    LATE,  /* refused at the end */
    BEGUN, /* given up after our first message */
    DEEP,  /* given up when the context is complete, and no layer is chosen */
    DONE   /* a login */
};

static const struct kind {
    const char *what, *mech;
    enum way way;
    unsigned max_ssf;
} kinds[] = {
    { "GSSAPI, junk", "GSSAPI", JUNK, 256 },
    { "GSSAPI, refused at the end", "GSSAPI", LATE, 256 },
    { "GSSAPI, given up", "GSSAPI", BEGUN, 256 },
    { "GSSAPI, given up late", "GSSAPI", DEEP, 256 },
    { "GSSAPI without a layer", "GSSAPI", DONE, 0 },
    { "GSSAPI with a layer", "GSSAPI", DONE, 256 },
    { "GSS-SPNEGO, refused at the end", "GSS-SPNEGO", LATE, 256 },
    { "GSS-SPNEGO, given up", "GSS-SPNEGO", BEGUN, 256 },
    { "GSS-SPNEGO without a layer", "GSS-SPNEGO", DONE, 0 },
    { "GSS-SPNEGO with a layer", "GSS-SPNEGO", DONE, 256 },
    { "GS2-KRB5, refused at the end", "GS2-KRB5", LATE, 0 },
    { "GS2-KRB5, given up", "GS2-KRB5", BEGUN, 0 },
    { "GS2-KRB5", "GS2-KRB5", DONE, 0 },
    /* A client's end here. */
    { "PLAIN, a wrong password", "PLAIN", LATE, 0 },
    { "PLAIN, given up", "PLAIN", BEGUN, 0 },
    { "PLAIN", "PLAIN", DONE, 0 },
};
#define KINDS        ((int)COUNT(kinds))
#define CLIENT_KINDS (KINDS - 3)

static const struct gs2_setting passwords[] = {
    { "bob", "secret" },
    { NULL, NULL },
};

static struct gs2_dialogue d;

static bool
is_plain(const struct kind *kind)
{
    return strcmp(kind->mech, "PLAIN") == 0;
}

static bool
leaves_layer(const struct kind *kind)
{
    return kind->way == DONE && kind->max_ssf > 0;
}

/* A credential is delegated, if the attempt can come so far. */
static bool
delegates(const struct kind *kind)
{
    return kind->way == LATE || (kind->way == DONE && !leaves_layer(kind));
}

static void
set_security(const struct kind *kind)
{
    const sasl_security_properties_t props = {
        .max_ssf = kind->max_ssf, .maxbufsize = 8192,
        .security_flags = delegates(kind) ? SASL_SEC_PASS_CREDENTIALS : 0 };

    ck_assert_int_eq(sasl_setprop(d.client, SASL_SEC_PROPS, &props), SASL_OK);
    ck_assert_int_eq(sasl_setprop(d.server, SASL_SEC_PROPS, &props), SASL_OK);
}

static int
plain(enum way way)
{
    const char *out;
    unsigned len;

    return way == BEGUN
           ? sasl_server_start(d.server, "PLAIN", NULL, 0, &out, &len)
           : gs2_dialogue_plain(&d, "bob", way == DONE ? "secret" : "wrong");
}

/* One attempt on the server's connection, by a new client. */
static int
server_attempt(const struct kind *kind)
{
    gs2_dialogue_renew_client(&d);
    if (is_plain(kind))
        return plain(kind->way);
    set_security(kind);
    gs2_dialogue_set(d.server_options, "gs2_require",
                     kind->way == LATE ? "gs2:realm=ANOTHER.TEST" : NULL);
    d.mech = kind->mech;
    if (kind->way == LATE || kind->way == DONE) {
        gs2_dialogue_run(&d);
        return d.server_code;
    }
    (void)gs2_dialogue_client_start(&d);
    if (kind->way == JUNK)
        gs2_dialogue_say(&d, "junk", 4);
    (void)gs2_dialogue_server_start(&d);
    if (kind->way == DEEP) {
        (void)gs2_dialogue_client_step(&d);
        (void)gs2_dialogue_server_step(&d);
    }
    return d.server_code;
}

/* Another connection for the server alone. */
static void
renew_server(void)
{
    sasl_conn_t *client = d.client;

    d.client = NULL;
    sasl_dispose(&d.server);
    gs2_dialogue_connect(&d);
    sasl_dispose(&d.client);
    d.client = client;
}

/* One attempt on the client's connection, at a new server. */
static int
client_attempt(const struct kind *kind)
{
    renew_server();
    set_security(kind);
    d.mech = kind->mech;
    if (kind->way == DONE) {
        gs2_dialogue_run(&d);
        return d.client_code;
    }
    if (gs2_dialogue_client_start(&d) != SASL_CONTINUE || kind->way == BEGUN)
        return d.client_code;
    if (kind->way == DEEP || kind->way == LATE)
        (void)gs2_dialogue_server_start(&d);
    if (kind->way == DEEP)
        return gs2_dialogue_client_step(&d);
    if (kind->way == LATE) /* success, of a server that has proved nothing */
        gs2_dialogue_say(&d, NULL, 0);
    else
        gs2_dialogue_say(&d, "junk", 4);
    return gs2_dialogue_client_step(&d);
}

/* --- what can be read ----------------------------------------------------- */

/* One end of the dialogue. */
struct end {
    sasl_conn_t **own, **peer;
    int (*attempt)(const struct kind *kind);
    int kinds;
};

static const struct end server = { &d.server, &d.client, server_attempt,
                                   KINDS };
static const struct end client = { &d.client, &d.server, client_attempt,
                                   CLIENT_KINDS };

struct view {
    char text[2048];
    char layer[128]; /* what becomes of octets that are sent, or that come */
};

static void
add(struct view *view, const char *name, const char *value)
{
    const size_t at = strlen(view->text);

    ck_assert_uint_lt(at + strlen(name) + strlen(value) + 3,
                      sizeof(view->text));
    (void)sprintf(view->text + at, "%s=%s\n", name, value);
}

static void
add_number(struct view *view, sasl_conn_t *conn, const char *name,
           int property)
{
    const void *value = NULL;
    char text[32] = "-";

    if (sasl_getprop(conn, property, &value) == SASL_OK)
        (void)sprintf(text, "%u", *(const unsigned *)value);
    add(view, name, text);
}

/* What it says shows that it was not freed, too. */
static void
add_name(struct view *view, const char *what, gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (name != GSS_C_NO_NAME)
        ck_assert_uint_eq(gss_display_name(&minor, name, &text, NULL),
                          GSS_S_COMPLETE);
    add(view, what, text.length > 0 ? text.value : "-");
    (void)gss_release_buffer(&minor, &text);
}

static void
add_gss(struct view *view, sasl_conn_t *conn)
{
    const void *peer = NULL, *local = NULL, *creds = NULL;
    gss_name_t user = GSS_C_NO_NAME;
    OM_uint32 minor;

    (void)sasl_getprop(conn, SASL_GSS_PEER_NAME, &peer);
    (void)sasl_getprop(conn, SASL_GSS_LOCAL_NAME, &local);
    (void)sasl_getprop(conn, SASL_DELEGATEDCREDS, &creds);
    add_name(view, "peer", (gss_name_t)peer);
    add_name(view, "local", (gss_name_t)local);
    if (creds != NULL)
        ck_assert_uint_eq(gss_inquire_cred(&minor,
                                           *(const gss_cred_id_t *)creds,
                                           &user, NULL, NULL, NULL),
                          GSS_S_COMPLETE);
    add_name(view, "delegated", user);
    (void)gss_release_name(&minor, &user);
}

static void
add_auxprops(struct view *view)
{
    const char *value;

    for (size_t i = 0; d.properties[i] != NULL; i++) {
        value = gs2_dialogue_auxprop(&d, d.properties[i]);
        add(view, d.properties[i], value != NULL ? value : "-");
    }
}

static void
use_layer(struct view *view, const struct end *end, const struct kind *kind)
{
    const char *sent = NULL, *got = NULL, *in = "pong";
    unsigned sent_len = 0, got_len = 0, in_len = 4;
    int encoded, decoded;

    encoded = sasl_encode(*end->own, "ping", 4, &sent, &sent_len);
    if (leaves_layer(kind))
        ck_assert_int_eq(sasl_encode(*end->peer, "pong", 4, &in, &in_len),
                         SASL_OK);
    decoded = sasl_decode(*end->own, in, in_len, &got, &got_len);
    (void)snprintf(view->layer, sizeof(view->layer), "%s %s, %s %.*s",
                   gs2_dialogue_code(encoded),
                   sent_len == 0 ? "-"
                   : sent_len == 4 && memcmp(sent, "ping", 4) == 0
                   ? "ping" : "wrapped",
                   gs2_dialogue_code(decoded), got_len > 0 ? (int)got_len : 1,
                   got_len > 0 ? got : "-");
}

static struct view
look(const struct end *end, const struct kind *kind, int code)
{
    static const struct {
        const char *name;
        int property;
    } texts[] = {
        { "mechanism", SASL_MECHNAME }, { "user", SASL_USERNAME },
        { "authid", SASL_AUTHUSER }, { "source", SASL_AUTHSOURCE },
        { "realm", SASL_DEFUSERREALM }, { "service", SASL_SERVICE },
    };
    struct view view = { "", "" };

    add(&view, "code", gs2_dialogue_code(code));
    for (size_t i = 0; i < COUNT(texts); i++)
        add(&view, texts[i].name,
            gs2_dialogue_property(*end->own, texts[i].property));
    add_number(&view, *end->own, "ssf", SASL_SSF);
    add_number(&view, *end->own, "maxoutbuf", SASL_MAXOUTBUF);
    add_gss(&view, *end->own);
    if (end == &server)
        add_auxprops(&view);
    use_layer(&view, end, kind);
    return view;
}

/* --- orders --------------------------------------------------------------- */

static struct view fresh[COUNT(kinds)];

static void
begin(const struct end *end)
{
    gs2_dialogue_init(&d);
    d.service = "imap";
    d.host = "localhost";
    d.passwords = passwords;
    d.properties[0] = "*gs2-mech";
    d.properties[1] = "*gs2-layer";
    d.properties[2] = "*gs2-principal";
    gs2_dialogue_begin(&d);
    for (int k = 0; k < end->kinds; k++) {
        gs2_dialogue_connect(&d);
        fresh[k] = look(end, &kinds[k], end->attempt(&kinds[k]));
        gs2_dialogue_disconnect(&d);
    }
}

static void
finish(void)
{
    sasl_client_done();
    sasl_server_done();
}

/* libsasl makes no attempt behind this one. */
static bool
is_last(const struct end *end, const struct kind *kind)
{
    return kind->way == DONE &&
           (end == &client ? strcmp(kind->mech, "GS2-KRB5") != 0
                           : is_plain(kind));
}

static void
check(const int *order, int n, const char *what, const char *had,
      const char *wanted)
{
    char path[256] = "";

    if (strcmp(had, wanted) == 0)
        return;
    for (int i = 0; i <= n; i++)
        (void)sprintf(path + strlen(path), "%s%s", i > 0 ? "; " : "",
                      kinds[order[i]].what);
    ck_abort_msg("%s: %s\n%s\nand not\n%s", path, what, had, wanted);
}

/* The attempts of an order, as far as libsasl lets them be made. */
static void
play(const struct end *end, const int *order)
{
    static const char behind[] = "NOTDONE -, NOTDONE -";
    const struct kind *kind, *before = NULL;
    bool behind_layer = false;
    struct view view;

    gs2_dialogue_connect(&d);
    for (int n = 0; n < ORDER; n++, before = kind) {
        kind = &kinds[order[n]];
        behind_layer |= before != NULL && leaves_layer(before);
        view = look(end, kind, end->attempt(kind));
        if (before != NULL && is_last(end, before)) {
            ck_assert_ptr_null(strstr(view.text, "code=OK"));
            if (behind_layer)
                check(order, n, "octets", view.layer, behind);
            break;
        }
        if (is_plain(kind) && kind->way == DONE)
            behind_layer = false;
        check(order, n, "octets", view.layer,
              behind_layer && !leaves_layer(kind) ? behind
                                                  : fresh[order[n]].layer);
        /* PLAIN itself leaves names for the next one. */
        if (before == NULL || !is_plain(before) || !is_plain(kind))
            check(order, n, "can be read", view.text, fresh[order[n]].text);
    }
    gs2_dialogue_disconnect(&d);
}

static void
play_all(const struct end *end, int first)
{
    int order[ORDER] = { first };

    begin(end);
    for (order[1] = 0; order[1] < end->kinds; order[1]++)
        for (order[2] = 0; order[2] < end->kinds; order[2]++)
            play(end, order);
    finish();
}

START_TEST(on_a_server)
{
    play_all(&server, _i);
}
END_TEST

START_TEST(on_a_client)
{
    play_all(&client, _i);
}
END_TEST

/* Else that nothing is left would show nothing. */
START_TEST(there_is_something_to_leave)
{
    static const char *const facts[] = {
        "user=alice\n", "authid=alice\n", "peer=alice@EXAMPLE.TEST\n",
        "local=imap@localhost\n", "*gs2-principal=alice@EXAMPLE.TEST\n",
    };

    begin(&server);
    for (int k = 0; k < CLIENT_KINDS; k++) {
        for (size_t i = 0; i < COUNT(facts); i++)
            ck_assert_msg((strstr(fresh[k].text, facts[i]) != NULL) ==
                          (kinds[k].way == DONE), "%s: %s", kinds[k].what,
                          fresh[k].text);
        ck_assert((strstr(fresh[k].text, "delegated=alice@EXAMPLE.TEST\n") !=
                   NULL) == (kinds[k].way == DONE && delegates(&kinds[k])));
        ck_assert_str_eq(fresh[k].layer, leaves_layer(&kinds[k])
                                         ? "OK wrapped, OK pong"
                                         : "OK ping, OK pong");
    }
    finish();
}
END_TEST

static bool
prepare(void)
{
    const char *build = getenv("GS2_BUILDDIR");
    char path[PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s/gssapi/.libs/libgssapiv2.so",
                   build != NULL ? build : ".");
    return gs2_dialogue_plugins(NULL) && gs2_dialogue_plugin_too(path);
}

static bool
has_sanitizers(void)
{
    const char *sanitizers = getenv("GS2_SANITIZERS");

    return sanitizers != NULL && strcmp(sanitizers, "yes") == 0;
}

SUITE("leftovers",
      PREPARE(prepare),
      TIMEOUT(600),
      TEST(there_is_something_to_leave),
      TIMES(on_a_server, KINDS),
      SOMETIMES(on_a_client, CLIENT_KINDS, !has_sanitizers(),
                "libsasl's client loses each attempt but its last"))
