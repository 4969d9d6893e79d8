/*
 * creds.h - credentials of the initiator, and those of applications (the
 * acceptor's own are in cred_pool.h).
 */
#ifndef GS2_CREDS_H
#define GS2_CREDS_H

#include <gssapi/gssapi.h>

#include "mechs.h"

/* Whether a credential of the application's can accept with mech: GS2_OK, or
 * GS2_NOCRED. */
GS2_MUST_USE gs2_status gs2_creds_accepts(gss_cred_id_t cred,
                                          struct gs2_mech *mech,
                                          struct gs2_error *err);

/* Lets a mechanism that negotiates come to mech->negotiated alone.  Returns the
 * major status. */
GS2_MUST_USE OM_uint32 gs2_creds_negotiate(OM_uint32 *minor,
                                           gss_cred_id_t cred,
                                           const struct gs2_mech *mech);

/* Lets krb5 ask for integrity and confidentiality only where the caller does.
 * GS2_OK or GS2_FAIL. */
GS2_MUST_USE gs2_status gs2_creds_no_ci_flags(gss_cred_id_t *cred,
                                              const struct gs2_mech *mech,
                                              struct gs2_error *err);

/*
 * A copy of an application's credential that negotiates as
 * gs2_creds_negotiate() says: the application's own stays as it is.  Gives
 * *cred_out, freed with gss_release_cred().  GS2_OK or GS2_FAIL.
 */
GS2_MUST_USE gs2_status gs2_creds_copy(gss_cred_id_t cred,
                                       const struct gs2_mech *mech,
                                       gss_cred_id_t *cred_out,
                                       struct gs2_error *err);

/*
 * The initiator's credential for the user authname, NULL for the one that GSS
 * chooses by the target, with password (password_len octets) where that is not
 * NULL.  Gives *cred_out, freed with
 * gss_release_cred().  GS2_OK, or GS2_NOCRED with what GSS says.
 */
GS2_MUST_USE gs2_status
gs2_creds_initiator(struct gs2_mech *mech, const char *authname,
                    const char *password, size_t password_len,
                    gss_cred_id_t *cred_out, struct gs2_error *err);

#endif
