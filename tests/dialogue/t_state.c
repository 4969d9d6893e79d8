/*
 * t_state.c - what outlives an attempt at a login: nothing.  Neither names,
 * credentials, properties nor a channel binding of a refused login may be
 * there for the next one on the connection (RFC 4422 section 3.5: a new
 * exchange begins anew).  What outlives a process's plugins is in
 * t_state_memory.c.
 */
#include "t_state.h"

#include <stdio.h>
#include <string.h>

#include "tests/lib/suite.h"

struct gs2_script script;
struct gs2_dialogue d;

static const struct gs2_setting passwords[] = {
    { "bob", "secret" },
    { NULL, NULL },
};

static const struct gs2_script_value mails[] = {
    { .value = GS2_OCTETS("alice@script.test"), .authenticated = true,
      .complete = true },
};
static const struct gs2_script_attr attrs[] = {
    { .name = GS2_OCTETS("mail"), .values = mails, .count = 1 },
};
static const struct gs2_script_name alice = {
    .text = GS2_OCTETS("alice"), .attrs = attrs, .attr_count = 1,
};

static const sasl_channel_binding_t binding = {
    "tls-unique", 0, 4, (const unsigned char *)"\1\0\2\3",
};
static const sasl_channel_binding_t critical = {
    "tls-unique", 1, 4, (const unsigned char *)"\1\0\2\3",
};
static const sasl_channel_binding_t other = {
    "tls-exporter", 0, 4, (const unsigned char *)"\1\0\2\3",
};

/* --- ways to be refused -------------------------------------------------- */

static void
first_leg(void)
{
    script.acceptor[0].major = GSS_S_FAILURE;
    script.acceptor[0].token.data = NULL;
    script.acceptor[0].token.len = 0;
}

static void
middle_leg(void)
{
    script.acceptor[1].major = GSS_S_FAILURE;
    script.acceptor[1].token.data = NULL;
    script.acceptor[1].token.len = 0;
}

static void
last_leg(void)
{
    script.acceptor[2].major = GSS_S_FAILURE;
}

/* The client answers it, and is told the failure. */
static void
error_token(void)
{
    script.acceptor[0].major = GSS_S_FAILURE;
}

static void
not_mutual(void)
{
    script.acceptor[2].flags = 0;
}

static void
not_bound(void)
{
    script.initiator[0].bind = GS2_BIND_SEND_NONE;
    script.acceptor[0].bind = GS2_BIND_LAX;
}

static void
no_name(void)
{
    script.source = NULL;
}

static void
header(void)
{
    d.tampers[0] = (struct gs2_tamper){ 1, GS2_MESSAGE("x,,token 1") };
}

static void
binding_type(void)
{
    d.client_binding = &other;
    d.mech = "GS2-SCRIPT-PLUS";
}

static void
canon_user(void)
{
    d.canon_code = SASL_NOAUTHZ;
}

static void
proxy_policy(void)
{
    d.authzid = GS2_GIVEN("root");
    d.proxy_code = SASL_NOAUTHZ;
}

static void
rule(void)
{
    gs2_dialogue_set(d.server_options, "gs2_require", "mail=bob");
}

static void
proxy_rule(void)
{
    d.authzid = GS2_GIVEN("root");
    gs2_dialogue_set(d.server_options, "gs2_proxy_require", "mail=bob");
}

static void
no_attribute(void)
{
    gs2_dialogue_set(d.server_options, "gs2_authid", "attribute uid");
}

static void
no_local_name(void)
{
    gs2_dialogue_set(d.server_options, "gs2_authid", "local");
}

static void
anonymous(void)
{
    script.acceptor[2].flags |= GSS_C_ANON_FLAG;
}

static void
configuration(void)
{
    gs2_dialogue_set(d.server_options, "gs2_authid", "whatever");
}

