/*
 * attrs.c - the attributes of a name, read on demand and remembered (RFC 6680;
 * gss_inquire_name() is section 7.4, the reading of one attribute attr_read.c).
 *
 * gss_inquire_name() is called for a list that is wanted, and where an
 * attribute that was asked for by name is unavailable, to tell one that is not
 * there, which is no news, from one that cannot be read, which is.
 */
#include "attr_values.h"

#include <stdlib.h>
#include <string.h>

#include "common/gss/gss_error.h"

gs2_status
gs2_attrs_new(gss_name_t name, const gss_OID_desc *mech, gs2_attrs_note *note,
              void *context, struct gs2_attrs **attrs_out,
              struct gs2_error *err)
{
    struct gs2_attrs *attrs = calloc(1, sizeof(*attrs));

    *attrs_out = attrs;
    if (attrs == NULL)
        return gs2_fail_nomem(err);
    attrs->name = name;
    attrs->mech = mech;
    attrs->note = note;
    attrs->context = context;
    return GS2_OK;
}

void
gs2_attrs_use_decoder(struct gs2_attrs *attrs,
                      const struct gs2_pac_decoder *decoder)
{
    attrs->decoder = decoder;
}

void
gs2_attrs_free(struct gs2_attrs *attrs)
{
    struct gs2_attrset_entry *entry;

    if (attrs == NULL)
        return;
    for (size_t i = 0; attrs->buckets != NULL && i < GS2_ATTRSET_BUCKETS;
         i++) {
        while ((entry = attrs->buckets[i]) != NULL) {
            attrs->buckets[i] = entry->next;
            gs2_attrset_release_values(entry);
            free(entry->attr.name.value);
            free(entry);
        }
    }
    free(attrs->buckets);
    free(attrs->list);
    free(attrs);
}

/* FNV-1a.  Names are few (GS2_ATTRS_MAX, and those of the configuration), so
 * that a peer that makes them collide gains nothing. */
static size_t
bucket_of(const unsigned char *name, size_t len)
{
    unsigned long hash = 2166136261U;

    for (size_t i = 0; i < len; i++)
        hash = ((hash ^ name[i]) * 16777619U) & 0xffffffffU;
    return hash % GS2_ATTRSET_BUCKETS;
}

static struct gs2_attrset_entry *
make_entry(const void *name, size_t len)
{
    struct gs2_attrset_entry *entry = calloc(1, sizeof(*entry));
    char *copy = malloc(len + 1);

    if (entry == NULL || copy == NULL) {
        free(entry);
        free(copy);
        return NULL;
    }
    if (len > 0)
        memcpy(copy, name, len);
    /* krb5's PAC module reads names as terminated strings. */
    copy[len] = '\0';
    entry->attr.name.value = copy;
    entry->attr.name.length = len;
    entry->attr.state = GS2_ATTR_ABSENT;
    return entry;
}

/* The entry of that name, made where there is none yet. */
static gs2_status
find_entry(struct gs2_attrs *attrs, const void *name, size_t len,
           struct gs2_attrset_entry **entry_out, struct gs2_error *err)
{
    struct gs2_attrset_entry **bucket, *entry;

    /* Most logins ask for none. */
    if (attrs->buckets == NULL)
        attrs->buckets = calloc(GS2_ATTRSET_BUCKETS,
                                sizeof(struct gs2_attrset_entry *));
    if (attrs->buckets == NULL)
        return gs2_fail_nomem(err);
    bucket = &attrs->buckets[bucket_of(name, len)];
    for (entry = *bucket; entry != NULL; entry = entry->next) {
        if (entry->attr.name.length == len &&
            (len == 0 || memcmp(entry->attr.name.value, name, len) == 0))
            break;
    }
    if (entry == NULL) {
        entry = make_entry(name, len);
        if (entry == NULL)
            return gs2_fail_nomem(err);
        entry->next = *bucket;
        *bucket = entry;
    }
    *entry_out = entry;
    return GS2_OK;
}

bool
gs2_attrset_is_ours(const void *name, size_t len)
{
    return len >= strlen("gs2:") && memcmp(name, "gs2:", strlen("gs2:")) == 0;
}

bool
gs2_attrset_is_unavailable(OM_uint32 major)
{
    return GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE &&
           GSS_CALLING_ERROR(major) == 0;
}

void
gs2_attrset_tell(const struct gs2_attrs *attrs, const char *note)
{
    if (attrs->note != NULL)
        attrs->note(attrs->context, note);
}

