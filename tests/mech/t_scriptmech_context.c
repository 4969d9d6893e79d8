/*
 * t_scriptmech_context.c - the scriptable mechanism's channel bindings, its
 * contexts apart from the dialogue (RFC 2743 sections 2.2.3 to 2.2.6), its
 * faults and its records, through the GSS library's mechanism glue.
 */
#include <string.h>

#include "tests/lib/ends.h"

#define BOUND GSS_C_CHANNEL_BOUND_FLAG
#define OURS  (&gs2_ends_bindings)

static struct gs2_end *const initiator = &gs2_ends.initiator;
static struct gs2_end *const acceptor = &gs2_ends.acceptor;
static struct gs2_script script;

/* Bindings that differ from those of the ends in one field each. */
static struct gss_channel_bindings_struct variants[] = {
    {.application_data = {5, "n,,xy"}},
    {.application_data = {5, "n,,xx"}, .initiator_addrtype = 255},
    {.application_data = {5, "n,,xx"}, .acceptor_addrtype = 255},
    {.application_data = {5, "n,,xx"}, .initiator_address = {1, "i"}},
    {.application_data = {5, "n,,xx"}, .acceptor_address = {1, "a"}},
};

#define OTHERS        (&variants[0])

static const struct {
    const char *what;
    enum gs2_script_bind sent, mode;
    gss_channel_bindings_t ours, theirs;
    OM_uint32 major, flag;
} bound[] = {
    {"equal", GS2_BIND_SEND, GS2_BIND_CHECK, OURS, OURS, 0, BOUND},
    {"different data", GS2_BIND_SEND, GS2_BIND_CHECK, OURS, OTHERS,
     GSS_S_BAD_BINDINGS, 0},
    {"sent: none", GS2_BIND_SEND_NONE, GS2_BIND_CHECK, OURS, OURS,
     GSS_S_BAD_BINDINGS, 0},
    {"initiator has none", GS2_BIND_SEND, GS2_BIND_CHECK, NULL, OURS,
     GSS_S_BAD_BINDINGS, 0},
    {"acceptor has none", GS2_BIND_SEND, GS2_BIND_CHECK, OURS, NULL,
     GSS_S_BAD_BINDINGS, 0},
    {"neither has any", GS2_BIND_SEND, GS2_BIND_CHECK, NULL, NULL, 0, 0},
    {"lax: equal", GS2_BIND_SEND, GS2_BIND_LAX, OURS, OURS, 0, BOUND},
    {"lax: none", GS2_BIND_SEND_NONE, GS2_BIND_LAX, OURS, OURS, 0, 0},
    {"lax: different", GS2_BIND_SEND, GS2_BIND_LAX, OURS, OTHERS,
     GSS_S_BAD_BINDINGS, 0},
    {"silent: equal", GS2_BIND_SEND, GS2_BIND_SILENT, OURS, OURS, 0, 0},
    {"silent: different", GS2_BIND_SEND, GS2_BIND_SILENT, OURS, OTHERS,
     GSS_S_BAD_BINDINGS, 0},
    {"silent: none", GS2_BIND_SEND_NONE, GS2_BIND_SILENT, OURS, OURS,
     GSS_S_BAD_BINDINGS, 0},
    {"ignored", GS2_BIND_IGNORE, GS2_BIND_IGNORE, OURS, OTHERS, 0, 0},
};

START_TEST(channel_bindings)
{
    gs2_script_honest(&script, 2);
    script.initiator[0].bind = bound[_i].sent;
    script.acceptor[0].bind = bound[_i].mode;
    sm->install(GS2_OID_A, &script);
    initiator->bindings = bound[_i].ours;
    acceptor->bindings = bound[_i].theirs;
    gs2_ends_run();
    ck_assert_msg(acceptor->major == bound[_i].major, "%s: major %x",
                  bound[_i].what, acceptor->major);
    ck_assert_msg((acceptor->flags & BOUND) == bound[_i].flag, "%s",
                  bound[_i].what);
    if (bound[_i].major != 0)
        gs2_ends_check_text(acceptor->minor, "the channel bindings differ");
}
END_TEST

