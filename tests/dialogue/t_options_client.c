/*
 * t_options_client.c - the client's side of t_options: gs2_anonymous,
 * delegation, whose credential is taken, and when who is asked for what
 * (RFC 5801 section 8).
 */
#include "t_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASKED(n) (sm->call(GS2_CALL_INIT, (n))->req_flags)

/* --- flags that are asked for -------------------------------------------- */

static const char *const booleans[] = { NULL, "no", "yes" };

START_TEST(anonymous_is_asked_for)
{
    const OM_uint32 anon = _i == 2 ? GSS_C_ANON_FLAG : 0;

    t_options_prepare();
    script.initiator[0].grant = script.initiator[1].grant = GSS_C_ANON_FLAG;
    t_options_client("gs2_anonymous", booleans[_i]);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(ASKED(1), GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG |
                                anon);
    t_options_end();
}
END_TEST

START_TEST(anonymous_does_not_parse)
{
    t_options_prepare();
    t_options_client("gs2_anonymous", "perhaps");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_NOTINIT);
    ck_assert_int_eq(d.client_code, SASL_CONFIGERR);
    t_options_has(d.client_error, "gs2_anonymous: \"perhaps\"");
    ck_assert_uint_eq(sm->count(GS2_CALL_INIT), 0);
    t_options_end();
}
END_TEST

START_TEST(delegation)
{
    t_options_prepare();
    script.ma |= GS2_MA_DELEG_CRED;
    script.delegates = true;
    script.acceptor[1].flags |= _i != 0 ? GSS_C_DELEG_FLAG : 0;
    d.client_security = _i != 0 ? SASL_SEC_PASS_CREDENTIALS : 0;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(ASKED(1) & GSS_C_DELEG_FLAG,
                      _i != 0 ? GSS_C_DELEG_FLAG : 0);
    ck_assert(gs2_dialogue_has(d.server, SASL_DELEGATEDCREDS) == (_i != 0));
    t_options_end();
}
END_TEST

#define NOT_PRIVATE "the mechanism made no private file of it"

/* There is one to keep, and the mechanism cannot, or says that it did, or lets
 * others read it; of an anonymous client it is not to be kept. */
static const struct {
    OM_uint32 flags;
    bool no_store, kept;
    unsigned mode; /* of the file that the mechanism makes; 0: it makes none */
    int code;
    const char *why;
} keeps[] = {
    { 0, false, false, 0, SASL_OK, "" },
    { GSS_C_DELEG_FLAG, true, true, 0, SASL_FAIL, "storing it failed: " },
    { GSS_C_DELEG_FLAG, false, true, 0, SASL_FAIL, NOT_PRIVATE },
    { GSS_C_DELEG_FLAG, false, true, 0640, SASL_FAIL, NOT_PRIVATE },
    { GSS_C_DELEG_FLAG, false, true, 0604, SASL_FAIL, NOT_PRIVATE },
    { GSS_C_DELEG_FLAG | GSS_C_ANON_FLAG, false, false, 0, SASL_OK, "" },
};

START_TEST(delegated_cannot_be_kept)
{
    char folder[] = "/tmp/gs2-options.XXXXXX", pattern[64];

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(pattern, sizeof(pattern), "%s/%%u", folder);
    t_options_prepare();
    t_options_server("gs2_ccache_store", pattern);
    t_options_server("gs2_accept_anonymous", "yes");
    script.ma |= GS2_MA_DELEG_CRED;
    script.delegates = true;
    script.no_store = keeps[_i].no_store;
    script.store_mode = keeps[_i].mode;
    script.acceptor[1].flags |= keeps[_i].flags;
    d.client_security = SASL_SEC_PASS_CREDENTIALS;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), keeps[_i].code);
    ck_assert(gs2_dialogue_has(d.server, SASL_DELEGATEDCREDS) ==
              (keeps[_i].code == SASL_OK && keeps[_i].flags != 0));
    ck_assert_uint_eq(sm->count(GS2_CALL_STORE_CRED), keeps[_i].kept ? 1 : 0);
    t_options_has(d.server_log, keeps[_i].why);
    if (keeps[_i].kept) {
        t_options_has(d.server_error, "cannot keep the delegated credential");
        t_options_has(d.server_log, folder);
    }
    t_options_lacks(d.server_error, folder);
    /* Nothing half done is left. */
    ck_assert_int_eq(rmdir(folder), 0);
    t_options_end();
}
END_TEST

/* Somebody else can change a link on the way while the mechanism writes: it
 * is given the way that was checked. */
