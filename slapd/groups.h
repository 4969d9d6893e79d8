/*
 * groups.h - the groups that the `plugin' lines of slapd's configuration name,
 * each with the role that makes somebody its member.
 *
 * They change where slapd reads its configuration, and it does so before it
 * has other threads, or while it holds all of them (cn=config).  So what is
 * here has no lock.
 */
#ifndef GS2_SLAPD_GROUPS_H
#define GS2_SLAPD_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

/* Letters of the name of a role, and how many roles a login can have
 * (libgs2(5), ROLES). */
#define GS2_SLAPD_ROLE_MAX 28
#define GS2_SLAPD_ROLES_MAX 64

struct gs2_slapd_group {
    struct gs2_slapd_group *next;
    char *dn; /* normalized, freed with slapi_ch_free_string() */
    char role[GS2_SLAPD_ROLE_MAX + 1];
};

/* True where the len octets at text can be the name of a role. */
bool gs2_slapd_is_role(const char *text, size_t len);

/*
 * Adds to the list at *groups the group of this DN and role.  Nothing is added
 * if the text is not a DN, if the DN is in this list or among the groups that
 * are in force, or if there is no memory.
 *
 * NULL, or why not: a text to be put behind the DN.
 */
const char *gs2_slapd_groups_add(struct gs2_slapd_group **groups,
                                 const char *dn, const char *role);

/* Frees a list that is not in force, and empties it. */
void gs2_slapd_groups_free(struct gs2_slapd_group **groups);

/* Puts a list in force, in addition to earlier ones, for as long as slapd
 * runs. */
void gs2_slapd_groups_enforce(struct gs2_slapd_group *groups);

/* The groups in force; borrowed, NULL for none. */
const struct gs2_slapd_group *gs2_slapd_groups(void);

/* The role of the group of this normalized DN, borrowed; NULL if the group is
 * not in force. */
const char *gs2_slapd_groups_role(const char *ndn);

#endif
