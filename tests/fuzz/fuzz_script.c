/*
 * fuzz_script.c - a script and settings out of any octets (see fuzz_script.h),
 * for the dialogue's fuzz harness (RFC 7546: what a mechanism may say).
 */
#include "fuzz_script.h"

#include <stdbool.h>

#include "fuzz_input.h"
#include "tests/lib/must.h"

static const sasl_channel_binding_t bindings[] = {
    { "tls-unique", 0, 4, (const unsigned char *)"\1\0\2\3" },
    { "tls-unique", 1, 4, (const unsigned char *)"\1\0\2\3" },
    { "tls-exporter", 0, 4, (const unsigned char *)"\1\0\2\3" },
    { "tls-unique", 0, 4, (const unsigned char *)"\1\0\2\4" },
};

/* Two octets of settings: who asks for what, by bits. */
static void
take_settings(struct input *in, struct gs2_dialogue *d)
{
    const uint8_t a = take(in), b = take(in);

    d->success_data = (a & 1) != 0;
    d->null_for_empty = (a & 2) != 0;
    d->null_at_success = (a & 4) != 0;
    if ((a & 8) != 0)
        d->authzid = (a & 16) != 0 ? GS2_GIVEN(FUZZ_NAME)
                                   : GS2_GIVEN("b,o=b");
    /* libsasl 2.1.28 leaves a pointer to what it has freed behind where the
     * proxy policy refuses a success with data, and dialogue.c looks at it. */
    d->proxy_code = (a & 33) == 32 ? SASL_NOAUTHZ : SASL_OK;
    d->canon_code = (a & 0xc0) == 0xc0 ? SASL_NOUSER : SASL_OK;
    if ((b & 1) != 0)
        d->client_binding = &bindings[b >> 1 & 3];
    if ((b & 8) != 0)
        d->server_binding = &bindings[b >> 4 & 3];
    if ((b & 0x40) != 0)
        d->mech = "GS2-SCRIPT-PLUS";
    if ((b & 0x80) != 0)
        gs2_dialogue_set(d->server_options, "gs2_error_tokens", "no");
}

static OM_uint32
take_major(struct input *in)
{
    static const OM_uint32 majors[] = {
        GSS_S_COMPLETE, GSS_S_CONTINUE_NEEDED, GSS_S_FAILURE,
        GSS_S_BAD_BINDINGS, GSS_S_DEFECTIVE_TOKEN, GSS_S_NO_CONTEXT,
        GSS_S_DUPLICATE_TOKEN, GSS_S_OLD_TOKEN | GSS_S_CONTINUE_NEEDED,
        GSS_S_FAILURE | GSS_S_CONTINUE_NEEDED, GSS_S_CALL_BAD_STRUCTURE,
        GSS_S_GAP_TOKEN | GSS_S_UNSEQ_TOKEN, GSS_S_UNAVAILABLE,
        GSS_S_CREDENTIALS_EXPIRED, GSS_S_FAILURE | GSS_S_DUPLICATE_TOKEN,
    };

    return majors[take(in) % COUNT(majors)];
}

/* Of what makes a context bound the script says nothing: only a comparison of
 * bindings may do that. */
static OM_uint32
take_flags(struct input *in)
{
    const uint8_t f = take(in);

    return ((f & 1) != 0 ? (OM_uint32)GSS_C_MUTUAL_FLAG : 0) |
           ((f & 2) != 0 ? (OM_uint32)GSS_C_DELEG_FLAG : 0) |
           ((f & 4) != 0 ? (OM_uint32)GSS_C_ANON_FLAG : 0) |
           ((f & 8) != 0 ? (OM_uint32)GSS_C_PROT_READY_FLAG : 0);
}

static void
change_leg(struct gs2_script_leg *leg, uint8_t what, struct input *in)
{
    static const struct gs2_octets tokens[] = {
        { NULL, 0 }, { "", 0 }, { "another token", 13 }, { "\x60\x03x", 3 },
    };

    switch (what % 8) {
    case 0:
        leg->major = take_major(in);
        break;
    case 1:
        leg->token = tokens[take(in) % 4];
        break;
    case 2:
        leg->flags = take_flags(in);
        break;
    case 3:
        leg->bind = (enum gs2_script_bind)(take(in) % 6);
        break;
    case 4:
        leg->mech_type = (enum gs2_script_mech_type)(take(in) % 3);
        break;
    case 5:
        leg->drops_context = true;
        break;
    case 6:
        leg->expect.data = NULL;
        leg->expect.len = 0;
        break;
    default:
        leg->framing = GS2_FRAME_NEVER;
        break;
    }
}

