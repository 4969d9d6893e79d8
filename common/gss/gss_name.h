/*
 * gss_name.h - names of the GSS-API, made from text, and parts of them.
 */
#ifndef GS2_GSS_NAME_H
#define GS2_GSS_NAME_H

#include "mechs.h"

/* Imports text, a name of that type.  Gives *name_out, freed with
 * gss_release_name().  Returns the major status. */
GS2_MUST_USE OM_uint32 gs2_gss_name_import(OM_uint32 *minor, const char *text,
                                           gss_OID type,
                                           gss_name_t *name_out);

/* The same, and makes the name mech's own (RFC 2743 section 2.4.15): gives
 * *canonical_out as well.  If that fails, *name_out is still given if the name
 * could be imported. */
GS2_MUST_USE OM_uint32
gs2_gss_name_canonical(OM_uint32 *minor, const char *text, gss_OID type,
                       gss_OID mech, gss_name_t *name_out,
                       gss_name_t *canonical_out);

/* Composes "service@host" (RFC 5801 section 9) of what the application says,
 * which may be NULL.  Gives *text_out, freed with free().  GS2_OK, GS2_NOMEM
 * or GS2_FAIL. */
GS2_MUST_USE gs2_status gs2_gss_name_compose(const char *service,
                                             const char *host,
                                             char **text_out,
                                             struct gs2_error *err);

/* The realm of a displayed Kerberos principal: behind its last unescaped "@".
 * Borrows; NULL where there is none. */
const char *gs2_gss_name_realm(const char *principal);

#endif
