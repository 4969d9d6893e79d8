/*
 * fuzz_dialogue.c - fuzz harness of a whole login (RFC 7546 sections 2 and 3,
 * RFC 5801): both ends through libsasl, with a mechanism that plays a script
 * made of the input.
 *
 * What the input means is in fuzz_script.h.  Whatever the script: nobody is
 * logged in unless the handshake is complete, mutual and bound, as the one
 * whom the mechanism names; a failure stays one; nothing of a refused attempt
 * is left.
 */
#include <stdbool.h>
#include <string.h>

#include "tests/lib/dialogue.h"
#include "fuzz.h"
#include "fuzz_refusal.h"
#include "fuzz_script.h"
#include "tests/mech/scriptmech.h"

static const struct gs2_scriptmech *sm;
static struct gs2_script script;
static struct gs2_dialogue d;

/* --- what must hold ------------------------------------------------------ */

static bool
is_complete(const struct gs2_call *call)
{
    return call != NULL && !GSS_ERROR(call->major) &&
           (call->major & GSS_S_CONTINUE_NEEDED) == 0;
}

static const struct gs2_call *
last_call(enum gs2_call_kind kind)
{
    return sm->call(kind, sm->count(kind));
}

static bool
same(struct gs2_octets a, struct gs2_octets b)
{
    return a.len == b.len &&
           (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* The flags with which the context ended, whoever says them. */
static bool
said_mutual(const struct gs2_script_leg *leg)
{
    const OM_uint32 flags = leg->flags | leg->grant |
                            (script.inquire_flags_set ? script.inquire_flags
                                                      : 0);

    return (flags & GSS_C_MUTUAL_FLAG) != 0;
}

static const struct gs2_script_leg *
leg_of(const struct gs2_script_leg *legs, unsigned count,
       const struct gs2_call *call)
{
    return &legs[call->leg <= count ? call->leg - 1 : count - 1];
}

/* A token with the client's bindings met an acceptor that compares and says
 * so. */
static bool
compared_bindings(unsigned legs)
{
    for (unsigned i = 0; i < legs && i < GS2_SCRIPT_LEGS; i++) {
        if (script.initiator[i].bind == GS2_BIND_SEND &&
            (script.acceptor[i].bind == GS2_BIND_CHECK ||
             script.acceptor[i].bind == GS2_BIND_LAX))
            return true;
    }
    return false;
}

/* Bound: to the header and the channel that the client means. */
static void
check_bound(const struct gs2_call *last)
{
    const struct gs2_call *first = sm->call(GS2_CALL_INIT, 1);

    MUST(first != NULL && last->bindings && first->bindings);
    MUST(same(first->application_data, last->application_data));
    MUST(compared_bindings(last->leg));
}

/* An octet after the end of the handshake went to the mechanism. */
static void
check_extra_token(void)
{
    if (d.server_steps == sm->count(GS2_CALL_ACCEPT) + 1 &&
        d.tampers[0].number == 2 * d.server_steps - 1 &&
        d.tampers[0].by.len > 0)
        MUST(sm->count(GS2_CALL_PROCESS_TOKEN) > 0);
}

static void
check_server_login(void)
{
    const struct gs2_call *last = last_call(GS2_CALL_ACCEPT);
    const struct gs2_script_leg *leg;

    MUST(is_complete(last));
    leg = leg_of(script.acceptor, script.acceptor_legs, last);
    MUST(said_mutual(leg));
    MUST(leg->mech_type != GS2_MECH_OTHER || last->major != GSS_S_COMPLETE);
    check_bound(last);
    check_extra_token();
    MUST(script.source != NULL);
    MUST(d.canon_calls > 0 && d.canon_code == SASL_OK);
    MUST(strcmp(gs2_dialogue_property(d.server, SASL_AUTHUSER),
                FUZZ_NAME) == 0);
    if (d.authzid.how == GS2_ASK_NONE ||
        strcmp(d.authzid.text, FUZZ_NAME) == 0) {
        MUST(strcmp(gs2_dialogue_property(d.server, SASL_USERNAME),
                    FUZZ_NAME) == 0);
    } else {
        MUST(d.proxy_calls > 0 && d.proxy_code == SASL_OK);
        MUST(strcmp(gs2_dialogue_property(d.server, SASL_USERNAME),
                    d.authzid.text) == 0);
    }
}

static void
check_client_login(void)
{
    const struct gs2_call *last = last_call(GS2_CALL_INIT);

    MUST(is_complete(last));
    MUST(said_mutual(leg_of(script.initiator, script.initiator_legs, last)));
}

static void
check_outcome(bool honest)
{
    const struct gs2_call *call;

    if (d.server_code == SASL_OK)
        check_server_login();
    else if (d.server_code < SASL_OK && d.server_steps > 0)
        fuzz_check_server_refusal(&d);
    if (d.client_code == SASL_OK)
        check_client_login();
    else if (d.client_code < SASL_OK)
        fuzz_check_nothing_left(d.client);
    for (unsigned n = 1; (call = sm->call(GS2_CALL_INIT, n)) != NULL; n++)
        MUST(call->context == 0 || sm->varied_input(call->context) == NULL);
    for (unsigned n = 1; (call = sm->call(GS2_CALL_ACCEPT, n)) != NULL; n++)
        MUST(call->context == 0 || sm->varied_input(call->context) == NULL);
    MUST(d.client_steps <= 70 && d.server_steps <= 70);
    MUST(!honest || (d.server_code == SASL_OK && d.client_code == SASL_OK));
}

/* --- the harness --------------------------------------------------------- */

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    sm = gs2_scriptmech_open(NULL, GS2_OID_BIT(GS2_OID_A));
    if (sm == NULL || !gs2_dialogue_plugins(NULL))
        exit(1); /* libFuzzer does not look at what is returned */
    /* The connections are an input's own; the inits are the process's. */
    gs2_script_honest(&script, 2);
    sm->install(GS2_OID_A, &script);
    gs2_dialogue_init(&d);
    gs2_dialogue_begin(&d);
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Without a refusal of the application's, a binding or a change. */
    const bool honest = size <= 4 && (size < 1 || (data[0] & 0xe0) == 0) &&
                        (size < 2 || data[1] == 0);

    gs2_dialogue_init(&d);
    fuzz_script_take(data, size, &script, &d);
    sm->forget();
    sm->install(GS2_OID_A, &script);
    gs2_dialogue_connect(&d);
    gs2_dialogue_run(&d);
    check_outcome(honest);
    gs2_dialogue_disconnect(&d);
    MUST(sm->live().contexts == 0);
    MUST(sm->live().creds <= 1); /* the acceptor's, kept for the next */
    MUST(sm->live().names <= 8);
    return 0;
}
