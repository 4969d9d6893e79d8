/*
 * t_tag.c - gs2_tag: the name of a login with a role, what else is said of it,
 * and who is refused (row A7; the scriptable mechanism behind the plugin behind
 * libsasl).
 */
#include "tests/lib/publish_login.h"

#include <stdlib.h>

#include "tests/lib/suite.h"

#define ROLES "*gs2-roles"

static const struct gs2_script_value otp[] = { V("otp"), V("card") };
static const struct gs2_script_attr marks = ATTR("marks", otp);

static void
option(const char *name, const char *value)
{
    gs2_dialogue_set(d.server_options, name, value);
}

/* alice has two roles of three, and tag is in front of the first of them. */
static void
have_tag(const char *tag)
{
    source.text = (struct gs2_octets)GS2_OCTETS("alice");
    have(&marks, 1);
    option("gs2_tag", tag);
    option("gs2_roles", "other card strong");
    option("gs2_role_card", "marks=card and gs2:authid=alice");
    option("gs2_role_other", "marks=none");
    option("gs2_role_strong", "marks=otp");
}

/* Nobody has a role. */
static void
have_none(void)
{
    have_tag("+");
    option("gs2_roles", "other");
}

static const char *
authid(void)
{
    return gs2_dialogue_property(d.server, SASL_AUTHUSER);
}

static const char *
user(void)
{
    return gs2_dialogue_property(d.server, SASL_USERNAME);
}

static void
logged(const char *text)
{
    ck_assert_msg(gs2_dialogue_logged(d.server_log, text) == 1,
                  "\"%s\" is not in \"%s\"", text, d.server_log);
}

/* The server has this code and text; nothing is left. */
static void
refused(int code, const char *text)
{
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), code);
    ck_assert_msg(strstr(d.server_error, text) != NULL, "%s", d.server_error);
    ck_assert_str_eq(authid(), "-");
    ck_assert_str_eq(user(), "-");
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "login accepted"), 0);
    ck_assert_uint_eq(d.proxy_calls, 0);
}

START_TEST(role_behind_the_name)
{
    const char tag[] = { "+/%~"[_i], '\0' };
    char want[64];

    have_tag(tag);
    log_in();
    snprintf(want, sizeof(want), "alice%scard", tag);
    ck_assert_str_eq(authid(), want);
    ck_assert_str_eq(user(), want);
    snprintf(want, sizeof(want), "both=alice;both=alice%scard;", tag);
    ck_assert_str_eq(d.canon_users, want);
    snprintf(want, sizeof(want), " roles=\"card strong\" tag=\"%scard\"\n",
             tag);
    logged(want);
    logged("login accepted:");
    logged(" authid=\"alice\" authzid=\"alice\" ");
    snprintf(want, sizeof(want), "4 GS2: gs2_tag is %s\n", tag);
    logged(want);
}
END_TEST

START_TEST(no_role_no_tag)
{
    have_none();
    log_in();
    ck_assert_str_eq(authid(), "alice");
    ck_assert_str_eq(d.canon_users, "both=alice;");
    logged(" roles=- tag=-\n");
}
END_TEST

START_TEST(no_tag_no_tag)
{
    have_tag(NULL);
    source.text = (struct gs2_octets)GS2_OCTETS("alice+x/y%z~");
    option("gs2_role_card", "marks=card");
    log_in();
    ck_assert_str_eq(authid(), "alice+x/y%z~");
    ck_assert_uint_eq(d.canon_calls, 1);
    logged(" roles=\"card strong\" tag=-\n");
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "gs2_tag is"), 0);
}
END_TEST

/* The tag stands behind the realm, if there is one. */
START_TEST(behind_a_realm)
{
    have_tag("/");
    source.text = (struct gs2_octets)GS2_OCTETS("alice@OTHER.TEST");
    d.user_realm = "EXAMPLE.TEST"; /* for names without "@" */
    log_in();
    ck_assert_str_eq(authid(), "alice@OTHER.TEST/strong");
}
END_TEST