/* Takes up what gss_inquire_name() listed, each name once. */
static gs2_status
take_list(struct gs2_attrs *attrs, const gss_buffer_set_desc *set,
          struct gs2_error *err)
{
    const size_t count = set != NULL ? set->count : 0;
    struct gs2_attrset_entry *entry;
    const gss_buffer_desc *name;

    for (size_t i = 0; i < count; i++) {
        name = &set->elements[i];
        if (gs2_attrset_is_ours(name->value, name->length))
            continue;
        if (find_entry(attrs, name->value, name->length, &entry, err))
            return GS2_NOMEM;
        if (entry->listed)
            continue;
        if (attrs->list_count == GS2_ATTRS_MAX) {
            attrs->list_unknown = true;
            gs2_attrset_tell(attrs, "the name has too many attributes: their "
                                    "list is not used");
            return GS2_OK;
        }
        entry->listed = true;
        if (attrs->last_listed != NULL)
            attrs->last_listed->next_listed = entry;
        else
            attrs->first_listed = entry;
        attrs->last_listed = entry;
        attrs->list_count++;
    }
    return GS2_OK;
}

gs2_status
gs2_attrset_inquire(struct gs2_attrs *attrs, struct gs2_error *err)
{
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    gs2_status status = GS2_OK;
    struct gs2_error reason;
    OM_uint32 major, minor;
    int is_mn = 0;

    if (attrs->inquired)
        return GS2_OK;
    major = gss_inquire_name(&minor, attrs->name, &is_mn, NULL, &set);
    if (!GSS_ERROR(major)) {
        status = take_list(attrs, set, err);
        (void)gss_release_buffer_set(&minor, &set);
    } else if (!gs2_attrset_is_unavailable(major)) {
        attrs->list_unknown = true;
        (void)gs2_fail_gss(&reason, GS2_FAIL,
                           "the attributes of the name cannot be listed",
                           major, minor, attrs->mech);
        gs2_attrset_tell(attrs, reason.text);
    }
    attrs->inquired = status == GS2_OK;
    return status;
}

gs2_status
gs2_attrs_get(struct gs2_attrs *attrs, const void *name, size_t len,
              const struct gs2_attr **attr_out, struct gs2_error *err)
{
    struct gs2_attrset_entry *entry;
    gs2_status status;

    *attr_out = NULL;
    status = find_entry(attrs, name, len, &entry, err);
    if (status == GS2_OK)
        status = gs2_attrset_settle(attrs, entry, err);
    if (status == GS2_OK)
        *attr_out = &entry->attr;
    return status;
}

/* The listed attributes as an array, all of them read. */
static gs2_status
make_list(struct gs2_attrs *attrs, struct gs2_error *err)
{
    struct gs2_attrset_entry *entry;
    gs2_status status = GS2_OK;
    size_t i = 0;

    if (attrs->list == NULL)
        attrs->list = calloc(attrs->list_count + 1,
                             sizeof(const struct gs2_attr *));
    if (attrs->list == NULL)
        return gs2_fail_nomem(err);
    for (entry = attrs->first_listed; entry != NULL && status == GS2_OK;
         entry = entry->next_listed) {
        status = gs2_attrset_settle(attrs, entry, err);
        attrs->list[i++] = &entry->attr;
    }
    return status;
}

gs2_status
gs2_attrs_all(struct gs2_attrs *attrs, const struct gs2_attr ***list_out,
              size_t *count_out, struct gs2_error *err)
{
    gs2_status status;

    *list_out = NULL;
    *count_out = 0;
    status = gs2_attrset_inquire(attrs, err);
    if (status != GS2_OK || attrs->list_unknown)
        return status;
    status = make_list(attrs, err);
    if (status != GS2_OK)
        return status;
    *list_out = attrs->list;
    *count_out = attrs->list_count;
    return GS2_OK;
}

void
gs2_attrs_each_read(const struct gs2_attrs *attrs,
                    void (*tell)(void *context, const struct gs2_attr *attr),
                    void *context)
{
    const struct gs2_attrset_entry *entry;

    for (size_t i = 0; attrs->buckets != NULL && i < GS2_ATTRSET_BUCKETS;
         i++) {
        for (entry = attrs->buckets[i]; entry != NULL; entry = entry->next) {
            if (entry->settled)
                tell(context, &entry->attr);
        }
    }
}
