/*
 * t_every_gssapi.c - every script for GSSAPI: up to three legs a side, each
 * status with each kind of token, with the flags of which each layer is made or
 * without them, both ends through libsasl (RFC 4752 section 3, RFC 7546 section
 * 3; rows KC3 to KC11 and KS6 to KS13 of doc/gssapi.md).  tests/lib/every.c
 * walks them.
 *
 * The plugin takes Kerberos V5 from the GSS library.  Here it finds the
 * scriptable mechanism under that name.  expect_login() says of each script, by
 * RFC 4752 alone, whether it is a login, and with which layer.
 */
#include "tests/lib/every.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/suite.h"

/* The mechanism of GSSAPI, for every library of this process: GS2_OID_A. */
static gss_OID_desc scripted = {
    10, "\x2b\x06\x01\x04\x01\x81\xfd\x59\x01\x01" };
#define FOR_ALL __attribute__((visibility("default")))
extern FOR_ALL const gss_OID gss_mech_krb5;
const gss_OID gss_mech_krb5 = &scripted;

#define MUTUAL   GSS_C_MUTUAL_FLAG
#define SEQUENCE GSS_C_SEQUENCE_FLAG
#define INTEG    GSS_C_INTEG_FLAG
#define CONF     GSS_C_CONF_FLAG
#define ALL      (MUTUAL | SEQUENCE | INTEG | CONF)

static const struct answer answers[] = {
    EACH_TOKEN(GSS_S_CONTINUE_NEEDED, ALL),
    EACH_TOKEN(GSS_S_COMPLETE, ALL),
    EACH_TOKEN(GSS_S_COMPLETE, SEQUENCE | INTEG | CONF),
    EACH_TOKEN(GSS_S_COMPLETE, MUTUAL | INTEG | CONF),
    EACH_TOKEN(GSS_S_COMPLETE, MUTUAL | SEQUENCE | INTEG),
    EACH_TOKEN(GSS_S_COMPLETE, MUTUAL | SEQUENCE | CONF),
    EACH_TOKEN(GSS_S_FAILURE, ALL),
    EACH_TOKEN(GSS_S_COMPLETE | GSS_S_DUPLICATE_TOKEN, ALL),
};

/* All; with sanitizers, without the last statuses. */
static unsigned
answer_count(void)
{
    const unsigned all = COUNT(answers);

    return every_is_slow() ? all - 6 : all;
}

/* What the mechanism gives for a layer with confidentiality: nothing, and so
 * that of DES. */
#define SSF_SEALED 56u
#define SSF_SIGNED 1u

static unsigned long logins[SSF_SEALED + 1], refusals;

/* --- what RFC 4752 says --------------------------------------------------- */

/* The GSS library keeps no context where a first call says more than COMPLETE
 * or CONTINUE_NEEDED. */
static bool
is_complete(unsigned side)
{
    const struct answer *a = every_last(side);

    if (a == NULL || (every_calls(side) == 1 && a->major != GSS_S_COMPLETE))
        return false;
    return !GSS_ERROR(a->major) && !(a->major & GSS_S_CONTINUE_NEEDED);
}

/* Rows KC6 and KS7: the offer comes when both sides are complete, and each
 * token has been read. */
static bool
is_over(void)
{
    const unsigned calls = every_calls(ACCEPTOR);

    if (every_last(ACCEPTOR)->token != 2)
        return every_calls(INITIATOR) == calls;
    return every_calls(INITIATOR) == calls + 1 &&
           every_last(INITIATOR)->token != 2;
}

/* The strongest layer that a context with these flags can have (rows KC5, KS6):
 * needed are those without which nobody notices what is replayed. */
static unsigned
strongest(OM_uint32 flags, OM_uint32 needed)
{
    if ((flags & needed) != needed || !(flags & INTEG))
        return 0;
    return flags & CONF ? SSF_SEALED : SSF_SIGNED;
}

/* Whether it is a login, and the strength of its layer. */
static bool
expect_login(unsigned *ssf_out)
{
    unsigned client, server;

    *ssf_out = 0;
    if (!is_complete(INITIATOR) || !is_complete(ACCEPTOR) || !is_over() ||
        !(every_last(INITIATOR)->flags & MUTUAL))
        return false;
    client = strongest(every_last(INITIATOR)->flags, SEQUENCE);
    server = strongest(every_last(ACCEPTOR)->flags, MUTUAL | SEQUENCE);
    if (d.max_ssf > 0)
        *ssf_out = client < server ? client : server;
    return true;
}

/* The server's offer, where the client's mechanism still waits for a token. */
static bool
is_offer(const char *message)
{
    return message[0] == 'a' && message[1] == 'u';
}

/* --- what was seen -------------------------------------------------------- */

static unsigned
ssf_of(sasl_conn_t *conn)
{
    const void *ssf = NULL;

    ck_assert_int_eq(sasl_getprop(conn, SASL_SSF, &ssf), SASL_OK);
    return *(const sasl_ssf_t *)ssf;
}