/* --- what rules, properties and the log say of it ------------------------ */

static const struct {
    const char *rule, *authzid;
    bool met;
} rules[] = {
    { "gs2:authid=alice", NULL, true },
    { "gs2:authzid=alice", NULL, true },
    { "not gs2:authid=alice", NULL, false },
    { "not gs2:authzid=alice", NULL, false },
    { "gs2:authid=\"alice+card\"", NULL, false },
    { "gs2:authzid=\"alice+card\"", NULL, false },
    { "not gs2:authid=alice", "bob", false },
    { "gs2:authid=alice and gs2:authzid=bob", "bob", true },
    { "gs2:role=strong and gs2:authid=alice", "bob", true },
};

START_TEST(rules_speak_of_the_name_without)
{
    have_tag("+");
    option(rules[_i].authzid == NULL ? "gs2_require" : "gs2_proxy_require",
           rules[_i].rule);
    if (rules[_i].authzid != NULL)
        d.authzid = GS2_GIVEN(rules[_i].authzid);
    if (rules[_i].met) {
        log_in();
        ck_assert_str_eq(authid(), "alice+card");
        return;
    }
    refused(SASL_NOAUTHZ, "does not meet the requirements");
    ck_assert_uint_eq(gs2_dialogue_logged(d.canon_users, "+"), 0);
}
END_TEST

/* What libsasl gives to its auxprop plugins, and what the plugin fills, comes
 * after the last canon_user. */
START_TEST(properties)
{
    have_tag("+");
    ask("*gss:marks");
    ask("gs2-roles");
    ask("*gs2-principal");
    ask("*gss-attributes-json");
    log_in();
    ck_assert_str_eq(values(ROLES), "card|strong|");
    ck_assert_str_eq(values("gs2-roles"), "card|strong|");
    ck_assert_str_eq(values("*gss:marks"), "otp|card|");
    ck_assert_str_eq(values("*gs2-principal"), "alice|");
    ck_assert_ptr_nonnull(strstr(values("*gss-attributes-json"),
                                 "\"authid\":\"alice\",\"authzid\":\"alice\","
                                 "\"roles\":[\"card\",\"strong\"],"));
}
END_TEST

/* A property that is nobody's is noted once, not once for each canon_user. */
START_TEST(unknown_property)
{
    have_tag("+");
    ask("*gs2-nothing");
    log_in();
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log,
                                          "requests the property"), 1);
}
END_TEST

/* As slapd, which looks a name up where it has none yet, and as 389-ds, which
 * reads the first one that it has set. */
static const char *
note_first(sasl_conn_t *server, const char *name)
{
    struct propctx *props = sasl_auxprop_getctx(server);
    const char *wanted[] = { "*entry", NULL };
    struct propval had[2];

    ck_assert_int_eq(prop_getnames(props, wanted, had), 1);
    if (had[0].values == NULL)
        ck_assert_int_eq(prop_set(props, "*entry", name, -1), SASL_OK);
    ck_assert_int_eq(prop_set(props, "*dn", name, -1), SASL_OK);
    return name;
}

START_TEST(what_an_application_notes)
{
    have_tag("+");
    ask("*entry");
    ask("*dn");
    d.canon = note_first;
    log_in();
    ck_assert_str_eq(values("*entry"), "alice+card|");
    ck_assert_str_eq(values("*dn"), "alice+card|");
}
END_TEST

/* --- authzid -------------------------------------------------------------- */

static const struct {
    const char *service, *authzid, *user, *calls, *log;
} asks_for[] = {
    { "test", "alice", "alice+card", "both=alice;both=alice+card;",
      "login accepted:" },
    { "ldap", "alice", "alice+card", "both=alice;both=alice+card;",
      "login accepted:" },
    { "ldap", "u:alice", "alice+card",
      "authid=alice;authzid=u:alice;both=alice+card;", "login accepted:" },
    { "ldap", "u:bob", "u:bob",
      "authid=alice;authzid=u:bob;authid=alice+card;authzid=u:bob;",
      "login authenticated:" },
    { "test", "u:alice", "u:alice",
      "authid=alice;authzid=u:alice;authid=alice+card;authzid=u:alice;",
      "login authenticated:" },
    { "test", "bob", "bob",
      "authid=alice;authzid=bob;authid=alice+card;authzid=bob;",
      "login authenticated:" },
};