/* A difference in one field is enough, whatever field. */
START_TEST(variants_of_bindings)
{
    gs2_script_honest(&script, 2);
    sm->install(GS2_OID_A, &script);
    acceptor->bindings = &variants[_i];
    gs2_ends_run();
    ck_assert_uint_eq(acceptor->major, GSS_S_BAD_BINDINGS);
    gs2_ends_drop(initiator);
    gs2_ends_drop(acceptor);
    initiator->bindings = &variants[_i];
    gs2_ends_run();
    ck_assert_uint_eq(acceptor->major, GSS_S_COMPLETE);
}
END_TEST

/* Also in a leg that is not the first. */
START_TEST(bindings_of_a_later_leg)
{
    gs2_script_honest(&script, 6);
    script.initiator[0].bind = script.acceptor[0].bind = GS2_BIND_IGNORE;
    script.initiator[2].bind = GS2_BIND_SEND;
    script.acceptor[2].bind = GS2_BIND_CHECK;
    sm->install(GS2_OID_A, &script);
    ck_assert_uint_eq(gs2_ends_run(), 6);
    ck_assert_uint_eq(acceptor->flags, GSS_C_MUTUAL_FLAG | BOUND);
    gs2_ends_drop(initiator);
    gs2_ends_drop(acceptor);
    acceptor->bindings = OTHERS;
    ck_assert_uint_eq(gs2_ends_run(), 5);
    ck_assert_uint_eq(acceptor->major, GSS_S_BAD_BINDINGS);
}
END_TEST

START_TEST(context_that_is_dropped)
{
    gs2_script_honest(&script, 4);
    script.acceptor[0].drops_context = true;
    sm->install(GS2_OID_A, &script);
    ck_assert_uint_eq(gs2_ends_run(), 3);
    /* The glue still has its own handle, and nothing behind it. */
    ck_assert_uint_eq(acceptor->major, GSS_S_NO_CONTEXT);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 1);
}
END_TEST

static OM_uint32
inquire(struct gs2_end *end, OM_uint32 *flags, int *open)
{
    OM_uint32 minor;

    return gss_inquire_context(&minor, end->context, NULL, NULL, NULL, NULL,
                               flags, NULL, open);
}

START_TEST(extra_tokens)
{
    gss_buffer_desc some = {5, "extra"}, empty = {0, ""};
    OM_uint32 minor, flags;
    int open;

    gs2_script_honest(&script, 2);
    script.extra_count = 3;
    script.extras[1].clear_flags = GSS_C_MUTUAL_FLAG;
    script.extras[1].major = GSS_S_DUPLICATE_TOKEN;
    script.extras[2].closes = true;
    sm->install(GS2_OID_A, &script);
    gs2_ends_run();
    ck_assert_uint_eq(
        gss_process_context_token(&minor, initiator->context, &some), 0);
    inquire(initiator, &flags, &open);
    ck_assert(flags == GSS_C_MUTUAL_FLAG && open);
    ck_assert_uint_eq(
        gss_process_context_token(&minor, initiator->context, &some),
        GSS_S_DUPLICATE_TOKEN);
    inquire(initiator, &flags, &open);
    ck_assert(flags == 0 && open);
    gss_process_context_token(&minor, initiator->context, &some);
    inquire(initiator, &flags, &open);
    ck_assert(!open);
    ck_assert_uint_eq(
        gss_process_context_token(&minor, initiator->context, &some),
        GSS_S_DEFECTIVE_TOKEN);
    gs2_ends_check_octets(gs2_ends_call(GS2_CALL_PROCESS_TOKEN, 4)->token,
                          "extra", 5);
    /* An empty one does not reach the mechanism. */
    gss_process_context_token(&minor, initiator->context, &empty);
    ck_assert_uint_eq(sm->count(GS2_CALL_PROCESS_TOKEN), 4);
}
END_TEST

START_TEST(deletion_token)
{
    gss_buffer_desc some = {5, "extra"};
    OM_uint32 minor, flags;
    int open;

    gs2_script_honest(&script, 2);
    script.extra_count = 1;
    script.extras[0].drops_context = true;
    script.extras[0].major = GSS_S_NO_CONTEXT;
    sm->install(GS2_OID_A, &script);
    gs2_ends_run();
    ck_assert_uint_eq(
        gss_process_context_token(&minor, acceptor->context, &some),
        GSS_S_NO_CONTEXT);
    ck_assert_uint_eq(inquire(acceptor, &flags, &open), GSS_S_NO_CONTEXT);
}
END_TEST

