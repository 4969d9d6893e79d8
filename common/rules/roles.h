/*
 * roles.h - the roles of logins: names (gs2_roles), each with a rule
 * (gs2_role_NAME) that says which logins have it.
 *
 *   roles = name *( WSP name )
 *   name  = lower *27( lower / DIGIT / "_" / "-" )
 *
 * A name is part of the name of an option, which libsasl and Cyrus IMAP turn
 * to lower case, and may be part of the name of a Unix group ("gs2-NAME"),
 * which has at most 32 octets.
 */
#ifndef GS2_ROLES_H
#define GS2_ROLES_H

#include <stdint.h>

#include "rules.h"

#define GS2_ROLES_MAX 64
#define GS2_ROLE_NAME_MAX 28       /* octets */
#define GS2_ROLES_TERMS_MAX 1024   /* comparisons in the rules of all */

/* Octets of the name of an option, with a NUL. */
#define GS2_ROLE_OPTION_SIZE (sizeof("gs2_role_") + GS2_ROLE_NAME_MAX)

struct gs2_role {
    char name[GS2_ROLE_NAME_MAX + 1];
    struct gs2_rule *rule;
};

/* In the order in which they are named.  All zero: none. */
struct gs2_roles {
    size_t count, terms;
    struct gs2_role list[GS2_ROLES_MAX];
};

/* The roles that a login has: bit n for the nth. */
typedef uint64_t gs2_role_set;
_Static_assert(sizeof(gs2_role_set) * 8 >= GS2_ROLES_MAX, "a bit for each");

/* The next name of a list, from *at on, which is moved behind it, and how many
 * octets it has; NULL behind the last.  What a name may be is not looked at.
 * Borrows. */
const char *gs2_roles_next(const char **at, size_t *len_out);

/* Fills the caller's option with the name of the option that has the rule of
 * the role whose name is the len octets at name.  False where that cannot be
 * the name of a role. */
bool gs2_roles_option(const char *name, size_t len,
                      char option[GS2_ROLE_OPTION_SIZE]);

/*
 * Takes the names from a list, without their rules.  Fills the caller's
 * *roles_out, freed with gs2_roles_clear().
 *
 * GS2_OK, or GS2_BADCONFIG with line and column: an empty list, a name that
 * cannot be one, a name twice, more than GS2_ROLES_MAX.
 */
GS2_MUST_USE gs2_status gs2_roles_parse(const char *text,
                                        struct gs2_roles *roles_out,
                                        struct gs2_error *err);

/*
 * Gives the nth role its rule, which replaces no other.
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG: text is NULL, since the option is not
 * set; what gs2_rule_parse() refuses, "gs2:role" among that; a rule with an
 * "or" of which one side has no comparison without "not", so that everybody
 * would have the role but for a few; too many comparisons in all.
 */
GS2_MUST_USE gs2_status gs2_roles_set_rule(struct gs2_roles *roles, size_t n,
                                           const char *text,
                                           struct gs2_error *err);

/* The number of the role whose name is the len octets at name, or
 * roles->count. */
size_t gs2_roles_find(const struct gs2_roles *roles, const void *name,
                      size_t len);

/* Frees what *roles holds and empties it. */
void gs2_roles_clear(struct gs2_roles *roles);

#endif
