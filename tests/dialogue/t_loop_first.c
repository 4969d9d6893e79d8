/*
 * t_loop_first.c - first messages: who begins (RFC 5801 section 4), headers
 * that are not those that were bound (section 5.1; rows U1, U2 and U4),
 * mechanisms without framing (row H3).
 */
#include "t_loop_more.h"

#include <string.h>

/* --- the first message --------------------------------------------------- */

/* An application that wants no initial response: libsasl then lets a challenge
 * come first. */
static int
start_without_response(void)
{
    const char *mech;

    return sasl_client_start(d.client, d.mech, NULL, NULL, NULL, &mech);
}

START_TEST(challenge_before_the_first_message)
{
    t_loop_start(2);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(start_without_response(), SASL_CONTINUE);
    gs2_dialogue_say(&d, "x", 1);
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_BADPROT);
    ck_assert_ptr_nonnull(strstr(d.client_error, "a challenge before the "
                                                 "client's first message"));
    ck_assert_uint_eq(sm->count(GS2_CALL_INIT), 0);
    gs2_dialogue_say(&d, "", 0);
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_BADPROT);
    t_loop_print("row I4: start, a challenge", "client",
                 "first", "x, and then an empty one", d.exchange);
    t_loop_end();
}
END_TEST

START_TEST(empty_challenge_before_the_first_message)
{
    t_loop_start(3);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(start_without_response(), SASL_CONTINUE);
    gs2_dialogue_say(&d, "", 0);
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_OK);
    ck_assert_int_eq(gs2_dialogue_server_step(&d), SASL_OK);
    t_loop_print("row I5: the client speaks first; an empty challenge",
                 "client", "first", "3 tokens", d.exchange);
    t_loop_end();
}
END_TEST

/* Takes the client's first message and puts another header before its token.
 * Returns the server's code. */
static int
behead(const char *old, const char *header)
{
    char message[256];
    size_t len;

    ck_assert_int_ge(gs2_dialogue_client_start(&d), SASL_OK);
    ck_assert_uint_ge(d.out_len, strlen(old));
    ck_assert_mem_eq(d.out, old, strlen(old));
    len = (size_t)(stpcpy(message, header) - message);
    memcpy(message + len, d.out + strlen(old), d.out_len - strlen(old));
    gs2_dialogue_say(&d, message, len + d.out_len - strlen(old));
    return gs2_dialogue_server_start(&d);
}

/* Mechanisms that verify bindings, with and without saying so. */
static const struct {
    const char *name;
    enum gs2_script_oid oid;
    enum gs2_script_bind bind;
} binders[] = {
    { "1.3.6.1.4.1.32473.1.1", GS2_OID_A, GS2_BIND_CHECK },
    { "EAP-AES128", GS2_OID_EAP128, GS2_BIND_SILENT },
    { "EAP-AES256", GS2_OID_EAP256, GS2_BIND_SILENT },
};

static void
start_binder(int i, unsigned tokens)
{
    sm->reset();
    gs2_script_honest(&script, tokens);
    script.acceptor[0].bind = binders[i].bind;
    sm->install(binders[i].oid, &script);
    gs2_dialogue_init(&d);
}

START_TEST(bound_is_accepted)
{
    start_binder(_i, 3);
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_str_eq(d.exchange, C1 S2 "; C: OK [token 3]; S: OK -");
    t_loop_print("rows U1 and U2: bound", "server", "last",
                 binders[_i].name, d.exchange);
    t_loop_end();
}
END_TEST

START_TEST(unbound_is_refused)
{
    start_binder(_i, 2);
    script.initiator[0].bind = GS2_BIND_SEND_NONE;
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_str_eq(d.exchange,
                     "C: CONTINUE [n,,token 1+4]; S: BADBINDING -");
    ck_assert_uint_eq(d.canon_calls, 0);
    t_loop_print("rows U1, U2 and U4: no bindings", "server", "first",
                 binders[_i].name, d.exchange);
    t_loop_end();
}
END_TEST

/* A token that was captured, behind an authzid of the thief's. */
START_TEST(other_header_is_refused)
{
    start_binder(_i, 2);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(behead("n,,", "n,a=bob,"), SASL_BADBINDING);
    ck_assert_uint_eq(d.canon_calls + d.proxy_calls, 0);
    t_loop_print("RFC 5801 5.1: the header is bound", "server", "first",
                 binders[_i].name, d.exchange);
    t_loop_end();
}
END_TEST

/* krb5 takes a token that was made without bindings, whatever it was for. */
START_TEST(unbound_behind_another_header_is_refused)
{
    t_loop_start(2);
    script.initiator[0].bind = GS2_BIND_SEND_NONE;
    script.acceptor[0].bind = GS2_BIND_LAX;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(behead("n,,", "n,a=bob,"), SASL_BADBINDING);
    ck_assert_ptr_nonnull(strstr(d.server_error, "not bound to the GS2"));
    ck_assert_uint_eq(d.canon_calls + d.proxy_calls, 0);
    t_loop_print("rows U1 and U4: re-headed", "server", "first",
                 "LAX acceptor, unbound token", d.exchange);
    t_loop_end();
}
END_TEST

/* --- mechanisms without framing ------------------------------------------ */

static void
start_unframed(unsigned tokens)
{
    sm->reset();
    gs2_script_honest_unframed(&script, tokens);
    sm->install(GS2_OID_NTLM, &script);
    gs2_dialogue_init(&d);
    d.mech = "GS2-UNFRAMED";
    gs2_dialogue_open(&d);
}

START_TEST(unframed)
{
    start_unframed((unsigned)_i);
    gs2_dialogue_run(&d);
    ck_assert_int_eq(d.client_code, SASL_OK);
    ck_assert_int_eq(d.server_code, SASL_OK);
    ck_assert_ptr_nonnull(strstr(d.exchange, " [F,n,,NTLMSSP+"));
    /* F, is not bound. */
    t_loop_check_bindings(sm->call(GS2_CALL_INIT, 1), "n,,");
    t_loop_check_bindings(sm->call(GS2_CALL_ACCEPT, 1), "n,,");
    t_loop_print("RFC 5801 4: F, for a mechanism without framing", "both",
                 "all", "NTLMSSP", d.exchange);
    t_loop_end();
}
END_TEST

START_TEST(unframed_without_f_is_refused)
{
    start_unframed(2);
    ck_assert_int_eq(behead("F,n,,", "n,,"), SASL_BADPROT);
    ck_assert_ptr_nonnull(strstr(d.server_error, "does not say F"));
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 0);
    t_loop_print("row H3: no F, for tokens without framing", "server", "first",
                 "NTLMSSP", d.exchange);
    t_loop_end();
}
END_TEST

START_TEST(framed_with_f_is_refused)
{
    t_loop_start(2);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(behead("n,,", "F,n,,"), SASL_BADPROT);
    ck_assert_ptr_nonnull(strstr(d.server_error, "header says F"));
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 0);
    t_loop_print("row H3: F, for tokens with framing", "server", "first",
                 "token 1", d.exchange);
    t_loop_end();
}
END_TEST

TESTS(t_loop_first,
      TEST(challenge_before_the_first_message),
      TEST(empty_challenge_before_the_first_message),
      TABLE(bound_is_accepted, binders),
      TABLE(unbound_is_refused, binders),
      TABLE(other_header_is_refused, binders),
      TEST(unbound_behind_another_header_is_refused),
      RANGE(unframed, 1, 6),
      TEST(unframed_without_f_is_refused),
      TEST(framed_with_f_is_refused))
