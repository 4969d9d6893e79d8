/*
 * t_every.c - every script: up to three legs a side, each status with each
 * kind of token, mutual and bound or not, both ends through libsasl (RFC 7546
 * section 3; RFC 5801 sections 3.3 and 5.1).
 *
 * A script is a list of choices, one for each call that a side makes.  What a
 * call after the last one would answer does not matter, so the scripts are
 * walked as a tree: the last choice that a dialogue came to is taken to its
 * next value, and where it has none, the one before.  No dialogue is played
 * twice and none is left out.
 *
 * Nothing here knows how the plugin does its work.  What must hold of each
 * dialogue is said in check().  The records of the mechanism say what each
 * call was given and what it answered.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/dialogue.h"
#include "tests/lib/scripted.h"
#include "tests/lib/suite.h"

#define LEGS 3
#define NEVER_MORE (2 * LEGS + 2)

/* What a leg answers: each status with each kind of token. */
static const struct answer {
    OM_uint32 major;
    OM_uint32 flags;
    int token; /* 0: none, 1: an empty one, 2: octets */
} answers[] = {
#define EACH_TOKEN(major, flags) \
    { major, flags, 0 }, { major, flags, 1 }, { major, flags, 2 }
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
    const char *sanitizers = getenv("GS2_SANITIZERS");
    const unsigned all = COUNT(answers);

    return sanitizers != NULL && strcmp(sanitizers, "yes") == 0 ? all - 12
                                                                : all;
}

enum { INITIATOR, ACCEPTOR, SIDES };

static struct gs2_script script;
static struct gs2_dialogue d;
static unsigned choices[SIDES][LEGS];
static unsigned long played, logins, half, refusals;

/* The calls of a dialogue in their order: side and leg. */
static struct {
    unsigned side, leg;
} path[NEVER_MORE];
static unsigned path_len;

static const char *const tokens[SIDES][LEGS] = {
    { "I1", "I2", "I3" }, { "A1", "A2", "A3" },
};

static void
set_leg(unsigned side, unsigned n)
{
    const struct answer *a = &answers[choices[side][n]];
    struct gs2_script_leg *leg = side == INITIATOR ? &script.initiator[n]
                                                   : &script.acceptor[n];

    leg->major = a->major;
    leg->flags = side == INITIATOR ? a->flags & GSS_C_MUTUAL_FLAG : a->flags;
    leg->token.data = a->token == 0 ? NULL : tokens[side][n];
    leg->token.len = a->token == 2 ? 2 : 0;
}

static void
set_script(void)
{
    gs2_script_honest(&script, 2);
    memset(script.initiator, 0, sizeof(script.initiator[0]) * LEGS);
    memset(script.acceptor, 0, sizeof(script.acceptor[0]) * LEGS);
    script.initiator_legs = script.acceptor_legs = LEGS;
    for (unsigned n = 0; n < LEGS; n++) {
        set_leg(INITIATOR, n);
        set_leg(ACCEPTOR, n);
    }
    sm->install(GS2_OID_A, &script);
    sm->forget();
}

/* What went wrong, for the reader of a failure. */
static void
say_where(void)
{
    printf("# ");
    for (unsigned side = 0; side < SIDES; side++)
        for (unsigned n = 0; n < LEGS; n++)
            printf("%s %08x flags %x token %d; ", tokens[side][n],
                   answers[choices[side][n]].major,
                   answers[choices[side][n]].flags,
                   answers[choices[side][n]].token);
    printf("%s\n", d.exchange);
    fflush(stdout);
}

/* An invariant, and its name. */
#define EXPECT(condition, what)                                               \
    do {                                                                      \
        if (!(condition)) {                                                   \
            say_where();                                                      \
            ck_abort_msg("%s", (what));                                       \
        }                                                                     \
    } while (0)

/* --- what was seen ------------------------------------------------------- */

static unsigned calls_of[SIDES];

/* Reads the records: which choices this dialogue came to. */
static void
read_path(void)
{
    const struct gs2_call *call;
    unsigned side;

    path_len = 0;
    memset(calls_of, 0, sizeof(calls_of));
    for (unsigned n = 1; (call = sm->call(GS2_CALL_NONE, n)) != NULL; n++) {
        if (call->kind != GS2_CALL_INIT && call->kind != GS2_CALL_ACCEPT)
            continue;
        side = call->kind == GS2_CALL_INIT ? INITIATOR : ACCEPTOR;
        if (calls_of[side] < LEGS) {
            ck_assert_uint_lt(path_len, NEVER_MORE);
            path[path_len].side = side;
            path[path_len++].leg = calls_of[side];
        }
        calls_of[side]++;
    }
}

/* The side's context, as its mechanism sees it.  The GSS library keeps none
 * where a first call says more than COMPLETE or CONTINUE_NEEDED. */
