/*
 * t_loop_more.c - what a row of the tables of t_loop.c cannot say: bounds of
 * legs and time (RFC 7546 sections 2.4 and 2.7) and what GSS is called with
 * (section 2).  First messages are in t_loop_first.c.
 */
#include "t_loop_more.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/clock.h"

/* --- dialogues of any length --------------------------------------------- */

/* Writes what must be seen of an honest dialogue of so many tokens. */
static const char *
expect_honest(unsigned tokens, bool success_data)
{
    static char text[GS2_EXCHANGE_MAX];
    size_t at = 0;

    for (unsigned i = 1; i <= tokens; i++) {
        const bool client = i % 2 == 1;
        const bool last = i == tokens;
        const char *code = "CONTINUE";

        if (last && (client || success_data))
            code = "OK";
        at += (size_t)sprintf(text + at, "%s%c: %s [%stoken %u%s]",
                              i > 1 ? "; " : "", client ? 'C' : 'S', code,
                              i == 1 ? "n,," : "", i, i == 1 ? "+27" : "");
    }
    if (tokens % 2 == 1)
        strcpy(text + at, "; S: OK -");
    else
        strcpy(text + at, success_data ? "; C: OK []" : "; C: OK []; S: OK -");
    return text;
}

/* Mechanisms of 1 to 16 tokens, and of the longest that is allowed. */
static const unsigned lengths[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 63, 64,
                                    127 };

static void
run_honest(unsigned tokens, bool success_data)
{
    char what[64];

    t_loop_start(tokens);
    d.success_data = success_data;
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_str_eq(d.exchange, expect_honest(tokens, success_data));
    ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_USERNAME),
                     "scripted@SCRIPT.TEST");
    ck_assert_str_eq(gs2_dialogue_property(d.client, SASL_USERNAME),
                     "scripted@SCRIPT.TEST");
    ck_assert_uint_eq(sm->count(GS2_CALL_INIT), tokens / 2 + 1);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), (tokens + 1) / 2);
    ck_assert_uint_eq(sm->count(GS2_CALL_PROCESS_TOKEN), 0);
    snprintf(what, sizeof(what), "%u tokens%s", tokens,
             success_data ? ", SASL_SUCCESS_DATA" : "");
    t_loop_print("RFC 7546 2.8: the loop must continue", "both", "all", what,
                 tokens <= 9 ? d.exchange : "(as it must be)");
    t_loop_end();
}

START_TEST(honest)
{
    run_honest(lengths[_i], false);
}
END_TEST

START_TEST(honest_with_success_data)
{
    run_honest(lengths[_i], true);
}
END_TEST

/* --- bounds -------------------------------------------------------------- */

/* A script in which a role says CONTINUE for ever and takes any token. */
static void
start_endless(enum side side)
{
    t_loop_start(2);
    memset(script.acceptor, 0, sizeof(script.acceptor));
    memset(script.initiator, 0, sizeof(script.initiator));
    if (side == ACCEPTOR) {
        script.acceptor[0].major = GSS_S_CONTINUE_NEEDED;
        script.acceptor[0].token = gs2_script_token(2);
        script.acceptor_legs = 1;
    } else {
        script.initiator[0].major = GSS_S_CONTINUE_NEEDED;
        script.initiator[0].token = gs2_script_token(1);
        script.initiator_legs = 1;
    }
    script.repeat = true;
}

static void
feed(struct gs2_message *messages, unsigned *count, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        messages[i] = (struct gs2_message)GS2_MESSAGE("x");
    *count = n;
}

START_TEST(sixty_five_legs_server)
{
    start_endless(ACCEPTOR);
    feed(d.raw_client, &d.raw_client_count, 65);
    d.raw_client[0] = (struct gs2_message)GS2_MESSAGE("n,,x");
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_int_eq(d.server_code, SASL_BADAUTH);
    ck_assert_uint_eq(d.server_steps, 65);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 64);
    ck_assert_ptr_nonnull(strstr(d.server_error, "more than 64 legs"));
    ck_assert_ptr_nonnull(strstr(d.exchange, "S: CONTINUE [token 2]; S: "
                                             "BADAUTH -"));
    t_loop_print("row S9: at most 64 legs", "server", "65th",
                 "CONTINUE for ever", "63 x S: CONTINUE [token 2]; "
                 "S: CONTINUE [token 2]; S: BADAUTH -");
    t_loop_end();
}
END_TEST