const struct failure failures[] = {
    { "GSS fails at the first leg", first_leg, SASL_BADAUTH },
    { "GSS fails at a middle leg", middle_leg, SASL_BADAUTH },
    { "GSS fails at the last leg", last_leg, SASL_BADAUTH },
    { "GSS fails with an error token", error_token, SASL_BADAUTH },
    { "no mutual authentication", not_mutual, SASL_BADAUTH },
    { "nothing was bound", not_bound, SASL_BADBINDING },
    { "no name", no_name, SASL_BADAUTH },
    { "the header is malformed", header, SASL_BADPROT },
    { "another type of binding", binding_type, SASL_BADBINDING },
    { "canon_user refuses", canon_user, SASL_NOAUTHZ },
    { "the proxy policy refuses", proxy_policy, SASL_NOAUTHZ },
    { "gs2_require is not met", rule, SASL_NOAUTHZ },
    { "gs2_proxy_require is not met", proxy_rule, SASL_NOAUTHZ },
    { "gs2_authid: no such attribute", no_attribute, SASL_NOAUTHZ },
    { "gs2_authid: no local name", no_local_name, SASL_NOAUTHZ },
    { "an anonymous client", anonymous, SASL_NOAUTHZ },
    { "an option does not parse", configuration, SASL_NOMECH },
};

const int failure_count = COUNT(failures);

/* Five tokens, so that the server's last word is its own; alice, with an
 * attribute that is asked for, delegates. */
void
t_state_prepare(void)
{
    sm->reset();
    gs2_script_honest(&script, 5);
    script.source = &alice;
    script.delegates = true;
    script.acceptor[2].flags |= GSS_C_DELEG_FLAG;
    sm->install(GS2_OID_A, &script);
    gs2_dialogue_init(&d);
    d.properties[0] = "*gss:mail";
    d.properties[1] = "*gss-attributes-json";
    d.passwords = passwords;
}

/* --- what is looked at --------------------------------------------------- */

static const int named[] = {
    SASL_USERNAME, SASL_AUTHUSER, SASL_GSS_PEER_NAME, SASL_GSS_LOCAL_NAME,
    SASL_DELEGATEDCREDS,
};

#define NAMED COUNT(named)

static void
check_nothing_there(sasl_conn_t *conn)
{
    for (size_t i = 0; i < NAMED; i++)
        ck_assert_msg(!gs2_dialogue_has(conn, named[i]),
                      "property %d is there", named[i]);
}

static void
check_no_properties(void)
{
    ck_assert_ptr_null(gs2_dialogue_auxprop(&d, "*gss:mail"));
    ck_assert_ptr_null(gs2_dialogue_auxprop(&d, "*gss-attributes-json"));
}

/* All that the mechanism gave was released. */
void
t_state_released(void)
{
    const struct gs2_script_live live = sm->live();

    ck_assert_uint_eq(live.contexts, 0);
    ck_assert_uint_eq(live.creds, 0);
    ck_assert_uint_eq(live.names, 0);
    sm->reset();
}

void
t_state_say(const char *what)
{
    printf("# %s: %s\n", what, d.exchange);
    fflush(stdout);
}

/* The last step of a refusal that began with an error token. */
static void
hear_refusal(void)
{
    if (d.server_code == SASL_CONTINUE) {
        gs2_dialogue_say(&d, "", 0);
        (void)gs2_dialogue_server_step(&d);
    }
}

/* libsasl asks one verifier of passwords after the other, so the code is that
 * of the last; and its PLAIN leaves the name that was tried. */
static void
refuse_plain(void)
{
    ck_assert_int_lt(gs2_dialogue_plain(&d, "bob", "wrong"), SASL_OK);
    ck_assert_ptr_nonnull(strstr(d.server_error, "Password verification"));
    ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_USERNAME), "bob");
    for (size_t i = 0; i < NAMED; i++)
        ck_assert(named[i] == SASL_USERNAME || named[i] == SASL_AUTHUSER ||
                  !gs2_dialogue_has(d.server, named[i]));
    check_no_properties();
}

void
t_state_be_refused(const struct failure *failure)
{
    t_state_prepare();
    failure->arrange();
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    hear_refusal();
    t_state_say(failure->what);
    ck_assert_int_eq(d.server_code, failure->code);
}

/* --- tests --------------------------------------------------------------- */

/* That the things looked for are there in a good login, else their absence
 * would show nothing. */
