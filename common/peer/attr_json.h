/*
 * attr_json.h - all authenticated attributes of a login as one JSON document
 * (RFC 8259), for applications that want them without knowing their names.
 *
 *   {"v":1,"mech":s,"principal":s,"realm":s,"attributes":[
 *     {"name":s,"complete":b,"values":[{"b64":s,"text":s,"display":s}]}]}
 *
 * principal and realm are null where there is none.  A name or a principal that
 * is no text is {"b64":s}.  text and display are there where they are text.
 */
#ifndef GS2_ATTR_JSON_H
#define GS2_ATTR_JSON_H

#include "attrs.h"

/*
 * Gives *json_out, terminated and in ASCII and UTF-8 alone, freed with free().
 * mech is ASCII; principal and realm are strings or NULL.  Attributes that are
 * not GS2_ATTR_PRESENT are left out.  GS2_OK or GS2_NOMEM.
 */
GS2_MUST_USE gs2_status
gs2_attr_json_make(const char *mech, const char *principal, const char *realm,
                   const struct gs2_attr *const *attrs, size_t count,
                   char **json_out, struct gs2_error *err);

#endif
