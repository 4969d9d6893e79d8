/*
 * as_user.h - what another user can do with files, which a child finds out that
 * becomes this user.
 */
#ifndef AS_USER_H
#define AS_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include <jansson.h>

#define AS_USER_GROUPS_MAX 256

struct as_user {
    const char *name, *root; /* borrowed; root: confined to, NULL for none */
    uid_t uid;
    gid_t gid, groups[AS_USER_GROUPS_MAX];
    int group_count;
};

/* Fills the caller's *user_out with the user of this name; with one_group, who
 * has no other groups.  Why nobody can look as them; NULL where the caller can.
 * Gives. */
char *as_user_find(const char *name, const char *root, bool one_group,
                   struct as_user *user_out);

/* What a child does: it sets members of its document.  False: it could not. */
typedef bool as_user_work(const struct as_user *user, const char *what,
                          json_t *document);

/* Lets a child do some work.  Gives its document; NULL where it has none. */
json_t *as_user_ask(as_user_work *work, const struct as_user *user,
                    const char *what);

/* In a child: goes to where the user is, gives up all rights of the caller, and
 * the right to make a file grow. */
bool as_user_become(const struct as_user *user);

/* In a child that has become the user: sets closed, the first directory on the
 * way to path that they may not search, or null, and denied, whether they may
 * not read the file. */
void as_user_try(const char *path, json_t *document);

/* What a file is, which root sees: uid, gid and mode.  Gives; NULL where it is
 * not there. */
json_t *as_user_look(const struct as_user *user, const char *path);

/* The command that lets the user read a file which root sees as file (NULL: it
 * is not there); tried has what as_user_try() has set.  NULL where it is not a
 * matter of rights.  Gives. */
char *as_user_cure(const struct as_user *user, const char *path,
                   const json_t *file, const json_t *tried);

/* The name of a group, or its number.  Gives. */
json_t *as_user_group(gid_t gid);

#endif
