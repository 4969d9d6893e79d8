/*
 * t_every.c - every script: up to three legs a side, each status with each
 * kind of token, mutual and bound or not, both ends through libsasl (RFC 7546
 * section 3; RFC 5801 sections 3.3 and 5.1).  tests/lib/every.c walks them; what
 * must hold of each dialogue is said in check().
 */
#include "tests/lib/every.h"

#include <stdio.h>
#include <string.h>

#include "tests/lib/suite.h"

/* What a leg answers: each status with each kind of token. */
static const struct answer answers[] = {
#define GOOD (GSS_C_MUTUAL_FLAG | GSS_C_CHANNEL_BOUND_FLAG)
    EACH_TOKEN(GSS_S_CONTINUE_NEEDED, GOOD),
    EACH_TOKEN(GSS_S_COMPLETE, GOOD),
    EACH_TOKEN(GSS_S_COMPLETE, GSS_C_MUTUAL_FLAG),
    EACH_TOKEN(GSS_S_COMPLETE, GSS_C_CHANNEL_BOUND_FLAG),
    EACH_TOKEN(GSS_S_FAILURE, GOOD),
    EACH_TOKEN(GSS_S_FAILURE | GSS_S_CONTINUE_NEEDED, GOOD),
    EACH_TOKEN(GSS_S_COMPLETE | GSS_S_DUPLICATE_TOKEN, GOOD),
    EACH_TOKEN(GSS_S_CONTINUE_NEEDED | GSS_S_OLD_TOKEN, GOOD),
    EACH_TOKEN(GSS_S_COMPLETE, 0),
    EACH_TOKEN(GSS_S_CONTINUE_NEEDED, 0),
};

/* All; where sanitizers make everything slow, a sample without the last
 * four statuses. */
static unsigned
answer_count(void)
{
    const unsigned all = COUNT(answers);

    return every_is_slow() ? all - 12 : all;
}

static unsigned long logins, half, refusals;

/* --- what was seen ------------------------------------------------------- */

/* The side's context, as its mechanism sees it.  The GSS library keeps none
 * where a first call says more than COMPLETE or CONTINUE_NEEDED. */
static bool
is_good(unsigned side)
{
    const struct answer *a = every_last(side);

    if (a == NULL || (every_calls(side) == 1 && a->major != GSS_S_COMPLETE))
        return false;
    return !GSS_ERROR(a->major) && !(a->major & GSS_S_CONTINUE_NEEDED) &&
           (a->flags & GSS_C_MUTUAL_FLAG) &&
           (side == INITIATOR || (a->flags & GSS_C_CHANNEL_BOUND_FLAG));
}

static void
check_logged_in(void)
{
    EXPECT(is_good(ACCEPTOR), "a login without a good context");
    EXPECT(strcmp(gs2_dialogue_property(d.server, SASL_USERNAME),
                "scripted@SCRIPT.TEST") == 0, "another user");
    EXPECT(d.canon_calls == 1 && d.proxy_calls == 1, "authorized twice");
}

static void
check_refused(void)
{
    EXPECT(!gs2_dialogue_has(d.server, SASL_USERNAME) &&
         !gs2_dialogue_has(d.server, SASL_AUTHUSER) &&
         !gs2_dialogue_has(d.server, SASL_GSS_PEER_NAME) &&
         !gs2_dialogue_has(d.server, SASL_GSS_LOCAL_NAME) &&
         !gs2_dialogue_has(d.server, SASL_DELEGATEDCREDS),
         "the server has something left of a refused login");
}

static void
check_client(void)
{
    if (d.client_code == SASL_OK) {
        EXPECT(is_good(INITIATOR), "the client trusts nobody");
        return;
    }
    if (d.client_code == SASL_CONTINUE)
        return; /* the server has failed first */
    EXPECT(!gs2_dialogue_has(d.client, SASL_USERNAME) &&
         !gs2_dialogue_has(d.client, SASL_GSS_PEER_NAME),
         "the client has something left of a failed login");
    EXPECT(d.client_error[0] != '\0', "a failure without a text");
}

/* A failure stays one, whatever comes. */
static void
check_sticky(void)
{
    int code;

    if (d.server_code < SASL_OK && d.server_code != SASL_NOTINIT) {
        gs2_dialogue_say(&d, "A1", (every_played & 1) * 2);
        code = gs2_dialogue_server_step(&d);
        EXPECT(code < SASL_OK, "the server's failure does not stay");
        check_refused();
    }
    /* libsasl itself crashes on a step after a start that has failed. */
    if (d.client_code < SASL_OK && d.client_steps > 1) {
        gs2_dialogue_say(&d, "A1", (every_played & 2));
        code = gs2_dialogue_client_step(&d);
        EXPECT(code < SASL_OK, "the client's failure does not stay");
        check_client();
    }
}

/* Where both contexts are good and no token is left over, both say OK. */
static void
check_agreement(bool logged_in)
{
    const unsigned leftover = sm->count(GS2_CALL_PROCESS_TOKEN);

    if (is_good(INITIATOR) && is_good(ACCEPTOR) && leftover == 0) {
        EXPECT(d.client_code == SASL_OK && logged_in,
             "both contexts are good, and there is no login");
    }
    if (logged_in && d.client_code == SASL_OK)
        logins++;
    else if (logged_in)
        half++; /* the server said success to one who expects more */
    else
        refusals++;
}

static void
check(void)
{
    const bool logged_in = d.server_code == SASL_OK;

    if (logged_in)
        check_logged_in();
    else
        check_refused();
    check_client();
    check_agreement(logged_in);
    check_sticky();
}

/* --- the walk ------------------------------------------------------------ */

static void
arrange(void)
{
    d.null_at_success = true;
}

static void
arrange_success_data(void)
{
    arrange();
    d.success_data = true;
}

/* Whether a login can begin so. */
static bool
can_succeed(unsigned first)
{
    const struct answer *a = &answers[first];

    return a->token == 2 && (a->flags & GSS_C_MUTUAL_FLAG) &&
           (a->major == GSS_S_COMPLETE || a->major == GSS_S_CONTINUE_NEEDED);
}

START_TEST(every)
{
    const unsigned firsts = answer_count() - 3, first = (unsigned)_i % firsts;
    const struct every scripts = {
        .answers = answers, .count = answer_count(),
        .initiator_flags = GSS_C_MUTUAL_FLAG,
        .arrange = (unsigned)_i >= firsts ? arrange_success_data : arrange,
        .check = check };

    every_walk(&scripts, first);
    printf("# first answer %08x, flags %x, token %d%s: %lu dialogues, %lu "
           "logins, %lu where only the server said OK, %lu refusals\n",
           answers[first].major, answers[first].flags, answers[first].token,
           (unsigned)_i >= firsts ? ", success data" : "", every_played, logins,
           half, refusals);
    fflush(stdout);
    ck_assert_uint_gt(refusals, 0);
    ck_assert_int_eq(logins > 0, can_succeed(first));
}
END_TEST

SUITE("every",
      PREPARE(scripted_one),
      TIMEOUT(1800),
      TIMES(every, 2 * (int)(answer_count() - 3)))
