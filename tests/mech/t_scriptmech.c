/*
 * t_scriptmech.c - shows that what a script says of a dialogue really happens
 * when the mechanism is reached through the GSS library's mechanism glue, and
 * what the glue makes of it (RFC 2743 sections 2.2.1 and 2.2.2).  Bindings,
 * contexts and records are in t_scriptmech_context.c, names in
 * t_scriptmech_names.c, credentials and the mechanism in t_scriptmech_creds.c.
 */
#include <string.h>

#include "tests/lib/ends.h"

#define BOUND GSS_C_CHANNEL_BOUND_FLAG
#define SUPPLEMENTARY                                                         \
    (GSS_S_DUPLICATE_TOKEN | GSS_S_OLD_TOKEN | GSS_S_UNSEQ_TOKEN |            \
     GSS_S_GAP_TOKEN)

static struct gs2_end *const initiator = &gs2_ends.initiator;
static struct gs2_end *const acceptor = &gs2_ends.acceptor;
static struct gs2_script script;

/* An honest dialogue of _i tokens. */
START_TEST(honest)
{
    const unsigned tokens = (unsigned)_i;

    gs2_script_honest(&script, tokens);
    sm->install(GS2_OID_A, &script);
    ck_assert_uint_eq(gs2_ends_run(), tokens);
    ck_assert_uint_eq(initiator->major, GSS_S_COMPLETE);
    ck_assert_uint_eq(acceptor->major, GSS_S_COMPLETE);
    ck_assert_uint_eq(initiator->flags, GSS_C_MUTUAL_FLAG);
    ck_assert_uint_eq(acceptor->flags, GSS_C_MUTUAL_FLAG | BOUND);
    ck_assert(gss_oid_equal(acceptor->mech_type, gs2_ends.mech));
    ck_assert_ptr_nonnull(acceptor->source);
    ck_assert_uint_eq(sm->count(GS2_CALL_INIT), tokens / 2 + 1);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), (tokens + 1) / 2);
    ck_assert_ptr_null(sm->varied_input(1));
    ck_assert_ptr_null(sm->varied_input(2));
}
END_TEST

static const struct {
    const char *what;
    OM_uint32 major;
    bool keeps_first; /* the glue keeps the context of a first call */
} statuses[] = {
    {"COMPLETE", GSS_S_COMPLETE, true},
    {"CONTINUE", GSS_S_CONTINUE_NEEDED, true},
    {"COMPLETE and supplementary bits", SUPPLEMENTARY, false},
    {"CONTINUE and a supplementary bit",
     GSS_S_CONTINUE_NEEDED | GSS_S_OLD_TOKEN, false},
    {"an error", GSS_S_BAD_MIC, false},
    {"an error and CONTINUE", GSS_S_FAILURE | GSS_S_CONTINUE_NEEDED, false},
    {"a calling error", GSS_S_CALL_BAD_STRUCTURE, false},
};

/* Each status comes through as it was said, with a token, in a first call. */
START_TEST(status_of_first_call)
{
    gs2_script_honest(&script, 2);
    script.initiator[0].major = script.acceptor[0].major = statuses[_i].major;
    script.initiator[0].minor = script.acceptor[0].minor = 4711;
    sm->install(GS2_OID_A, &script);
    gs2_ends_initiate(GSS_C_NO_BUFFER);
    ck_assert_msg(initiator->major == statuses[_i].major, "%s",
                  statuses[_i].what);
    ck_assert_uint_gt(initiator->token.length, 0);
    ck_assert_int_eq(initiator->context != NULL, statuses[_i].keeps_first);
    gs2_ends_accept(&initiator->token);
    ck_assert_uint_eq(acceptor->major, statuses[_i].major);
    ck_assert_uint_eq(acceptor->token.length, strlen("token 2"));
    ck_assert_int_eq(acceptor->context != NULL, statuses[_i].keeps_first);
    if (GSS_ERROR(acceptor->major))
        gs2_ends_check_text(acceptor->minor, "scripted minor status 4711");
    /* Only exactly COMPLETE lets an acceptor's outputs through. */
    ck_assert_int_eq(acceptor->source != NULL,
                     statuses[_i].major == GSS_S_COMPLETE);
    ck_assert_int_eq(acceptor->flags != 0,
                     statuses[_i].major == GSS_S_COMPLETE);
    ck_assert_int_eq(acceptor->mech_type != NULL,
                     statuses[_i].major == GSS_S_COMPLETE);
}
END_TEST

