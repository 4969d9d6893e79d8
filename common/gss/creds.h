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

/*
 * The initiator's credential for the user authname, with password (password_len
 * octets) where that is not NULL.  Gives *cred_out, freed with
 * gss_release_cred().  GS2_OK, or GS2_NOCRED with what GSS says.
 */
GS2_MUST_USE gs2_status
gs2_creds_initiator(struct gs2_mech *mech, const char *authname,
                    const char *password, size_t password_len,
                    gss_cred_id_t *cred_out, struct gs2_error *err);

#endif
