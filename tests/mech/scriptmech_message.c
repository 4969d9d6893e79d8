/*
 * scriptmech_message.c - messages of the scriptable mechanism's contexts (RFC
 * 2743 section 2.3): an octet that says who wrapped it, one that says whether it
 * is sealed, the number of the message, and its octets as they are.
 */
#include "scriptmech_int.h"

#include <string.h>

#define OVERHEAD 3

static struct gs2_call
message_call(enum gs2_call_kind kind, const struct gs2_play_ctx *context,
             const gss_buffer_desc *message)
{
    return (struct gs2_call){.kind = kind,
                             .oid = context->oid,
                             .context = context->id,
                             .leg = context->leg,
                             .token = gs2_play_octets_of(message)};
}

EXPORT OM_uint32
gss_wrap(OM_uint32 *minor, gss_ctx_id_t handle, int seal, gss_qop_t qop,
         gss_buffer_t in, int *sealed_out, gss_buffer_t out)
{
    struct gs2_play_ctx *context = (struct gs2_play_ctx *)handle;
    struct gs2_call call = message_call(GS2_CALL_WRAP, context, in);
    char *octets;
    OM_uint32 major;

    (void)qop;
    gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major) && !context->done)
        major = GSS_S_NO_CONTEXT;
    if (GSS_ERROR(major))
        return gs2_play_end(&call, major, *minor);
    octets = gs2_play_alloc(OVERHEAD + in->length);
    octets[0] = context->initiator ? 'i' : 'a';
    octets[1] = seal ? 's' : 'u';
    octets[2] = (char)context->wrapped++;
    if (in->length > 0)
        memcpy(octets + OVERHEAD, in->value, in->length);
    *out = (gss_buffer_desc){OVERHEAD + in->length, octets};
    if (sealed_out != NULL)
        *sealed_out = seal != 0;
    call.sent = out->length;
    return gs2_play_end(&call, major, *minor);
}

/* What it says of a message by supplementary bits, as krb5 does where the order
 * is kept. */
static OM_uint32
order_of(struct gs2_play_ctx *context, unsigned char number)
{
    const unsigned char next = context->unwrapped;

    if (number < next)
        return GSS_S_DUPLICATE_TOKEN;
    context->unwrapped = (unsigned char)(number + 1);
    return number > next ? GSS_S_GAP_TOKEN : GSS_S_COMPLETE;
}

EXPORT OM_uint32
gss_unwrap(OM_uint32 *minor, gss_ctx_id_t handle, gss_buffer_t in,
           gss_buffer_t out, int *sealed_out, gss_qop_t *qop_out)
{
    struct gs2_play_ctx *context = (struct gs2_play_ctx *)handle;
    struct gs2_call call = message_call(GS2_CALL_UNWRAP, context, in);
    const char *octets = in->value;
    OM_uint32 major;

    gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major) && !context->done)
        major = GSS_S_NO_CONTEXT;
    if (!GSS_ERROR(major) &&
        (in->length < OVERHEAD || octets[0] != (context->initiator ? 'a' : 'i') ||
         (octets[1] != 's' && octets[1] != 'u')))
        major = GSS_S_DEFECTIVE_TOKEN;
    if (GSS_ERROR(major))
        return gs2_play_end(&call, major, *minor);
    major |= order_of(context, (unsigned char)octets[2]);
    /* As krb5, with memory for no octets as well. */
    out->length = in->length - OVERHEAD;
    out->value = gs2_play_alloc(out->length);
    if (out->length > 0)
        memcpy(out->value, octets + OVERHEAD, out->length);
    if (sealed_out != NULL)
        *sealed_out = octets[1] == 's';
    if (qop_out != NULL)
        *qop_out = GSS_C_QOP_DEFAULT;
    return gs2_play_end(&call, major, *minor);
}

EXPORT OM_uint32
gss_wrap_size_limit(OM_uint32 *minor, gss_ctx_id_t handle, int seal,
                    gss_qop_t qop, OM_uint32 size, OM_uint32 *max_out)
{
    struct gs2_play_ctx *context = (struct gs2_play_ctx *)handle;
    struct gs2_call call = message_call(GS2_CALL_WRAP_SIZE_LIMIT, context,
                                        NULL);
    OM_uint32 major;

    (void)seal;
    (void)qop;
    gs2_play_begin(&call, &major, minor);
    *max_out = !GSS_ERROR(major) && size > OVERHEAD ? size - OVERHEAD : 0;
    return gs2_play_end(&call, major, *minor);
}
