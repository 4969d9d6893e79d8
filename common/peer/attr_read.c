/*
 * attr_read.c - reading one attribute (see attr_read.h).
 *
 * What a peer can make us do here is bounded by attr_values.h.  The mechanism
 * of the peer's name is not trusted to be consistent either: if its list of
 * values never ends, or its flags change on the way, the attribute is not
 * used.
 */
#include "attr_read.h"

#include <gssapi/gssapi_ext.h>

#include "common/gss/gss_error.h"

/* One attribute being read. */
struct reading {
    struct gs2_attr_login *login;
    struct gs2_attr_values *values;
    int authenticated, complete;
};

bool
gs2_attr_read_is_unavailable(OM_uint32 major)
{
    return GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE &&
           GSS_CALLING_ERROR(major) == 0;
}

static gs2_status
give_up(const struct reading *r, enum gs2_attr_state state, const char *why)
{
    return gs2_attr_values_give_up(r->login, r->values, state, why, NULL);
}

static gs2_status
settle_error(const struct reading *r, OM_uint32 major, OM_uint32 minor)
{
    static const char why[] = "it cannot be read";
    struct gs2_error reason;

    if (!gs2_attr_read_is_unavailable(major)) {
        gs2_gss_error_set(&reason, why, major, minor, r->login->mech);
        return gs2_attr_values_give_up(r->login, r->values, GS2_ATTR_UNKNOWN,
                                       why, reason.text);
    }
    if (r->values->attr.count > 0)
        return give_up(r, GS2_ATTR_ABSENT,
                       "it became unavailable while it was read");
    return GS2_OK;
}

/* Looks at the value that was read last; gives the attribute up if the value
 * shows that it must not be used. */
static gs2_status
check_value(struct reading *r, int authenticated, int complete)
{
    const struct gs2_attr *attr = &r->values->attr;
    const struct gs2_attr_value *value = &attr->values[attr->count - 1];

    if (attr->count > 1 && (!authenticated != !r->authenticated ||
                            !complete != !r->complete))
        return give_up(r, GS2_ATTR_ABSENT,
                       "its flags change from value to value");
    if (!authenticated)
        return give_up(r, GS2_ATTR_ABSENT,
                       "it is asserted by the peer, not authenticated");
    if ((value->value.length > 0 && value->value.value == NULL) ||
        (value->display.length > 0 && value->display.value == NULL))
        return give_up(r, GS2_ATTR_UNKNOWN, "a value has no octets");
    (void)gs2_attr_values_count(r->login, r->values, value->value.length,
                                value->display.length);
    r->authenticated = authenticated;
    r->complete = complete;
    return GS2_OK;
}

/* Reads the next value; *more is 0 after the last one. */
static gs2_status
read_value(struct reading *r, int *more, struct gs2_error *err)
{
    struct gs2_attr *attr = &r->values->attr;
    struct gs2_attr_value *value;
    int authenticated = 0, complete = 0;
    gs2_status status = gs2_attr_values_make_room(r->login, r->values, err);
    OM_uint32 major, minor;

    if (status != GS2_OK || r->values->settled)
        return status;
    value = &attr->values[attr->count];
    major = gss_get_name_attribute(&minor, r->login->name, &attr->name,
                                   &authenticated, &complete, &value->value,
                                   &value->display, more);
    if (GSS_ERROR(major)) {
        *more = 0;
        return settle_error(r, major, minor);
    }
    attr->count++;
    return check_value(r, authenticated, complete);
}

gs2_status
gs2_attr_read_values(struct gs2_attr_login *login,
                     struct gs2_attr_values *values, struct gs2_error *err)
{
    struct reading r = { .login = login, .values = values };
    gs2_status status = GS2_OK;
    int more = -1;

    if (values->attr.name.length > GS2_ATTR_OCTETS_MAX)
        return give_up(&r, GS2_ATTR_UNKNOWN, "its name is too long");
    while (status == GS2_OK && more != 0 && !values->settled)
        status = read_value(&r, &more, err);
    if (values->attr.count > 0 && status == GS2_OK)
        gs2_attr_values_keep(login, values, r.complete != 0);
    else
        gs2_attr_values_release(values);
    return status;
}
