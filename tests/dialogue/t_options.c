/*
 * t_options.c - the options of sasl.conf that are about a login's identity and
 * acceptor, and what becomes of one that does not parse: nobody gets in.
 * Which mechanisms are offered is in t_options_offers.c, how in
 * t_options_flags.c, the client's side in t_options_client.c, the log in
 * t_options_logs.c, a getopt without answers in t_options_file.c.
 */
#include "t_options.h"

#include <stdio.h>
#include <string.h>

#include "tests/lib/suite.h"

struct gs2_script script;
struct gs2_dialogue d;

void
t_options_prepare(void)
{
    sm->reset();
    gs2_script_honest(&script, 3);
    sm->install(GS2_OID_A, &script);
    gs2_dialogue_init(&d);
}

void
t_options_server(const char *name, const char *value)
{
    gs2_dialogue_set(d.server_options, name, value);
}

void
t_options_client(const char *name, const char *value)
{
    gs2_dialogue_set(d.client_options, name, value);
}

int
t_options_log_in(void)
{
    if (d.client_steps > 0)
        gs2_dialogue_renew_client(&d);
    d.exchange[0] = '\0';
    gs2_dialogue_run(&d);
    printf("# %s\n", d.exchange);
    fflush(stdout);
    return d.server_code;
}

void
t_options_end(void)
{
    struct gs2_script_live live;

    gs2_dialogue_close(&d);
    live = sm->live();
    ck_assert_uint_eq(live.contexts, 0);
    ck_assert_uint_eq(live.creds, 0);
    ck_assert_uint_eq(live.names, 0);
    sm->reset();
}

/* MIT krb5 1.20 loses a principal where an acceptor's credential cannot be
 * acquired, as at a listing without a keytab: the leak is not the plugin's. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

static const char *
list_mechanisms(sasl_conn_t *conn)
{
    const char *list;

    if (__lsan_disable != NULL)
        __lsan_disable();
    list = gs2_dialogue_listed(conn);
    if (__lsan_enable != NULL)
        __lsan_enable();
    return list;
}

bool
t_options_lists(sasl_conn_t *conn, const char *mech)
{
    const char *list = list_mechanisms(conn);
    const size_t len = strlen(mech);

    for (const char *p = list; (p = strstr(p, mech)) != NULL; p++) {
        if ((p == list || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\0'))
            return true;
    }
    return false;
}

void
t_options_has(const char *log, const char *text)
{
    ck_assert_msg(strstr(log, text) != NULL, "\"%s\" is not in \"%s\"", text,
                  log);
}

void
t_options_lacks(const char *log, const char *text)
{
    ck_assert_msg(strstr(log, text) == NULL, "\"%s\" is in \"%s\"", text, log);
}

/* --- gs2_authid (row A4) ------------------------------------------------- */

static const struct gs2_script_value uids[] = {
    { .value = GS2_OCTETS("u1"), .authenticated = true, .complete = true },
    { .value = GS2_OCTETS("u2"), .authenticated = true, .complete = true },
};
static const struct gs2_script_value claimed[] = {
    { .value = GS2_OCTETS("root"), .complete = true },
};
static const struct gs2_script_value binary[] = {
    { .value = GS2_OCTETS("a\0b"), .authenticated = true, .complete = true },
};
static const struct gs2_script_attr facts[] = {
    { .name = GS2_OCTETS("uid"), .values = uids, .count = 1 },
    { .name = GS2_OCTETS("two"), .values = uids, .count = 2 },
    { .name = GS2_OCTETS("claimed"), .values = claimed, .count = 1 },
    { .name = GS2_OCTETS("binary"), .values = binary, .count = 1 },
    { .name = GS2_OCTETS("with space"), .values = uids, .count = 1 },
};

#define FACTS .attrs = facts, .attr_count = COUNT(facts)

static char long_name[1002];

static const struct gs2_script_name alice = {
    .text = GS2_OCTETS("alice@SCRIPT.TEST"), .local = GS2_OCTETS("al"), FACTS,
};
static const struct gs2_script_name names[] = {
    { .text = GS2_OCTETS("bob\0evil") },
    { .text = GS2_OCTETS("") },
    { .text = { long_name, 1000 } },
    { .text = { long_name, 1001 } },
    { .text = GS2_OCTETS("bob ") },
    { .text = GS2_OCTETS("\tbob") },
    { .text = GS2_OCTETS("x"), .local = GS2_OCTETS("lo\0cal") },
    { .text = GS2_OCTETS(" bob") },
    { .text = GS2_OCTETS("e\x1b[2Jve") },
    { .text = GS2_OCTETS("eve\xc2\x9b") },
    { .text = GS2_OCTETS("eve\xe2\x80\xa8") },
    { .text = GS2_OCTETS("ev\xe8") },
    { .text = GS2_OCTETS("\xe2\x80\xaeJ\xc3\xbcrg \xe2\x80\x8d\xc3\xa0") },
};