START_TEST(another_identity_is_asked_for)
{
    char names[64];

    have_tag("+");
    d.service = asks_for[_i].service;
    d.authzid = GS2_GIVEN(asks_for[_i].authzid);
    log_in();
    ck_assert_str_eq(authid(), "alice+card");
    ck_assert_str_eq(user(), asks_for[_i].user);
    ck_assert_str_eq(d.canon_users, asks_for[_i].calls);
    logged(asks_for[_i].log);
    snprintf(names, sizeof(names), " authid=\"alice\" authzid=\"%s\" ",
             asks_for[_i].authzid);
    logged(names);
}
END_TEST

/* The application has the tagged name for whoever asks. */
START_TEST(proxy_policy)
{
    have_tag("+");
    ask("gs2-roles");
    d.authzid = GS2_GIVEN("bob");
    d.proxy_code = SASL_NOAUTHZ;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), SASL_NOAUTHZ);
    ck_assert_str_eq(d.proxied, "alice+card as bob");
    ck_assert_str_eq(authid(), "-");
    ck_assert_str_eq(values(ROLES), "|");
}
END_TEST

/* --- who is refused (row A7) --------------------------------------------- */

#define HAS(name) "the identity \"" name "\" has the character that stands " \
                  "between a user and a role here, or one that can pass for it"

static const struct {
    const char *tag;
    struct gs2_octets name;
    const char *authzid, *why; /* NULL: gets in */
} with_it[] = {
    { "+", GS2_OCTETS("alice+card"), NULL, HAS("alice+card") },
    { "+", GS2_OCTETS("+"), NULL, HAS("+") },
    { "+", GS2_OCTETS("alice+"), "alice", HAS("alice+") },
    { "/", GS2_OCTETS("imap/host"), NULL, HAS("imap/host") },
    { "/", GS2_OCTETS("alice\\/card"), NULL, HAS("alice\\x5c/card") },
    { "/", GS2_OCTETS("alice@A/B"), NULL, HAS("alice@A/B") },
    { "/", GS2_OCTETS("alice\uFF0Fcard"), NULL,
      HAS("alice\\xef\\xbc\\x8fcard") },
    { "%", GS2_OCTETS("alice%other.test"), NULL,
      HAS("alice%other.test") },
    { "~", GS2_OCTETS("~alice"), NULL, HAS("~alice") },
    { "+", GS2_OCTETS("alice"), "alice+card", HAS("alice+card") },
    { "+", GS2_OCTETS("alice"), "bob+", HAS("bob+") },
    { "+", GS2_OCTETS("alice"), "u:alice+card", HAS("u:alice+card") },
    { "/", GS2_OCTETS("alice"), "dn:uid=a/b,dc=x",
      HAS("dn:uid=a/b,dc=x") },
    { "/", GS2_OCTETS("alice"), "bob\uFF0Fx", HAS("bob\\xef\\xbc\\x8fx") },
    /* Not those of the other options. */
    { "+", GS2_OCTETS("alice/x%y~"), "bob/x%y~", NULL },
    { "/", GS2_OCTETS("alice+x%y~"), "bob+x%y~", NULL },
    { "%", GS2_OCTETS("alice+x/y~"), "bob+x/y~", NULL },
    { "~", GS2_OCTETS("alice+x/y%"), "bob+x/y%", NULL },
};

