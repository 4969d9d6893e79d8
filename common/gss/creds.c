/*
 * creds.c - credentials of the initiator and of applications (see creds.h).
 */
#include "creds.h"

#include <gssapi/gssapi_krb5.h>
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

OM_uint32
gs2_creds_negotiate(OM_uint32 *minor, gss_cred_id_t cred,
                    const struct gs2_mech *mech)
{
    gss_OID_set_desc mechs = { 1, (gss_OID)mech->negotiated };

    return gss_set_neg_mechs(minor, cred, &mechs);
}

gs2_status
gs2_creds_no_ci_flags(gss_cred_id_t *cred, const struct gs2_mech *mech,
                      struct gs2_error *err)
{
    gss_buffer_desc empty = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;

    major = gss_set_cred_option(&minor, cred,
                                (gss_OID)GSS_KRB5_CRED_NO_CI_FLAGS_X, &empty);
    return GSS_ERROR(major)
           ? gs2_fail_gss(err, GS2_FAIL, "a security layer cannot be left out",
                          major, minor, &mech->oid) : GS2_OK;
}

gs2_status
gs2_creds_copy(gss_cred_id_t cred, const struct gs2_mech *mech,
               gss_cred_id_t *cred_out, struct gs2_error *err)
{
    gss_buffer_desc exported = GSS_C_EMPTY_BUFFER;
    gss_cred_id_t copy = GSS_C_NO_CREDENTIAL;
    OM_uint32 major, minor, ignored;
    gs2_status status;

    *cred_out = GSS_C_NO_CREDENTIAL;
    major = gss_export_cred(&minor, cred, &exported);
    if (!GSS_ERROR(major))
        major = gss_import_cred(&minor, &exported, &copy);
    if (!GSS_ERROR(major))
        major = gs2_creds_negotiate(&minor, copy, mech);
    if (exported.value != NULL)
        explicit_bzero(exported.value, exported.length); /* it has keys */
    (void)gss_release_buffer(&ignored, &exported);
    if (!GSS_ERROR(major)) {
        *cred_out = copy;
        return GS2_OK;
    }
    status = gs2_fail_gss(err, GS2_FAIL, "the application's credential cannot "
                          "be kept to Kerberos V5", major, minor, &mech->oid);
    (void)gss_release_cred(&ignored, &copy);
    return status;
}

/* The name, and the credential for it. */
static OM_uint32
acquire_for(struct gs2_mech *mech, const char *authname, const char *password,
            size_t password_len, gss_cred_id_t *cred, OM_uint32 *minor)
{
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 major = GSS_S_COMPLETE, ignored;

    if (authname != NULL)
        major = gs2_gss_name_import(minor, authname, GSS_C_NT_USER_NAME,
                                    &name);
    if (!GSS_ERROR(major))
        major = acquire(mech, name, password, password_len, cred, minor);
    if (!GSS_ERROR(major) && mech->negotiated != NULL)
        major = gs2_creds_negotiate(minor, *cred, mech);
    (void)gss_release_name(&ignored, &name);
    return major;
}

gs2_status
gs2_creds_initiator(struct gs2_mech *mech, const char *authname,
                    const char *password, size_t password_len,
                    gss_cred_id_t *cred_out, struct gs2_error *err)
{
    char quoted[128] = "the user", what[256];
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 major, minor, ignored;
    const char *how = "";
    gs2_status status;

    *cred_out = GSS_C_NO_CREDENTIAL;
    major = acquire_for(mech, authname, password, password_len, &cred, &minor);
    if (!GSS_ERROR(major)) {
        *cred_out = cred;
        return GS2_OK;
    }
    if (password != NULL)
        how = is_wrong_password(minor)
              ? " by password, which may be wrong" : " by password";
    if (authname != NULL)
        (void)gs2_escape(quoted, sizeof(quoted), authname, strlen(authname));
    (void)snprintf(what, sizeof(what), "no %s credential for %s%s%s%s",
                   mech->name, authname != NULL ? "\"" : "", quoted,
                   authname != NULL ? "\"" : "", how);
    status = gs2_fail_gss(err, GS2_NOCRED, what, major, minor, &mech->oid);
    (void)gss_release_cred(&ignored, &cred);
    return status;
}

gs2_status
gs2_creds_accepts(gss_cred_id_t cred, struct gs2_mech *mech,
                  struct gs2_error *err)
{
    gss_cred_usage_t usage = GSS_C_INITIATE;
    OM_uint32 major, minor;

    /* SPNEGO cannot be asked. */
    major = gss_inquire_cred_by_mech(&minor, cred,
                                     (gss_OID)gs2_mechs_result(mech), NULL,
                                     NULL, NULL, &usage);
    if (GSS_ERROR(major))
        return gs2_fail_gss(err, GS2_NOCRED,
                            "the application's credential is of no use", major,
                            minor, &mech->oid);
    if (usage == GSS_C_INITIATE)
        return gs2_fail(err, GS2_NOCRED,
                        "the application's credential is a client's");
    return GS2_OK;
}