START_TEST(sixty_five_legs_client)
{
    start_endless(INITIATOR);
    feed(d.raw_server, &d.raw_server_count, 64);
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_int_eq(d.client_code, SASL_BADSERV);
    ck_assert_uint_eq(d.client_steps, 65);
    ck_assert_uint_eq(sm->count(GS2_CALL_INIT), 64);
    ck_assert_ptr_nonnull(strstr(d.client_error, "more than 64 legs"));
    t_loop_print("row S9: at most 64 legs", "client", "65th",
                 "CONTINUE for ever",
                 "64 x C: CONTINUE [token 1]; C: BADSERV -");
    t_loop_end();
}
END_TEST

/* Seconds between the first call and the second, and whether that is well. */
static const struct {
    time_t seconds;
    bool well;
} delays[] = { { 0, true }, { 299, true }, { 302, false }, { 90000, false } };

static void
run_delayed(enum side side, time_t seconds, bool well)
{
    char what[64];

    start_endless(side);
    gs2_dialogue_open(&d);
    if (side == ACCEPTOR) {
        gs2_dialogue_say(&d, "n,,x", 4);
        ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_CONTINUE);
        clock_ahead = seconds;
        gs2_dialogue_say(&d, "x", 1);
        ck_assert_int_eq(gs2_dialogue_server_step(&d),
                         well ? SASL_CONTINUE : SASL_BADAUTH);
    } else {
        ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
        clock_ahead = seconds;
        gs2_dialogue_say(&d, "x", 1);
        ck_assert_int_eq(gs2_dialogue_client_step(&d),
                         well ? SASL_CONTINUE : SASL_BADSERV);
    }
    clock_ahead = 0; /* Check measures the test by the same clock */
    ck_assert(well || strstr(side == ACCEPTOR ? d.server_error
                                              : d.client_error,
                             "more than 300 seconds") != NULL);
    ck_assert_uint_eq(sm->count(side == ACCEPTOR ? GS2_CALL_ACCEPT
                                                 : GS2_CALL_INIT),
                      well ? 2 : 1);
    snprintf(what, sizeof(what), "the token after %ld seconds",
             (long)seconds);
    t_loop_print(side == ACCEPTOR ? "row S9, RFC 7546 2.4: a reasonable time"
                                  : "row S9, RFC 7546 2.7: a reasonable time",
                 side == ACCEPTOR ? "server" : "client", "middle", what,
                 d.exchange);
    t_loop_end();
}

START_TEST(seconds_server)
{
    run_delayed(ACCEPTOR, delays[_i].seconds, delays[_i].well);
}
END_TEST

START_TEST(seconds_client)
{
    run_delayed(INITIATOR, delays[_i].seconds, delays[_i].well);
}
END_TEST

/* The client's last response, without a token, after so many seconds. */
START_TEST(seconds_last_word)
{
    const bool well = delays[_i].well;

    t_loop_start(2);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_OK);
    clock_ahead = delays[_i].seconds;
    ck_assert_int_eq(gs2_dialogue_server_step(&d),
                     well ? SASL_OK : SASL_BADAUTH);
    clock_ahead = 0;
    ck_assert(well || strstr(d.server_error, "more than 300 seconds") != NULL);
    t_loop_print("row S9: 300 seconds from the first to the last", "server",
                 "last", well ? "the last word in time" : "too late",
                 d.exchange);
    t_loop_end();
}
END_TEST

/* --- what GSS is called with --------------------------------------------- */

