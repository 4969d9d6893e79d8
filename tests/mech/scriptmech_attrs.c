/*
 * scriptmech_attrs.c - what the scriptable mechanism knows of its names: local
 * names and attributes (RFC 6680 sections 7.3 to 7.5).
 */
#include "scriptmech_int.h"

#include <limits.h>
#include <string.h>

static struct gs2_call
name_call(enum gs2_call_kind kind, const struct gs2_play_name *name)
{
    return (struct gs2_call){.kind = kind,
                             .oid = name->oid,
                             .name = name->id,
                             .target = name->text};
}

EXPORT OM_uint32
gss_localname(OM_uint32 *minor, const gss_name_t handle, gss_const_OID mech,
              gss_buffer_t local_out)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)handle;
    struct gs2_call call = name_call(GS2_CALL_LOCALNAME, name);
    OM_uint32 major;

    (void)mech;
    gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major) &&
        (name->facts == NULL || name->facts->local.data == NULL))
        major = GSS_S_UNAVAILABLE;
    if (!GSS_ERROR(major))
        gs2_play_fill(local_out, name->facts->local);
    return gs2_play_end(&call, major, *minor);
}

static OM_uint32
authorize(const struct gs2_script_name *facts, const gss_buffer_desc *user)
{
    if (facts == NULL || facts->authorized == NULL)
        return GSS_S_UNAVAILABLE;
    if (user->length != strlen(facts->authorized) ||
        memcmp(user->value, facts->authorized, user->length) != 0)
        return GSS_S_UNAUTHORIZED;
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32
gssspi_authorize_localname(OM_uint32 *minor, const gss_name_t handle,
                           gss_const_buffer_t user, gss_const_OID type)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)handle;
    struct gs2_call call = name_call(GS2_CALL_AUTHORIZE_LOCALNAME, name);
    OM_uint32 major;

    (void)type;
    call.token = gs2_play_octets_of(user);
    gs2_play_begin(&call, &major, minor);
    if (major == GSS_S_COMPLETE)
        major = authorize(name->facts, user);
    return gs2_play_end(&call, major, *minor);
}

static void
list_attr(const struct gs2_script_attr *attr, gss_buffer_set_t *set)
{
    gss_buffer_desc name = {attr->name.len, (void *)attr->name.data};
    OM_uint32 minor;

    if (attr->unlisted)
        return;
    for (unsigned i = 0; i <= attr->listed_again; i++)
        gss_add_buffer_set_member(&minor, &name, set);
}

EXPORT OM_uint32
gss_inquire_name(OM_uint32 *minor, gss_name_t handle, int *is_mn_out,
                 gss_OID *mech_out, gss_buffer_set_t *attrs_out)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)handle;
    struct gs2_call call = name_call(GS2_CALL_INQUIRE_NAME, name);
    const struct gs2_script_name *facts = name->facts;
    OM_uint32 major, ignored;

    (void)is_mn_out;
    (void)mech_out;
    gs2_play_begin(&call, &major, minor);
    if (!GSS_ERROR(major) && attrs_out != NULL &&
        (facts == NULL || !facts->null_set)) {
        gss_create_empty_buffer_set(&ignored, attrs_out);
        for (size_t i = 0; facts != NULL && i < facts->attr_count; i++)
            list_attr(&facts->attrs[i], attrs_out);
    }
    return gs2_play_end(&call, major, *minor);
}

static const struct gs2_script_attr *
find_attr(const struct gs2_script_name *facts, struct gs2_octets wanted)
{
    for (size_t i = 0; facts != NULL && i < facts->attr_count; i++) {
        const struct gs2_octets *name = &facts->attrs[i].name;

        if (name->len == wanted.len &&
            (name->len == 0 ||
             memcmp(name->data, wanted.data, name->len) == 0))
            return &facts->attrs[i];
    }
    return NULL;
}

/* more is the index of the value to come; -1 begins. */
static const struct gs2_script_value *
next_value(const struct gs2_script_attr *attr, int *more)
{
    size_t at = *more > 0 ? (size_t)*more : 0;
    const bool last = at + 1 >= attr->count;

    if (at >= attr->count)
        at = attr->count - 1;
    if (!last || attr->endless)
        *more = *more < 1 ? 1 : *more < INT_MAX ? *more + 1 : INT_MAX;
    else
        *more = 0;
    return &attr->values[at];
}

EXPORT OM_uint32
gss_get_name_attribute(OM_uint32 *minor, gss_name_t handle,
                       gss_buffer_t attr_name, int *authenticated_out,
                       int *complete_out, gss_buffer_t value_out,
                       gss_buffer_t display_out, int *more)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)handle;
    struct gs2_call call = name_call(GS2_CALL_GET_ATTRIBUTE, name);
    const struct gs2_script_attr *attr;
    const struct gs2_script_value *value;
    OM_uint32 major;

    call.token = gs2_play_octets_of(attr_name);
    call.more = *more;
    gs2_play_begin(&call, &major, minor);
    if (GSS_ERROR(major))
        return gs2_play_end(&call, major, *minor);
    attr = find_attr(name->facts, call.token);
    if (attr == NULL || attr->count == 0)
        return gs2_play_end(&call, GSS_S_UNAVAILABLE, *minor);
    value = next_value(attr, more);
    if (value->major != 0) {
        major = value->major;
        *minor = value->minor;
    }
    if (!GSS_ERROR(major)) {
        if (authenticated_out != NULL)
            *authenticated_out = value->authenticated;
        if (complete_out != NULL)
            *complete_out = value->complete;
        gs2_play_fill(value_out, value->value);
        gs2_play_fill(display_out, value->display);
    }
    return gs2_play_end(&call, major, *minor);
}
