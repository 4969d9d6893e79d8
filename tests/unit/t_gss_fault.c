/*
 * t_gss_fault.c - whose fault a failed accept is: what is counted against a
 * client, what is not, and what a status that is in no table falls into.
 */
#include <errno.h>

#include <krb5.h>

#include "common/gss/gss_fault.h"
#include "tests/lib/suite.h"

static const struct {
    bool is_krb5;
    OM_uint32 major;
    long minor;
    gs2_status status;
} rows[] = {
    /* Counted: no honest client sends it. */
    { true, GSS_S_DEFECTIVE_TOKEN, 0, GS2_BADAUTH },
    { true, GSS_S_NO_CONTEXT, 0, GS2_BADAUTH },
    { true, GSS_S_BAD_SIG, 0, GS2_BADAUTH },
    { true, GSS_S_BAD_BINDINGS, 0, GS2_BADBINDING },
    { true, GSS_S_FAILURE, KRB5KRB_AP_ERR_REPEAT, GS2_BADAUTH },
    { true, GSS_S_FAILURE, KRB5KRB_AP_ERR_MODIFIED, GS2_BADAUTH },
    { true, GSS_S_FAILURE, KRB5KRB_AP_ERR_BADMATCH, GS2_BADAUTH },
    { true, GSS_S_FAILURE, ASN1_BAD_TIMEFORMAT, GS2_BADAUTH },
    { true, GSS_S_FAILURE, ASN1_OMITTED, GS2_BADAUTH },
    /* Not counted: a clock, a ticket, the age of a key. */
    { true, GSS_S_FAILURE, KRB5KRB_AP_ERR_TKT_EXPIRED, GS2_REFUSED },
    { true, GSS_S_FAILURE, KRB5KRB_AP_ERR_SKEW, GS2_REFUSED },
    { true, GSS_S_FAILURE, KRB5KRB_AP_ERR_BADKEYVER, GS2_REFUSED },
    { true, GSS_S_FAILURE, KRB5KRB_AP_ERR_BAD_INTEGRITY, GS2_REFUSED },
    { true, GSS_S_FAILURE, KRB5KRB_AP_ERR_NOT_US, GS2_REFUSED },
    /* The server's own. */
    { true, GSS_S_NO_CRED, 0, GS2_FAIL },
    { true, GSS_S_FAILURE, ENOENT, GS2_FAIL },
    { true, GSS_S_FAILURE, ENOSPC, GS2_FAIL },
    { true, GSS_S_FAILURE, KRB5_RC_IO_PERM, GS2_FAIL },
    { true, GSS_S_FAILURE, KRB5_RC_IO_SPACE, GS2_FAIL },
    { true, GSS_S_FAILURE, KRB5_KT_IOERR, GS2_FAIL },
    { true, GSS_S_FAILURE, ENOMEM, GS2_NOMEM },
    /* The default of krb5 and IAKERB counts nobody. */
    { true, GSS_S_FAILURE, 0, GS2_REFUSED },
    { true, GSS_S_FAILURE, 4711, GS2_REFUSED },
    { true, GSS_S_FAILURE, ASN1_BAD_TIMEFORMAT - 1, GS2_REFUSED },
    { true, GSS_S_FAILURE, ASN1_OMITTED + 1, GS2_REFUSED },
    { true, GSS_S_UNAUTHORIZED, 0, GS2_REFUSED },
    /* A supplementary bit changes nothing. */
    { true, GSS_S_DEFECTIVE_TOKEN | GSS_S_OLD_TOKEN, 0, GS2_BADAUTH },
    /* Of other mechanisms GSS_S_FAILURE may be the server's RADIUS. */
    { false, GSS_S_FAILURE, ENOENT, GS2_REFUSED },
    { false, GSS_S_FAILURE, KRB5KRB_AP_ERR_REPEAT, GS2_REFUSED },
    { false, GSS_S_UNAUTHORIZED, 0, GS2_REFUSED },
    { false, GSS_S_DEFECTIVE_TOKEN, 0, GS2_BADAUTH },
    { false, GSS_S_NO_CRED, 0, GS2_FAIL },
};

START_TEST(whose_fault)
{
    const struct gs2_mech mech = { .is_krb5 = rows[_i].is_krb5 };

    ck_assert_int_eq(gs2_gss_fault(&mech, rows[_i].major,
                                   (OM_uint32)rows[_i].minor),
                     rows[_i].status);
}
END_TEST

/* What a filter of the log may count. */
START_TEST(who_is_blamed)
{
    static const bool blames[] = {
        [GS2_OK] = false, [GS2_BADPROT] = true, [GS2_BADBINDING] = true,
        [GS2_NOBINDING] = false, [GS2_BADAUTH] = true,
        [GS2_REFUSED] = false, [GS2_NOAUTHZ] = false, [GS2_NOCRED] = false,
        [GS2_BADCONFIG] = false, [GS2_NOMEM] = false, [GS2_FAIL] = false,
    };

    ck_assert_int_eq(gs2_status_blames_peer((gs2_status)_i), blames[_i]);
}
END_TEST

SUITE("gss_fault",
      TABLE(whose_fault, rows),
      TIMES(who_is_blamed, GS2_FAIL + 1))
