/*
 * attrs.h - the authenticated attributes of a peer's name (RFC 6680).
 *
 * Only attributes that the mechanism says are authenticated, on every value,
 * come out of this module (RFC 6680 sections 3 and 9).  What is not, what is
 * listed but cannot be read, and what changes its flags between two values is
 * GS2_ATTR_ABSENT; what is over a bound or fails otherwise is
 * GS2_ATTR_UNKNOWN.  Both publish nothing and satisfy nothing; each comes with
 * a note to log, unless it is just not there.
 */
#ifndef GS2_ATTRS_H
#define GS2_ATTRS_H

#include <stdbool.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include "common/pac.h"
#include "common/text/error.h"

/* Octets are those of values and display values together. */
#define GS2_ATTR_VALUES_MAX 1024           /* values an attribute */
#define GS2_ATTR_OCTETS_MAX 65536    /* octets an attribute */
#define GS2_ATTRS_MAX 512            /* attributes a list */
#define GS2_ATTRS_OCTETS_MAX 1048576 /* octets a login */

enum gs2_attr_state { GS2_ATTR_PRESENT, GS2_ATTR_ABSENT, GS2_ATTR_UNKNOWN };

struct gs2_attr_value {
    gss_buffer_desc value;   /* any octets; of length 0, perhaps with NULL */
    gss_buffer_desc display; /* value NULL where the mechanism gave none */
};

struct gs2_attr {
    gss_buffer_desc name; /* a NUL is behind it */
    enum gs2_attr_state state;
    bool complete;                 /* RFC 6680 section 7.5 */
    size_t count;                  /* 0 unless GS2_ATTR_PRESENT */
    struct gs2_attr_value *values; /* in the mechanism's order */
};

/*
 * The attributes of one name, read on demand and remembered, so that a rule
 * and two properties that ask for the same one read it once.  Not for use by
 * two threads at once.
 */
struct gs2_attrs;

/* Told about each attribute that is not what it seems; context is the
 * caller's, note is one line and holds no value of the attribute. */
typedef void gs2_attrs_note(void *context, const char *note);

/*
 * Gives *attrs_out, to be freed with gs2_attrs_free(), for name, which it
 * borrows and which must outlive it, as must mech, its mechanism's OID, which
 * is for the text of notes alone.  No GSS call is made yet.  note and mech may
 * be NULL.  GS2_OK or GS2_NOMEM.
 */
GS2_MUST_USE gs2_status
gs2_attrs_new(gss_name_t name, const gss_OID_desc *mech, gs2_attrs_note *note,
              void *context, struct gs2_attrs **attrs_out,
              struct gs2_error *err);

/* Our own attributes (names.h) are made by decoder, which is borrowed and
 * must outlive attrs; with NULL, as at first, they are absent.  Before the
 * first gs2_attrs_get(). */
void gs2_attrs_use_decoder(struct gs2_attrs *attrs,
                           const struct gs2_pac_decoder *decoder);

void gs2_attrs_free(struct gs2_attrs *attrs);

/*
 * Finds the attribute whose name is the len octets at name, exactly.  Borrows:
 * *attr_out lives until gs2_attrs_free().  Of a mechanism's attributes none
 * whose name begins with "gs2:" exists; those are our own, made of another one.
 * GS2_OK (look at (*attr_out)->state) or GS2_NOMEM.
 *
 * Costs one gss_get_name_attribute() for each value, at the first time.  Where
 * the attribute is unavailable, and notes are wanted, gss_inquire_name() is
 * asked, once for the name, whether it is listed all the same.
 */
GS2_MUST_USE gs2_status
gs2_attrs_get(struct gs2_attrs *attrs, const void *name, size_t len,
              const struct gs2_attr **attr_out, struct gs2_error *err);

/*
 * Reads all attributes that gss_inquire_name() lists.  Borrows: *list_out has
 * *count_out pointers, each once, in the listed order, of any state, and lives
 * until gs2_attrs_free().  A name without attributes: an empty list, which is
 * not NULL.  NULL and 0, with a note, where the list is not known: the call
 * failed, or there are more than GS2_ATTRS_MAX.  GS2_OK or GS2_NOMEM.
 */
GS2_MUST_USE gs2_status
gs2_attrs_all(struct gs2_attrs *attrs, const struct gs2_attr ***list_out,
              size_t *count_out, struct gs2_error *err);

/* Calls tell with the caller's context for each attribute that was read, in no
 * order; no GSS call is made. */
void gs2_attrs_each_read(const struct gs2_attrs *attrs,
                         void (*tell)(void *context,
                                      const struct gs2_attr *attr),
                         void *context);

/* True where the octets are one line of text: well-formed UTF-8 without control
 * characters (U+0000 to U+001F, U+007F to U+009F) and line or paragraph
 * separators (U+2028, U+2029).  Nothing at all is text. */
bool gs2_attr_is_text(const gss_buffer_desc *value);

#endif
