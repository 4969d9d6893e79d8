/*
 * scriptmech_context.c - the dialogue of the scriptable mechanism: init and
 * accept (RFC 2743 sections 2.2.1 and 2.2.2).
 */
#include "scriptmech_int.h"

#include <stdlib.h>
#include <string.h>

/* One call of init or accept while it runs. */
struct turn {
    struct gs2_call call;
    struct gs2_play_ctx *context;
    const struct gs2_script_leg *leg;
    const struct gss_channel_bindings_struct *bindings;
    OM_uint32 major;
    OM_uint32 minor;
};

/* The glue tells an acceptor no mechanism: it comes with the credential, or
 * stands in the first token, where the glue itself looks for it. */
static enum gs2_script_oid
token_mech(const gss_buffer_desc *token)
{
    const unsigned char *p = token->value;
    size_t at = 2;

    if (token->length >= 8 && memcmp(p, "NTLMSSP", 8) == 0)
        return GS2_OID_NTLM;
    if (token->length < 2 || p[0] != 0x60)
        return GS2_OID_COUNT;
    if ((p[1] & 0x80) != 0)
        at += p[1] & 0x7fU;
    if (token->length < at + 2 || p[at] != 0x06 ||
        token->length - at - 2 < p[at + 1])
        return GS2_OID_COUNT;
    return gs2_play_slot(&(gss_OID_desc){p[at + 1], (void *)(p + at + 2)});
}

static const struct gs2_script_leg *
find_leg(const struct gs2_play_ctx *context)
{
    const struct gs2_script *script = context->script;
    const struct gs2_script_leg *legs =
        context->initiator ? script->initiator : script->acceptor;
    unsigned count =
        context->initiator ? script->initiator_legs : script->acceptor_legs;

    if (count > GS2_SCRIPT_LEGS)
        count = GS2_SCRIPT_LEGS;
    if (context->leg <= count)
        return &legs[context->leg - 1];
    return script->repeat && count > 0 ? &legs[count - 1] : NULL;
}

static void
fail(struct turn *turn, OM_uint32 major, OM_uint32 minor)
{
    turn->major = major;
    turn->minor = minor;
}

/* True where the bindings that came are those that we were given, or where the
 * leg does not mind that a side has none. */
static bool
check_bindings(struct turn *turn, struct gs2_octets theirs)
{
    struct gs2_octets ours = gs2_play_bindings_encode(turn->bindings);
    const bool both = turn->bindings != NULL && theirs.len > 4;
    const bool neither = turn->bindings == NULL && theirs.len == 4;
    const bool equal = gs2_play_octets_equal(ours, theirs);

    gs2_play_octets_free(&ours);
    if (both && equal)
        turn->context->bound = turn->leg->bind != GS2_BIND_SILENT;
    return neither || equal || (!both && turn->leg->bind == GS2_BIND_LAX);
}

/* Looks at what is inside the framing of the input. */
static void
check_inner(struct turn *turn, struct gs2_octets inner)
{
    const struct gs2_script_leg *leg = turn->leg;
    struct gs2_octets bindings;

    if (leg->bind >= GS2_BIND_CHECK) {
        if (!gs2_play_bindings_find(inner, &inner, &bindings)) {
            fail(turn, GSS_S_DEFECTIVE_TOKEN, GS2_MINOR_INPUT);
            return;
        }
        if (!check_bindings(turn, bindings)) {
            fail(turn, GSS_S_BAD_BINDINGS, GS2_MINOR_BINDINGS);
            return;
        }
    }
    if (leg->expect.data != NULL &&
        (inner.len != leg->expect.len ||
         (inner.len > 0 &&
          memcmp(inner.data, leg->expect.data, inner.len) != 0)))
        fail(turn, GSS_S_DEFECTIVE_TOKEN, GS2_MINOR_INPUT);
}

static void
check_input(struct turn *turn)
{
    gss_buffer_desc token = {turn->call.token.len,
                             (void *)turn->call.token.data};
    gss_buffer_desc inner = {0, NULL};
    OM_uint32 minor;

    /* What is not framed by the book is compared as it is. */
    if (token.length > 0 &&
        gss_decapsulate_token(&token, gs2_script_oid(turn->context->oid),
                              &inner) == GSS_S_COMPLETE)
        check_inner(turn, (struct gs2_octets){inner.value, inner.length});
    else
        check_inner(turn, turn->call.token);
    /* gss_release_buffer() passes over a buffer of no octets, and the glue
     * allocates one. */
    if (inner.length == 0)
        free(inner.value);
    else
        gss_release_buffer(&minor, &inner);
}

