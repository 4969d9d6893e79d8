/*
 * scriptmech_names.c - names of the scriptable mechanism (RFC 2743 section
 * 2.4).  Their attributes are in scriptmech_attrs.c.
 */
#include "scriptmech_int.h"

#include <stdlib.h>
#include <string.h>

#define TOK_EXPORT    0x01 /* RFC 2743 section 3.2 */
#define TOK_COMPOSITE 0x02 /* RFC 6680 section 7.8 */

struct gs2_play_name *
gs2_play_name_new(enum gs2_script_oid oid, const struct gs2_script_name *facts,
                  struct gs2_octets text, gss_OID type)
{
    struct gs2_play_name *name = gs2_play_alloc(sizeof(*name));

    name->id = gs2_play_born(GS2_PLAY_NAME);
    name->oid = oid;
    name->facts = facts;
    name->type = type;
    name->text = gs2_play_octets_copy(text);
    return name;
}

struct gs2_play_name *
gs2_play_name_source(enum gs2_script_oid oid, const struct gs2_script *script)
{
    const struct gs2_script_name *source = script->source;

    if (source == NULL)
        return NULL;
    return gs2_play_name_new(oid, source, source->text, source->type);
}

struct gs2_play_name *
gs2_play_name_copy(const struct gs2_play_name *name)
{
    if (name == NULL)
        return NULL;
    return gs2_play_name_new(name->oid, name->facts, name->text, name->type);
}

void
gs2_play_name_free(struct gs2_play_name *name)
{
    if (name == NULL)
        return;
    gs2_play_octets_free(&name->text);
    free(name);
    gs2_play_died(GS2_PLAY_NAME);
}

/* The glue frees the name type that we answer unless it is one of the GSS
 * library's constants; the one that we are given is the caller's. */
static gss_OID
constant_type(gss_OID type)
{
    const gss_OID known[] = {
        GSS_C_NT_USER_NAME,        GSS_C_NT_HOSTBASED_SERVICE,
        GSS_C_NT_ANONYMOUS,        GSS_C_NT_MACHINE_UID_NAME,
        GSS_C_NT_EXPORT_NAME,      GSS_C_NT_STRING_UID_NAME,
        GSS_C_NT_COMPOSITE_EXPORT,
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (gss_oid_equal(type, known[i]))
            return known[i];
    }
    return GSS_C_NO_OID;
}

/* Header of an exported name: token identifier, OID, length of the text. */
static size_t
export_header(unsigned char *p, enum gs2_script_oid oid, unsigned char kind,
              size_t len)
{
    const gss_OID desc = gs2_script_oid(oid);
    const size_t oid_len = desc->length;

    p[0] = 0x04;
    p[1] = kind;
    p[2] = 0;
    p[3] = (unsigned char)(oid_len + 2);
    p[4] = 0x06;
    p[5] = (unsigned char)oid_len;
    memcpy(p + 6, desc->elements, oid_len);
    p += 6 + oid_len;
    p[0] = (unsigned char)(len >> 24);
    p[1] = (unsigned char)(len >> 16);
    p[2] = (unsigned char)(len >> 8);
    p[3] = (unsigned char)len;
    return oid_len + 10;
}

static void
fill_export(gss_buffer_t out, const struct gs2_play_name *name,
            unsigned char kind)
{
    unsigned char header[64];
    size_t len = export_header(header, name->oid, kind, name->text.len);
    unsigned char *data = gs2_play_alloc(len + name->text.len);

    memcpy(data, header, len);
    if (name->text.len > 0)
        memcpy(data + len, name->text.data, name->text.len);
    out->value = data;
    out->length = len + name->text.len;
}

/* An exported name back; a composite one of the script's source is that
 * source, attributes and all. */
static struct gs2_play_name *
import_exported(enum gs2_script_oid oid, const struct gs2_script *script,
                struct gs2_octets token, bool composite)
{
    const struct gs2_script_name *source = script->source;
    const unsigned char *data = token.data;
    unsigned char header[64];
    size_t len = export_header(header, oid, 0, 0);
    struct gs2_octets text;

    if (composite && source != NULL && source->composite.data != NULL &&
        gs2_play_octets_equal(token, source->composite))
        return gs2_play_name_source(oid, script);
    if (token.len < len)
        return NULL;
    text = (struct gs2_octets){data + len, token.len - len};
    export_header(header, oid, composite ? TOK_COMPOSITE : TOK_EXPORT,
                  text.len);
    if (memcmp(data, header, len) != 0)
        return NULL;
    if (composite && source != NULL &&
        gs2_play_octets_equal(text, source->text))
        return gs2_play_name_source(oid, script);
    return gs2_play_name_new(oid, NULL, text, GSS_C_NO_OID);
}