static const struct {
    const char *value;                  /* NULL: not set */
    const struct gs2_script_name *name;
    const char *authid;                 /* NULL: refused */
    int code;
    const char *why;
} identities[] = {
    { NULL, &alice, "alice@SCRIPT.TEST", SASL_OK, "" },
    { "auto", &alice, "alice@SCRIPT.TEST", SASL_OK, "" },
    { "full", &alice, "alice@SCRIPT.TEST", SASL_OK, "" },
    { "local", &alice, "al", SASL_OK, "" },
    { "attribute uid", &alice, "u1", SASL_OK, "" },
    { "attribute \t uid", &alice, "u1", SASL_OK, "" },
    { "attribute with space", &alice, "u1", SASL_OK, "" },
    { "attribute two", &alice, NULL, SASL_NOAUTHZ, "lacks the attribute" },
    { "attribute none", &alice, NULL, SASL_NOAUTHZ, "lacks the attribute" },
    { "attribute claimed", &alice, NULL, SASL_NOAUTHZ, "lacks the attribute" },
    { "attribute binary", &alice, NULL, SASL_NOAUTHZ, "lacks the attribute" },
    { "local", &names[7], NULL, SASL_NOAUTHZ, "no local name" },
    { "local", &names[6], NULL, SASL_BADAUTH,
      "local name \"lo\\x00cal\" has a control character" },
    { NULL, NULL, NULL, SASL_BADAUTH, "no name" },
    { NULL, &names[0], NULL, SASL_BADAUTH,
      "the peer's name \"bob\\x00evil\" has a control character in it or is "
      "not UTF-8" },
    { NULL, &names[1], NULL, SASL_BADAUTH, "is empty" },
    { NULL, &names[2], long_name, SASL_OK, "" },
    { NULL, &names[3], NULL, SASL_BADAUTH, "more than 1000" },
    { NULL, &names[4], NULL, SASL_BADAUTH, "white space" },
    { NULL, &names[5], NULL, SASL_BADAUTH, "has a control character" },
    { NULL, &names[7], NULL, SASL_BADAUTH, "white space" },
    { NULL, &names[8], NULL, SASL_BADAUTH, "has a control character" },
    { NULL, &names[9], NULL, SASL_BADAUTH, "has a control character" },
    { NULL, &names[10], NULL, SASL_BADAUTH, "has a control character" },
    { NULL, &names[11], NULL, SASL_BADAUTH, "is not UTF-8" },
    /* Nothing is normalised, nothing left out. */
    { NULL, &names[12], "\xe2\x80\xaeJ\xc3\xbcrg \xe2\x80\x8d\xc3\xa0",
      SASL_OK, "" },
};

START_TEST(authid)
{
    memset(long_name, 'n', identities[_i].name == &names[3] ? 1001 : 1000);
    t_options_prepare();
    /* The server is done before the client looks at its own name. */
    gs2_script_honest(&script, 2);
    d.success_data = true;
    script.source = identities[_i].name;
    t_options_server("gs2_authid", identities[_i].value);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), identities[_i].code);
    if (identities[_i].authid == NULL) {
        t_options_has(d.server_error, identities[_i].why);
        ck_assert_uint_eq(d.canon_calls, 0);
    } else {
        ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_AUTHUSER),
                         identities[_i].authid);
    }
    t_options_end();
}
END_TEST

/* --- how long a name may be (libsasl's canon_user has 1,024 octets) ------- */

