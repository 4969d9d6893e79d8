/*
 * attrs.c - the attributes of a name, read on demand and remembered (RFC 6680;
 * gss_inquire_name() is section 7.4).  A mechanism's are read by attr_read.c;
 * one of our own is made by attr_pac.c of its source, which is read first.
 *
 * gss_inquire_name() is called if the list is wanted, and if an attribute that
 * was asked for by name is unavailable: one that is listed and cannot be read
 * is noted, one that is just not there is not.
 */
#include "attrs.h"

#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>

#include "attr_pac.h"
#include "attr_read.h"
#include "common/gss/gss_error.h"
#include "common/rules/names.h"

#define BUCKETS 256

struct entry {
    struct gs2_attr_values kept;
    bool listed;               /* gss_inquire_name() has it */
    struct entry *next;        /* in its bucket */
    struct entry *next_listed; /* in the listed order */
};

struct gs2_attrs {
    struct gs2_attr_login login;
    struct entry **buckets; /* NULL until one is asked for */
    const struct gs2_pac_decoder *decoder; /* NULL for none */

    bool inquired;     /* gss_inquire_name() was asked */
    bool list_unknown; /* ... and gave no list that is used */
    struct entry *first_listed, *last_listed;
    size_t list_count;
    const struct gs2_attr **list; /* for gs2_attrs_all(), once it is wanted */
};

gs2_status
gs2_attrs_new(gss_name_t name, const gss_OID_desc *mech,
              gs2_attr_values_note *note, void *context,
              struct gs2_attrs **attrs_out, struct gs2_error *err)
{
    struct gs2_attrs *attrs = calloc(1, sizeof(*attrs));

    *attrs_out = attrs;
    if (attrs == NULL)
        return gs2_fail_nomem(err);
    attrs->login = (struct gs2_attr_login){
        .name = name, .mech = mech, .note = note, .context = context
    };
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
    struct entry *entry;

    if (attrs == NULL)
        return;
    for (size_t i = 0; attrs->buckets != NULL && i < BUCKETS; i++) {
        while ((entry = attrs->buckets[i]) != NULL) {
            attrs->buckets[i] = entry->next;
            gs2_attr_values_release(&entry->kept);
            free(entry->kept.attr.name.value);
            free(entry);
        }
    }
    free(attrs->buckets);
    free(attrs->list);
    free(attrs);
}

/* FNV-1a.  There are few names (GS2_ATTRS_MAX, and those of the
 * configuration), so a peer that makes them collide gains nothing. */
static size_t
bucket_of(const unsigned char *name, size_t len)
{
    unsigned long hash = 2166136261U;

    for (size_t i = 0; i < len; i++)
        hash = ((hash ^ name[i]) * 16777619U) & 0xffffffffU;
    return hash % BUCKETS;
}

static struct entry *
make_entry(const void *name, size_t len)
{
    struct entry *entry = calloc(1, sizeof(*entry));
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
    entry->kept.attr.name.value = copy;
    entry->kept.attr.name.length = len;
    return entry;
}

/* The entry of that name, made where there is none yet. */
static gs2_status
find_entry(struct gs2_attrs *attrs, const void *name, size_t len,
           struct entry **entry_out, struct gs2_error *err)
{
    struct entry **bucket, *entry;

