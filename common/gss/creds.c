/*
 * creds.c - credentials of the initiator and of applications (see creds.h).
 */
#include "creds.h"

#include <krb5.h>
#include <stdio.h>
#include <string.h>

#include "gss_error.h"
#include "gss_name.h"

static OM_uint32
acquire(struct gs2_mech *mech, gss_name_t name, const char *password,
        size_t password_len, gss_cred_id_t *cred, OM_uint32 *minor)
{
    gss_buffer_desc secret = { password_len, (void *)password };
    gss_OID_set_desc mechs = { 1, &mech->oid };

    if (password == NULL)
        return gss_acquire_cred(minor, name, GSS_C_INDEFINITE, &mechs,
                                GSS_C_INITIATE, cred, NULL, NULL);
    return gss_acquire_cred_with_password(minor, name, &secret,
                                          GSS_C_INDEFINITE, &mechs,
                                          GSS_C_INITIATE, cred, NULL, NULL);
}

/* What krb5 says of a wrong password, which its texts do not name: the KDC does
 * not believe it, or its answer does not decrypt. */
static bool
is_wrong_password(OM_uint32 minor)
{
    return minor == (OM_uint32)KRB5KDC_ERR_PREAUTH_FAILED ||
           minor == (OM_uint32)KRB5KRB_AP_ERR_BAD_INTEGRITY;
}

gs2_status
gs2_creds_initiator(struct gs2_mech *mech, const char *authname,
                    const char *password, size_t password_len,
                    gss_cred_id_t *cred_out, struct gs2_error *err)
{
    gss_name_t name;
    OM_uint32 major, minor, ignored;
    gs2_status status = GS2_OK;
    char quoted[128], what[256];
    const char *how = "";

    *cred_out = GSS_C_NO_CREDENTIAL;
    major = gs2_gss_name_import(&minor, authname, GSS_C_NT_USER_NAME, &name);
    if (!GSS_ERROR(major))
        major = acquire(mech, name, password, password_len, cred_out, &minor);
    if (GSS_ERROR(major)) {
        if (password != NULL)
            how = is_wrong_password(minor)
                  ? " by password, which may be wrong" : " by password";
        (void)snprintf(what, sizeof(what), "no %s credential for \"%s\"%s",
                       mech->name, gs2_escape(quoted, sizeof(quoted), authname,
                                              strlen(authname)), how);
        status = gs2_fail_gss(err, GS2_NOCRED, what, major, minor, &mech->oid);
    }
    (void)gss_release_name(&ignored, &name);
    return status;
}

gs2_status
gs2_creds_accepts(gss_cred_id_t cred, struct gs2_mech *mech,
                  struct gs2_error *err)
{
    gss_cred_usage_t usage = GSS_C_INITIATE;
    OM_uint32 major, minor;

    major = gss_inquire_cred_by_mech(&minor, cred, &mech->oid, NULL, NULL, NULL,
                                     &usage);
    if (GSS_ERROR(major))
        return gs2_fail_gss(err, GS2_NOCRED,
                            "the application's credential is of no use", major,
                            minor, &mech->oid);
    if (usage == GSS_C_INITIATE)
        return gs2_fail(err, GS2_NOCRED,
                        "the application's credential is a client's");
    return GS2_OK;
}