START_TEST(good_login_has_all)
{
    t_state_prepare();
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    t_state_say("a good login");
    ck_assert_int_eq(d.server_code, SASL_OK);
    for (size_t i = 0; i < NAMED; i++)
        ck_assert_msg(gs2_dialogue_has(d.server, named[i]),
                      "property %d is not there", named[i]);
    ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_USERNAME), "alice");
    ck_assert_str_eq(gs2_dialogue_auxprop(&d, "*gss:mail"),
                     "alice@script.test");
    ck_assert_ptr_nonnull(gs2_dialogue_auxprop(&d, "*gss-attributes-json"));
    ck_assert_str_eq(gs2_dialogue_property(d.client, SASL_USERNAME), "alice");
    ck_assert(gs2_dialogue_has(d.client, SASL_GSS_PEER_NAME));
    ck_assert(gs2_dialogue_has(d.client, SASL_GSS_LOCAL_NAME));
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

/* Nobody is logged in before the end. */
START_TEST(nothing_before_the_end)
{
    t_state_prepare();
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_CONTINUE);
    check_nothing_there(d.server);
    check_nothing_there(d.client);
    check_no_properties();
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_server_step(&d), SASL_CONTINUE);
    check_nothing_there(d.server);
    check_nothing_there(d.client);
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_OK);
    check_nothing_there(d.server);
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

START_TEST(refused_leaves_nothing)
{
    struct gs2_script_live live;

    t_state_be_refused(&failures[_i]);
    check_nothing_there(d.server);
    check_no_properties();
    sasl_dispose(&d.client);
    live = sm->live();
    ck_assert_uint_eq(live.contexts, 0);
    ck_assert_uint_le(live.creds, 1); /* the acceptor's, kept for the next */
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

/* The next user of the connection comes by another mechanism. */
START_TEST(refused_then_plain)
{
    t_state_be_refused(&failures[_i]);
    d.canon_code = d.proxy_code = SASL_OK;
    refuse_plain();
    ck_assert_int_eq(gs2_dialogue_plain(&d, "bob", "secret"), SASL_OK);
    ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_USERNAME), "bob");
    ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_AUTHUSER), "bob");
    ck_assert(!gs2_dialogue_has(d.server, SASL_GSS_PEER_NAME));
    ck_assert(!gs2_dialogue_has(d.server, SASL_GSS_LOCAL_NAME));
    ck_assert(!gs2_dialogue_has(d.server, SASL_DELEGATEDCREDS));
    check_no_properties();
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

/* What was amiss is no more: the same connections, from the start. */
START_TEST(refused_then_gs2)
{
    t_state_be_refused(&failures[_i]);
    gs2_script_honest(&script, 5);
    script.source = &alice;
    d.canon_code = d.proxy_code = SASL_OK;
    memset(d.server_options, 0, sizeof(d.server_options));
    memset(d.tampers, 0, sizeof(d.tampers));
    gs2_dialogue_renew_client(&d);
    gs2_dialogue_run(&d);
    t_state_say("the next attempt");
    if (failures[_i].arrange == binding_type) {
        ck_assert_int_eq(d.server_code, SASL_BADBINDING); /* as before */
        check_nothing_there(d.server);
    } else {
        ck_assert_int_eq(d.server_code, SASL_OK);
        ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_AUTHUSER),
                         "alice");
        ck_assert_str_eq(gs2_dialogue_auxprop(&d, "*gss:mail"),
                         "alice@script.test");
        ck_assert(!gs2_dialogue_has(d.server, SASL_DELEGATEDCREDS));
    }
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

/* --- bindings ------------------------------------------------------------ */

/* libsasl looks at what the plugin says of it, and never clears that. */
static void
refused_with_a_binding(void (*arrange)(void))
{
    t_state_prepare();
    d.client_binding = &binding;
    d.server_binding = &critical;
    d.mech = "GS2-SCRIPT-PLUS";
    arrange();
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    hear_refusal();
    t_state_say("bound, and refused");
    ck_assert_ptr_nonnull(strstr(d.exchange, "[p=tls-unique,"));
    ck_assert_int_ne(d.server_code, SASL_OK);
    d.canon_code = d.proxy_code = SASL_OK;
    ck_assert_int_eq(gs2_dialogue_plain(&d, "bob", "secret"),
                     SASL_BADBINDING);
    gs2_dialogue_close(&d);
    t_state_released();
}

static void (*const ways[])(void) = {
    first_leg, last_leg, canon_user, proxy_policy, rule, anonymous,
};