    /* Most logins ask for none. */
    if (attrs->buckets == NULL)
        attrs->buckets = calloc(BUCKETS, sizeof(struct entry *));
    if (attrs->buckets == NULL)
        return gs2_fail_nomem(err);
    bucket = &attrs->buckets[bucket_of(name, len)];
    for (entry = *bucket; entry != NULL; entry = entry->next) {
        if (entry->kept.attr.name.length == len &&
            (len == 0 || memcmp(entry->kept.attr.name.value, name, len) == 0))
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

/* True where an attribute of that name would be taken for a fact of the login
 * by a rule. */
static bool
is_ours(const void *name, size_t len)
{
    return gs2_names_is_ours(name, len);
}

/* Takes up what gss_inquire_name() listed, each name once. */
static gs2_status
take_list(struct gs2_attrs *attrs, const gss_buffer_set_desc *set,
          struct gs2_error *err)
{
    const size_t count = set != NULL ? set->count : 0;
    struct entry *entry;
    const gss_buffer_desc *name;

    for (size_t i = 0; i < count; i++) {
        name = &set->elements[i];
        if (is_ours(name->value, name->length))
            continue;
        if (find_entry(attrs, name->value, name->length, &entry, err))
            return GS2_NOMEM;
        if (entry->listed)
            continue;
        if (attrs->list_count == GS2_ATTRS_MAX) {
            attrs->list_unknown = true;
            gs2_attr_values_tell(&attrs->login,
                                 "the name has too many attributes: their "
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

/* Asks once what attributes the name has, without a look at their values. */
static gs2_status
inquire(struct gs2_attrs *attrs, struct gs2_error *err)
{
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    gs2_status status = GS2_OK;
    struct gs2_error reason;
    OM_uint32 major, minor;
    int is_mn = 0;

    if (attrs->inquired)
        return GS2_OK;
    major = gss_inquire_name(&minor, attrs->login.name, &is_mn, NULL, &set);
    if (!GSS_ERROR(major)) {
        status = take_list(attrs, set, err);
        (void)gss_release_buffer_set(&minor, &set);
    } else if (!gs2_attr_read_is_unavailable(major)) {
        attrs->list_unknown = true;
        (void)gs2_fail_gss(&reason, GS2_FAIL,
                           "the attributes of the name cannot be listed",
                           major, minor, attrs->login.mech);
        gs2_attr_values_tell(&attrs->login, reason.text);
    }
    attrs->inquired = status == GS2_OK;
    return status;
}

/*
 * The mechanism does not have the attribute.  That is worth a note only if the
 * mechanism lists it.
 */
static gs2_status
settle_unavailable(struct gs2_attrs *attrs, struct entry *entry,
                   struct gs2_error *err)
{
    gs2_status status = GS2_OK;

    if (attrs->login.note != NULL)
        status = inquire(attrs, err);
    if (status != GS2_OK)
        return status;
    if (entry->listed)
        return gs2_attr_values_give_up(&attrs->login, &entry->kept,
                                       GS2_ATTR_ABSENT,
                                       "it is listed, but unavailable", NULL);
    entry->kept.settled = true;
    return GS2_OK;
}

/* One of the mechanism's. */
static gs2_status
settle_read(struct gs2_attrs *attrs, struct entry *entry,
            struct gs2_error *err)
{
    gs2_status status = GS2_OK;

    if (!entry->kept.settled)
        status = gs2_attr_read_values(&attrs->login, &entry->kept, err);
    if (status == GS2_OK && !entry->kept.settled)
        status = settle_unavailable(attrs, entry, err);
    return status;
}

/* One whose name begins with "gs2:": those of names.h, and no others, exist. */
static gs2_status
settle_made(struct gs2_attrs *attrs, struct entry *entry,
            struct gs2_error *err)
{
    const struct gs2_own_attr *own;
    struct entry *source;
    gs2_status status;

    own = gs2_names_find_attr(entry->kept.attr.name.value,
                              entry->kept.attr.name.length);
    if (own == NULL) {
        entry->kept.settled = true;
        return GS2_OK;
    }
    if (attrs->decoder == NULL)
        return gs2_attr_values_give_up(&attrs->login, &entry->kept,
                                       GS2_ATTR_ABSENT,
                                       "no PAC decoder is loaded", NULL);
    status = find_entry(attrs, own->source, strlen(own->source), &source, err);
    if (status == GS2_OK)
        status = settle_read(attrs, source, err);
    if (status == GS2_OK)
        status = gs2_attr_pac_make(&attrs->login, attrs->decoder, own->kind,
                                   &source->kept.attr, &entry->kept, err);
    return status;
}

/* Reads or makes all values of an attribute, unless that was done. */
static gs2_status
settle(struct gs2_attrs *attrs, struct entry *entry, struct gs2_error *err)
{
    const gss_buffer_desc *name = &entry->kept.attr.name;

    if (entry->kept.settled)
        return GS2_OK;
    return is_ours(name->value, name->length) ? settle_made(attrs, entry, err)
                                              : settle_read(attrs, entry, err);
}

gs2_status
gs2_attrs_get(struct gs2_attrs *attrs, const void *name, size_t len,
              const struct gs2_attr **attr_out, struct gs2_error *err)
{
    struct entry *entry;
    gs2_status status;

    *attr_out = NULL;
    status = find_entry(attrs, name, len, &entry, err);
    if (status == GS2_OK)
        status = settle(attrs, entry, err);
    if (status == GS2_OK)
        *attr_out = &entry->kept.attr;
    return status;
}

/* Reads all listed attributes, and makes the array of them. */
static gs2_status
make_list(struct gs2_attrs *attrs, struct gs2_error *err)
{
    struct entry *entry;
    gs2_status status = GS2_OK;
    size_t i = 0;

    if (attrs->list == NULL)
        attrs->list = calloc(attrs->list_count + 1,
                             sizeof(const struct gs2_attr *));
    if (attrs->list == NULL)
        return gs2_fail_nomem(err);
    for (entry = attrs->first_listed; entry != NULL && status == GS2_OK;
         entry = entry->next_listed) {
        status = settle(attrs, entry, err);
        attrs->list[i++] = &entry->kept.attr;
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
    status = inquire(attrs, err);
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
    const struct entry *entry;

    for (size_t i = 0; attrs->buckets != NULL && i < BUCKETS; i++) {
        for (entry = attrs->buckets[i]; entry != NULL; entry = entry->next) {
            if (entry->kept.settled)
                tell(context, &entry->kept.attr);
        }
    }
}