static struct gs2_octets
join(struct gs2_octets a, struct gs2_octets b)
{
    char *data = gs2_play_alloc(a.len + b.len);

    if (a.len > 0)
        memcpy(data, a.data, a.len);
    if (b.len > 0)
        memcpy(data + a.len, b.data, b.len);
    return (struct gs2_octets){data, a.len + b.len};
}

static bool
is_framed(const struct gs2_play_ctx *context, const struct gs2_script_leg *leg)
{
    if (leg->framing != GS2_FRAME_AUTO)
        return leg->framing == GS2_FRAME_ALWAYS;
    return context->initiator && context->leg == 1 &&
           !context->script->unframed;
}

/* The output token: the script's octets, the bindings, the framing. */
static void
send_token(struct turn *turn, gss_buffer_t out)
{
    const struct gs2_script_leg *leg = turn->leg;
    struct gs2_octets inner = gs2_play_octets_copy(leg->token);

    if (leg->bind == GS2_BIND_SEND || leg->bind == GS2_BIND_SEND_NONE) {
        struct gs2_octets bare = inner;
        struct gs2_octets bindings = gs2_play_bindings_encode(
            leg->bind == GS2_BIND_SEND ? turn->bindings : NULL);

        inner = join(bare, bindings);
        gs2_play_octets_free(&bare);
        gs2_play_octets_free(&bindings);
    }
    if (inner.data != NULL && is_framed(turn->context, leg)) {
        gss_buffer_desc bare = {inner.len, (void *)inner.data};

        gss_encapsulate_token(&bare, gs2_script_oid(turn->context->oid), out);
    } else {
        gs2_play_fill(out, inner);
    }
    turn->call.sent = out->length;
    gs2_play_octets_free(&inner);
}

/* The part of a turn that both roles share: finds the leg, checks the input,
 * sends the token, sets the flags and the state. */
static void
play_leg(struct turn *turn, gss_buffer_t out)
{
    struct gs2_play_ctx *context = turn->context;
    const OM_uint32 status = turn->major;

    turn->call.context = context->id;
    turn->call.leg = ++context->leg;
    turn->leg = find_leg(context);
    if (turn->leg == NULL) {
        fail(turn, GSS_S_FAILURE, GS2_MINOR_NO_LEG);
        return;
    }
    check_input(turn);
    if (GSS_ERROR(turn->major))
        return;
    context->flags =
        turn->leg->flags | (turn->call.req_flags & turn->leg->grant);
    if (context->bound)
        context->flags |= GSS_C_CHANNEL_BOUND_FLAG;
    send_token(turn, out);
    if (status == GSS_S_COMPLETE)
        fail(turn, turn->leg->major, turn->leg->minor);
    context->done =
        !GSS_ERROR(turn->major) && (turn->major & GSS_S_CONTINUE_NEEDED) == 0;
}

/* The glue forgets a context of which the first call says anything but exactly
 * COMPLETE or CONTINUE_NEEDED, so that must not be left to it. */
static void
settle_context(const struct turn *turn, gss_ctx_id_t *handle)
{
    const bool fresh = turn->context->leg == 1;
    const bool exact =
        turn->major == GSS_S_COMPLETE || turn->major == GSS_S_CONTINUE_NEEDED;

    if ((fresh && !exact) || (turn->leg != NULL && turn->leg->drops_context))
        gs2_play_ctx_free(handle);
}

static void
set_mech_and_time(const struct turn *turn, gss_OID *mech_out,
                  OM_uint32 *time_out)
{
    if (turn->leg == NULL)
        return;
    if (mech_out != NULL)
        *mech_out = gs2_play_mech_type(turn->context, turn->leg->mech_type);
    if (time_out != NULL)
        *time_out = turn->context->script->expired
                        ? 0
                        : gs2_play_lifetime(turn->context->script);
}

