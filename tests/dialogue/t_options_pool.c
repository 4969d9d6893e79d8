/*
 * t_options_pool.c - what a server and a client of many names, many failures
 * and odd callbacks come to: nothing is used up, forged or mistaken for a
 * login.
 */
#include "t_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than the pool has slots (common/gss/cred_pool.c). */
#define NAMES 600

/* krb5 would ask the DNS for each name. */
static void
prepare_script_alone(void)
{
    t_options_prepare();
    t_options_server("gs2_mechs", "GS2-SCRIPT");
}

/* A connection of a server by another host's name: is GS2-SCRIPT offered? */
static bool
offered_by(const char *host)
{
    sasl_conn_t *conn = NULL;
    bool offered;

    ck_assert_int_eq(sasl_server_new("test", host, NULL, NULL, NULL,
                                     d.server_callbacks, 0, &conn), SASL_OK);
    offered = t_options_lists(conn, "GS2-SCRIPT");
    sasl_dispose(&conn);
    return offered;
}

/* A host's name may come from a client (SNI). */
START_TEST(names_from_clients)
{
    char host[64];

    prepare_script_alone();
    gs2_dialogue_open(&d);
    for (int i = 0; i < NAMES; i++) {
        snprintf(host, sizeof(host), "host%d.script.test", i);
        ck_assert_msg(offered_by(host), "not offered by %s", host);
    }
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert(offered_by("host0.script.test"));
    t_options_end();
}
END_TEST

/* Names for which there is no credential are no burden either. */
START_TEST(names_without_keys)
{
    char host[64];

    prepare_script_alone();
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_ACQUIRE_CRED, 0, GSS_S_NO_CRED, GS2_MINOR_NO_CRED };
    gs2_dialogue_open(&d);
    for (int i = 0; i < NAMES; i++) {
        snprintf(host, sizeof(host), "host%d.script.test", i);
        ck_assert(!offered_by(host));
    }
    script.faults[0].kind = GS2_CALL_NONE;
    ck_assert(offered_by("another.script.test"));
    t_options_end();
}
END_TEST

/* What is said of a credential is remembered, but not that there was no memory
 * to ask for it. */
START_TEST(out_of_memory_is_not_remembered)
{
    const bool memory = _i == 0;

    prepare_script_alone();
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_ACQUIRE_CRED, 0, memory ? GSS_S_FAILURE : GSS_S_NO_CRED,
        memory ? ENOMEM : GS2_MINOR_NO_CRED };
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_NOMECH);
    t_options_has(d.server_error, memory ? "out of memory"
                                         : "the server has no GS2-SCRIPT");
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "is not available"),
                      memory ? 0 : 1);
    script.faults[0].kind = GS2_CALL_NONE;
    ck_assert_int_eq(t_options_log_in(), memory ? SASL_OK : SASL_NOMECH);
    t_options_end();
}
END_TEST

/* A credential whose time is over is not taken from the pool. */
START_TEST(expired_is_acquired_anew)
{
    prepare_script_alone();
    script.lifetime = 1;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACQUIRE_CRED), 1);
    sleep(2);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACQUIRE_CRED), 2);
    t_options_end();
}
END_TEST

/* One with which a handshake failed may have a key that is no more. */
START_TEST(doubtful_is_acquired_anew)
{
    prepare_script_alone();
    script.acceptor[1].major = GSS_S_FAILURE;
    gs2_dialogue_open(&d);
    ck_assert_int_ne(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACQUIRE_CRED), 1);
    gs2_script_honest(&script, 3);
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACQUIRE_CRED), 2);
    t_options_end();
}
END_TEST

/* What is known of one keytab is not said of another, whether the option
 * names it or the environment. */
START_TEST(each_keytab_is_asked)
{
    static const char *const keytabs[] = {
        "FILE:/nonexistent/one", "FILE:/nonexistent/two",
    };
    char line[64];

    t_options_prepare();
    gs2_dialogue_open(&d);
    for (size_t i = 0; i < COUNT(keytabs); i++) {
        if (_i == 0)
            t_options_server("gs2_keytab", keytabs[i]);
        else
            ck_assert_int_eq(setenv("KRB5_KTNAME", keytabs[i], 1), 0);
        ck_assert(!t_options_lists(d.server, "GS2-KRB5"));
        snprintf(line, sizeof(line), "keytab: %s", keytabs[i]);
        t_options_has(d.server_log, line);
    }
    t_options_end();
}
END_TEST