static void
change_extra(struct gs2_script *script, struct input *in)
{
    struct gs2_script_extra *extra = &script->extras[script->extra_count % 4];
    const uint8_t how = take(in);

    extra->major = take_major(in);
    extra->closes = (how & 1) != 0;
    extra->drops_context = (how & 2) != 0;
    extra->clear_flags = (how & 4) != 0 ? (OM_uint32)GSS_C_MUTUAL_FLAG : 0;
    if (script->extra_count < GS2_SCRIPT_EXTRAS)
        script->extra_count++;
}

/* Not of calls whose failure the plugin remembers for some seconds: the next
 * input must not depend on this one.  Nor of gss_delete_sec_context(), after
 * which the glue loses what is its own. */
static void
change_fault(struct gs2_script *script, struct input *in, size_t at)
{
    static const enum gs2_call_kind kinds[] = {
        GS2_CALL_INQUIRE_CONTEXT, GS2_CALL_PROCESS_TOKEN,
        GS2_CALL_DISPLAY_NAME, GS2_CALL_INQUIRE_NAME, GS2_CALL_LOCALNAME,
        GS2_CALL_GET_ATTRIBUTE, GS2_CALL_DISPLAY_STATUS,
    };
    struct gs2_script_fault *fault = &script->faults[at % GS2_SCRIPT_FAULTS];

    fault->kind = kinds[take(in) % COUNT(kinds)];
    fault->nth = take(in) % 8;
    fault->major = take_major(in);
    fault->minor = 7;
}

static void
change_whole(struct gs2_script *script, struct input *in, size_t at)
{
    switch (take(in) % 6) {
    case 0:
        change_extra(script, in);
        break;
    case 1:
        change_fault(script, in, at);
        break;
    case 2:
        script->source = NULL;
        break;
    case 3:
        script->inquire_flags_set = true;
        script->inquire_flags = take_flags(in);
        break;
    case 4:
        script->repeat = true;
        script->inquire_closed = take(in) % 2 != 0;
        break;
    default:
        script->inquire_mech_type = (enum gs2_script_mech_type)(take(in) % 3);
        script->delegates = true;
        break;
    }
}

/* A change of six octets: 0xff ends them. */
static void
take_change(struct gs2_script *script, struct input *in, size_t at)
{
    struct input own = { in->at, in->len < 6 ? in->len : 6 };
    uint8_t where = take(&own);

    in->at += own.len + 1;
    in->len -= own.len + 1;
    if (where % 3 == 0)
        change_leg(&script->initiator[where / 3 % 5], take(&own), &own);
    else if (where % 3 == 1)
        change_leg(&script->acceptor[where / 3 % 5], take(&own), &own);
    else
        change_whole(script, &own, at);
}

/* The glue loses a delegated credential where the mechanism cannot display the
 * name that comes with it. */
static void
take_changes(struct gs2_script *script, struct input *in)
{
    for (size_t at = 0; in->len > 0 && *in->at != 0xff; at++)
        take_change(script, in, at);
    for (size_t i = 0; i < GS2_SCRIPT_FAULTS; i++) {
        if (script->faults[i].kind == GS2_CALL_DISPLAY_NAME)
            script->delegates = false;
    }
}

/* The message that stands in for another, behind 0xff. */
static void
take_message(struct gs2_tamper *tamper, uint8_t how, const struct input *in)
{
    const bool none = (how & 0x80) != 0;

    if (in->len <= 1)
        return;
    tamper->number = 1 + how % 8U;
    tamper->by.data = none ? NULL : in->at + 1;
    tamper->by.len = none ? 0 : in->len - 1;
}

void
fuzz_script_take(const uint8_t *data, size_t size, struct gs2_script *script,
                 struct gs2_dialogue *d)
{
    struct input in = { data, size };
    uint8_t tokens, tampers;

    take_settings(&in, d);
    tokens = take(&in);
    tampers = take(&in);
    gs2_script_honest(script, 1 + tokens % 8U);
    script->other_oid = GS2_OID_B;
    take_changes(script, &in);
    take_message(&d->tampers[0], tampers, &in);
}