START_TEST(delegated_is_kept_without_links)
{
    char folder[] = "/tmp/gs2-options.XXXXXX", caches[64], link[64];
    char pattern[80], cache[128], *real;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(caches, sizeof(caches), "%s/caches", folder);
    snprintf(link, sizeof(link), "%s/link", folder);
    snprintf(pattern, sizeof(pattern), "%s/caches/%%u", link);
    ck_assert_int_eq(mkdir(caches, 0700), 0);
    ck_assert_int_eq(symlink(".", link), 0);
    real = realpath(caches, NULL);
    ck_assert_ptr_nonnull(real);
    snprintf(cache, sizeof(cache), "ccache=FILE:%s/", real);
    free(real);
    t_options_prepare();
    t_options_server("gs2_ccache_store", pattern);
    script.ma |= GS2_MA_DELEG_CRED;
    script.delegates = true;
    script.acceptor[1].flags |= GSS_C_DELEG_FLAG;
    d.client_security = SASL_SEC_PASS_CREDENTIALS;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_FAIL); /* it writes nothing */
    ck_assert_mem_eq(sm->call(GS2_CALL_STORE_CRED, 1)->store.data, cache,
                     strlen(cache));
    t_options_has(d.server_log, link); /* as it was configured */
    ck_assert_int_eq(rmdir(caches), 0);
    ck_assert_int_eq(unlink(link), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    t_options_end();
}
END_TEST

/* --- whose credential ---------------------------------------------------- */

/* libsasl would answer AUTHNAME itself with $USER, which says nothing. */
START_TEST(default_credential)
{
    setenv("USER", "mallory", 1);
    t_options_prepare();
    script.holder = "alice";
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(sm->call(GS2_CALL_INIT, 1)->cred, 0);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACQUIRE_CRED), 1); /* acceptor's */
    ck_assert_str_eq(gs2_dialogue_property(d.client, SASL_AUTHUSER),
                     "scripted@SCRIPT.TEST");
    t_options_end();
}
END_TEST

START_TEST(credential_of_the_authname)
{
    const struct gs2_call *call;

    t_options_prepare();
    script.holder = "alice";
    d.authname = GS2_GIVEN("alice");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    call = sm->call(GS2_CALL_ACQUIRE_CRED, 1);
    ck_assert_int_eq(call->usage, GSS_C_INITIATE);
    ck_assert_mem_eq(call->target.data, "alice", 5);
    ck_assert_uint_eq(sm->call(GS2_CALL_INIT, 1)->cred, call->cred);
    t_options_end();
}
END_TEST

START_TEST(credential_of_the_application_wins)
{
    gss_OID_set_desc mechs = { 1, gs2_script_oid(GS2_OID_A) };
    gss_cred_id_t cred;
    OM_uint32 minor;

    t_options_prepare();
    script.holder = "alice";
    ck_assert_uint_eq(gss_acquire_cred(&minor, GSS_C_NO_NAME,
                                       GSS_C_INDEFINITE, &mechs,
                                       GSS_C_INITIATE, &cred, NULL, NULL),
                      GSS_S_COMPLETE);
    d.client_creds = cred;
    d.authname = GS2_GIVEN("mallory");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(sm->call(GS2_CALL_INIT, 1)->cred,
                      sm->call(GS2_CALL_ACQUIRE_CRED, 1)->cred);
    gs2_dialogue_disconnect(&d);
    ck_assert_uint_ge(sm->live().creds, 1); /* not ours to release */
    gss_release_cred(&minor, &cred);
    t_options_end();
}
END_TEST

/* --- passwords ----------------------------------------------------------- */

/* What is given, and what comes of it where alice alone has a credential and
 * the password is "open sesame". */
static const struct {
    struct gs2_answer user, authname, password;
    int code;            /* of the client's start */
    const char *prompts; /* in the order in which they came */
    const char *why;
} logins[] = {
    { { 0 }, { GS2_ASK_GIVEN, "bob", 0 }, { GS2_ASK_GIVEN, "open sesame", 0 },
      SASL_CONTINUE, "", "" },
    { { 0 }, { GS2_ASK_GIVEN, "bob", 0 }, { GS2_ASK_GIVEN, "xyzzy-17", 0 },
      SASL_FAIL, "", "not the scripted password" },
    { { 0 }, { GS2_ASK_GIVEN, "bob", 0 }, { 0 },
      SASL_FAIL, "", "no GS2-SCRIPT credential for \"bob\"" },
    { { 0 }, { GS2_ASK_GIVEN, "b\"\033b", 0 }, { 0 },
      SASL_FAIL, "", "credential for \"b\\x22\\x1bb\"" },
    /* There is a credential: nobody is asked. */
    { { 0 }, { GS2_ASK_PROMPT, "bob", 0 }, { GS2_ASK_PROMPT, "xyzzy-17", 0 },
      SASL_CONTINUE, "", "" },
    { { GS2_ASK_PROMPT, "carol", 0 }, { GS2_ASK_PROMPT, "bob", 0 },
      { GS2_ASK_PROMPT, "xyzzy-17", 0 }, SASL_CONTINUE, "USER;", "" },
    { { 0 }, { GS2_ASK_GIVEN, "bob", 0 },
      { GS2_ASK_PROMPT, "open sesame", 0 }, SASL_CONTINUE, "PASS;", "" },
};

