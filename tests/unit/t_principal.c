/*
 * t_principal.c - where the realm of a Kerberos principal begins, as krb5
 * writes names (RFC 1964 section 2.1.1: quoting).
 */
#include "common/gss/default_realm.h"
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
    const char *realm = gs2_realm_of(cases[_i].principal);

    ck_assert_pstr_eq(realm, cases[_i].realm);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("principal");
    TCase *tcase = tcase_create("principal");

    tcase_add_loop_test(tcase, rfc1964_2_1_1_quoting, 0,
                        (int)(sizeof(cases) / sizeof(cases[0])));
    suite_add_tcase(suite, tcase);
    return gs2_suite_run(suite);
}