/* With a role and without one. */
START_TEST(name_with_the_tag)
{
    char detail[64];

    for (int i = 0; i < 2; i++) {
        gs2_dialogue_close(&d);
        set_up();
        have_tag(with_it[_i].tag);
        if (i == 1)
            option("gs2_roles", "other");
        source.text = with_it[_i].name;
        if (with_it[_i].authzid != NULL)
            d.authzid = GS2_GIVEN(with_it[_i].authzid);
        if (with_it[_i].why == NULL) {
            log_in();
            continue;
        }
        refused(SASL_NOAUTHZ, with_it[_i].why);
        ck_assert_uint_eq(d.canon_calls, 0);
        logged("code=SASL_NOAUTHZ fault=- ");
        snprintf(detail, sizeof(detail), " detail=\"gs2_tag is %s\"\n",
                 with_it[_i].tag);
        logged(detail);
    }
}
END_TEST

/* DNs in LDAP that have the tag by an escape, or might; the last ones cannot. */
static const struct {
    const char *service, *tag, *authzid;
    bool refused;
} dns[] = {
    { "ldap", "/", "dn:uid=alice\\2fcard,cn=auth", true },
    { "ldap", "/", "DN:uid=alice\\2Fcard,cn=auth", true },
    { "ldap", "+", "dn:uid=alice\\2bcard,cn=auth", true },
    { "ldap", "/", "dn:uid=alice\\ef\\bc\\8fcard,cn=auth", true },
    { "ldap", "/", "dn:uid=#040a616c6963652f63617264,cn=auth", true },
    { "ldap", "/", "dn:uid=bob,cn=auth", false },
    { "ldap", "/", "u:bob\\2f#", false }, /* a name: slapd escapes it */
    { "ldap", NULL, "dn:uid=alice\\2fcard,cn=auth", false },
    { "test", "/", "dn:uid=alice\\2fcard,cn=auth", false },
};

START_TEST(dn_with_an_escape)
{
    have_tag(dns[_i].tag);
    d.service = dns[_i].service;
    d.authzid = GS2_GIVEN(dns[_i].authzid);
    if (!dns[_i].refused) {
        log_in();
        ck_assert_str_eq(user(), dns[_i].authzid);
        return;
    }
    refused(SASL_NOAUTHZ, "is a DN with \"\\\" or \"#\" in it, which can stand "
            "for the character between a user and a role here");
    ck_assert_uint_eq(d.canon_calls, 0);
    logged(" detail=\"gs2_tag is ");
}
END_TEST

/* libsasl appends the user_realm to a name without "@", with its role. */
START_TEST(user_realm_behind_the_role)
{
    have_tag("/");
    option("gs2_role_card", "marks=card");
    d.user_realm = "EXAMPLE.TEST";
    refused(SASL_NOAUTHZ, "of the identity \"alice/card\" the application "
            "makes \"alice/card@EXAMPLE.TEST\", and not its own name of the "
            "user with the role at the end");
    ck_assert_uint_eq(d.canon_calls, 2);
    ck_assert_str_eq(values(ROLES), "|");
    logged(" authid=\"alice\" ");
}
END_TEST

/* svnserve takes off again what its realm has added. */
START_TEST(user_realm_in_svn)
{
    have_tag("/");
    option("gs2_role_card", "marks=card");
    d.service = "svn";
    d.user_realm = "A repository";
    log_in();
    ck_assert_str_eq(user(), "alice/card@A repository");
    logged(" authid=\"alice@A repository\" ");
    logged(" tag=\"/card\"\n");
}
END_TEST

/* It must not give somebody else a role. */
START_TEST(user_realm_with_the_tag)
{
    have_none();
    d.user_realm = "x+card";
    refused(SASL_NOAUTHZ, HAS("alice@x+card"));
    ck_assert_uint_eq(d.canon_calls, 1);
}
END_TEST

/* --- an application that makes something else of names -------------------- */

struct made {
    const char *name, *of; /* NULL: refused */
};

static const struct made *canon_map;

static const char *
by_map(sasl_conn_t *server, const char *name)
{
    (void)server;
    for (const struct made *m = canon_map; m->name != NULL; m++) {
        if (strcmp(m->name, name) == 0)
            return m->of;
    }
    return name;
}

#define MAKES(tagged, made) "of the identity \"" tagged "\" the application " \
                            "makes \"" made "\", and not its own name"