EXPORT OM_uint32
gssspi_import_name_by_mech(OM_uint32 *minor, gss_OID mech, gss_buffer_t text,
                           gss_OID type, gss_name_t *name_out)
{
    struct gs2_call call = {.kind = GS2_CALL_IMPORT_NAME,
                            .oid = gs2_play_slot(mech),
                            .token = gs2_play_octets_of(text),
                            .name_type = constant_type(type)};
    const bool composite = call.name_type == GSS_C_NT_COMPOSITE_EXPORT;
    const struct gs2_script *script;
    struct gs2_play_name *name;
    OM_uint32 major;

    *name_out = GSS_C_NO_NAME;
    script = gs2_play_begin(&call, &major, minor);
    if (GSS_ERROR(major))
        return gs2_play_end(&call, major, *minor);
    if (composite || call.name_type == GSS_C_NT_EXPORT_NAME)
        name = import_exported(call.oid, script, call.token, composite);
    else
        name = gs2_play_name_new(call.oid, NULL, call.token, call.name_type);
    if (name == NULL)
        return gs2_play_end(&call, GSS_S_BAD_NAME, *minor);
    call.name = name->id;
    *name_out = (gss_name_t)name;
    return gs2_play_end(&call, major, *minor);
}

/* Never called, since the glue prefers the function above; but it wants a
 * mechanism to have one. */
EXPORT OM_uint32
gss_import_name(OM_uint32 *minor, gss_buffer_t text, gss_OID type,
                gss_name_t *name_out)
{
    (void)text;
    (void)type;
    *minor = 0;
    *name_out = GSS_C_NO_NAME;
    return GSS_S_UNAVAILABLE;
}

static struct gs2_call
name_call(enum gs2_call_kind kind, const struct gs2_play_name *name)
{
    struct gs2_call call = {.kind = kind, .oid = GS2_OID_COUNT};

    if (name != NULL) {
        call.oid = name->oid;
        call.name = name->id;
        call.target = name->text;
    }
    return call;
}

/* From 1.23 on the glue of MIT krb5 copies the type of a context's name, and
 * crashes if there is none. */
static gss_OID
shown_type(const struct gs2_play_name *name)
{
    if (name->type != GSS_C_NO_OID)
        return name->type;
    if (name->facts != NULL && name->facts->untyped)
        return GSS_C_NO_OID;
    return GSS_C_NT_USER_NAME;
}

/* The glue frees the text by free() where it keeps it, but by
 * gss_release_buffer() where it hands it on: an empty one must be NULL to be
 * right for both. */
EXPORT OM_uint32
gss_display_name(OM_uint32 *minor, gss_name_t handle, gss_buffer_t text_out,
                 gss_OID *type_out)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)handle;
    struct gs2_call call = name_call(GS2_CALL_DISPLAY_NAME, name);
    OM_uint32 major;

    gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major)) {
        gs2_play_fill(text_out, name->text.len > 0
                                    ? name->text
                                    : (struct gs2_octets){NULL, 0});
        if (type_out != NULL)
            *type_out = shown_type(name);
    }
    return gs2_play_end(&call, major, *minor);
}

EXPORT OM_uint32
gss_compare_name(OM_uint32 *minor, gss_name_t a, gss_name_t b, int *equal_out)
{
    const struct gs2_play_name *one = (struct gs2_play_name *)a;
    const struct gs2_play_name *other = (struct gs2_play_name *)b;
    struct gs2_call call = name_call(GS2_CALL_COMPARE_NAME, one);
    OM_uint32 major;

    *equal_out = 0;
    gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major) && one->oid == other->oid)
        *equal_out = gs2_play_octets_equal(one->text, other->text);
    return gs2_play_end(&call, major, *minor);
}

EXPORT OM_uint32
gss_duplicate_name(OM_uint32 *minor, const gss_name_t handle,
                   gss_name_t *name_out)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)handle;
    struct gs2_call call = name_call(GS2_CALL_DUPLICATE_NAME, name);
    OM_uint32 major;

    *name_out = GSS_C_NO_NAME;
    gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major))
        *name_out = (gss_name_t)gs2_play_name_copy(name);
    return gs2_play_end(&call, major, *minor);
}

/* Releases whatever the fault says, or each failure would leak. */
EXPORT OM_uint32
gss_release_name(OM_uint32 *minor, gss_name_t *handle)
{
    struct gs2_play_name *name = (struct gs2_play_name *)*handle;
    struct gs2_call call = name_call(GS2_CALL_RELEASE_NAME, name);
    OM_uint32 major = GSS_S_COMPLETE;

    *minor = 0;
    if (gs2_play_script(call.oid) != NULL)
        gs2_play_begin(&call, &major, minor);
    major = gs2_play_end(&call, major, *minor);
    gs2_play_name_free(name);
    *handle = GSS_C_NO_NAME;
    return major;
}

EXPORT OM_uint32
gss_export_name(OM_uint32 *minor, const gss_name_t handle, gss_buffer_t out)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)handle;
    struct gs2_call call = name_call(GS2_CALL_EXPORT_NAME, name);
    OM_uint32 major;

    gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major)) {
        if (name->facts != NULL && name->facts->exported.data != NULL)
            gs2_play_fill(out, name->facts->exported);
        else
            fill_export(out, name, TOK_EXPORT);
    }
    return gs2_play_end(&call, major, *minor);
}

EXPORT OM_uint32
gss_export_name_composite(OM_uint32 *minor, gss_name_t handle,
                          gss_buffer_t out)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)handle;
    struct gs2_call call = name_call(GS2_CALL_EXPORT_COMPOSITE, name);
    OM_uint32 major;

    gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major)) {
        if (name->facts != NULL && name->facts->composite.data != NULL)
            gs2_play_fill(out, name->facts->composite);
        else
            fill_export(out, name, TOK_COMPOSITE);
    }
    return gs2_play_end(&call, major, *minor);
}
