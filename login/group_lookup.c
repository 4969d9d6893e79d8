/*
 * group_lookup.c - what libc says of groups (see group_lookup.h).
 */
#include "group_lookup.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>

/* Octets of an entry: from, and up to; and groups of a user, as many as Linux
 * lets a process have. */
#define ENTRY_OCTETS     1024
#define ENTRY_OCTETS_MAX ((size_t)1024 * 1024)
#define GROUPS           64
#define GROUPS_MAX       65536

/* Makes more room, at the beginning or after ERANGE.  False if there is
 * none. */
static bool
grow(struct gs2_group_lookup *room)
{
    const size_t size = room->size == 0 ? ENTRY_OCTETS : room->size * 4;
    char *larger;

    if (size > ENTRY_OCTETS_MAX)
        return false;
    larger = realloc(room->text, size);
    if (larger == NULL)
        return false;
    room->text = larger;
    room->size = size;
    return true;
}

/* By name, or by number where that is NULL. */
static int
look_up(struct gs2_group_lookup *room, const char *name, gid_t gid,
        const struct group **group_out)
{
    struct group *found = NULL;
    int code;

    do {
        if (room->size == 0)
            code = ERANGE;
        else if (name != NULL)
            code = getgrnam_r(name, &room->group, room->text, room->size,
                              &found);
        else
            code = getgrgid_r(gid, &room->group, room->text, room->size,
                              &found);
    } while (code == ERANGE && grow(room));
    *group_out = found;
    /* Some services say so when there is no such group. */
    return code == ENOENT || code == ESRCH ? 0 : code;
}

int
gs2_group_lookup_name(struct gs2_group_lookup *room, const char *name,
                      const struct group **group_out)
{
    return look_up(room, name, 0, group_out);
}

int
gs2_group_lookup_gid(struct gs2_group_lookup *room, gid_t gid,
                     const struct group **group_out)
{
    return look_up(room, NULL, gid, group_out);
}

/* The primary group of an account; -1, which is no group, without one. */
static gid_t
primary_group(struct gs2_group_lookup *room, const char *user)
{
    struct passwd account, *found = NULL;
    int code;

    do {
        code = room->size == 0 ? ERANGE
               : getpwnam_r(user, &account, room->text, room->size, &found);
    } while (code == ERANGE && grow(room));
    return found != NULL ? found->pw_gid : (gid_t)-1;
}

bool
gs2_group_lookup_user(struct gs2_group_lookup *room, const char *user,
                      struct gs2_user_groups *groups_out)
{
    const gid_t primary = primary_group(room, user);
    int count = GROUPS, size = 0;
    gid_t *gids = NULL, *larger;

    *groups_out = (struct gs2_user_groups){ NULL, 0 };
    while (count > size && count <= GROUPS_MAX) {
        size = count;
        larger = realloc(gids, (size_t)size * sizeof(*gids));
        if (larger == NULL)
            break;
        gids = larger;
        if (getgrouplist(user, primary, gids, &count) >= 0) {
            *groups_out = (struct gs2_user_groups){ gids, (size_t)count };
            return true;
        }
        /* count now says how many there are. */
    }
    free(gids);
    return false;
}

void
gs2_group_lookup_clear(struct gs2_group_lookup *room)
{
    free(room->text);
    *room = (struct gs2_group_lookup){ .text = NULL };
}
