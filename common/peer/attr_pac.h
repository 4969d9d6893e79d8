/*
 * attr_pac.h - making one of our own attributes (common/rules/names.h; RFC 6680
 * section 5) of what a mechanism's attribute says, by a decoder of PACs.
 */
#ifndef GS2_ATTR_PAC_H
#define GS2_ATTR_PAC_H

#include "common/pac.h"

#include "attr_values.h"

/*
 * Makes the values of this kind that the decoder finds in source, which is
 * settled.  If source is absent or unknown, so is values, for the same
 * reason.  The bounds are those of the values that a mechanism gives.  GS2_OK,
 * with values settled, or GS2_NOMEM.
 */
GS2_MUST_USE gs2_status gs2_attr_pac_make(
    struct gs2_attr_login *login, const struct gs2_pac_decoder *decoder,
    enum gs2_pac_kind kind, const struct gs2_attr *source,
    struct gs2_attr_values *values, struct gs2_error *err);

#endif