START_TEST(password)
{
    t_options_prepare();
    script.holder = "alice";
    script.password = "open sesame";
    d.authzid = logins[_i].user;
    d.authname = logins[_i].authname;
    d.password = logins[_i].password;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), logins[_i].code);
    ck_assert_str_eq(d.prompts, logins[_i].prompts);
    t_options_has(d.client_error, logins[_i].why);
    t_options_lacks(d.client_error, "xyzzy");
    t_options_lacks(d.client_log, "xyzzy");
    t_options_end();
}
END_TEST

/* Nobody has a credential: then, and only then, name and password are asked
 * for; the authorization identity that was typed is sent. */
START_TEST(password_by_prompts)
{
    t_options_prepare();
    script.holder = "alice";
    script.password = "open sesame";
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_INIT, 1, GSS_S_NO_CRED, GS2_MINOR_NO_CRED };
    d.authzid = GS2_PROMPT("carol");
    d.authname = GS2_PROMPT("bob");
    d.password = GS2_PROMPT("open sesame");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_str_eq(d.prompts, "USER;AUTHNAME;PASS;");
    t_options_has(d.exchange, "[n,a=carol,token 1");
    ck_assert_uint_eq(sm->count(GS2_CALL_ACQUIRE_PASSWORD), 1);
    ck_assert_mem_eq(sm->call(GS2_CALL_ACQUIRE_PASSWORD, 1)->target.data,
                     "bob", 3);
    ck_assert_str_eq(d.proxied, "scripted@SCRIPT.TEST as carol");
    t_options_end();
}
END_TEST

START_TEST(no_credential_at_all)
{
    t_options_prepare();
    script.initiator[0].major = GSS_S_NO_CRED;
    script.initiator[0].minor = GS2_MINOR_NO_CRED;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_NOTINIT);
    ck_assert_int_eq(d.client_code, SASL_FAIL);
    t_options_has(d.client_error, "no scripted credential of that name");
    t_options_lacks(d.client_error, "(Success)");
    t_options_end();
}
END_TEST

/* --- the authorization identity ------------------------------------------ */

static const struct {
    struct gs2_answer answer;
    const char *sent; /* NULL: refused before anything is sent */
} authzids[] = {
    { { GS2_ASK_NONE, NULL, 0 }, "[n,,token 1" },
    { { GS2_ASK_GIVEN, NULL, 0 }, "[n,,token 1" },
    { { GS2_ASK_GIVEN, "", 0 }, "[n,,token 1" },
    { { GS2_ASK_GIVEN, "bob", 0 }, "[n,a=bob,token 1" },
    { { GS2_ASK_PROMPT, "b,o=b", 0 }, "[n,a=b=2Co=3Db,token 1" },
    { { GS2_ASK_GIVEN, "bob\0evil", 8 }, NULL },
    { { GS2_ASK_PROMPT, "bob\0evil", 8 }, NULL },
    { { GS2_ASK_GIVEN, "\xff\xfe", 0 }, NULL },
    { { GS2_ASK_GIVEN, "\xed\xa0\x80", 0 }, NULL },
};

START_TEST(authzid)
{
    t_options_prepare();
    d.authzid = authzids[_i].answer;
    gs2_dialogue_open(&d);
    if (authzids[_i].sent == NULL) {
        ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_BADPROT);
        ck_assert_ptr_null(d.out);
        ck_assert_uint_eq(sm->count(GS2_CALL_INIT), 0);
    } else {
        ck_assert_int_eq(t_options_log_in(), SASL_OK);
        t_options_has(d.exchange, authzids[_i].sent);
    }
    t_options_end();
}
END_TEST

TESTS(t_options_ends,
      TABLE(anonymous_is_asked_for, booleans),
      TEST(anonymous_does_not_parse),
      TIMES(delegation, 2),
      TABLE(delegated_cannot_be_kept, keeps),
      TEST(delegated_is_kept_without_links),
      TEST(default_credential),
      TEST(credential_of_the_authname),
      TEST(credential_of_the_application_wins),
      TABLE(password, logins),
      TEST(password_by_prompts),
      TEST(no_credential_at_all),
      TABLE(authzid, authzids))
