/*
 * gss_fault.c - whose fault a failed accept is (see gss_fault.h).
 *
 * The tables hold every status that MIT's krb5 acceptor can give, as its source
 * has them (gss_accept_sec_context(), krb5_rd_req(), the replay caches).  The
 * GSS library may give a minor status of IAKERB another number where krb5 has
 * used that number before; then the default is in force, which counts nobody.
 */
#include "gss_fault.h"

#include <errno.h>
#include <stddef.h>

#include <krb5.h>

/* By the routine error alone. */
static const struct {
    OM_uint32 error;
    gs2_status status;
} majors[] = {
    { GSS_S_BAD_BINDINGS, GS2_BADBINDING },
    { GSS_S_DEFECTIVE_TOKEN, GS2_BADAUTH },
    { GSS_S_BAD_SIG, GS2_BADAUTH },
    { GSS_S_BAD_MECH, GS2_BADAUTH },
    /* To a first token that is no AP-REQ krb5 says CONTINUE without a context,
     * and this to the next one. */
    { GSS_S_NO_CONTEXT, GS2_BADAUTH },
    { GSS_S_NO_CRED, GS2_FAIL },
    { GSS_S_CREDENTIALS_EXPIRED, GS2_FAIL },
    { GSS_S_CONTEXT_EXPIRED, GS2_REFUSED },
};

/* Where krb5 says GSS_S_FAILURE. */
static const struct {
    krb5_error_code minor;
    gs2_status status;
} minors[] = {
    { ENOMEM, GS2_NOMEM },

    /* No honest client: what was sent contradicts itself, or was sent before. */
    { KRB5KRB_AP_ERR_MSG_TYPE, GS2_BADAUTH },
    { KRB5KRB_AP_ERR_BADVERSION, GS2_BADAUTH },
    { KRB5_BADMSGTYPE, GS2_BADAUTH },
    { KRB5_BAD_MSIZE, GS2_BADAUTH },
    { KRB5KRB_AP_ERR_MODIFIED, GS2_BADAUTH },
    { KRB5KRB_AP_ERR_INAPP_CKSUM, GS2_BADAUTH },
    { KRB5KRB_AP_ERR_BADMATCH, GS2_BADAUTH },
    { KRB5KRB_AP_ERR_REPEAT, GS2_BADAUTH },

    /* A clock. */
    { KRB5KRB_AP_ERR_TKT_EXPIRED, GS2_REFUSED },
    { KRB5KRB_AP_ERR_TKT_NYV, GS2_REFUSED },
    { KRB5KRB_AP_ERR_SKEW, GS2_REFUSED },

    /* A ticket for another service, or by a key that was changed since.  A
     * keytab with an old key of the same number also gives "integrity". */
    { KRB5KRB_AP_ERR_NOT_US, GS2_REFUSED },
    { KRB5KRB_AP_WRONG_PRINC, GS2_REFUSED },
    { KRB5KRB_AP_ERR_NOKEY, GS2_REFUSED },
    { KRB5KRB_AP_ERR_BADKEYVER, GS2_REFUSED },
    { KRB5KRB_AP_ERR_BAD_INTEGRITY, GS2_REFUSED },
    { KRB5_KT_NOTFOUND, GS2_REFUSED },
    { KRB5_KT_KVNONOTFOUND, GS2_REFUSED },

    /* What the two realms, or the two sides, are configured to allow. */
    { KRB5KRB_AP_ERR_ILL_CR_TKT, GS2_REFUSED },
    { KRB5KRB_AP_ERR_TKT_INVALID, GS2_REFUSED },
    { KRB5KRB_AP_ERR_BADADDR, GS2_REFUSED },
    { KRB5_NOPERM_ETYPE, GS2_REFUSED },
    { KRB5_BAD_ENCTYPE, GS2_REFUSED },
    { KRB5_PROG_ETYPE_NOSUPP, GS2_REFUSED },
    { KRB5_PROG_SUMTYPE_NOSUPP, GS2_REFUSED },

    /* The server's files. */
    { KRB5_KT_IOERR, GS2_FAIL },
    { KRB5_KT_FORMAT, GS2_FAIL },
    { KRB5_KT_BADNAME, GS2_FAIL },
    { KRB5_KT_UNKNOWN_TYPE, GS2_FAIL },
    { KRB5_CRYPTO_INTERNAL, GS2_FAIL },
};

/* A system's error number: the server's disk, or its permissions. */
#define IS_ERRNO(code) ((code) > 0 && (code) < 1024)

static gs2_status
judge_minor(krb5_error_code minor)
{
    for (size_t i = 0; i < sizeof(minors) / sizeof(minors[0]); i++) {
        if (minors[i].minor == minor)
            return minors[i].status;
    }
    if (minor >= ASN1_BAD_TIMEFORMAT && minor <= ASN1_OMITTED)
        return GS2_BADAUTH; /* the token is no AP-REQ */
    if (minor >= KRB5_RC_TYPE_EXISTS && minor <= KRB5_RC_IO_SPACE)
        return GS2_FAIL; /* the replay cache */
    return IS_ERRNO(minor) ? GS2_FAIL : GS2_REFUSED;
}

gs2_status
gs2_gss_fault(const struct gs2_mech *mech, OM_uint32 major, OM_uint32 minor)
{
    const OM_uint32 error = GSS_ROUTINE_ERROR(major);

    for (size_t i = 0; i < sizeof(majors) / sizeof(majors[0]); i++) {
        if (majors[i].error == error)
            return majors[i].status;
    }
    return mech->is_krb5 && error == GSS_S_FAILURE
           ? judge_minor((krb5_error_code)minor) : GS2_REFUSED;
}