START_TEST(binding_of_a_refused_login)
{
    refused_with_a_binding(ways[_i]);
}
END_TEST

/* That a critical binding is met by a GS2 login, and by no PLAIN. */
START_TEST(binding_of_a_good_login)
{
    t_state_prepare();
    d.client_binding = &binding;
    d.server_binding = &critical;
    d.mech = "GS2-SCRIPT-PLUS";
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    t_state_say("bound, and good");
    ck_assert_int_eq(d.server_code, SASL_OK);
    ck_assert_int_eq(gs2_dialogue_plain(&d, "bob", "secret"),
                     SASL_BADBINDING);
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

/* --- a second start (row G8) --------------------------------------------- */

/* The handshake is good, the server's last token is out, the client's last
 * word has not come: the login is not yet one. */
static void
stop_before_the_last_word(void)
{
    t_state_prepare();
    gs2_script_honest(&script, 2);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_CONTINUE);
    check_nothing_there(d.server);
}

START_TEST(second_start_with_plain)
{
    stop_before_the_last_word();
    refuse_plain();
    ck_assert_ptr_null(strstr(d.canon_users, "scripted"));
    t_state_say("a second start, PLAIN with a wrong password");
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

START_TEST(second_start_with_gs2)
{
    stop_before_the_last_word();
    gs2_dialogue_say(&d, "n,,x", 4);
    ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_BADAUTH);
    check_nothing_there(d.server);
    gs2_dialogue_say(&d, "", 0);
    ck_assert_int_lt(gs2_dialogue_server_step(&d), SASL_OK);
    check_nothing_there(d.server);
    ck_assert_uint_eq(d.canon_calls, 0);
    t_state_say("a second start, GS2 with a bad token");
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

START_TEST(second_start_after_a_login)
{
    t_state_prepare();
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_int_eq(d.server_code, SASL_OK);
    refuse_plain();
    t_state_say("a login, then PLAIN with a wrong password");
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

/* --- the order (row G7) -------------------------------------------------- */

/* What is asked before what: each refusal, and what was not asked then. */
static const struct {
    void (*arrange)(void);
    bool canon, attributes, policy;
} orders[] = {
    { anonymous, false, false, false },
    { no_attribute, false, true, false }, /* gs2_authid reads one itself */
    { canon_user, true, false, false },
    { rule, true, true, false },
    { proxy_rule, true, true, false },
    { proxy_policy, true, true, true },
};

START_TEST(finish_in_order)
{
    t_state_prepare();
    d.authzid = GS2_GIVEN("root");
    orders[_i].arrange();
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_int_lt(d.server_code, SASL_OK);
    ck_assert_int_eq(d.canon_calls > 0, orders[_i].canon);
    ck_assert_int_eq(sm->count(GS2_CALL_GET_ATTRIBUTE) > 0,
                     orders[_i].attributes);
    ck_assert_int_eq(d.proxy_calls > 0, orders[_i].policy);
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

/* --- the client ---------------------------------------------------------- */

/* The initiator fails at its _i-th call. */
START_TEST(client_failure_leaves_nothing)
{
    t_state_prepare();
    script.initiator[_i].major = GSS_S_FAILURE;
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    t_state_say("the client fails");
    ck_assert_int_eq(d.client_code, _i == 0 ? SASL_FAIL : SASL_BADSERV);
    check_nothing_there(d.client);
    /* All is given back at once, since nobody may dispose of it. */
    sasl_dispose(&d.server);
    ck_assert_uint_eq(sm->live().contexts, 0);
    gs2_dialogue_close(&d);
    t_state_released();
}
END_TEST

SUITE("state",
      PREPARE(scripted_one),
      TIMEOUT(60),
      TEST(good_login_has_all),
      TEST(nothing_before_the_end),
      TIMES(refused_leaves_nothing, failure_count),
      TIMES(refused_then_plain, failure_count),
      TIMES(refused_then_gs2, failure_count),
      TABLE(binding_of_a_refused_login, ways),
      TEST(binding_of_a_good_login),
      TEST(second_start_with_plain),
      TEST(second_start_with_gs2),
      TEST(second_start_after_a_login),
      TIMES(finish_in_order, 6),
      TIMES(client_failure_leaves_nothing, 3),
      MORE(t_state_memory))
