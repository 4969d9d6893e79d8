/*
 * names.h - the names that are ours, each in one table: the facts of a login
 * and our own attributes, both of which begin with "gs2:", and properties.
 */
#ifndef GS2_NAMES_H
#define GS2_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/pac.h"

/* What the plugin itself knows of a login; for rules and properties. */
enum gs2_fact {
    GS2_FACT_MECH,
    GS2_FACT_BINDING,
    GS2_FACT_LAYER,
    GS2_FACT_PRINCIPAL,
    GS2_FACT_REALM,
    GS2_FACT_ACCEPTOR,
    GS2_FACT_TICKET_SERVICE,
    GS2_FACT_SERVICE,
    GS2_FACT_AUTHID,
    GS2_FACT_AUTHZID,
    GS2_FACT_ROLE, /* any number of values (roles.h); others have one at most */
    GS2_FACT_NONE /* of an attribute */
};

#define GS2_FACTS GS2_FACT_NONE /* how many there are */

/* A name, and a line on what it stands for. */
struct gs2_name {
    const char *name;
    const char *meaning;
};

/*
 * An attribute that is ours (RFC 6680 section 5): it is made of what an
 * attribute of the mechanism says.  It stands wherever an attribute may: in a
 * rule, in gs2_attributes, in gs2_authid.
 */
struct gs2_own_attr {
    const char *name;
    const char *source; /* the attribute of the mechanism */
    enum gs2_pac_kind kind;
};

/* How a property is filled: from an attribute (text, octets, display), from a
 * fact, or from all that is known of the name or the context. */
enum gs2_filling {
    GS2_FILLED_BY_TEXT,
    GS2_FILLED_BY_OCTETS,
    GS2_FILLED_BY_DISPLAY,
    GS2_FILLED_BY_FACT,
    GS2_FILLED_BY_JSON,
    GS2_FILLED_BY_EXPORT,
    GS2_FILLED_BY_EXPIRY,
    GS2_FILLINGS
};

/* A property, without its "*".  A name that ends in ":" is a prefix of the name
 * of an attribute; others are of the attribute or the fact named here, if of
 * one. */
struct gs2_property {
    struct gs2_name row;
    enum gs2_filling filling;
    const char *source;
};

/* True where the len octets at name begin as our names do; whether there is
 * one of that name is another question.  Not for properties. */
bool gs2_names_is_ours(const void *name, size_t len);

/* The row of a fact.  Borrows. */
const struct gs2_name *gs2_names_fact(enum gs2_fact fact);

/* The fact whose name is the len octets at name, or GS2_FACT_NONE. */
enum gs2_fact gs2_names_find_fact(const void *name, size_t len);

/* The attribute whose name is the len octets at name, or NULL.  Borrows. */
const struct gs2_own_attr *gs2_names_find_attr(const void *name, size_t len);

/* The nth of all, from 0; NULL behind the last.  Borrows. */
const struct gs2_own_attr *gs2_names_nth_attr(size_t n);

/* The property called name, and in *source_out the attribute or the fact it is
 * of, NULL for none (both borrow); NULL where there is no such property. */
const struct gs2_property *gs2_names_find_property(const char *name,
                                                   const char **source_out);

/* The nth of all, from 0; NULL behind the last.  Borrows. */
const struct gs2_property *gs2_names_nth_property(size_t n);

#endif