/* In a later call the context stays, and tells what the call did not. */
START_TEST(status_of_later_call)
{
    gss_name_t source = GSS_C_NO_NAME;
    OM_uint32 minor, flags = 0;
    int open = 0;

    gs2_script_honest(&script, 4);
    script.acceptor[1].major = statuses[_i].major;
    sm->install(GS2_OID_A, &script);
    ck_assert_uint_eq(gs2_ends_run(), GSS_ERROR(statuses[_i].major) ? 3 : 4);
    ck_assert_uint_eq(acceptor->major, statuses[_i].major);
    ck_assert_uint_eq(acceptor->token.length, strlen("token 4"));
    ck_assert_ptr_nonnull(acceptor->context);
    ck_assert_uint_eq(gss_inquire_context(&minor, acceptor->context, &source,
                                          NULL, NULL, NULL, &flags, NULL,
                                          &open),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(flags, GSS_C_MUTUAL_FLAG | BOUND);
    ck_assert_int_eq(open, !GSS_ERROR(acceptor->major) &&
                               !(acceptor->major & GSS_S_CONTINUE_NEEDED));
    ck_assert_ptr_nonnull(source);
    gss_release_name(&minor, &source);
}
END_TEST

START_TEST(tokens_none_empty_some_large)
{
    static char large[1024 * 1024];
    gss_buffer_desc empty = {0, ""};

    memset(large, 'L', sizeof(large));
    gs2_script_honest(&script, 6);
    script.acceptor[0].token = (struct gs2_octets){NULL, 0};
    script.initiator[1].expect = (struct gs2_octets){NULL, 0};
    script.initiator[1].token = (struct gs2_octets){"", 0};
    script.acceptor[1].expect = (struct gs2_octets){"", 0};
    script.acceptor[1].token = (struct gs2_octets){large, sizeof(large)};
    sm->install(GS2_OID_A, &script);
    gs2_ends_initiate(GSS_C_NO_BUFFER);
    gs2_ends_accept(&initiator->token);
    ck_assert_ptr_null(acceptor->token.value);
    gs2_ends_initiate(&empty);
    ck_assert_uint_eq(initiator->token.length, 0);
    ck_assert_ptr_nonnull(initiator->token.value);
    /* A later empty token does reach an acceptor-> */
    gs2_ends_accept(&initiator->token);
    ck_assert_uint_eq(acceptor->major, GSS_S_CONTINUE_NEEDED);
    ck_assert_uint_eq(acceptor->token.length, sizeof(large));
    ck_assert_mem_eq(acceptor->token.value, large, sizeof(large));
    ck_assert_uint_eq(gs2_ends_call(GS2_CALL_ACCEPT, 2)->sent, sizeof(large));
}
END_TEST

START_TEST(inputs_are_told_apart)
{
    gss_buffer_desc null = {0, NULL}, empty = {0, ""}, some = {3, "abc"};

    gs2_script_honest(&script, 1);
    script.initiator[0].major = GSS_S_CONTINUE_NEEDED;
    script.repeat = true;
    sm->install(GS2_OID_A, &script);
    gs2_ends_initiate(GSS_C_NO_BUFFER);
    gs2_ends_initiate(&null);
    gs2_ends_initiate(&empty);
    gs2_ends_initiate(&some);
    ck_assert_int_eq(gs2_ends_call(GS2_CALL_INIT, 1)->input, GS2_INPUT_NONE);
    ck_assert_int_eq(gs2_ends_call(GS2_CALL_INIT, 2)->input, GS2_INPUT_NULL);
    ck_assert_int_eq(gs2_ends_call(GS2_CALL_INIT, 3)->input, GS2_INPUT_EMPTY);
    ck_assert_int_eq(gs2_ends_call(GS2_CALL_INIT, 4)->input, GS2_INPUT_SOME);
    gs2_ends_check_octets(gs2_ends_call(GS2_CALL_INIT, 4)->token, "abc", 3);
    ck_assert_uint_eq(gs2_ends_call(GS2_CALL_INIT, 4)->leg, 4);
    ck_assert_uint_eq(sm->count(GS2_CALL_INIT), 4);
}
END_TEST

START_TEST(input_that_the_script_does_not_expect)
{
    gss_buffer_desc wrong = {7, "token 3"};

    gs2_script_honest(&script, 2);
    sm->install(GS2_OID_A, &script);
    gs2_ends_initiate(GSS_C_NO_BUFFER);
    gs2_ends_initiate(&wrong);
    ck_assert_uint_eq(initiator->major, GSS_S_DEFECTIVE_TOKEN);
    gs2_ends_check_text(initiator->minor,
                        "not the token that the script expects");
    gs2_ends_initiate(&wrong);
    ck_assert_uint_eq(initiator->major, GSS_S_FAILURE);
    gs2_ends_check_text(initiator->minor, "no such leg in the script");
}
END_TEST

/* The framing of RFC 2743 3.1, where the script wants it and nowhere else. */
START_TEST(framing)
{
    static const char framed[] = "\x60\x13\x06\x0a\x2b\x06\x01\x04\x01"
                                 "\x81\xfd\x59\x01\x01token 1";
    const size_t len = sizeof(framed) - 1;

    gs2_script_honest(&script, 2);
    script.initiator[0].bind = GS2_BIND_IGNORE;
    sm->install(GS2_OID_A, &script);
    gs2_ends_initiate(GSS_C_NO_BUFFER);
    ck_assert_uint_eq(initiator->token.length, len);
    ck_assert_mem_eq(initiator->token.value, framed, len);
    gs2_ends_drop(initiator);
    script.initiator[0].framing = GS2_FRAME_NEVER;
    gs2_ends_initiate(GSS_C_NO_BUFFER);
    ck_assert_uint_eq(initiator->token.length, 7);
    /* An unframed first token finds no acceptor-> */
    gs2_ends_accept(&initiator->token);
    ck_assert_uint_eq(acceptor->major, GSS_S_DEFECTIVE_TOKEN);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 0);
    gs2_ends_drop(initiator);
    script.unframed = true;
    script.initiator[0].framing = GS2_FRAME_ALWAYS;
    gs2_ends_initiate(GSS_C_NO_BUFFER);
    ck_assert_uint_eq(initiator->token.length, len);
}
END_TEST