static bool
is_good(unsigned side)
{
    const unsigned n = calls_of[side];
    const struct answer *a;

    if (n == 0 || n > LEGS)
        return false;
    a = &answers[choices[side][n - 1]];
    if (n == 1 && a->major != GSS_S_COMPLETE)
        return false;
    return !GSS_ERROR(a->major) && !(a->major & GSS_S_CONTINUE_NEEDED) &&
           (a->flags & GSS_C_MUTUAL_FLAG) &&
           (side == INITIATOR || (a->flags & GSS_C_CHANNEL_BOUND_FLAG));
}

/* The octets of a call's token, "" for none; of the first one, without the
 * framing that the server put back (RFC 5801 section 4). */
static const char *
input(const struct gs2_call *call)
{
    const char *text = call->token.data != NULL ? call->token.data : "";

    if (call->kind == GS2_CALL_ACCEPT && call->leg == 1 &&
        call->token.len > 2)
        text += call->token.len - 2;
    return text;
}

/*
 * What a call is given is what the other side's call before it gave: no
 * message is invented, and none is lost.
 */
static void
check_messages(void)
{
    unsigned count[SIDES] = { 0, 0 };
    const char *waits = "";
    const struct gs2_call *call;
    unsigned side, leg;

    for (unsigned n = 1; (call = sm->call(GS2_CALL_NONE, n)) != NULL; n++) {
        if (call->kind == GS2_CALL_PROCESS_TOKEN) {
            EXPECT(strcmp(input(call), waits) == 0, "an invented message");
            waits = "";
        }
        if (call->kind != GS2_CALL_INIT && call->kind != GS2_CALL_ACCEPT)
            continue;
        side = call->kind == GS2_CALL_INIT ? INITIATOR : ACCEPTOR;
        leg = count[side]++;
        EXPECT(strcmp(input(call), waits) == 0, "a message lost or invented");
        waits = "";
        if (leg < LEGS && answers[choices[side][leg]].token == 2)
            waits = tokens[side][leg];
    }
    /* One that nobody took: only where the login failed, or where the client
     * has more to say to a server that has said success, with its data: for
     * that SASL has no message. */
    if (waits[0] != '\0' && !(d.success_data && waits[0] == 'I'))
        EXPECT(d.client_code != SASL_OK || d.server_code != SASL_OK,
             "a message that nobody read");
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
        gs2_dialogue_say(&d, "A1", (played & 1) * 2);
        code = gs2_dialogue_server_step(&d);
        EXPECT(code < SASL_OK, "the server's failure does not stay");
        check_refused();
    }
    /* libsasl itself crashes on a step after a start that has failed. */
    if (d.client_code < SASL_OK && d.client_steps > 1) {
        gs2_dialogue_say(&d, "A1", (played & 2));
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

    check_messages();
    if (logged_in)
        check_logged_in();
    else
        check_refused();
    check_client();
    check_agreement(logged_in);
}

/* --- the walk ------------------------------------------------------------ */

static void
play(void)
{
    set_script();
    d.exchange[0] = d.canon_users[0] = '\0';
    d.client_log[0] = d.server_log[0] = '\0';
    d.canon_calls = d.proxy_calls = d.client_steps = 0;
    gs2_dialogue_connect(&d);
    gs2_dialogue_run(&d);
    read_path();
    check();
    check_sticky();
    gs2_dialogue_disconnect(&d);
    EXPECT(sm->live().contexts == 0, "a context is left");
    /* The pool's alone: a credential, and a name or two of a service. */
    EXPECT(sm->live().creds <= 1 && sm->live().names <= 4,
         "a credential or a name is left");
    played++;
}

/* Takes the last choice that mattered to its next value.  False at the end:
 * the first choice stays. */
static bool
advance(void)
{
    unsigned *choice;

    while (path_len > 1) {
        path_len--;
        choice = &choices[path[path_len].side][path[path_len].leg];
        if (++*choice < answer_count())
            return true;
        *choice = 0;
    }
    return false;
}

/* All scripts that begin with this answer of the initiator's. */
static void
walk(unsigned first, bool success_data, bool null_at_success)
{
    memset(choices, 0, sizeof(choices));
    choices[INITIATOR][0] = first;
    set_script();
    gs2_dialogue_init(&d);
    d.success_data = success_data;
    d.null_at_success = null_at_success;
    gs2_dialogue_begin(&d);
    do
        play();
    while (advance());
    sasl_client_done();
    sasl_server_done();
    ck_assert_uint_eq(sm->live().creds, 0);
    ck_assert_uint_eq(sm->live().names, 0);
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

    walk(first, (unsigned)_i >= firsts, true);
    printf("# first answer %08x, flags %x, token %d%s: %lu dialogues, %lu "
           "logins, %lu where only the server said OK, %lu refusals\n",
           answers[first].major, answers[first].flags, answers[first].token,
           (unsigned)_i >= firsts ? ", success data" : "", played, logins,
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