START_TEST(inquire_context_as_scripted)
{
    gss_name_t source = GSS_C_NO_NAME;
    OM_uint32 minor, flags, life;
    int open, local;

    gs2_script_honest(&script, 2);
    script.inquire_flags_set = true;
    script.inquire_flags = GSS_C_ANON_FLAG;
    script.inquire_closed = script.inquire_no_source = true;
    script.lifetime = 1234;
    sm->install(GS2_OID_A, &script);
    gs2_ends_run();
    ck_assert_uint_eq(gss_inquire_context(&minor, initiator->context, &source,
                                          NULL, &life, NULL, &flags, &local,
                                          &open),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(flags, GSS_C_ANON_FLAG);
    ck_assert_uint_eq(life, 1234);
    ck_assert_int_eq(open, 0);
    ck_assert_int_eq(local, 1);
    ck_assert_ptr_null(source);
}
END_TEST

START_TEST(delegated_credential)
{
    OM_uint32 minor;
    gss_name_t name = GSS_C_NO_NAME;

    gs2_script_honest(&script, 1);
    script.delegates = true;
    sm->install(GS2_OID_A, &script);
    gs2_ends_run();
    ck_assert_ptr_null(acceptor->delegated); /* the flag was not there */
    gs2_ends_drop(initiator);
    gs2_ends_drop(acceptor);
    script.acceptor[0].flags |= GSS_C_DELEG_FLAG;
    gs2_ends_run();
    ck_assert_ptr_nonnull(acceptor->delegated);
    ck_assert_uint_eq(
        gss_inquire_cred(&minor, acceptor->delegated, &name, NULL, NULL, NULL),
        GSS_S_COMPLETE);
    gss_release_name(&minor, &name);
}
END_TEST

/* The nth call of a kind fails, and only that one. */
START_TEST(nth_call_fails)
{
    gs2_script_honest(&script, 6);
    script.faults[0] = (struct gs2_script_fault){GS2_CALL_ACCEPT, 2,
                                                 GSS_S_CREDENTIALS_EXPIRED, 7};
    sm->install(GS2_OID_A, &script);
    ck_assert_uint_eq(gs2_ends_run(), 3);
    ck_assert_uint_eq(acceptor->major, GSS_S_CREDENTIALS_EXPIRED);
    gs2_ends_check_text(acceptor->minor, "scripted minor status 7");
    gs2_ends_drop(initiator);
    gs2_ends_drop(acceptor);
    ck_assert_uint_eq(gs2_ends_run(), 6);
    ck_assert_uint_eq(acceptor->major, GSS_S_COMPLETE);
}
END_TEST

/* A first call that fails: neither side keeps a context, nothing leaks. */
START_TEST(first_call_fails)
{
    gs2_script_honest(&script, 2);
    script.faults[0] =
        (struct gs2_script_fault){GS2_CALL_INIT, 1, GSS_S_NO_CRED, 8};
    sm->install(GS2_OID_A, &script);
    ck_assert_uint_eq(gs2_ends_run(), 0);
    ck_assert_uint_eq(initiator->major, GSS_S_NO_CRED);
    ck_assert_ptr_null(initiator->context);
    ck_assert_uint_eq(sm->live().contexts, 0);
}
END_TEST

START_TEST(record_of_inputs)
{
    const struct gs2_call *call;

    gs2_script_honest(&script, 4);
    sm->install(GS2_OID_A, &script);
    gs2_ends_run();
    call = gs2_ends_call(GS2_CALL_INIT, 2);
    ck_assert_int_eq(call->oid, GS2_OID_A);
    ck_assert_uint_eq(call->context, 1);
    ck_assert_uint_eq(call->leg, 2);
    ck_assert_uint_eq(call->req_flags, GSS_C_MUTUAL_FLAG);
    ck_assert_uint_eq(call->time_req, 77);
    ck_assert_uint_eq(call->cred, 0);
    gs2_ends_check_octets(call->target, "test@host", 9);
    gs2_ends_check_octets(call->token, "token 2", 7);
    ck_assert(call->bindings);
    ck_assert_uint_eq(call->initiator_addrtype, 0);
    ck_assert_uint_eq(call->acceptor_addrtype, 0);
    ck_assert_uint_eq(call->initiator_address.len, 0);
    gs2_ends_check_octets(call->application_data, "n,,xx", 5);
    ck_assert_uint_eq(call->major, GSS_S_CONTINUE_NEEDED);
    ck_assert_str_eq(gs2_call_name(call->kind), "init_sec_context");
    sm->forget();
    ck_assert_uint_eq(sm->count(GS2_CALL_NONE), 0);
}
END_TEST

/* Two calls of one context with these inputs: what varied_input() says. */
static const char *
vary(gss_cred_id_t cred, const char *host, OM_uint32 flags, OM_uint32 time,
     gss_channel_bindings_t bindings)
{
    gss_buffer_desc text = {strlen(host), (void *)host}, token;
    gss_name_t name;
    OM_uint32 minor;

    sm->forget();
    gs2_ends_initiate(GSS_C_NO_BUFFER);
    gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name);
    gss_init_sec_context(&minor, cred, &initiator->context, name,
                         gs2_ends.mech, flags, time, bindings, GSS_C_NO_BUFFER,
                         NULL, &token, NULL, NULL);
    gss_release_buffer(&minor, &token);
    gss_release_name(&minor, &name);
    gs2_ends_drop(initiator);
    return sm->varied_input(
        gs2_ends_call(GS2_CALL_INIT, 1)->context);
}