static const struct {
    size_t authid, authzid;
    const char *user_realm; /* appended to a name without "@" */
    bool at;                /* the authzid has one */
    int code;
    const char *why, *canonicalized;
} lengths[] = {
    { 5, 1024, NULL, false, SASL_OK, "", "authzid=" },
    { 5, 1025, NULL, false, SASL_BADPROT, "has 1025 octets", NULL },
    { 5, 200000, NULL, false, SASL_BADPROT, "has 200000 octets", NULL },
    { 5, 1017, "R.TEST", false, SASL_OK, "", "authzid=" },
    { 5, 1018, "R.TEST", false, SASL_BADPROT, "has 1025 octets", NULL },
    { 5, 1024, "R.TEST", true, SASL_OK, "", "authzid=" },
    { 5, 1025, "R.TEST", true, SASL_BADPROT, "has 1025 octets", NULL },
    { 999, 0, "REALM.SCRIPT.EXAMPLE.TEST", false, SASL_NOAUTHZ,
      "has 1025 octets as the application would see it, more than 1024", NULL },
    { 998, 0, "REALM.SCRIPT.EXAMPLE.TEST", false, SASL_OK, "", "both=" },
};

START_TEST(length)
{
    static char own[1001], asked[200001];
    const struct gs2_script_name name = {
        .text = { own, lengths[_i].authid }
    };

    memset(own, 'n', lengths[_i].authid);
    memset(asked, 'z', lengths[_i].authzid);
    if (lengths[_i].at)
        asked[1] = '@';
    t_options_prepare();
    gs2_script_honest(&script, 2);
    script.source = &name;
    d.success_data = true;
    d.user_realm = lengths[_i].user_realm;
    if (lengths[_i].authzid > 0)
        d.authzid = GS2_GIVEN(asked);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), lengths[_i].code);
    t_options_has(d.server_error, lengths[_i].why);
    if (lengths[_i].canonicalized != NULL)
        t_options_has(d.canon_users, lengths[_i].canonicalized);
    else
        t_options_lacks(d.canon_users, lengths[_i].authzid > 0 ? "authzid="
                                                               : "=");
    t_options_end();
}
END_TEST

/* The client's libsasl has no more room. */
START_TEST(length_for_the_client)
{
    static char authzid[1026];

    memset(authzid, 'z', _i == 0 ? 1024 : 1025);
    t_options_prepare();
    d.authzid = GS2_GIVEN(authzid);
    gs2_dialogue_open(&d);
    (void)t_options_log_in();
    if (_i == 0) {
        ck_assert_int_eq(d.client_code, SASL_OK);
    } else {
        ck_assert_int_eq(d.client_code, SASL_BUFOVER);
        t_options_has(d.client_error,
                      "cannot use the authorization identity");
    }
    t_options_end();
}
END_TEST

/* --- gs2_accept_anonymous ------------------------------------------------ */

static struct gs2_script_name anonymous_name = {
    .text = GS2_OCTETS("WELLKNOWN/ANONYMOUS"),
};

static const struct {
    const char *accept;
    unsigned security;
    bool by_name; /* else by flag */
    int code;
    const char *why;
} anonyms[] = {
    { NULL, 0, false, SASL_NOAUTHZ, "the server does not allow it" },
    { NULL, 0, true, SASL_NOAUTHZ, "the server does not allow it" },
    { "no", 0, true, SASL_NOAUTHZ, "the server does not allow it" },
    { "yes", 0, false, SASL_OK, "" },
    { "yes", 0, true, SASL_OK, "" },
    { "yes", SASL_SEC_NOANONYMOUS, false, SASL_NOAUTHZ,
      "the application does not allow it" },
    { "yes", SASL_SEC_NOANONYMOUS, true, SASL_NOAUTHZ,
      "the application does not allow it" },
};

START_TEST(accept_anonymous)
{
    t_options_prepare();
    anonymous_name.type = anonyms[_i].by_name ? GSS_C_NT_ANONYMOUS : NULL;
    script.source = &anonymous_name;
    if (!anonyms[_i].by_name)
        script.acceptor[1].flags |= GSS_C_ANON_FLAG;
    d.server_security = anonyms[_i].security;
    t_options_server("gs2_accept_anonymous", anonyms[_i].accept);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), anonyms[_i].code);
    if (anonyms[_i].code == SASL_OK)
        ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_USERNAME),
                         "anonymous");
    t_options_has(d.server_error, anonyms[_i].why);
    t_options_end();
}
END_TEST

/* Whoever has a name is not nobody, by it or by what libsasl makes of it. */
static const struct {
    const char *accept, *name, *user_realm;
    int code;
} namesakes[] = {
    { "yes", "anonymous", NULL, SASL_NOAUTHZ },
    { "yes", "anonymous", "R.TEST", SASL_NOAUTHZ },
    { "yes", "anonymous@R.TEST", "R.TEST", SASL_NOAUTHZ },
    { "yes", "anonymous@r.test", "R.TEST", SASL_NOAUTHZ },
    { "yes", "anonymous@R.TEST", NULL, SASL_OK },
    { "yes", "anonymous@OTHER.TEST", "R.TEST", SASL_OK },
    { "yes", "anonymous2", "R.TEST", SASL_OK },
    { "yes", "Anonymous", NULL, SASL_OK },
    { NULL, "anonymous", NULL, SASL_OK },
};

