/*
 * attr_values.h - an attribute as it is kept: its values, whether they may be
 * used, and the bounds on them.  Those who read or make one (attr_read.h,
 * attr_pac.h) fill it by the functions below; those who use one get it from
 * attrs.h, and look at struct gs2_attr alone.
 */
#ifndef GS2_ATTR_VALUES_H
#define GS2_ATTR_VALUES_H

#include <stdbool.h>

#include <gssapi/gssapi.h>

#include "common/text/error.h"

/* Octets are those of values and display values together. */
#define GS2_ATTR_VALUES_MAX 1024     /* values an attribute */
#define GS2_ATTR_OCTETS_MAX 65536    /* octets an attribute */
#define GS2_ATTRS_OCTETS_MAX 1048576 /* octets a login */

enum gs2_attr_state { GS2_ATTR_ABSENT, GS2_ATTR_PRESENT, GS2_ATTR_UNKNOWN };

struct gs2_attr_value {
    gss_buffer_desc value;   /* any octets; of length 0, perhaps with NULL */
    gss_buffer_desc display; /* value NULL where the mechanism gave none */
};

struct gs2_attr {
    gss_buffer_desc name; /* a NUL is behind it */
    enum gs2_attr_state state;
    const char *why;               /* why it is not used, as in the note; NULL
                                      where it is used or just not there */
    bool complete;                 /* RFC 6680 section 7.5 */
    size_t count;                  /* 0 unless GS2_ATTR_PRESENT */
    struct gs2_attr_value *values; /* in the mechanism's order */
};

/* Called with a note on each attribute that is not used; context is the
 * caller's, note is one line and holds no value of the attribute. */
typedef void gs2_attr_values_note(void *context, const char *note);

/* What the attributes of one login share. */
struct gs2_attr_login {
    gss_name_t name;
    const gss_OID_desc *mech;
    gs2_attr_values_note *note; /* NULL where nobody wants notes */
    void *context;
    size_t octets; /* of all values that are kept */
};

/* One attribute.  All zero except for its name, it is absent and not
 * settled. */
struct gs2_attr_values {
    struct gs2_attr attr;
    size_t room;   /* values that there is memory for */
    size_t octets; /* of its values */
    bool settled;  /* attr's state is known */
    char *texts;   /* all values of one that we made, each with a NUL behind it;
                      NULL where they are the GSS library's to free */
};

/* True where the octets are one line of text: well-formed UTF-8 without control
 * characters (U+0000 to U+001F, U+007F to U+009F) and line or paragraph
 * separators (U+2028, U+2029).  Nothing at all is text. */
bool gs2_attr_is_text(const gss_buffer_desc *value);

/*
 * Makes room for one more value, at attr.values[attr.count], and clears it;
 * whoever fills it raises attr.count.  GS2_OK, also if the attribute already
 * has the most that it may have: then it is given up and settled.  Or
 * GS2_NOMEM.
 */
GS2_MUST_USE gs2_status
gs2_attr_values_make_room(const struct gs2_attr_login *login,
                          struct gs2_attr_values *values,
                          struct gs2_error *err);

/* Counts the octets of a value and its display value.  False if that is over a
 * bound: then the attribute is given up and settled. */
bool gs2_attr_values_count(const struct gs2_attr_login *login,
                           struct gs2_attr_values *values, size_t value_len,
                           size_t display_len);

/* The attribute is present, with the values that it has: settles it. */
void gs2_attr_values_keep(struct gs2_attr_login *login,
                          struct gs2_attr_values *values, bool complete);

/*
 * The attribute is not used: releases its values and settles it, with a note
 * of the detail, or of why where detail is NULL.  Borrows why, a static text.
 * Always GS2_OK.
 */
gs2_status gs2_attr_values_give_up(const struct gs2_attr_login *login,
                                   struct gs2_attr_values *values,
                                   enum gs2_attr_state state, const char *why,
                                   const char *detail);

/* Frees the values, not the name, and what was counted of them. */
void gs2_attr_values_release(struct gs2_attr_values *values);

/* Hands a note to whoever wants it. */
void gs2_attr_values_tell(const struct gs2_attr_login *login,
                          const char *note);

#endif
