/*
 * t_principal.c - where the realm of a Kerberos principal begins, as krb5
 * writes names (RFC 1964 section 2.1.1: quoting).
 */
#include "common/gss/gss_name.h"
#include "tests/lib/suite.h"

static const struct {
    const char *principal, *realm;
} cases[] = {
    { "alice@A.TEST", "A.TEST" }, { "imap/host@A.TEST", "A.TEST" },
    { "alice", NULL }, { "", NULL }, { "alice@", "" }, { "@A.TEST", "A.TEST" },
    { "a\\@b@A.TEST", "A.TEST" }, { "a\\@b", NULL },
    { "a\\\\@A.TEST", "A.TEST" }, { "alice\\", NULL },
    { "alice@B.TEST@A.TEST", "A.TEST" },
};

START_TEST(rfc1964_2_1_1_quoting)
{
    const char *realm = gs2_gss_name_realm(cases[_i].principal);

    ck_assert_pstr_eq(realm, cases[_i].realm);
}
END_TEST

SUITE("principal",
      TABLE(rfc1964_2_1_1_quoting, cases))