/* The ticket ends with the handshake; then the context cannot be asked. */
START_TEST(expired_with_the_ticket)
{
    prepare_script_alone();
    script.expired = true;
    gs2_dialogue_open(&d);
    (void)t_options_log_in();
    ck_assert_int_eq(d.client_code, SASL_FAIL);
    t_options_has(d.client_error, "the security context has expired with the "
                                  "user's credential");
    ck_assert_uint_eq(sm->count(GS2_CALL_INQUIRE_CONTEXT), 0);
    t_options_end();
}
END_TEST

/* canon_user strips it, and libsasl's own proxy policy says yes to "". */
START_TEST(authzid_of_white_space)
{
    prepare_script_alone();
    d.authzid = GS2_GIVEN(" ");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_BADPROT);
    t_options_has(d.server_error, "the application cannot use the "
                                  "authorization identity \" \"");
    ck_assert_uint_eq(d.proxy_calls, 0);
    t_options_end();
}
END_TEST

/* The client asks its context for a name, and then the server. */
START_TEST(acceptor_that_cannot_be_told)
{
    prepare_script_alone();
    t_options_server("gs2_require", "not gs2:acceptor=x");
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_INQUIRE_CONTEXT, 2, GSS_S_FAILURE, 0 };
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_log_in(), SASL_NOAUTHZ);
    t_options_has(d.server_error, "the login cannot be held against the "
                                  "requirements of the server");
    t_options_has(d.server_log, "the mechanism does not tell the name of the "
                                "acceptor");
    t_options_end();
}
END_TEST

/* The first step of a login at a server of that name.  Returns its code. */
static int
begin_at(unsigned number, sasl_conn_t **conn_out, const struct gs2_message *m)
{
    const char *out;
    unsigned len;
    char host[64];

    snprintf(host, sizeof(host), "host%u.script.test", number);
    ck_assert_int_eq(sasl_server_new("test", host, NULL, NULL, NULL,
                                     d.server_callbacks, 0, conn_out),
                     SASL_OK);
    return sasl_server_start(*conn_out, "GS2-SCRIPT", m->data,
                             (unsigned)m->len, &out, &len);
}

/* So many at once that each slot of the pool is lent: one more is refused with
 * a reason, and lets nobody down. */
START_TEST(more_logins_than_slots)
{
    static sasl_conn_t *conns[NAMES];
    struct gs2_message first;
    unsigned count = 0;

    prepare_script_alone();
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
    first = (struct gs2_message){ d.out, d.out_len };
    while (count < NAMES &&
           begin_at(count, &conns[count], &first) == SASL_CONTINUE)
        count++;
    ck_assert_uint_eq(count, 512);
    t_options_has(sasl_errdetail(conns[count]),
                  "more than 512 acceptor names");
    sasl_dispose(&conns[0]);
    sasl_dispose(&conns[count]);
    ck_assert_int_eq(begin_at(count, &conns[count], &first), SASL_CONTINUE);
    for (unsigned i = 0; i <= count; i++)
        sasl_dispose(&conns[i]);
    t_options_end();
}
END_TEST

START_TEST(a_host_is_one_line_of_the_log)
{
    t_options_prepare();
    gs2_dialogue_open(&d);
    ck_assert(offered_by("a\n2 GS2-KRB5 login failed: authid=admin"));
    t_options_has(d.server_log, "test@a\\x0a2 gs2-krb5 login failed");
    t_options_lacks(d.server_log, "\n2 gs2-krb5");
    t_options_end();
}
END_TEST

/* Whoever sends bad tokens does not fill the log with good news. */
START_TEST(available_is_said_once)
{
    t_options_prepare();
    script.acceptor[0].major = GSS_S_FAILURE;
    gs2_dialogue_open(&d);
    for (int i = 0; i < 5; i++)
        ck_assert_int_ne(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "login failed"), 5);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "is available"), 1);
    t_options_end();
}
END_TEST

