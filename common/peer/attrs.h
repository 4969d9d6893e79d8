/*
 * attrs.h - the authenticated attributes of a peer's name (RFC 6680).
 *
 * Only attributes that the mechanism says are authenticated, on every value,
 * come out of this module (RFC 6680 sections 3 and 9).  An attribute is
 * GS2_ATTR_ABSENT if it is not authenticated, is listed but cannot be read, or
 * changes its flags between two values.  It is GS2_ATTR_UNKNOWN if it is over
 * a bound or fails otherwise.  Neither is published or satisfies a rule; each
 * comes with a note for the log, unless the attribute is just not there.
 */
#ifndef GS2_ATTRS_H
#define GS2_ATTRS_H

#include "common/pac.h"

#include "attr_values.h"

#define GS2_ATTRS_MAX 512 /* attributes a list */

/*
 * The attributes of one name, read on demand and remembered, so that a rule
 * and two properties that ask for the same one read it once.  Not for use by
 * two threads at once.
 */
struct gs2_attrs;

/*
 * Gives *attrs_out, to be freed with gs2_attrs_free(), for name, which it
 * borrows and which must outlive it, as must mech, its mechanism's OID, which
 * is for the text of notes alone.  No GSS call is made yet.  note and mech may
 * be NULL.  GS2_OK or GS2_NOMEM.
 */
GS2_MUST_USE gs2_status
gs2_attrs_new(gss_name_t name, const gss_OID_desc *mech,
              gs2_attr_values_note *note, void *context,
              struct gs2_attrs **attrs_out, struct gs2_error *err);

/* Our own attributes (names.h) are made by decoder, which is borrowed and
 * must outlive attrs; with NULL, as at first, they are absent.  Before the
 * first gs2_attrs_get(). */
void gs2_attrs_use_decoder(struct gs2_attrs *attrs,
                           const struct gs2_pac_decoder *decoder);

void gs2_attrs_free(struct gs2_attrs *attrs);

/*
 * Finds the attribute whose name is the len octets at name, exactly.  Borrows:
 * *attr_out lives until gs2_attrs_free().  A mechanism's attribute whose name
 * begins with "gs2:" does not exist here: these names are our own attributes,
 * made of other ones.  GS2_OK (look at (*attr_out)->state) or GS2_NOMEM.
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
 * not NULL.  NULL and 0, with a note, if the call failed or there are more
 * than GS2_ATTRS_MAX.  GS2_OK or GS2_NOMEM.
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

#endif
