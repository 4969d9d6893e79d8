/*
 * scriptmech_mech.c - what the scriptable mechanism says of itself: attributes
 * (RFC 5587), SASL name (RFC 5801 section 11), and the texts of its minor
 * statuses (RFC 2743 section 2.4.1).
 */
#include "scriptmech_int.h"

#include <stdio.h>
#include <string.h>

enum gs2_script_oid
gs2_play_slot(gss_const_OID oid)
{
    for (unsigned i = 0; i < GS2_OID_COUNT; i++) {
        if (gss_oid_equal(oid, gs2_script_oid((enum gs2_script_oid)i)))
            return (enum gs2_script_oid)i;
    }
    return GS2_OID_COUNT;
}

/* Gives the set, freed with gss_release_oid_set(); where there is no memory,
 * none rather than half of it. */
static OM_uint32
make_attrs(OM_uint32 *minor, unsigned ma, gss_OID_set *set_out)
{
    const struct {
        unsigned bit;
        gss_const_OID oid;
    } known[] = {
        {GS2_MA_CONCRETE, GSS_C_MA_MECH_CONCRETE},
        {GS2_MA_AUTH_INIT, GSS_C_MA_AUTH_INIT},
        {GS2_MA_AUTH_TARG, GSS_C_MA_AUTH_TARG},
        {GS2_MA_AUTH_INIT_ANON, GSS_C_MA_AUTH_INIT_ANON},
        {GS2_MA_CBINDINGS, GSS_C_MA_CBINDINGS},
        {GS2_MA_ITOK_FRAMED, GSS_C_MA_ITOK_FRAMED},
        {GS2_MA_DELEG_CRED, GSS_C_MA_DELEG_CRED},
        {GS2_MA_PFS, GSS_C_MA_PFS},
        {GS2_MA_MECH_NEGO, GSS_C_MA_MECH_NEGO},
        {GS2_MA_MECH_GLUE, GSS_C_MA_MECH_GLUE},
        {GS2_MA_NOT_MECH, GSS_C_MA_NOT_MECH},
        {GS2_MA_DEPRECATED, GSS_C_MA_DEPRECATED},
        {GS2_MA_NOT_DFLT_MECH, GSS_C_MA_NOT_DFLT_MECH},
        {GS2_MA_MECH_PSEUDO, GSS_C_MA_MECH_PSEUDO},
        {GS2_MA_MECH_COMPOSITE, GSS_C_MA_MECH_COMPOSITE},
    };
    OM_uint32 major, ignored;

    major = gss_create_empty_oid_set(minor, set_out);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!GSS_ERROR(major) && (ma & known[i].bit) != 0)
            major = gss_add_oid_set_member(minor, (gss_OID)known[i].oid,
                                           set_out);
    }
    if (GSS_ERROR(major))
        gss_release_oid_set(&ignored, set_out);
    return major;
}

/* The set of all attributes that are known is left to the glue. */
EXPORT OM_uint32
gss_inquire_attrs_for_mech(OM_uint32 *minor, gss_const_OID mech,
                           gss_OID_set *attrs_out, gss_OID_set *known_out)
{
    struct gs2_call call = {.kind = GS2_CALL_INQUIRE_ATTRS,
                            .oid = gs2_play_slot(mech)};
    const struct gs2_script *script;
    OM_uint32 major;

    (void)known_out;
    script = gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major) && attrs_out != NULL && !script->ma_null)
        major = make_attrs(minor, script->ma, attrs_out);
    return gs2_play_end(&call, major, *minor);
}

EXPORT OM_uint32
gss_inquire_saslname_for_mech(OM_uint32 *minor, const gss_OID mech,
                              gss_buffer_t saslname_out, gss_buffer_t name_out,
                              gss_buffer_t description_out)
{
    static const struct gs2_octets name = GS2_OCTETS("scripted");
    struct gs2_call call = {.kind = GS2_CALL_INQUIRE_SASLNAME,
                            .oid = gs2_play_slot(mech)};
    const struct gs2_script *script;
    OM_uint32 major;

    script = gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major) && script->saslname.data == NULL)
        major = GSS_S_UNAVAILABLE;
    if (!GSS_ERROR(major)) {
        gs2_play_fill(saslname_out, script->saslname);
        gs2_play_fill(name_out, name);
        gs2_play_fill(description_out, name);
    }
    return gs2_play_end(&call, major, *minor);
}

