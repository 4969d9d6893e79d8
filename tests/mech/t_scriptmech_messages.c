/*
 * t_scriptmech_messages.c - messages of the scriptable mechanism's contexts (RFC
 * 2743 section 2.3), through the GSS library's mechanism glue.
 */
#include <string.h>

#include "tests/lib/ends.h"

static struct gs2_end *const initiator = &gs2_ends.initiator;
static struct gs2_end *const acceptor = &gs2_ends.acceptor;
static struct gs2_script script;

static void
log_in(void)
{
    gs2_script_honest(&script, 2);
    sm->install(GS2_OID_A, &script);
    gs2_ends_run();
    ck_assert_uint_eq(acceptor->major, GSS_S_COMPLETE);
}

static OM_uint32
wrap(struct gs2_end *end, int seal, const char *text, gss_buffer_t out)
{
    gss_buffer_desc in = {strlen(text), (void *)text};
    OM_uint32 minor;
    int sealed = !seal;
    OM_uint32 major = gss_wrap(&minor, end->context, seal, GSS_C_QOP_DEFAULT,
                               &in, &sealed, out);

    ck_assert(GSS_ERROR(major) || sealed == seal);
    return major;
}

/* The major status; what comes out must be text, sealed or not. */
static OM_uint32
unwrap(struct gs2_end *end, gss_buffer_t in, int seal, const char *text)
{
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;
    int sealed = !seal;

    major = gss_unwrap(&minor, end->context, in, &out, &sealed, NULL);
    if (!GSS_ERROR(major)) {
        ck_assert_int_eq(sealed, seal);
        ck_assert_uint_eq(out.length, strlen(text));
        ck_assert(out.value != NULL);
        ck_assert(memcmp(out.value, text, out.length) == 0);
        out.length += out.length == 0; /* else it would not be freed */
    }
    gss_release_buffer(&minor, &out);
    return major;
}

START_TEST(a_message_comes_out_at_the_other_end)
{
    static const char *const texts[] = {"ping", ""};
    gss_buffer_desc message;
    OM_uint32 minor;

    log_in();
    for (int seal = 0; seal < 2; seal++)
        for (unsigned i = 0; i < COUNT(texts); i++) {
            ck_assert_uint_eq(wrap(initiator, seal, texts[i], &message), 0);
            ck_assert_uint_eq(unwrap(initiator, &message, seal, texts[i]),
                              GSS_S_DEFECTIVE_TOKEN);
            ck_assert_uint_eq(unwrap(acceptor, &message, seal, texts[i]), 0);
            gss_release_buffer(&minor, &message);
        }
    ck_assert_uint_eq(wrap(acceptor, 1, "pong", &message), 0);
    ck_assert_uint_eq(unwrap(initiator, &message, 1, "pong"), 0);
    gss_release_buffer(&minor, &message);
    ck_assert_uint_eq(sm->count(GS2_CALL_WRAP), 5);
    ck_assert_uint_eq(sm->count(GS2_CALL_UNWRAP), 9);
    gs2_ends_check_octets(gs2_ends_call(GS2_CALL_WRAP, 5)->token, "pong", 4);
}
END_TEST

START_TEST(the_order_is_kept)
{
    gss_buffer_desc messages[3];
    OM_uint32 minor;

    log_in();
    for (unsigned i = 0; i < 3; i++)
        wrap(initiator, 0, "ping", &messages[i]);
    ck_assert_uint_eq(unwrap(acceptor, &messages[0], 0, "ping"), 0);
    ck_assert_uint_eq(unwrap(acceptor, &messages[0], 0, "ping"),
                      GSS_S_DUPLICATE_TOKEN);
    ck_assert_uint_eq(unwrap(acceptor, &messages[2], 0, "ping"),
                      GSS_S_GAP_TOKEN);
    for (unsigned i = 0; i < 3; i++)
        gss_release_buffer(&minor, &messages[i]);
}
END_TEST

START_TEST(a_call_fails_as_scripted)
{
    gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, max = 7;

    log_in();
    ck_assert_uint_eq(gss_wrap_size_limit(&minor, initiator->context, 1,
                                          GSS_C_QOP_DEFAULT, 100, &max), 0);
    ck_assert_uint_eq(max, 97);
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_WRAP, 0, GSS_S_CONTEXT_EXPIRED, 0};
    script.faults[1] = (struct gs2_script_fault){
        GS2_CALL_WRAP_SIZE_LIMIT, 0, GSS_S_CONTEXT_EXPIRED, 0};
    ck_assert_uint_eq(wrap(initiator, 0, "ping", &message),
                      GSS_S_CONTEXT_EXPIRED);
    ck_assert_uint_eq(gss_wrap_size_limit(&minor, initiator->context, 1,
                                          GSS_C_QOP_DEFAULT, 100, &max),
                      GSS_S_CONTEXT_EXPIRED);
}
END_TEST

/* And what no end has wrapped. */
START_TEST(a_context_must_be_complete)
{
    gss_buffer_desc message = {2, "au"};

    gs2_script_honest(&script, 3);
    sm->install(GS2_OID_A, &script);
    gs2_ends_initiate(GSS_C_NO_BUFFER);
    ck_assert(GSS_ERROR(unwrap(initiator, &message, 0, "")));
    gs2_ends_drop(initiator);
    log_in();
    ck_assert_uint_eq(unwrap(initiator, &message, 0, ""),
                      GSS_S_DEFECTIVE_TOKEN);
}
END_TEST

SUITE("scriptmech messages",
      PREPARE(scripted_without_plugin),
      FIXTURE(gs2_ends_set_up, gs2_ends_tear_down),
      TEST(a_message_comes_out_at_the_other_end),
      TEST(the_order_is_kept),
      TEST(a_call_fails_as_scripted),
      TEST(a_context_must_be_complete))
