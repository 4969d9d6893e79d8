/*
 * cred_pool.h - a pool of the acceptor's credentials.
 *
 * krb5 holds a credential's lock through the whole of an accept, so one shared
 * credential makes threads wait, and acquiring one costs more than half of an
 * accept.  A handshake therefore borrows one of a pool for itself alone and
 * returns it.  A pooled credential follows its keytab file by itself; no
 * credential of a user is ever kept.
 */
#ifndef GS2_CRED_POOL_H
#define GS2_CRED_POOL_H

#include "common/text/cache.h"
#include "mechs.h"

/* Seconds for which a failed acquisition is remembered. */
#define GS2_CRED_POOL_RETRY_SECONDS 3

/* Which credential: what acceptor credentials are alike in. */
struct gs2_acceptor {
    struct gs2_mech *mech;
    const char *name;   /* service@host; NULL for any key in the keytab */
    const char *keytab; /* NULL for the default; for mech->is_krb5 alone */
    const char *ktname; /* KRB5_KTNAME of the environment; the pool's to set */
};

/* Of a struct gs2_cred_pool's cache. */
extern const struct gs2_cache_kind gs2_cred_pool_kind;

struct gs2_cred_pool {
    struct gs2_cache cache;
};

struct gs2_pooled_cred {
    gss_cred_id_t cred;
    time_t expires; /* by gs2_cache_now(); 0 for never */
    struct gs2_pooled_cred *next;
};

/* What was borrowed: a credential, NULL once it is returned or forgotten, and
 * the name for which it is. */
struct gs2_borrowed_cred {
    struct gs2_alike_creds *from;
    struct gs2_pooled_cred *one;
    gss_name_t name; /* as imported; GSS_C_NO_NAME for any */
};

/*
 * Lends a credential for *which, an idle one or a new one, until
 * gs2_cred_pool_drop().  KRB5_KTNAME as it is now is part of what makes
 * credentials alike.
 *
 * GS2_OK; GS2_NOMEM; GS2_FAIL where GSS knows no such name or too many are in
 * use; GS2_NOCRED with the reason, GSS's own, which may name paths of this
 * machine and is therefore for the log: err's text says only that there is no
 * credential and for whom, its detail says why.
 */
GS2_MUST_USE gs2_status
gs2_cred_pool_borrow(struct gs2_cred_pool *pool,
                     const struct gs2_acceptor *which,
                     struct gs2_borrowed_cred *borrowed_out,
                     struct gs2_error *err);

/* Returns the credential to the pool; harmless where there is none. */
void gs2_cred_pool_return(struct gs2_borrowed_cred *borrowed);

/* Releases the credential, with which a handshake failed: it is not lent
 * again, and whether there is another is asked anew.  Harmless where there is
 * none. */
void gs2_cred_pool_forget(struct gs2_borrowed_cred *borrowed);

/* Returns what is left, the name as well; empties *borrowed.  Harmless where
 * it is empty. */
void gs2_cred_pool_drop(struct gs2_cred_pool *pool,
                        struct gs2_borrowed_cred *borrowed);

/*
 * Says whether gs2_cred_pool_borrow() would succeed, without a new acquisition
 * where one succeeded before, or failed in the last
 * GS2_CRED_POOL_RETRY_SECONDS.  *changed_out is true where the answer differs
 * from the last one.
 */
GS2_MUST_USE gs2_status gs2_cred_pool_check(struct gs2_cred_pool *pool,
                                            const struct gs2_acceptor *which,
                                            bool *changed_out,
                                            struct gs2_error *err);

#endif
