/*
 * ccache_name.h - names of credential caches: the option gs2_ccache_store, and
 * the file that it means for a user.  It knows nothing of GSS, nor of files.
 *
 *   pattern = [ "FILE:" ] "/" *( any but "%" ) "%u" *( any but "%" and "/" )
 */
#ifndef GS2_CCACHE_NAME_H
#define GS2_CCACHE_NAME_H

#include "common/text/error.h"

/*
 * Whether pattern can be used.  GS2_OK, or GS2_BADCONFIG: another type of
 * cache, a relative path, no %u in the file's name or more than one, another
 * "%".
 *
 * The other types: DIR, KCM and KEYRING hold many caches, of which libkrb5
 * chooses one by the name that a credential gives itself, so that one user
 * could replace another's credential.  MEMORY is useful only to a process that
 * has the credential itself.
 */
GS2_MUST_USE gs2_status gs2_ccache_name_check(const char *pattern,
                                              struct gs2_error *err);

/*
 * The path of the cache of user by a pattern that was checked: in the place of
 * %u stands user, with every octet but [A-Za-z0-9._@-], and a leading dot, as
 * "%" and two digits of hexadecimal.  So two users never have the same file,
 * and it is in the pattern's directory whatever they are called.  user is not
 * empty: "/.%u" would be the directory itself.
 *
 * Gives *path_out, an absolute path without "FILE:", freed with free().
 * GS2_OK or GS2_NOMEM.
 */
GS2_MUST_USE gs2_status
gs2_ccache_name_path(const char *pattern, const char *user, char **path_out,
                     struct gs2_error *err);

#endif
