/*
 * attrmap.h - the option gs2_attributes: which attribute an auxiliary property
 * is filled from.
 *
 *   map   = entry *( 1*WSP entry )
 *   entry = PROP [ ":base64" ] "=" ATTR
 *   PROP  = 1*( ALPHA / DIGIT / "." / "_" / "-" )
 *   ATTR  = 1*( ALPHA / DIGIT / "." / "_" / ":" / "/" / "@" / "-" )
 *         / DQUOTE *( any but DQUOTE and "\" / "\" DQUOTE / "\\" ) DQUOTE
 */
#ifndef GS2_ATTRMAP_H
#define GS2_ATTRMAP_H

#include <stdbool.h>

#include "common/text/error.h"

/* libsasl cuts a configuration line at 4,095 octets: a map that was cut would
 * end in another attribute's name, so one that may have been is refused. */
#define GS2_ATTRMAP_OCTETS_MAX 4000

struct gs2_mapping {
    char *property; /* without "*" */
    char *attr;     /* name of the attribute, attr_len octets, no NUL */
    size_t attr_len;
    bool base64;    /* every value as base64, else only text values */
};

struct gs2_attrmap {
    size_t count;
    struct gs2_mapping *mappings;
};

/*
 * Parses text.  Gives *map_out, freed with gs2_attrmap_free().
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG with line and column (from 1, columns in
 * octets) for what does not parse, a PROP named twice (without regard to
 * case), and a PROP that must not be fed by a peer: userPassword,
 * authPassword, authzTo, authzFrom, cmusaslsecret*, slap*, gss* (all without
 * regard to case); an attribute that is empty, or begins with "gs2:" and is
 * none of our own (names.h); a text without an entry, or longer than
 * GS2_ATTRMAP_OCTETS_MAX.  *map_out is then
 * NULL.
 */
GS2_MUST_USE gs2_status
gs2_attrmap_parse(const char *text, struct gs2_attrmap **map_out,
                  struct gs2_error *err);

void gs2_attrmap_free(struct gs2_attrmap *map);

/* Finds the mapping of a property (compared octet by octet), or NULL.
 * Borrows. */
const struct gs2_mapping *gs2_attrmap_find(const struct gs2_attrmap *map,
                                           const char *property);

#endif
