/*
 * attr_read.c - reading one attribute of a name (RFC 6680 section 7.5): all its
 * values or none, and none unless each is authenticated (sections 3 and 9).
 *
 * What a peer can make us do here is bounded by attrs.h.  The mechanism of the
 * peer's name is not trusted to be consistent either: a list of values that
 * never ends, or flags that change on the way, and the attribute is not used.
 */
#include "attr_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/gss/gss_error.h"
#include "common/text/utf8.h"

/* One attribute being read. */
struct reading {
    struct gs2_attrs *attrs;
    struct gs2_attrset_entry *entry;
    size_t room; /* values that there is memory for */
    int authenticated, complete;
};

void
gs2_attrset_release_values(struct gs2_attrset_entry *entry)
{
    struct gs2_attr *attr = &entry->attr;
    OM_uint32 minor;

    for (size_t i = 0; i < attr->count; i++) {
        if (entry->ours) {
            free(attr->values[i].value.value);
            continue;
        }
        (void)gss_release_buffer(&minor, &attr->values[i].value);
        (void)gss_release_buffer(&minor, &attr->values[i].display);
    }
    free(attr->values);
    attr->values = NULL;
    attr->count = 0;
}

gs2_status
gs2_attrset_give_up(struct gs2_attrs *attrs, struct gs2_attrset_entry *entry,
                    enum gs2_attr_state state, const char *why)
{
    char name[128], note[GS2_TEXT_MAX + 160];

    entry->settled = true;
    entry->attr.state = state;
    (void)snprintf(note, sizeof(note), "attribute \"%s\" is not used: %s",
                   gs2_escape(name, sizeof(name), entry->attr.name.value,
                              entry->attr.name.length), why);
    gs2_attrset_tell(attrs, note);
    return GS2_OK;
}

static gs2_status
give_up(const struct reading *r, enum gs2_attr_state state, const char *why)
{
    return gs2_attrset_give_up(r->attrs, r->entry, state, why);
}

/*
 * The mechanism has no (further) value.  Whether that is worth a note depends
 * on what it lists, which it is asked for here alone: an attribute that is
 * simply not there is no news.
 */
static gs2_status
settle_unavailable(struct reading *r, struct gs2_error *err)
{
    gs2_status status = GS2_OK;

    if (r->entry->attr.count > 0)
        return give_up(r, GS2_ATTR_ABSENT,
                       "it became unavailable while it was read");
    if (r->attrs->note != NULL)
        status = gs2_attrset_inquire(r->attrs, err);
    if (status != GS2_OK)
        return status;
    if (r->entry->listed)
        return give_up(r, GS2_ATTR_ABSENT, "it is listed, but unavailable");
    r->entry->settled = true;
    return GS2_OK;
}

static gs2_status
settle_error(struct reading *r, OM_uint32 major, OM_uint32 minor,
             struct gs2_error *err)
{
    struct gs2_error reason;

    if (gs2_attrset_is_unavailable(major))
        return settle_unavailable(r, err);
    (void)gs2_fail_gss(&reason, GS2_FAIL, "it cannot be read", major, minor,
                       r->attrs->mech);
    return give_up(r, GS2_ATTR_UNKNOWN, reason.text);
}

static gs2_status
make_room(struct reading *r, struct gs2_error *err)
{
    struct gs2_attr *attr = &r->entry->attr;
    const size_t room = r->room > 0 ? 2 * r->room : 4;
    struct gs2_attr_value *values;

    if (attr->count < r->room)
        return GS2_OK;
    values = reallocarray(attr->values, room, sizeof(*values));
    if (values == NULL)
        return gs2_fail_nomem(err);
    attr->values = values;
    r->room = room;
    return GS2_OK;
}

/* Counts the octets of a value that was read; false where a bound is met. */
static bool
count_octets(struct reading *r, const struct gs2_attr_value *value)
{
    const size_t left = GS2_ATTR_OCTETS_MAX - r->entry->octets;

    if (value->value.length > left ||
        value->display.length > left - value->value.length)
        return false;
    r->entry->octets += value->value.length + value->display.length;
    return true;
}

/* Looks at the value that was read last; gives the attribute up where it shows
 * that it must not be used. */
static gs2_status
check_value(struct reading *r, int authenticated, int complete, int more)
{
    const struct gs2_attr *attr = &r->entry->attr;
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
    if (!count_octets(r, value))
        return give_up(r, GS2_ATTR_UNKNOWN, "its values are too long");
    if (more != 0 && attr->count == GS2_ATTR_VALUES_MAX)
        return give_up(r, GS2_ATTR_UNKNOWN, "it has too many values");
    if (r->entry->octets > GS2_ATTRS_OCTETS_MAX - r->attrs->octets)
        return give_up(r, GS2_ATTR_UNKNOWN,
                       "the attributes of this login are too long together");
    r->authenticated = authenticated;
    r->complete = complete;
    return GS2_OK;
}

/* Reads the next value. */
static gs2_status
read_value(struct reading *r, int *more, struct gs2_error *err)
{
    struct gs2_attr *attr = &r->entry->attr;
    struct gs2_attr_value *value;
    int authenticated = 0, complete = 0;
    gs2_status status = make_room(r, err);
    OM_uint32 major, minor;

    if (status != GS2_OK)
        return status;
    value = &attr->values[attr->count];
    memset(value, 0, sizeof(*value));
    major = gss_get_name_attribute(&minor, r->attrs->name, &attr->name,
                                   &authenticated, &complete, &value->value,
                                   &value->display, more);
    if (GSS_ERROR(major))
        return settle_error(r, major, minor, err);
    attr->count++;
    return check_value(r, authenticated, complete, *more);
}

gs2_status
gs2_attrset_settle(struct gs2_attrs *attrs, struct gs2_attrset_entry *entry,
                   struct gs2_error *err)
{
    struct reading r = { .attrs = attrs, .entry = entry };
    gs2_status status = GS2_OK;
    int more = -1;

    if (entry->settled)
        return GS2_OK;
    if (gs2_attrset_is_ours(entry->attr.name.value, entry->attr.name.length))
        return gs2_attrset_make_own(attrs, entry, err);
    if (entry->attr.name.length > GS2_ATTR_OCTETS_MAX)
        return give_up(&r, GS2_ATTR_UNKNOWN, "its name is too long");
    while (status == GS2_OK && more != 0 && !entry->settled)
        status = read_value(&r, &more, err);
    if (status != GS2_OK || entry->settled) {
        gs2_attrset_release_values(entry);
        entry->octets = 0;
        return status;
    }
    entry->attr.state = GS2_ATTR_PRESENT;
    entry->attr.complete = r.complete != 0;
    entry->settled = true;
    attrs->octets += entry->octets;
    return GS2_OK;
}

bool
gs2_attr_is_text(const gss_buffer_desc *value)
{
    const unsigned char *s = value->value;
    size_t step;

    for (size_t i = 0; i < value->length; i += step) {
        step = gs2_utf8_char(s + i, value->length - i);
        if (step == 0 || s[i] < 0x20 || s[i] == 0x7f ||
            (s[i] == 0xc2 && s[i + 1] < 0xa0) ||
            (step == 3 && memcmp(s + i, "\xe2\x80", 2) == 0 &&
             (s[i + 2] == 0xa8 || s[i + 2] == 0xa9)))
            return false;
    }
    return true;
}
