/*
 * attr_values.h - a name's attributes as they are kept, shared by the set
 * (attrs.c), the reader of one attribute (attr_read.c) and the maker of our own
 * (attr_pac.c); nobody else includes it.
 */
#ifndef GS2_ATTR_VALUES_H
#define GS2_ATTR_VALUES_H

#include "attrs.h"

#define GS2_ATTRSET_BUCKETS 256

struct gs2_attrset_entry {
    struct gs2_attr attr;
    size_t octets;                         /* of its values */
    bool settled;                          /* attr's state is known */
    bool listed;                           /* gss_inquire_name() has it */
    bool ours;                             /* its values are no mechanism's */
    struct gs2_attrset_entry *next;        /* in its bucket */
    struct gs2_attrset_entry *next_listed; /* in the listed order */
};

struct gs2_attrs {
    gss_name_t name;
    const gss_OID_desc *mech;
    gs2_attrs_note *note;
    void *context;
    size_t octets; /* of all values that are held */
    struct gs2_attrset_entry **buckets; /* NULL until one is asked for */
    const struct gs2_pac_decoder *decoder; /* NULL for none */

    bool inquired;     /* gss_inquire_name() was asked */
    bool list_unknown; /* ... and gave no list that is used */
    struct gs2_attrset_entry *first_listed, *last_listed;
    size_t list_count;
    const struct gs2_attr **list; /* for gs2_attrs_all(), once it is wanted */
};

/* Asks once what attributes the name has, without a look at their values.
 * GS2_OK or GS2_NOMEM. */
GS2_MUST_USE gs2_status gs2_attrset_inquire(struct gs2_attrs *attrs,
                                            struct gs2_error *err);

/* Reads all values of an attribute, unless that was done.  GS2_OK, with its
 * state set, or GS2_NOMEM. */
GS2_MUST_USE gs2_status gs2_attrset_settle(struct gs2_attrs *attrs,
                                           struct gs2_attrset_entry *entry,
                                           struct gs2_error *err);

/* The same for a name that begins with "gs2:": makes the values of one of our
 * own attributes (names.h); no other exists. */
GS2_MUST_USE gs2_status
gs2_attrset_make_own(struct gs2_attrs *attrs,
                     struct gs2_attrset_entry *entry, struct gs2_error *err);

/* The attribute is not used: settles it, with a note that says why.  Always
 * GS2_OK. */
gs2_status gs2_attrset_give_up(struct gs2_attrs *attrs,
                               struct gs2_attrset_entry *entry,
                               enum gs2_attr_state state, const char *why);

void gs2_attrset_release_values(struct gs2_attrset_entry *entry);

/* Hands a note to whoever wants it. */
void gs2_attrset_tell(const struct gs2_attrs *attrs, const char *note);

/* True where the status is GSS_S_UNAVAILABLE, by its field. */
bool gs2_attrset_is_unavailable(OM_uint32 major);

/* True where an attribute of that name would be taken for a fact of the login
 * by a rule. */
bool gs2_attrset_is_ours(const void *name, size_t len);

#endif