START_TEST(called_anonymous)
{
    const struct gs2_script_name name = {
        .text = { namesakes[_i].name, strlen(namesakes[_i].name) }
    };

    t_options_prepare();
    script.source = &name;
    d.user_realm = namesakes[_i].user_realm;
    t_options_server("gs2_accept_anonymous", namesakes[_i].accept);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), namesakes[_i].code);
    if (namesakes[_i].code != SASL_OK)
        t_options_has(d.server_error, "called as those who are anonymous");
    t_options_end();
}
END_TEST

/* --- gs2_acceptor, gs2_keytab -------------------------------------------- */

static const struct {
    const char *value, *target;
} acceptors[] = {
    { NULL, "test@host.script.test" },
    { "imap@other.script.test", "imap@other.script.test" },
    { "*", NULL },
};

START_TEST(acceptor)
{
    const struct gs2_call *call;

    t_options_prepare();
    t_options_server("gs2_acceptor", acceptors[_i].value);
    t_options_server("gs2_keytab", "FILE:/nonexistent/gs2");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    call = sm->call(GS2_CALL_ACQUIRE_CRED, 1);
    ck_assert_ptr_nonnull(call);
    ck_assert_int_eq(call->usage, GSS_C_ACCEPT);
    ck_assert_ptr_null(call->store.data); /* a keytab is krb5's alone */
    if (acceptors[_i].target == NULL) {
        ck_assert_uint_eq(call->name, 0);
    } else {
        ck_assert_uint_eq(call->target.len, strlen(acceptors[_i].target));
        ck_assert_mem_eq(call->target.data, acceptors[_i].target,
                         call->target.len);
    }
    /* One that is idle is used again. */
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACQUIRE_CRED), 1);
    t_options_end();
}
END_TEST

static const struct {
    const char *gs2_keytab, *keytab, *named;
} keytabs[] = {
    { "FILE:/nonexistent/one", NULL, "keytab: FILE:/nonexistent/one" },
    { NULL, "FILE:/nonexistent/two", "keytab: FILE:/nonexistent/two" },
    { "FILE:/nonexistent/one", "FILE:/nonexistent/two",
      "keytab: FILE:/nonexistent/one" },
    { NULL, NULL, "keytab: FILE:/tmp/gs2-dialogue-" },
};

/* krb5 without a keytab: the log names it, the client never learns where. */
START_TEST(keytab)
{
    t_options_prepare();
    d.mech = "GS2-KRB5";
    t_options_server("gs2_keytab", keytabs[_i].gs2_keytab);
    t_options_server("keytab", keytabs[_i].keytab);
    gs2_dialogue_open(&d);
    ck_assert(!t_options_lists(d.server, "GS2-KRB5"));
    ck_assert(t_options_lists(d.server, "GS2-SCRIPT"));
    t_options_has(d.server_log, "GS2-KRB5 is not available");
    t_options_has(d.server_log, keytabs[_i].named);
    gs2_dialogue_say(&d, "n,,x", 4);
    ck_assert_int_lt(gs2_dialogue_server_start(&d), SASL_OK);
    t_options_has(d.server_error, "no GS2-KRB5 credential for test@host");
    t_options_lacks(d.server_error, "nonexistent");
    t_options_end();
}
END_TEST

/* --- options that do not parse ------------------------------------------- */