/* The glue asks each mechanism in turn and does not say which it is, so each
 * mechanism here answers for all of them. */
EXPORT OM_uint32
gss_inquire_mech_for_saslname(OM_uint32 *minor, const gss_buffer_t saslname,
                              gss_OID *mech_out)
{
    struct gs2_call call = {.kind = GS2_CALL_MECH_FOR_SASLNAME,
                            .oid = GS2_OID_COUNT,
                            .token = gs2_play_octets_of(saslname)};

    *minor = 0;
    for (unsigned i = 0; i < GS2_OID_COUNT; i++) {
        const enum gs2_script_oid oid = (enum gs2_script_oid)i;
        const struct gs2_script *script = gs2_play_script(oid);

        if (script == NULL || script->saslname.data == NULL ||
            !gs2_play_octets_equal(script->saslname, call.token))
            continue;
        if (mech_out != NULL)
            *mech_out = gs2_script_oid(oid);
        return gs2_play_end(&call, GSS_S_COMPLETE, 0);
    }
    return gs2_play_end(&call, GSS_S_BAD_MECH, 0);
}

static const char *
own_text(OM_uint32 minor)
{
    switch (minor) {
    case GS2_MINOR_NO_SCRIPT:
        return "no script for this mechanism";
    case GS2_MINOR_NO_LEG:
        return "no such leg in the script";
    case GS2_MINOR_INPUT:
        return "not the token that the script expects";
    case GS2_MINOR_BINDINGS:
        return "the channel bindings differ";
    case GS2_MINOR_NO_CRED:
        return "no scripted credential of that name";
    case GS2_MINOR_PASSWORD:
        return "not the scripted password";
    case GS2_MINOR_STORE:
        return "no credential stores in this script";
    default:
        return NULL;
    }
}

/* The text of index at among those of a minor status, or NULL; *count_out is
 * how many there are. */
static const struct gs2_octets *
find_text(const struct gs2_script *script, OM_uint32 minor, OM_uint32 at,
          OM_uint32 *count_out)
{
    const struct gs2_octets *found = NULL;

    *count_out = 0;
    for (size_t i = 0; i < GS2_SCRIPT_TEXTS; i++) {
        if (script->texts[i].minor == 0)
            break;
        if (script->texts[i].minor != minor)
            continue;
        if (*count_out == at || script->texts_endless)
            found = &script->texts[i].text;
        *count_out += 1;
    }
    return found;
}

static void
fill_default_text(gss_buffer_t out, OM_uint32 minor)
{
    char line[64];
    const char *text = own_text(minor);

    if (text == NULL) {
        snprintf(line, sizeof(line), "scripted minor status %u", minor);
        text = line;
    }
    gs2_play_fill(out, (struct gs2_octets){text, strlen(text)});
}

/* Only minor statuses come here; the glue has texts for the major ones.  The
 * mechanism has its own texts even without a script. */
EXPORT OM_uint32
gss_display_status(OM_uint32 *minor, OM_uint32 value, int type, gss_OID mech,
                   OM_uint32 *context, gss_buffer_t text_out)
{
    struct gs2_call call = {.kind = GS2_CALL_DISPLAY_STATUS,
                            .oid = gs2_play_slot(mech)};
    const struct gs2_octets *text = NULL;
    const struct gs2_script *script;
    OM_uint32 major, count = 0;
    bool more = false;

    (void)type;
    script = gs2_play_begin(&call, &major, minor);
    if (script != NULL && GSS_ERROR(major))
        return gs2_play_end(&call, major, *minor);
    if (script != NULL) {
        text = find_text(script, value, *context, &count);
        more = script->texts_endless || *context + 1 < count;
    }
    *context = more ? *context + 1 : 0;
    *minor = 0;
    if (text != NULL)
        gs2_play_fill(text_out, *text);
    else
        fill_default_text(text_out, value);
    return gs2_play_end(&call, script == NULL ? GSS_S_COMPLETE : major, 0);
}
