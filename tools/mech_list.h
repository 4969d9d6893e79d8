/*
 * mech_list.h - the option mech_list of libsasl's, a list of mechanisms.
 */
#ifndef MECH_LIST_H
#define MECH_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* The next word of a list, from *at on, which is moved behind it; NULL behind
 * the last. */
const char *mech_list_next(const char **at, size_t *len_out);

/* Whether libsasl 2.1.28 ignores a word of a list, because it knows -PLUS in
 * the last word alone.  The list ends with a NUL. */
bool mech_list_ignores(const char *word, size_t len);

/* Whether the list, NULL where it is not set, lets libsasl offer a mechanism.
 */
bool mech_list_has(const char *list, const char *mech);

/* Whether libsasl lists each of its mechanisms for which there is a plugin with
 * -PLUS as well, where there is a channel binding; ours is gs2_mechs, or NULL. */
bool mech_list_is_plus(const char *list, const char *ours);

#endif