EXPORT OM_uint32
gss_init_sec_context(OM_uint32 *minor, gss_cred_id_t cred,
                     gss_ctx_id_t *handle, gss_name_t target, gss_OID mech,
                     OM_uint32 req_flags, OM_uint32 time_req,
                     gss_channel_bindings_t bindings, gss_buffer_t input,
                     gss_OID *mech_out, gss_buffer_t output,
                     OM_uint32 *flags_out, OM_uint32 *time_out)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)target;
    const struct gs2_play_cred *held = (struct gs2_play_cred *)cred;
    struct turn turn = {.context = (struct gs2_play_ctx *)*handle,
                        .bindings = bindings};
    const struct gs2_script *script;

    turn.call.kind = GS2_CALL_INIT;
    turn.call.oid = gs2_play_slot(mech);
    turn.call.cred = held != NULL ? held->id : 0;
    turn.call.name = name != NULL ? name->id : 0;
    if (name != NULL)
        turn.call.target = name->text;
    turn.call.req_flags = req_flags;
    turn.call.time_req = time_req;
    gs2_play_input_note(&turn.call, input);
    gs2_play_bindings_note(&turn.call, bindings);
    script = gs2_play_begin(&turn.call, &turn.major, &turn.minor);
    if (GSS_ERROR(turn.major))
        goto done;
    if (turn.context == NULL) {
        turn.context = gs2_play_ctx_new(turn.call.oid, script, true, name);
        *handle = (gss_ctx_id_t)turn.context;
    }
    play_leg(&turn, output);
    if (flags_out != NULL)
        *flags_out = turn.context->flags;
    set_mech_and_time(&turn, mech_out, time_out);
    settle_context(&turn, handle);
done:
    *minor = turn.minor;
    return gs2_play_end(&turn.call, turn.major, turn.minor);
}

/* Name and delegated credential go out with exactly COMPLETE only: with any
 * other status the glue drops them, and they would never be released. */
static void
give_peer(const struct turn *turn, gss_name_t *name_out,
          gss_cred_id_t *cred_out)
{
    const struct gs2_play_ctx *context = turn->context;
    struct gs2_play_name *source;

    if (turn->major != GSS_S_COMPLETE)
        return;
    source = gs2_play_name_source(context->oid, context->script);
    if (cred_out != NULL && context->script->delegates &&
        (context->flags & GSS_C_DELEG_FLAG) != 0 &&
        turn->leg->mech_type == GS2_MECH_OWN)
        *cred_out = (gss_cred_id_t)gs2_play_cred_new(context->oid, source,
                                                     GSS_C_INITIATE);
    if (name_out != NULL)
        *name_out = (gss_name_t)source;
    else
        gs2_play_name_free(source);
}

static enum gs2_script_oid
acceptor_mech(const struct gs2_play_ctx *context,
              const struct gs2_play_cred *cred, const gss_buffer_desc *input)
{
    if (context != NULL)
        return context->oid;
    return cred != NULL ? cred->oid : token_mech(input);
}

EXPORT OM_uint32
gss_accept_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle,
                       gss_cred_id_t cred, gss_buffer_t input,
                       gss_channel_bindings_t bindings, gss_name_t *name_out,
                       gss_OID *mech_out, gss_buffer_t output,
                       OM_uint32 *flags_out, OM_uint32 *time_out,
                       gss_cred_id_t *cred_out)
{
    const struct gs2_play_cred *held = (struct gs2_play_cred *)cred;
    struct turn turn = {.context = (struct gs2_play_ctx *)*handle,
                        .bindings = bindings};
    const struct gs2_script *script;

    turn.call.kind = GS2_CALL_ACCEPT;
    turn.call.oid = acceptor_mech(turn.context, held, input);
    turn.call.cred = held != NULL ? held->id : 0;
    gs2_play_input_note(&turn.call, input);
    gs2_play_bindings_note(&turn.call, bindings);
    script = gs2_play_begin(&turn.call, &turn.major, &turn.minor);
    if (GSS_ERROR(turn.major))
        goto done;
    if (turn.context == NULL) {
        turn.context = gs2_play_ctx_new(turn.call.oid, script, false, NULL);
        *handle = (gss_ctx_id_t)turn.context;
    }
    play_leg(&turn, output);
    if (flags_out != NULL)
        *flags_out = turn.context->flags;
    set_mech_and_time(&turn, mech_out, time_out);
    give_peer(&turn, name_out, cred_out);
    settle_context(&turn, handle);
done:
    *minor = turn.minor;
    return gs2_play_end(&turn.call, turn.major, turn.minor);
}