static int
says_code(void *context, int id, const char **result, unsigned *len)
{
    (void)id;
    (void)result;
    (void)len;
    return *(const int *)context;
}

static int
gives_code(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret)
{
    (void)conn;
    (void)id;
    (void)secret;
    return *(const int *)context;
}

static int
gives_name(void *context, int id, const char **result, unsigned *len)
{
    (void)context;
    (void)id;
    *result = "alice";
    *len = 5;
    return SASL_OK;
}

#define CALLBACK(function) ((int (*)(void))(void (*)(void))(function))

/* What a callback answers, and what comes of it: libldap takes CONTINUE for a
 * login where the server has said success. */
static const struct {
    unsigned long id;
    int says, code;
} odd_callbacks[] = {
    { SASL_CB_USER, SASL_CONTINUE, SASL_FAIL },
    { SASL_CB_AUTHNAME, SASL_CONTINUE, SASL_FAIL },
    { SASL_CB_PASS, SASL_CONTINUE, SASL_FAIL },
    { SASL_CB_USER, SASL_NOMEM, SASL_NOMEM },
    { SASL_CB_AUTHNAME, SASL_BADPARAM, SASL_BADPARAM },
    { SASL_CB_PASS, SASL_BADPARAM, SASL_BADPARAM },
};

START_TEST(a_callback_that_fails)
{
    const unsigned long id = odd_callbacks[_i].id;
    int says = odd_callbacks[_i].says;
    sasl_callback_t callbacks[] = {
        { id, id == SASL_CB_PASS ? CALLBACK(gives_code) : CALLBACK(says_code),
          &says },
        { id == SASL_CB_PASS ? SASL_CB_AUTHNAME : SASL_CB_LIST_END,
          CALLBACK(gives_name), &says },
        { SASL_CB_LIST_END, NULL, NULL },
    };
    const char *out = NULL, *mech = NULL;
    sasl_conn_t *conn = NULL;
    unsigned len = 0;

    t_options_prepare();
    /* Who has no credential is asked for the password. */
    if (id == SASL_CB_PASS)
        script.faults[0] = (struct gs2_script_fault){
            GS2_CALL_ACQUIRE_CRED, 0, GSS_S_NO_CRED, GS2_MINOR_NO_CRED };
    gs2_dialogue_open(&d);
    ck_assert_int_eq(sasl_client_new("test", "host.script.test", NULL, NULL,
                                     callbacks, 0, &conn), SASL_OK);
    ck_assert_int_eq(sasl_client_start(conn, "GS2-SCRIPT", NULL, &out, &len,
                                       &mech), odd_callbacks[_i].code);
    t_options_has(sasl_errdetail(conn), "the application did not give the");
    ck_assert_int_eq(sasl_client_step(conn, NULL, 0, NULL, &out, &len),
                     odd_callbacks[_i].code);
    sasl_dispose(&conn);
    t_options_end();
}
END_TEST

/* A password of nobody is not asked for. */
START_TEST(a_password_without_a_name)
{
    t_options_prepare();
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_INIT, 0, GSS_S_NO_CRED, GS2_MINOR_NO_CRED };
    d.password = GS2_PROMPT("open sesame");
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_FAIL);
    ck_assert_str_eq(d.prompts, "");
    t_options_end();
}
END_TEST

TESTS(t_options_pool,
      TEST(names_from_clients),
      TEST(names_without_keys),
      TIMES(out_of_memory_is_not_remembered, 2),
      TEST(expired_is_acquired_anew),
      TEST(doubtful_is_acquired_anew),
      TIMES(each_keytab_is_asked, 2),
      TEST(authzid_of_white_space),
      TEST(acceptor_that_cannot_be_told),
      TEST(expired_with_the_ticket),
      TEST(more_logins_than_slots),
      TEST(a_host_is_one_line_of_the_log),
      TEST(available_is_said_once),
      TABLE(a_callback_that_fails, odd_callbacks),
      TEST(a_password_without_a_name))
