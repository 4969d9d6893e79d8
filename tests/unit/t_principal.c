/*
 * t_principal.c - where the realm of a Kerberos principal begins and where its
 * service ends, as krb5 writes names (RFC 1964 section 2.1.1: quoting).
 */
#include "common/gss/gss_name.h"
#include "common/peer/identity.h"
#include "tests/lib/suite.h"

static const struct {
    const char *principal, *realm;
} realms[] = {
    { "alice@A.TEST", "A.TEST" }, { "imap/host@A.TEST", "A.TEST" },
    { "alice", NULL }, { "", NULL }, { "alice@", "" }, { "@A.TEST", "A.TEST" },
    { "a\\@b@A.TEST", "A.TEST" }, { "a\\@b", NULL },
    { "a\\\\@A.TEST", "A.TEST" }, { "alice\\", NULL },
    { "alice@B.TEST@A.TEST", "A.TEST" },
};

START_TEST(rfc1964_2_1_1_quoting)
{
    const char *realm = gs2_gss_name_realm(realms[_i].principal);

    ck_assert_pstr_eq(realm, realms[_i].realm);
}
END_TEST

static const struct {
    const char *principal, *service;
} services[] = {
    { "imap/host@A.TEST", "imap" }, { "imap/host", "imap" },
    { "imap/host/x@A.TEST", "imap" }, { "imap/@A.TEST", "imap" },
    { "alice@A.TEST", "" }, { "alice@A/B.TEST", "" }, { "alice", "" },
    { "", "" }, { "/host@A.TEST", "" }, { "imap\\/host@A.TEST", "" },
    { "imap\\/x/host@A.TEST", "imap\\/x" }, { "imap\\", "" },
    { "imap\\\\/host@A.TEST", "imap\\\\" },
    { "imap\\@A/host@A.TEST", "imap\\@A" },
};

START_TEST(rfc1964_2_1_1_quoting_in_a_service)
{
    const char *principal = services[_i].principal;
    const size_t len = gs2_identity_service_len(principal);

    ck_assert_uint_eq(len, strlen(services[_i].service));
    ck_assert_int_eq(memcmp(principal, services[_i].service, len), 0);
}
END_TEST

SUITE("principal",
      TABLE(rfc1964_2_1_1_quoting, realms),
      TABLE(rfc1964_2_1_1_quoting_in_a_service, services))