static const struct {
    const char *service;
    struct made map[4];
    const char *authzid, *user, *why;
} makes[] = {
    /* Its own name of the user, and its own realm of all users. */
    { "test", { { "alice", "Alice" }, { "alice+card", "Alice+card" } },
      NULL, "Alice+card", NULL },
    { "test", { { "alice+card", NULL } }, NULL, NULL,
      "the application cannot use the authentication identity "
      "\"alice+card\" (canon_user: SASL code -14)" },
    { "test", { { "alice", NULL } }, NULL, NULL,
      "the application cannot use the authentication identity \"alice\"" },
    /* Cyrus IMAP with imapmagicplus. */
    { "imap", { { "alice+card", "alice" } }, NULL, NULL,
      MAKES("alice+card", "alice") },
    { "imap", { { "alice+card", "" } }, NULL, NULL,
      "the application cannot use the authentication identity" },
    { "test", { { "alice+card", "bob+card" } }, NULL, NULL,
      MAKES("alice+card", "bob+card") },
    { "test", { { "alice+card", "alice+strong" } }, NULL, NULL,
      MAKES("alice+card", "alice+strong") },
    { "test", { { "alice+card", "alice+card " "x" } }, NULL, NULL,
      MAKES("alice+card", "alice+card x") },
    { "test", { { "alice+card", "xalice+card" } }, NULL, NULL,
      MAKES("alice+card", "xalice+card") },
    /* What it makes of a name without a role has one. */
    { "test", { { "alice", "alice+strong" } }, NULL, NULL,
      HAS("alice+strong") },
    { "test", { { "alice", "alice+strong" } }, "bob", NULL,
      HAS("alice+strong") },
    { "test", { { "bob", "bob+card" } }, "bob", NULL, HAS("bob+card") },
    { "test", { { "bob", "Bob" } }, "bob", "Bob", NULL },
    /* 389-ds: each is a DN. */
    { "ldap", { { "alice", "dn: uid=alice" },
                { "alice+card", "dn: uid=alice card" } },
      NULL, "dn: uid=alice card", NULL },
    { "ldap", { { "alice", "dn: uid=alice" },
                { "alice+card", "dn: uid=alice" } }, NULL, NULL,
      MAKES("alice+card", "dn: uid=alice") },
    { "ldap", { { "alice", "dn: uid=alice" }, { "alice+card", "alice" } },
      NULL, NULL, MAKES("alice+card", "alice") },
    { "test", { { "alice", "dn: uid=alice" },
                { "alice+card", "dn: uid=alice card" } },
      NULL, NULL, MAKES("alice+card", "dn: uid=alice card") },
    { "svn", { { "alice+card", "alice+card@x" } }, NULL, NULL,
      MAKES("alice+card", "alice+card@x") },
};

START_TEST(application_makes_something)
{
    have_tag("+");
    option("gs2_role_card", "marks=card");
    canon_map = makes[_i].map;
    d.canon = by_map;
    d.service = makes[_i].service;
    if (makes[_i].authzid != NULL)
        d.authzid = GS2_GIVEN(makes[_i].authzid);
    if (makes[_i].why != NULL) {
        gs2_dialogue_open(&d);
        ck_assert_int_lt(attempt(), SASL_OK);
        ck_assert_msg(strstr(d.server_error, makes[_i].why) != NULL, "%s",
                      d.server_error);
        ck_assert_str_eq(user(), "-");
        ck_assert_str_eq(values(ROLES), "|");
        return;
    }
    log_in();
    ck_assert_str_eq(user(), makes[_i].user);
}
END_TEST

/* The rules have spoken of the first name. */
static const char *
change_mind(sasl_conn_t *server, const char *name)
{
    static const char *const made[] = { "bob", "carol" };
    static unsigned n;

    (void)server;
    return strcmp(name, "bob") == 0 ? made[n++ % 2] : name;
}