void
t_loop_check_bindings(const struct gs2_call *call, const char *bound)
{
    ck_assert(call->bindings);
    ck_assert_uint_eq(call->initiator_addrtype, 0);
    ck_assert_uint_eq(call->acceptor_addrtype, 0);
    ck_assert_uint_eq(call->initiator_address.len, 0);
    ck_assert_uint_eq(call->acceptor_address.len, 0);
    ck_assert_uint_eq(call->application_data.len, strlen(bound));
    ck_assert_mem_eq(call->application_data.data, bound, strlen(bound));
}

/* RFC 7546 section 2: an empty first token, inputs that stay (row S8); the
 * target as the application named it (RFC 5801 section 16). */
START_TEST(inputs)
{
    const struct gs2_call *call;

    t_loop_start(7);
    d.authzid = GS2_GIVEN("bob");
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_int_eq(d.server_code, SASL_OK);
    for (unsigned i = 1; i <= 4; i++) {
        call = sm->call(GS2_CALL_INIT, i);
        ck_assert_ptr_nonnull(call);
        ck_assert_int_eq(call->input, i == 1 ? GS2_INPUT_NONE
                                             : GS2_INPUT_SOME);
        ck_assert_uint_eq(call->req_flags, MUTUAL | GSS_C_SEQUENCE_FLAG);
        ck_assert_uint_eq(call->time_req, 0);
        ck_assert_uint_eq(call->cred, 0);
        ck_assert_uint_eq(call->target.len, 21);
        ck_assert_mem_eq(call->target.data, "test@host.script.test", 21);
        t_loop_check_bindings(call, "n,a=bob,");
        t_loop_check_bindings(sm->call(GS2_CALL_ACCEPT, i), "n,a=bob,");
    }
    ck_assert_str_eq(d.proxied, "scripted@SCRIPT.TEST as bob");
    t_loop_print("RFC 7546 2: begins with an empty token, inputs stay fixed",
                 "both", "all", "7 tokens", d.exchange);
    t_loop_end();
}
END_TEST

/* An empty token is a token, not the lack of one. */
START_TEST(empty_tokens_are_handed_over)
{
    const struct edit none = { ACCEPTOR, 1, .token = NO_TOKEN };
    const struct edit empty = { INITIATOR, 2, .token = "" };

    t_loop_start(5);
    t_loop_edit(&none);
    t_loop_edit(&empty);
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_int_eq(d.server_code, SASL_OK);
    ck_assert_int_eq(sm->call(GS2_CALL_INIT, 2)->input, GS2_INPUT_EMPTY);
    ck_assert_uint_eq(sm->call(GS2_CALL_INIT, 2)->context, 1);
    ck_assert_int_eq(sm->call(GS2_CALL_ACCEPT, 2)->input, GS2_INPUT_EMPTY);
    t_loop_print("row I7: an empty token never restarts the context", "both",
                 "middle", "CONTINUE, none, on both sides", d.exchange);
    t_loop_end();
}
END_TEST

/* --- after the end ------------------------------------------------------- */

START_TEST(client_step_after_a_failure)
{
    t_loop_start(2);
    script.initiator[1].major = GSS_S_FAILURE;
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_int_eq(d.client_code, SASL_BADSERV);
    ck_assert_str_eq(gs2_dialogue_property(d.client, SASL_USERNAME), "-");
    gs2_dialogue_say(&d, "x", 1);
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_BADSERV);
    ck_assert_ptr_nonnull(strstr(d.client_error, "GSS initiator"));
    ck_assert_uint_eq(sm->count(GS2_CALL_INIT), 2);
    t_loop_print("row I12: failed: the recorded failure",
                 "client", "last", "FAILURE; then a challenge", d.exchange);
    t_loop_end();
}
END_TEST

TESTS(t_loop_more,
      TABLE(honest, lengths),
      TABLE(honest_with_success_data, lengths),
      TEST(sixty_five_legs_server),
      TEST(sixty_five_legs_client),
      TABLE(seconds_server, delays),
      TABLE(seconds_client, delays),
      TABLE(seconds_last_word, delays),
      TEST(inputs),
      TEST(empty_tokens_are_handed_over),
      TEST(client_step_after_a_failure))
