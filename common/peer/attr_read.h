/*
 * attr_read.h - reading one attribute of a mechanism's (RFC 6680 section 7.5):
 * all its values or none, and none unless each is authenticated (sections 3
 * and 9).
 */
#ifndef GS2_ATTR_READ_H
#define GS2_ATTR_READ_H

#include "attr_values.h"

/*
 * Reads all values of the attribute that has values' name, and settles it,
 * unless the mechanism does not have the attribute.  GS2_OK or GS2_NOMEM.
 */
GS2_MUST_USE gs2_status gs2_attr_read_values(struct gs2_attr_login *login,
                                             struct gs2_attr_values *values,
                                             struct gs2_error *err);

/* True where the status is GSS_S_UNAVAILABLE, by its field. */
bool gs2_attr_read_is_unavailable(OM_uint32 major);

#endif
