/*
 * group_lookup.h - what libc says of groups and of the groups that a user has,
 * with as much room as that takes.
 */
#ifndef GS2_GROUP_LOOKUP_H
#define GS2_GROUP_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <grp.h>

/* Room for one look-up after the other.  All zero: none yet. */
struct gs2_group_lookup {
    struct group group;
    char *text;
    size_t size;
};

struct gs2_user_groups {
    gid_t *gids; /* freed with free() */
    size_t count;
};

/*
 * The group of this name, or with this number.  0, and *group_out, borrowed
 * until the next look-up, or NULL where there is none; or an error of NSS's.
 */
int gs2_group_lookup_name(struct gs2_group_lookup *room, const char *name,
                          const struct group **group_out);
int gs2_group_lookup_gid(struct gs2_group_lookup *room, gid_t gid,
                         const struct group **group_out);

/*
 * Gives *groups_out, its gids freed with free(): the groups of the user, the
 * primary one among them where the user has an account.  libc does not tell if
 * a service could not be asked.  False if there is no memory, or if there are
 * too many groups.
 */
bool gs2_group_lookup_user(struct gs2_group_lookup *room, const char *user,
                           struct gs2_user_groups *groups_out);

/* Frees what *room holds. */
void gs2_group_lookup_clear(struct gs2_group_lookup *room);

#endif