static void
carry(sasl_conn_t *from, sasl_conn_t *to, unsigned ssf)
{
    const char *packet, *out;
    unsigned packet_len, len;

    EXPECT(sasl_encode(from, "ping", 4, &packet, &packet_len) == SASL_OK,
           "nothing can be sent");
    EXPECT((packet_len == 4) == (ssf == 0), "another layer than is told");
    EXPECT(ssf != SSF_SEALED || packet[5] == 's', "what is sent is not sealed");
    EXPECT(sasl_decode(to, packet, packet_len, &out, &len) == SASL_OK &&
           len == 4 && memcmp(out, "ping", 4) == 0, "nothing is received");
}

static void
check_logged_in(unsigned ssf)
{
    EXPECT(d.client_code == SASL_OK, "the client knows nothing of it");
    EXPECT(strcmp(gs2_dialogue_property(d.server, SASL_USERNAME),
                  "scripted@SCRIPT.TEST") == 0, "another user");
    EXPECT(d.canon_calls == 1 && d.proxy_calls == 1, "authorized twice");
    EXPECT(ssf_of(d.server) == ssf && ssf_of(d.client) == ssf,
           "another layer");
    carry(d.client, d.server, ssf);
    carry(d.server, d.client, ssf);
    logins[ssf]++;
}

static void
check_nothing_left(sasl_conn_t *conn)
{
    EXPECT(!gs2_dialogue_has(conn, SASL_USERNAME) &&
           !gs2_dialogue_has(conn, SASL_AUTHUSER) &&
           !gs2_dialogue_has(conn, SASL_GSS_PEER_NAME) &&
           !gs2_dialogue_has(conn, SASL_GSS_LOCAL_NAME) &&
           !gs2_dialogue_has(conn, SASL_DELEGATEDCREDS) && ssf_of(conn) == 0,
           "something is left of a refused login");
}

/* Nobody says OK, and a failure stays one, whatever comes. */
static void
check_refused(void)
{
    EXPECT(d.server_code != SASL_OK && d.client_code != SASL_OK,
           "a side takes it for a login");
    check_nothing_left(d.server);
    check_nothing_left(d.client);
    if (d.server_code < SASL_OK && d.server_code != SASL_NOTINIT) {
        EXPECT(d.server_error[0] != '\0', "a failure without a text");
        gs2_dialogue_say(&d, "A1", (every_played & 1) * 2);
        EXPECT(gs2_dialogue_server_step(&d) < SASL_OK,
               "the server's failure does not stay");
    }
    /* libsasl itself crashes on a step after a start that has failed. */
    if (d.client_code < SASL_OK && d.client_steps > 1) {
        EXPECT(d.client_error[0] != '\0', "a failure without a text");
        gs2_dialogue_say(&d, "A1", every_played & 2);
        EXPECT(gs2_dialogue_client_step(&d) < SASL_OK,
               "the client's failure does not stay");
    }
    check_nothing_left(d.server);
    check_nothing_left(d.client);
    refusals++;
}

static void
check(void)
{
    unsigned ssf;

    if (!expect_login(&ssf)) {
        check_refused();
        return;
    }
    EXPECT(d.server_code == SASL_OK, "there is no login");
    check_logged_in(ssf);
}

/* --- the walk ------------------------------------------------------------- */

static void
without_layer(void)
{
    d.mech = "GSSAPI";
}

static void
with_layer(void)
{
    d.mech = "GSSAPI";
    d.max_ssf = 256;
}

START_TEST(every)
{
    const unsigned first = (unsigned)_i % answer_count();
    const struct every scripts = {
        .answers = answers, .count = answer_count(), .initiator_flags = ALL,
        .arrange = (unsigned)_i < answer_count() ? without_layer : with_layer,
        .check = check, .is_other = is_offer };

    every_walk(&scripts, first);
    printf("# first answer %08x, flags %x, token %d%s: %lu dialogues, %lu "
           "logins, %lu signed, %lu sealed, %lu refusals\n",
           answers[first].major, answers[first].flags, answers[first].token,
           d.max_ssf > 0 ? ", with a layer" : "", every_played, logins[0],
           logins[SSF_SIGNED], logins[SSF_SEALED], refusals);
    fflush(stdout);
    ck_assert_uint_gt(refusals, 0);
}
END_TEST

static bool
prepare(void)
{
    const char *build = getenv("GS2_BUILDDIR");
    char path[PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s/gssapi/.libs/libgssapiv2.so",
                   build != NULL ? build : ".");
    sm = gs2_scriptmech_open(NULL, GS2_OID_BIT(GS2_OID_A));
    return sm != NULL && gs2_dialogue_plugins(path);
}

SUITE("every gssapi",
      PREPARE(prepare),
      TIMEOUT(1800),
      TIMES(every, 2 * (int)answer_count()))
