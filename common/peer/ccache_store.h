/*
 * ccache_store.h - keeps a delegated credential in a file of the user's, for
 * programs that act for the user (MIT's gss_store_cred_into()).
 */
#ifndef GS2_CCACHE_STORE_H
#define GS2_CCACHE_STORE_H

#include <gssapi/gssapi.h>

#include "common/text/error.h"

/*
 * Puts cred, a credential of mech, into the cache that pattern (ccache_name.h)
 * names for user: a new file, readable by its owner alone, which takes the
 * place of an older one when it is complete.
 *
 * The directory must exist, belong to the user whom this process runs as, be
 * no symbolic link, and be writable for nobody else; nobody but root and that
 * user may be able to put another in its place.  The file, if it exists, must
 * be a regular file of that user's.
 *
 * GS2_OK; GS2_NOMEM; GS2_FAIL, with path and reason in err's detail alone.
 * After a failure the older file is as it was, and no other file is left.
 */
GS2_MUST_USE gs2_status
gs2_ccache_store_keep(const char *pattern, const char *user,
                      gss_cred_id_t cred, const gss_OID_desc *mech,
                      struct gs2_error *err);

#endif