/* varied_input() sees each input that changes between two calls. */
START_TEST(inputs_that_vary)
{
    gss_OID_set_desc mechs = {1, gs2_ends.mech};
    gss_cred_id_t cred;
    OM_uint32 minor;

    gs2_script_honest(&script, 3);
    sm->install(GS2_OID_A, &script);
    ck_assert_ptr_null(vary(NULL, "test@host", GSS_C_MUTUAL_FLAG, 77, OURS));
    ck_assert_str_eq(vary(NULL, "test@hos", GSS_C_MUTUAL_FLAG, 77, OURS),
                     "target");
    ck_assert_str_eq(vary(NULL, "test@host", 0, 77, OURS), "flags");
    ck_assert_str_eq(vary(NULL, "test@host", GSS_C_MUTUAL_FLAG, 78, OURS),
                     "time");
    ck_assert_str_eq(vary(NULL, "test@host", GSS_C_MUTUAL_FLAG, 77, NULL),
                     "bindings");
    for (int i = 0; i < (int)COUNT(variants); i++)
        ck_assert_str_eq(
            vary(NULL, "test@host", GSS_C_MUTUAL_FLAG, 77, &variants[i]),
            "bindings");
    gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, &mechs, GSS_C_INITIATE, &cred,
                     NULL, NULL);
    ck_assert_str_eq(vary(cred, "test@host", GSS_C_MUTUAL_FLAG, 77, OURS),
                     "credential");
    gss_release_cred(&minor, &cred);
}
END_TEST

START_TEST(without_a_script)
{
    gs2_ends_initiate(GSS_C_NO_BUFFER);
    ck_assert_uint_eq(initiator->major, GSS_S_UNAVAILABLE);
    ck_assert_ptr_null(initiator->context);
}
END_TEST

SUITE("scriptmech context",
      PREPARE(scripted_without_plugin),
      FIXTURE(gs2_ends_set_up, gs2_ends_tear_down),
      TABLE(channel_bindings, bound),
      TABLE(variants_of_bindings, variants),
      TEST(bindings_of_a_later_leg),
      TEST(context_that_is_dropped),
      TEST(extra_tokens),
      TEST(deletion_token),
      TEST(inquire_context_as_scripted),
      TEST(delegated_credential),
      TEST(nth_call_fails),
      TEST(first_call_fails),
      TEST(record_of_inputs),
      TEST(inputs_that_vary),
      TEST(without_a_script))