START_TEST(application_changes_its_mind)
{
    have_tag("+");
    d.canon = change_mind;
    d.authzid = GS2_GIVEN("bob");
    refused(SASL_NOAUTHZ, MAKES("alice+card", "alice+card"));
}
END_TEST

/* libsasl has room for 1,024 octets. */
START_TEST(too_long_with_the_role)
{
    static char name[1001];
    const size_t len = _i == 0 ? 996 : 1000;

    memset(name, 'n', len);
    have_tag("+");
    option("gs2_roles", "a234567890123456789012345678");
    option("gs2_role_a234567890123456789012345678", "marks=card");
    source.text = (struct gs2_octets){ name, len - (_i == 0 ? 1 : 0) };
    if (_i == 0) {
        log_in();
        ck_assert_uint_eq(strlen(authid()), 1024);
        return;
    }
    refused(SASL_NOAUTHZ, "has 1029 octets as the application would see it, "
            "more than 1024");
}
END_TEST

/* --- what is left -------------------------------------------------------- */

/* On one connection: with the role, refused, without the role, as PLAIN. */
START_TEST(attempts_on_one_connection)
{
    static const struct gs2_setting passwords[] = {
        { "carol", "carol.secret.1" }, { NULL, NULL }
    };
    const char *out;
    unsigned len;

    have_tag("+");
    d.passwords = passwords;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(attempt(), SASL_OK);
    ck_assert_str_eq(authid(), "alice+card");
    renew_client();
    source.text = (struct gs2_octets)GS2_OCTETS("alice+card");
    ck_assert_int_eq(attempt(), SASL_NOAUTHZ);
    ck_assert_str_eq(values(ROLES), "|");
    /* An attempt that ends before its first message. */
    ck_assert_int_eq(sasl_server_start(d.server, d.mech, NULL, 0, &out, &len),
                     SASL_CONTINUE);
    ck_assert_str_eq(values(ROLES), "|");
    renew_client();
    source.text = (struct gs2_octets)GS2_OCTETS("bob");
    option("gs2_role_strong", "marks=none");
    ck_assert_int_eq(attempt(), SASL_OK);
    ck_assert_str_eq(authid(), "bob");
    logged(" authid=\"bob\" authzid=\"bob\" principal=\"bob\" delegated=no "
           "roles=- tag=-\n");
    ck_assert_int_eq(gs2_dialogue_plain(&d, "carol", "carol.secret.1"),
                     SASL_OK);
    ck_assert_str_eq(user(), "carol");
    ck_assert_str_eq(values(ROLES), "|");
}
END_TEST

/* Other mechanisms are not asked: whose password store has such a name lets
 * somebody be it. */
START_TEST(other_mechanisms_do_as_they_like)
{
    static const struct gs2_setting passwords[] = {
        { "alice+card", "alice.secret.1" }, { NULL, NULL }
    };

    have_tag("+");
    d.passwords = passwords;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_plain(&d, "alice+card", "alice.secret.1"),
                     SASL_OK);
    ck_assert_str_eq(user(), "alice+card");
}
END_TEST

SUITE("tag",
      PREPARE(scripted_one),
      FIXTURE(set_up, tear_down),
      TIMEOUT(60),
      TIMES(role_behind_the_name, 4),
      TEST(no_role_no_tag),
      TEST(no_tag_no_tag),
      TEST(behind_a_realm),
      TABLE(rules_speak_of_the_name_without, rules),
      TEST(properties),
      TEST(unknown_property),
      TEST(what_an_application_notes),
      TABLE(another_identity_is_asked_for, asks_for),
      TEST(proxy_policy),
      TABLE(name_with_the_tag, with_it),
      TABLE(dn_with_an_escape, dns),
      TEST(user_realm_behind_the_role),
      TEST(user_realm_in_svn),
      TEST(user_realm_with_the_tag),
      TABLE(application_makes_something, makes),
      TEST(application_changes_its_mind),
      TIMES(too_long_with_the_role, 2),
      TEST(attempts_on_one_connection),
      TEST(other_mechanisms_do_as_they_like))
