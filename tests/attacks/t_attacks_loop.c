/*
 * t_attacks_loop.c - messages out of turn, with the real krb5 mechanism on
 * both sides (RFC 7546 sections 2 and 3).  What krb5 never says is played by
 * the scripted mechanism, in t_loop.c.
 */
#include "attack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/octets.h"

START_TEST(empty_challenge_to_waiting_client)
{
    int code;

    ROW("an empty challenge to a waiting client");
    attack.authname = "alice";
    attack_client();
    attack_client_must(attack_client_start(), SASL_CONTINUE, NULL);
    code = attack_client_step("", 0);
    attack_client_must(code, SASL_BADSERV, "token");
    CHECK(attack.client_out_len == 0, "%u octets to send",
          attack.client_out_len);
}
END_TEST

/* Row I6. */
START_TEST(success_without_proof)
{
    int code;

    ROW("success with no credentials to the client's first message");
    attack.authname = "alice";
    attack_client();
    attack_client_must(attack_client_start(), SASL_CONTINUE, NULL);
    code = attack_client_step(NULL, 0);
    attack_client_must(code, SASL_BADSERV, "before it has proved who it is");
    CHECK(attack.client_out_len == 0, "%u octets to send",
          attack.client_out_len);
}
END_TEST

START_TEST(challenge_that_is_no_token)
{
    ROW("a challenge that is no token");
    attack.authname = "alice";
    attack_client();
    attack_client_must(attack_client_start(), SASL_CONTINUE, NULL);
    attack_client_must(attack_client_step(OCTETS("no token")), SASL_BADSERV,
                       "token");
}
END_TEST

/* Row I9, here and at the client. */
START_TEST(token_after_completion_at_server)
{
    const struct raw_ask ask = { RAW_HEADER("n,,") };

    ROW("a token after completion, at the server");
    attack_server();
    attack_server_must(attack_raw(&ask), SASL_CONTINUE, NULL);
    attack_server_must(attack_step(OCTETS("more")), SASL_BADAUTH,
                       "a token after the end of the negotiation");
    attack_stands_alone();
}
END_TEST

START_TEST(token_after_completion_at_client)
{
    ROW("a token after completion, at the client");
    attack.authname = "alice";
    attack_server();
    attack_client();
    ck_assert_int_eq(attack_client_start(), SASL_CONTINUE);
    ck_assert_int_eq(attack_start("GS2-KRB5", attack.client_out,
                                  attack.client_out_len), SASL_CONTINUE);
    attack_client_must(attack_client_step(attack.server_out,
                                          attack.server_out_len),
                       SASL_OK, NULL);
    attack_client_must(attack_client_step(OCTETS("more")), SASL_BADSERV,
                       "a token after the end of the negotiation");
    CHECK(strcmp(attack_user(attack.client), "nobody") == 0,
          "the client is logged in as %s", attack_user(attack.client));
}
END_TEST

/* --- a step after a failure (rows I12 and I13) --------------------------- */

START_TEST(step_after_failure_at_server)
{
    const struct raw_ask ask = { RAW_HEADER("n,,"), .bound = "y,," };

    ROW("a step after a failure, at the server");
    attack_server();
    (void)attack_start("GS2-KRB5", OCTETS("x,,"));
    attack_server_must(attack_step("", 0), SASL_FAIL,
                       "after the attempt had failed");
    (void)attack_try(&ask);
    attack_server_must(attack_step(OCTETS("more")), SASL_FAIL,
                       "after the attempt had failed");
}
END_TEST

START_TEST(step_after_failure_at_client)
{
    ROW("a step after a failure, at the client");
    attack.authname = "alice";
    attack_client();
    ck_assert_int_eq(attack_client_start(), SASL_CONTINUE);
    (void)attack_client_step(OCTETS("no token"));
    /* libsasl keeps the context of a client: it says again what failed. */
    attack_client_must(attack_client_step("", 0), SASL_BADSERV, "token");
    attack_client_must(attack_client_step(NULL, 0), SASL_BADSERV, "token");
    CHECK(attack.client_out_len == 0, "%u octets to send",
          attack.client_out_len);
}
END_TEST