/* The one way to an acceptor of a mechanism without framing. */
START_TEST(unframed_acceptor)
{
    gs2_script_honest_unframed(&script, (unsigned)_i);
    sm->install(GS2_OID_NTLM, &script);
    gs2_ends.mech = gs2_script_oid(GS2_OID_NTLM);
    ck_assert_uint_eq(gs2_ends_run(), (unsigned)_i);
    ck_assert_uint_eq(initiator->major, GSS_S_COMPLETE);
    ck_assert_uint_eq(acceptor->major, GSS_S_COMPLETE);
    ck_assert_uint_eq(acceptor->flags, GSS_C_MUTUAL_FLAG | BOUND);
    ck_assert(gss_oid_equal(acceptor->mech_type, gs2_ends.mech));
    ck_assert_mem_eq(gs2_ends_call(GS2_CALL_ACCEPT, 1)->token.data, "NTLMSSP",
                     8);
}
END_TEST

/* An empty first token goes to SPNEGO, never to the mechanism. */
START_TEST(empty_first_token)
{
    gss_buffer_desc empty = {0, ""};

    gs2_script_honest(&script, 2);
    sm->install(GS2_OID_A, &script);
    gs2_ends_accept(&empty);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 0);
}
END_TEST

START_TEST(flags_and_grants)
{
    gs2_script_honest(&script, 1);
    script.initiator[0].flags = GSS_C_ANON_FLAG;
    script.initiator[0].grant = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG;
    script.acceptor[0].flags = GSS_C_ANON_FLAG | GSS_C_PROT_READY_FLAG;
    sm->install(GS2_OID_A, &script);
    gs2_ends_run();
    ck_assert_uint_eq(initiator->flags, GSS_C_ANON_FLAG | GSS_C_MUTUAL_FLAG);
    ck_assert_uint_eq(acceptor->flags,
                      GSS_C_ANON_FLAG | GSS_C_PROT_READY_FLAG | BOUND);
}
END_TEST

