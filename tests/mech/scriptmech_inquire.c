/*
 * scriptmech_inquire.c - contexts of the scriptable mechanism apart from its
 * dialogue: process, inquire and delete (RFC 2743 sections 2.2.3 to 2.2.6).
 */
#include "scriptmech_int.h"

#include <stdlib.h>

struct gs2_play_ctx *
gs2_play_ctx_new(enum gs2_script_oid oid, const struct gs2_script *script,
                 bool initiator, const struct gs2_play_name *target)
{
    struct gs2_play_ctx *context = gs2_play_alloc(sizeof(*context));

    *context = (struct gs2_play_ctx){
        .id = gs2_play_born(GS2_PLAY_CONTEXT),
        .oid = oid,
        .script = script,
        .initiator = initiator,
        .target = gs2_play_name_copy(target),
    };
    return context;
}

void
gs2_play_ctx_free(gss_ctx_id_t *handle)
{
    struct gs2_play_ctx *context = (struct gs2_play_ctx *)*handle;

    *handle = GSS_C_NO_CONTEXT;
    if (context == NULL)
        return;
    gs2_play_name_free(context->target);
    free(context);
    gs2_play_died(GS2_PLAY_CONTEXT);
}

gss_OID
gs2_play_mech_type(const struct gs2_play_ctx *context,
                   enum gs2_script_mech_type type)
{
    switch (type) {
    case GS2_MECH_OTHER:
        return gs2_script_oid(context->script->other_oid);
    case GS2_MECH_NULL:
        return GSS_C_NO_OID;
    default:
        return gs2_script_oid(context->oid);
    }
}

OM_uint32
gs2_play_lifetime(const struct gs2_script *script)
{
    return script->lifetime != 0 ? script->lifetime : GSS_C_INDEFINITE;
}

static struct gs2_call
context_call(enum gs2_call_kind kind, const struct gs2_play_ctx *context)
{
    return (struct gs2_call){.kind = kind,
                             .oid = context->oid,
                             .context = context->id,
                             .leg = context->leg};
}

EXPORT OM_uint32
gss_process_context_token(OM_uint32 *minor, gss_ctx_id_t handle,
                          gss_buffer_t token)
{
    struct gs2_play_ctx *context = (struct gs2_play_ctx *)handle;
    struct gs2_call call = context_call(GS2_CALL_PROCESS_TOKEN, context);
    const struct gs2_script_extra *extra = NULL;
    OM_uint32 major;

    gs2_play_input_note(&call, token);
    gs2_play_begin(&call, &major, minor);
    if (major != GSS_S_COMPLETE)
        return gs2_play_end(&call, major, *minor);
    if (context->extras < context->script->extra_count &&
        context->extras < GS2_SCRIPT_EXTRAS)
        extra = &context->script->extras[context->extras++];
    if (extra == NULL) {
        *minor = GS2_MINOR_INPUT;
        return gs2_play_end(&call, GSS_S_DEFECTIVE_TOKEN, *minor);
    }
    context->closed = context->closed || extra->closes;
    context->gone = context->gone || extra->drops_context;
    context->flags &= ~extra->clear_flags;
    *minor = extra->minor;
    return gs2_play_end(&call, extra->major, *minor);
}

static void
tell_context(const struct gs2_play_ctx *context, OM_uint32 *flags_out,
             int *initiator_out, int *open_out)
{
    const struct gs2_script *script = context->script;

    if (flags_out != NULL)
        *flags_out =
            script->inquire_flags_set ? script->inquire_flags : context->flags;
    if (initiator_out != NULL)
        *initiator_out = context->initiator;
    if (open_out != NULL)
        *open_out =
            context->done && !context->closed && !script->inquire_closed;
}

EXPORT OM_uint32
gss_inquire_context(OM_uint32 *minor, gss_ctx_id_t handle,
                    gss_name_t *source_out, gss_name_t *target_out,
                    OM_uint32 *time_out, gss_OID *mech_out,
                    OM_uint32 *flags_out, int *initiator_out, int *open_out)
{
    const struct gs2_play_ctx *context = (struct gs2_play_ctx *)handle;
    const struct gs2_script *script = context->script;
    struct gs2_call call = context_call(GS2_CALL_INQUIRE_CONTEXT, context);
    OM_uint32 major;

    gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major) && context->gone)
        major = GSS_S_NO_CONTEXT;
    if (!GSS_ERROR(major) && script->expired && context->initiator)
        major = GSS_S_CONTEXT_EXPIRED;
    if (major != GSS_S_COMPLETE)
        return gs2_play_end(&call, major, *minor);
    if (source_out != NULL && !script->inquire_no_source)
        *source_out = (gss_name_t)gs2_play_name_source(context->oid, script);
    if (target_out != NULL)
        *target_out = (gss_name_t)gs2_play_name_copy(context->target);
    if (time_out != NULL)
        *time_out = gs2_play_lifetime(script);
    if (mech_out != NULL)
        *mech_out = gs2_play_mech_type(context, script->inquire_mech_type);
    tell_context(context, flags_out, initiator_out, open_out);
    return gs2_play_end(&call, major, *minor);
}

EXPORT OM_uint32
gss_context_time(OM_uint32 *minor, gss_ctx_id_t handle, OM_uint32 *time_out)
{
    const struct gs2_play_ctx *context = (struct gs2_play_ctx *)handle;
    struct gs2_call call = context_call(GS2_CALL_CONTEXT_TIME, context);
    OM_uint32 major;

    gs2_play_begin(&call, &major, minor);
    *time_out = major == GSS_S_COMPLETE ? gs2_play_lifetime(context->script)
                                        : 0;
    return gs2_play_end(&call, major, *minor);
}

/* Deletes whatever the fault says, or each failure would leak. */
EXPORT OM_uint32
gss_delete_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle,
                       gss_buffer_t output)
{
    const struct gs2_play_ctx *context = (struct gs2_play_ctx *)*handle;
    struct gs2_call call = context_call(GS2_CALL_DELETE_CONTEXT, context);
    OM_uint32 major = GSS_S_COMPLETE;

    *minor = 0;
    call.output_token = output != GSS_C_NO_BUFFER;
    if (gs2_play_script(call.oid) != NULL)
        gs2_play_begin(&call, &major, minor);
    gs2_play_ctx_free(handle);
    return gs2_play_end(&call, major, *minor);
}