/* --- the acceptor's error token ----------------------------------------- */

/* Alice's clock becomes an hour fast; she has the service's ticket. */
static void
skew_the_client(void)
{
    const struct raw_ask ask = { RAW_HEADER("n,,") };
    char path[512], *message;
    size_t len;

    raw_message(&ask, &message, &len);
    free(message);
    snprintf(path, sizeof(path), "%s/fast-clock", getenv("GS2_REALM_DIR"));
    raw_shift_clock(path, 3600);
}

/* The client's first message, and the server's answer to it. */
static void
be_refused_by_the_clock(void)
{
    attack.authname = "alice";
    attack_server();
    attack_client();
    ck_assert_int_eq(attack_client_start(), SASL_CONTINUE);
    attack_server_must(attack_start("GS2-KRB5", attack.client_out,
                                    attack.client_out_len), SASL_CONTINUE,
                       "Clock skew too great");
    CHECK(attack.server_out_len > 50, "no error token");
}

START_TEST(error_token_tells_the_client)
{
    char answer[1024];
    unsigned len;

    ROW("the acceptor fails with an error token: the client learns why");
    skew_the_client();
    be_refused_by_the_clock();
    len = attack.server_out_len;
    ck_assert_uint_le(len, sizeof(answer));
    memcpy(answer, attack.server_out, len);
    attack_client_must(attack_client_step(answer, len), SASL_BADSERV,
                       "Clock skew too great");
    CHECK(strcmp(attack_user(attack.client), "nobody") == 0,
          "the client is logged in as %s", attack_user(attack.client));
}
END_TEST

START_TEST(failure_follows_the_error_token)
{
    ROW("after its error token the server fails, whatever it is told");
    skew_the_client();
    be_refused_by_the_clock();
    attack_server_must(attack_step("", 0), SASL_BADAUTH,
                       "Clock skew too great");
    CHECK(attack.policies + attack.canons == 0, "callbacks were called");
    attack_stands_alone();
}
END_TEST

START_TEST(failure_is_logged_though_the_client_hangs_up)
{
    const char *line;

    ROW("the client hangs up after the error token: the log has the failure");
    skew_the_client();
    be_refused_by_the_clock();
    sasl_dispose(&attack.server);
    line = strstr(attack.log, "Clock skew too great");
    attack_saw("log: %s", attack.log);
    CHECK(line != NULL && strstr(attack.log, "GS2-KRB5 login failed") != NULL,
          "the log does not say why: %s", attack.log);
    CHECK(line == NULL || strstr(line + 1, "Clock skew") == NULL,
          "the failure is logged twice: %s", attack.log);
}
END_TEST

START_TEST(no_error_token_on_request)
{
    ROW("gs2_error_tokens: no");
    skew_the_client();
    attack.authname = "alice";
    attack.options[0][0] = "gs2_error_tokens";
    attack.options[0][1] = "no";
    attack_server();
    attack_client();
    ck_assert_int_eq(attack_client_start(), SASL_CONTINUE);
    attack_server_must(attack_start("GS2-KRB5", attack.client_out,
                                    attack.client_out_len), SASL_BADAUTH,
                       "Clock skew too great");
}
END_TEST

TESTS(attack_loop_rows,
      CASE("loop"),
      FIXTURE(attack_setup, attack_teardown),
      TIMEOUT(60),
      TEST(empty_challenge_to_waiting_client),
      TEST(success_without_proof),
      TEST(challenge_that_is_no_token),
      TEST(token_after_completion_at_server),
      TEST(token_after_completion_at_client),
      TEST(step_after_failure_at_server),
      TEST(step_after_failure_at_client),
      TEST(error_token_tells_the_client),
      TEST(failure_follows_the_error_token),
      TEST(failure_is_logged_though_the_client_hangs_up),
      TEST(no_error_token_on_request))
