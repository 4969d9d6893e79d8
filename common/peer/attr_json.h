/*
 * attr_json.h - all authenticated attributes of a login as one JSON document
 * (RFC 8259), for applications that want them without knowing their names.
 *
 *   {"v":1,"mech":s, ... ,"roles":[s],"attributes":[
 *     {"name":s,"complete":b,"values":[{"b64":s,"text":s,"display":s}]}]}
 *
 * The members before the roles are what else is known of the login, null if
 * unknown.  Where one of them, or the name of an attribute, is not text, it is
 * {"b64":s}.  A value has the members text and display where they are text.
 */
#ifndef GS2_ATTR_JSON_H
#define GS2_ATTR_JSON_H

#include "attrs.h"

/* What is known of a login, its attributes aside.  Borrowed. */
struct gs2_attr_json_login {
    const struct gs2_attr_json_member {
        const char *name; /* ASCII */
        const char *text; /* NULL where there is none */
    } *members;
    size_t member_count;
    const char *const *roles;
    size_t role_count;
};

/*
 * Gives *json_out, terminated and in ASCII and UTF-8 alone, freed with free().
 * Attributes that are not GS2_ATTR_PRESENT are left out.  GS2_OK or GS2_NOMEM.
 */
GS2_MUST_USE gs2_status
gs2_attr_json_make(const struct gs2_attr_json_login *login,
                   const struct gs2_attr *const *attrs, size_t count,
                   char **json_out, struct gs2_error *err);

#endif
