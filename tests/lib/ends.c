/*
 * ends.c - two ends of a dialogue (see ends.h).
 */
#include "ends.h"

#include <string.h>

struct gs2_ends gs2_ends;
struct gss_channel_bindings_struct gs2_ends_bindings = {
    .application_data = {5, "n,,xx"},
};

void
gs2_ends_set_up(void)
{
    gss_buffer_desc name = {9, "test@host"};
    OM_uint32 minor;

    sm->reset();
    memset(&gs2_ends, 0, sizeof(gs2_ends));
    gs2_ends.mech = gs2_script_oid(GS2_OID_A);
    gs2_ends.initiator.bindings = &gs2_ends_bindings;
    gs2_ends.acceptor.bindings = &gs2_ends_bindings;
    ck_assert_uint_eq(gss_import_name(&minor, &name,
                                      GSS_C_NT_HOSTBASED_SERVICE,
                                      &gs2_ends.target),
                      GSS_S_COMPLETE);
}

void
gs2_ends_drop(struct gs2_end *end)
{
    OM_uint32 minor;

    gss_release_buffer(&minor, &end->token);
    gss_release_name(&minor, &end->source);
    gss_release_cred(&minor, &end->delegated);
    if (end->context != GSS_C_NO_CONTEXT)
        gss_delete_sec_context(&minor, &end->context, NULL);
}

void
gs2_ends_check_live(void)
{
    struct gs2_script_live live = sm->live();

    ck_assert_uint_eq(live.contexts, 0);
    ck_assert_uint_eq(live.creds, 0);
    ck_assert_uint_eq(live.names, 0);
    sm->reset();
}

void
gs2_ends_tear_down(void)
{
    OM_uint32 minor;

    gs2_ends_drop(&gs2_ends.initiator);
    gs2_ends_drop(&gs2_ends.acceptor);
    gss_release_name(&minor, &gs2_ends.target);
    gs2_ends_check_live();
}

void
gs2_ends_initiate(gss_buffer_t input)
{
    struct gs2_end *end = &gs2_ends.initiator;
    OM_uint32 minor;

    gss_release_buffer(&minor, &end->token);
    end->major = gss_init_sec_context(
        &end->minor, GSS_C_NO_CREDENTIAL, &end->context, gs2_ends.target,
        gs2_ends.mech, GSS_C_MUTUAL_FLAG, 77, end->bindings, input,
        &end->mech_type, &end->token, &end->flags, NULL);
}

void
gs2_ends_accept(gss_buffer_t input)
{
    struct gs2_end *end = &gs2_ends.acceptor;
    OM_uint32 minor;

    gss_release_buffer(&minor, &end->token);
    end->major = gss_accept_sec_context(
        &end->minor, &end->context, GSS_C_NO_CREDENTIAL, input, end->bindings,
        &end->source, &end->mech_type, &end->token, &end->flags, NULL,
        &end->delegated);
}

static bool
is_silent(const struct gs2_end *end)
{
    return GSS_ERROR(end->major) || end->token.length == 0;
}

unsigned
gs2_ends_run(void)
{
    unsigned tokens = 0;

    gs2_ends_initiate(GSS_C_NO_BUFFER);
    for (;;) {
        if (is_silent(&gs2_ends.initiator))
            return tokens;
        tokens++;
        gs2_ends_accept(&gs2_ends.initiator.token);
        if (is_silent(&gs2_ends.acceptor))
            return tokens;
        tokens++;
        gs2_ends_initiate(&gs2_ends.acceptor.token);
    }
}

const struct gs2_call *
gs2_ends_call(enum gs2_call_kind kind, unsigned nth)
{
    const struct gs2_call *call = sm->call(kind, nth);

    ck_assert_msg(call != NULL, "no call %u of %s", nth, gs2_call_name(kind));
    return call;
}

void
gs2_ends_check_text(OM_uint32 minor, const char *expected)
{
    gss_buffer_desc text;
    OM_uint32 ignored, context = 0;

    ck_assert_uint_eq(gss_display_status(&ignored, minor, GSS_C_MECH_CODE,
                                         gs2_script_oid(GS2_OID_A), &context,
                                         &text),
                      GSS_S_COMPLETE);
    ck_assert_uint_eq(context, 0);
    gs2_ends_check_buffer(&text, expected, strlen(expected));
}

void
gs2_ends_check_octets(struct gs2_octets octets, const void *data, size_t len)
{
    ck_assert_uint_eq(octets.len, len);
    if (len > 0)
        ck_assert_mem_eq(octets.data, data, len);
}

void
gs2_ends_check_buffer(gss_buffer_t buffer, const void *data, size_t len)
{
    OM_uint32 minor;

    gs2_ends_check_octets((struct gs2_octets){buffer->value, buffer->length},
                          data, len);
    gss_release_buffer(&minor, buffer);
}
