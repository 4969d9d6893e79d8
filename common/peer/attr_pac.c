/*
 * attr_pac.c - the values of our own attributes (RFC 6680 section 5; their
 * names are in names.h), made of a mechanism's attribute by a decoder.
 *
 * The source is read as every attribute is, so nothing is decoded that was not
 * authenticated (sections 3 and 9), and what comes out is held to the same
 * bounds as what a mechanism gives.
 */
#include "attr_values.h"

#include <stdlib.h>
#include <string.h>

#include "common/rules/names.h"

/* One attribute being made. */
struct making {
    struct gs2_attrs *attrs;
    struct gs2_attrset_entry *entry;
    const struct gs2_own_attr *own;
    size_t room;         /* values that there is memory for */
    const char *too_big; /* the bound that was met, NULL for none */
    bool no_memory;
};

static bool
make_room(struct making *m)
{
    const size_t room = m->room > 0 ? 2 * m->room : 16;
    struct gs2_attr *attr = &m->entry->attr;
    struct gs2_attr_value *values;

    if (attr->count < m->room)
        return true;
    values = reallocarray(attr->values, room, sizeof(*values));
    if (values == NULL)
        return false;
    attr->values = values;
    m->room = room;
    return true;
}

static const char *
bound_met(const struct making *m, size_t len)
{
    const struct gs2_attrset_entry *entry = m->entry;

    if (entry->attr.count == GS2_ATTR_VALUES_MAX)
        return "it has too many values";
    if (len > GS2_ATTR_OCTETS_MAX - entry->octets)
        return "its values are too long";
    if (entry->octets + len > GS2_ATTRS_OCTETS_MAX - m->attrs->octets)
        return "the attributes of this login are too long together";
    return NULL;
}

/* gs2_pac_take(): a text that the decoder has found. */
static int
take(void *context, enum gs2_pac_kind kind, const char *text, size_t len)
{
    struct making *m = context;
    struct gs2_attr_value *value;
    char *copy;

    if (kind != m->own->kind)
        return 0;
    m->too_big = bound_met(m, len);
    if (m->too_big != NULL)
        return 1;
    copy = malloc(len + 1);
    m->no_memory = copy == NULL || !make_room(m);
    if (m->no_memory) {
        free(copy);
        return 1;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    value = &m->entry->attr.values[m->entry->attr.count++];
    memset(value, 0, sizeof(*value));
    value->value.value = copy;
    value->value.length = len;
    m->entry->octets += len;
    return 0;
}

/* What the source says becomes the values, or the reason why there are none. */
static gs2_status
decode(struct making *m, const gss_buffer_desc *source, struct gs2_error *err)
{
    const struct gs2_pac_decoder *decoder = m->attrs->decoder;
    enum gs2_pac_result result;

    result = (m->own->kind == GS2_PAC_UPN ? decoder->upn_dns_info
                                          : decoder->logon_info)
             (source->value, source->length, take, m);
    if (result == GS2_PAC_NOMEM || m->no_memory)
        return gs2_fail_nomem(err);
    if (m->too_big != NULL)
        return gs2_attrset_give_up(m->attrs, m->entry, GS2_ATTR_UNKNOWN,
                                   m->too_big);
    if (result != GS2_PAC_OK)
        return gs2_attrset_give_up(m->attrs, m->entry, GS2_ATTR_UNKNOWN,
                                   "it cannot be decoded");
    return GS2_OK;
}

/* Makes the attribute of the mechanism's one, where that is there. */
static gs2_status
make(struct making *m, struct gs2_error *err)
{
    struct gs2_attrset_entry *entry = m->entry;
    const struct gs2_attr *source;
    gs2_status status;

    status = gs2_attrs_get(m->attrs, m->own->source,
                           strlen(m->own->source), &source, err);
    if (status != GS2_OK)
        return status;
    if (source->state != GS2_ATTR_PRESENT) {
        entry->attr.state = source->state;
        return GS2_OK;
    }
    if (source->count != 1)
        return gs2_attrset_give_up(m->attrs, entry, GS2_ATTR_UNKNOWN,
                                   "its source has more than one value");
    status = decode(m, &source->values[0].value, err);
    if (status == GS2_OK && !entry->settled && entry->attr.count > 0) {
        entry->attr.state = GS2_ATTR_PRESENT;
        entry->attr.complete = source->complete;
    }
    return status;
}

gs2_status
gs2_attrset_make_own(struct gs2_attrs *attrs,
                     struct gs2_attrset_entry *entry, struct gs2_error *err)
{
    struct making m = { .attrs = attrs, .entry = entry };
    gs2_status status;

    m.own = gs2_names_find_attr(entry->attr.name.value,
                                entry->attr.name.length);
    if (m.own != NULL && attrs->decoder == NULL)
        return gs2_attrset_give_up(attrs, entry, GS2_ATTR_ABSENT,
                                   "no PAC decoder is loaded");
    entry->ours = true;
    status = m.own != NULL ? make(&m, err) : GS2_OK;
    if (entry->attr.state != GS2_ATTR_PRESENT) {
        gs2_attrset_release_values(entry);
        entry->octets = 0;
    }
    attrs->octets += entry->octets;
    entry->settled = status == GS2_OK;
    return status;
}