START_TEST(mech_type_of_another)
{
    gss_name_t name;
    gss_OID mech = GSS_C_NO_OID;
    OM_uint32 minor;

    gs2_script_honest(&script, 1);
    script.other_oid = GS2_OID_B;
    script.initiator[0].mech_type = GS2_MECH_OTHER;
    script.acceptor[0].mech_type = GS2_MECH_OTHER;
    script.inquire_mech_type = GS2_MECH_NULL;
    sm->install(GS2_OID_A, &script);
    gs2_ends_run();
    ck_assert(gss_oid_equal(initiator->mech_type, gs2_script_oid(GS2_OID_B)));
    ck_assert(gss_oid_equal(acceptor->mech_type, gs2_script_oid(GS2_OID_B)));
    gss_inquire_context(&minor, acceptor->context, &name, NULL, NULL, &mech,
                        NULL, NULL, NULL);
    ck_assert_ptr_null(mech);
    /* The name is of the context's mechanism all the same. */
    gss_release_name(&minor, &name);
    ck_assert_uint_eq(
        gss_inquire_name(&minor, acceptor->source, NULL, &mech, NULL),
        GSS_S_COMPLETE);
    ck_assert(gss_oid_equal(mech, gs2_script_oid(GS2_OID_A)));
    gss_release_oid(&minor, &mech);
}
END_TEST

START_TEST(two_mechanisms_at_once)
{
    static struct gs2_script second;
    struct gs2_end first_i, first_a;

    gs2_script_honest(&script, 2);
    gs2_script_honest(&second, 4);
    sm->install(GS2_OID_A, &script);
    sm->install(GS2_OID_B, &second);
    ck_assert_uint_eq(gs2_ends_run(), 2);
    first_i = *initiator;
    first_a = *acceptor;
    *initiator = *acceptor = (struct gs2_end){.bindings = &gs2_ends_bindings};
    gs2_ends.mech = gs2_script_oid(GS2_OID_B);
    ck_assert_uint_eq(gs2_ends_run(), 4);
    ck_assert(gss_oid_equal(acceptor->mech_type, gs2_script_oid(GS2_OID_B)));
    ck_assert_int_eq(gs2_ends_call(GS2_CALL_ACCEPT, 2)->oid, GS2_OID_B);
    gs2_ends_drop(&first_i);
    gs2_ends_drop(&first_a);
}
END_TEST

/* A script that never completes, as far as the caller goes on. */
START_TEST(endless_legs)
{
    gs2_script_honest(&script, 1);
    script.repeat = true;
    script.initiator[0].major = GSS_S_CONTINUE_NEEDED;
    sm->install(GS2_OID_A, &script);
    for (unsigned i = 0; i < 200; i++) {
        gs2_ends_initiate(GSS_C_NO_BUFFER);
        ck_assert_uint_eq(initiator->major, GSS_S_CONTINUE_NEEDED);
    }
    ck_assert_uint_eq(gs2_ends_call(GS2_CALL_INIT, 200)->leg, 200);
}
END_TEST

SUITE("scriptmech",
      PREPARE(scripted_without_plugin),
      FIXTURE(gs2_ends_set_up, gs2_ends_tear_down),
      RANGE(honest, 1, 9),
      RANGE(honest, 157, 160),
      TABLE(status_of_first_call, statuses),
      TABLE(status_of_later_call, statuses),
      TEST(tokens_none_empty_some_large),
      TEST(inputs_are_told_apart),
      TEST(input_that_the_script_does_not_expect),
      TEST(framing),
      RANGE(unframed_acceptor, 1, 9),
      TEST(empty_first_token),
      TEST(flags_and_grants),
      TEST(mech_type_of_another),
      TEST(two_mechanisms_at_once),
      TEST(endless_legs))
