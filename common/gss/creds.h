/*
 * creds.h - credentials: a pool of the acceptor's, and the initiator's own.
 *
 * krb5 holds a credential's lock through the whole of an accept, so one shared
 * credential makes threads wait, and acquiring one costs more than half of an
 * accept.  A handshake therefore takes one of a pool for itself and gives it
 * back.  A pooled credential follows its keytab file by itself; no credential
 * of a user is ever kept.
 */
#ifndef GS2_CREDS_H
#define GS2_CREDS_H

#include <time.h>

#include <gssapi/gssapi.h>

#include "mechs.h"

/* Seconds for which a failed acquisition is remembered. */
#define GS2_CREDS_RETRY_SECONDS 3

/* Which credential: what acceptor credentials are alike in. */
struct gs2_acceptor {
    struct gs2_mech *mech;
    const char *name;   /* service@host; NULL for any key in the keytab */
    const char *keytab; /* NULL for the default; for mech->is_krb5 alone */
};

struct gs2_pool;
struct gs2_slot;

/* A credential on loan.  cred is GSS_C_NO_CREDENTIAL where none is. */
struct gs2_loan {
    struct gs2_slot *slot;
    gss_cred_id_t cred;
    gss_name_t name;    /* as imported; the pool's, until the loan is over */
    time_t expires;     /* 0 for never */
};

/* Gives *pool_out, freed with gs2_pool_free() when no loan is out.  A pool may
 * be used by several threads.  GS2_OK or GS2_NOMEM. */
GS2_MUST_USE gs2_status gs2_pool_new(struct gs2_pool **pool_out,
                                     struct gs2_error *err);

void gs2_pool_free(struct gs2_pool *pool);

/*
 * Lends a credential for *which, an idle one or a new one, until
 * gs2_pool_leave().  KRB5_KTNAME as it is now is part of what makes credentials
 * alike.
 *
 * GS2_OK; GS2_NOMEM; GS2_NOCRED with the reason, GSS's own, which may name
 * paths of this machine and is therefore for the log: err's text says only
 * that there is no credential and for whom, its detail says why.
 */
GS2_MUST_USE gs2_status gs2_pool_take(struct gs2_pool *pool,
                                      const struct gs2_acceptor *which,
                                      struct gs2_loan *loan_out,
                                      struct gs2_error *err);

/* Takes the credential of a loan back; harmless where there is none.  The name
 * stays in the loan.  A doubtful credential is one with which a handshake
 * failed: it is not lent again, and whether there is another is asked anew. */
void gs2_pool_give(struct gs2_pool *pool, struct gs2_loan *loan,
                   bool doubtful);

/* Gives back what is left of a loan, its name, too; empties it.  Harmless where
 * there is none. */
void gs2_pool_leave(struct gs2_pool *pool, struct gs2_loan *loan);

/*
 * Says whether gs2_pool_take() would succeed, without a new acquisition where
 * one succeeded before or failed in the last GS2_CREDS_RETRY_SECONDS.
 * *changed_out is true where the answer differs from the last one.
 */
GS2_MUST_USE gs2_status gs2_pool_check(struct gs2_pool *pool,
                                       const struct gs2_acceptor *which,
                                       bool *changed_out,
                                       struct gs2_error *err);

/* Whether a credential of the application's can accept with mech: GS2_OK, or
 * GS2_NOCRED. */
GS2_MUST_USE gs2_status gs2_creds_accepts(gss_cred_id_t cred,
                                          struct gs2_mech *mech,
                                          struct gs2_error *err);

/*
 * The initiator's credential for the user authname, with password (password_len
 * octets) where that is not NULL.  Gives *cred_out, freed with
 * gss_release_cred().  GS2_OK, or GS2_NOCRED with what GSS says.
 */
GS2_MUST_USE gs2_status
gs2_creds_initiator(struct gs2_mech *mech, const char *authname,
                    const char *password, size_t password_len,
                    gss_cred_id_t *cred_out, struct gs2_error *err);

/* Imports service@host (RFC 5801 section 9).  Gives *name_out, freed with
 * gss_release_name(). */
GS2_MUST_USE gs2_status gs2_creds_service(const char *service_at_host,
                                          gss_name_t *name_out,
                                          struct gs2_error *err);

#endif
