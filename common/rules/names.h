/*
 * names.h - attributes that are ours (RFC 6680 section 5): they have names
 * that begin with "gs2:", as the facts of a login have, and are made of what a
 * mechanism's attribute says.  They stand wherever an attribute may: in a rule,
 * in gs2_attributes, in gs2_authid.
 */
#ifndef GS2_NAMES_H
#define GS2_NAMES_H

#include "common/pac.h"

struct gs2_own_attr {
    const char *name;
    const char *source; /* the attribute of the mechanism */
    enum gs2_pac_kind kind;
};

/* The one whose name is the len octets at name, or NULL.  Borrows. */
const struct gs2_own_attr *gs2_names_find_attr(const void *name, size_t len);

/* The nth of all, from 0; NULL behind the last.  Borrows. */
const struct gs2_own_attr *gs2_names_nth_attr(size_t n);

#endif
