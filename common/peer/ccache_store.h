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
 * The directory is there, belongs to the user whom this process runs as, is no
 * symbolic link, and nobody else can write to it; nor can anybody but root and
 * that user put another in its place.  In the file's place is nothing, or a
 * regular file of that user's.
 *
 * GS2_OK; GS2_NOMEM; GS2_FAIL with a text that says no more than that, the
 * path and the reason in err's detail.  Then the older file is as it was, and
 * no other is left.
 */
GS2_MUST_USE gs2_status
gs2_ccache_store_keep(const char *pattern, const char *user,
                      gss_cred_id_t cred, const gss_OID_desc *mech,
                      struct gs2_error *err);

#endif
