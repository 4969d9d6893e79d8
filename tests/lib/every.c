/*
 * every.c - walks all scripts of up to three legs a side (see every.h).
 */
#include "every.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEVER_MORE (2 * LEGS + 2)

/* Octets of the framing around the first token of GS2_OID_A. */
#define FRAMING 14

struct gs2_dialogue d;
unsigned long every_played;

static const struct every *every;
static struct gs2_script script;
static unsigned choices[SIDES][LEGS];

/* The calls of a dialogue in their order: side and leg. */
static struct {
    unsigned side, leg;
} path[NEVER_MORE];
static unsigned path_len;
static unsigned calls_of[SIDES];

static const char *const tokens[SIDES][LEGS] = {
    { "I1", "I2", "I3" }, { "A1", "A2", "A3" },
};

bool
every_is_slow(void)
{
    const char *sanitizers = getenv("GS2_SANITIZERS");

    return sanitizers != NULL && strcmp(sanitizers, "yes") == 0;
}

static void
set_leg(unsigned side, unsigned n)
{
    const struct answer *a = &every->answers[choices[side][n]];
    struct gs2_script_leg *leg = side == INITIATOR ? &script.initiator[n]
                                                   : &script.acceptor[n];

    leg->major = a->major;
    leg->flags = side == INITIATOR ? a->flags & every->initiator_flags
                                   : a->flags;
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

void
every_say_where(void)
{
    printf("# ");
    for (unsigned side = 0; side < SIDES; side++)
        for (unsigned n = 0; n < LEGS; n++)
            printf("%s %08x flags %x token %d; ", tokens[side][n],
                   every->answers[choices[side][n]].major,
                   every->answers[choices[side][n]].flags,
                   every->answers[choices[side][n]].token);
    printf("%s\n", d.exchange);
    fflush(stdout);
}

/* --- what was seen ------------------------------------------------------- */

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

unsigned
every_calls(unsigned side)
{
    return calls_of[side];
}

const struct answer *
every_last(unsigned side)
{
    const unsigned n = calls_of[side];

    return n == 0 || n > LEGS ? NULL : &every->answers[choices[side][n - 1]];
}

/* The octets of a call's token, "" for none; of the first one, without its
 * framing (RFC 2743 section 3.1). */
static const char *
input(const struct gs2_call *call)
{
    const char *text = call->token.data != NULL ? call->token.data : "";

    if (call->kind == GS2_CALL_ACCEPT && call->leg == 1 &&
        call->token.len >= FRAMING)
        text += FRAMING;
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
        EXPECT(strcmp(input(call), waits) == 0 ||
               (waits[0] == '\0' && every->is_other != NULL &&
                every->is_other(input(call))),
               "a message lost or invented");
        waits = "";
        if (leg < LEGS && every->answers[choices[side][leg]].token == 2)
            waits = tokens[side][leg];
    }
    /* One that nobody took: only where the login failed, or where the client
     * has more to say to a server that has said success, with its data: for
     * that SASL has no message. */
    if (waits[0] != '\0' && !(d.success_data && waits[0] == 'I'))
        EXPECT(d.client_code != SASL_OK || d.server_code != SASL_OK,
             "a message that nobody read");
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
    check_messages();
    every->check();
    gs2_dialogue_disconnect(&d);
    EXPECT(sm->live().contexts == 0, "a context is left");
    /* The pool's alone: a credential, and a name or two of a service. */
    EXPECT(sm->live().creds <= 1 && sm->live().names <= 4,
         "a credential or a name is left");
    every_played++;
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
        if (++*choice < every->count)
            return true;
        *choice = 0;
    }
    return false;
}

void
every_walk(const struct every *which, unsigned first)
{
    every = which;
    memset(choices, 0, sizeof(choices));
    choices[INITIATOR][0] = first;
    set_script();
    gs2_dialogue_init(&d);
    if (every->arrange != NULL)
        every->arrange();
    gs2_dialogue_begin(&d);
    do
        play();
    while (advance());
    sasl_client_done();
    sasl_server_done();
    ck_assert_uint_eq(sm->live().creds, 0);
    ck_assert_uint_eq(sm->live().names, 0);
}