static const struct {
    const char *name, *value, *why;
} bad_options[] = {
    { "gs2_authid", "name", "option gs2_authid: \"name\" is not auto" },
    { "gs2_authid", "FULL", "option gs2_authid" },
    { "gs2_authid", "attribute", "option gs2_authid" },
    { "gs2_authid", "attribute ", "option gs2_authid" },
    { "gs2_authid", "attributeuid", "option gs2_authid" },
    { "gs2_authid", "attribute gs2:principal",
      "gs2_authid: there is no attribute \"gs2:principal\"" },
    { "gs2_authid", "attribute gs2:ad_upn", "option gs2_authid" },
    { "gs2_authid", "a\033]0;b\n", "gs2_authid: \"a\\x1b]0;b\\x0a\"" },
    { "gs2_tag", "/", "gs2_tag: names are tagged with roles, and gs2_roles is "
                      "not set" },
    { "gs2_unix_groups", "libnss_gs2.so.2",
      "option gs2_unix_groups: libnss_gs2.so.2 is not an absolute path" },
    { "gs2_error_tokens", "maybe", "gs2_error_tokens: \"maybe\"" },
    { "gs2_accept_anonymous", "ja", "gs2_accept_anonymous: \"ja\"" },
    { "gs2_accept_anonymous", "", "gs2_accept_anonymous: \"\"" },
    { "gs2_binding_verified_by", "GS2-KRB5", "may not be named" },
    { "gs2_binding_verified_by", "x gs2-iakerb", "may not be named" },
    { "gs2_binding_verified_by", "GS2-KRB5-PLUS", "may not be named" },
    { "gs2_require", "mail=", "option gs2_require: line 1, column 6" },
    { "gs2_require", "", "option gs2_require" },
    { "gs2_proxy_require", "not mail=x", "option gs2_proxy_require" },
    { "gs2_attributes", "userPassword=mail", "option gs2_attributes" },
};

/* Logged once however often it is met; nobody gets in (row U3 among them);
 * mended, all is well on the same connection. */
START_TEST(bad_option)
{
    t_options_prepare();
    t_options_server(bad_options[_i].name, bad_options[_i].value);
    gs2_dialogue_open(&d);
    for (int i = 0; i < 3; i++)
        ck_assert(!t_options_lists(d.server, "GS2-SCRIPT"));
    ck_assert_int_lt(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 0);
    t_options_has(d.server_log, bad_options[_i].why);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, bad_options[_i].why),
                      1);
    t_options_server(bad_options[_i].name, NULL);
    ck_assert(t_options_lists(d.server, "GS2-SCRIPT"));
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    t_options_end();
}
END_TEST

/* One configuration an attempt: what changes on the way is for the next. */
/* A server whose options change for ever keeps few of them. */
START_TEST(many_configurations)
{
    char rule[64];

    t_options_prepare();
    gs2_dialogue_open(&d);
    for (int i = 0; i < 100; i++) {
        snprintf(rule, sizeof(rule), "not gs2:authid=user%d", i);
        t_options_server("gs2_require", rule);
        ck_assert_int_eq(t_options_log_in(), SASL_OK);
        t_options_server("gs2_require", "gs2:authid=nobody");
        ck_assert_int_eq(t_options_log_in(), SASL_NOAUTHZ);
    }
    t_options_end();
}
END_TEST

START_TEST(option_changes_on_the_way)
{
    t_options_prepare();
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_OK);
    t_options_server("gs2_authid", "/etc/shadow");
    ck_assert_int_eq(gs2_dialogue_server_step(&d), SASL_OK);
    ck_assert_int_lt(t_options_log_in(), SASL_OK);
    t_options_lacks(d.server_error, "/etc/shadow");
    t_options_has(d.server_error, "configuration");
    t_options_has(d.server_log, "option gs2_authid: \"/etc/shadow\"");
    t_options_end();
}
END_TEST

static const char *const yes[] = { "yes", "true", "on", "1", "YES", "On" };
static const char *const no[] = { "no", "false", "off", "0", "NO", "False" };

START_TEST(booleans)
{
    t_options_prepare();
    script.source = &anonymous_name;
    script.acceptor[1].flags |= GSS_C_ANON_FLAG;
    t_options_server("gs2_accept_anonymous", yes[_i]);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    t_options_server("gs2_accept_anonymous", no[_i]);
    ck_assert_int_eq(t_options_log_in(), SASL_NOAUTHZ);
    t_options_end();
}
END_TEST

SUITE("options",
      PREPARE(scripted_all),
      TIMEOUT(60),
      TABLE(authid, identities),
      TABLE(length, lengths),
      TIMES(length_for_the_client, 2),
      TABLE(accept_anonymous, anonyms),
      TABLE(called_anonymous, namesakes),
      TABLE(acceptor, acceptors),
      TABLE(keytab, keytabs),
      TABLE(bad_option, bad_options),
      TEST(many_configurations),
      TEST(option_changes_on_the_way),
      TABLE(booleans, yes),
      MORE(t_options_offers),
      MORE(t_options_file),
      MORE(t_options_flags),
      MORE(t_options_ends),
      MORE(t_options_logs),
      MORE(t_options_pool))
