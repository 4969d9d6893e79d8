/*
 * t_ccname.c - the option gs2_ccache_store: which patterns there are, and that
 * no user's name leads out of the pattern's directory, or to another user's
 * file.
 */
#include <stdio.h>

#include "common/rules/ccache_name.h"
#include "tests/lib/octets.h"
#include "tests/lib/suite.h"

static struct gs2_error err;

/* The name of user's file by pattern, both in their exact size; freed with
 * free(). */
static char *
path_of(const char *pattern, const char *user)
{
    char *pattern_copy = exact_copy(pattern, strlen(pattern) + 1);
    char *user_copy = exact_copy(user, strlen(user) + 1);
    char *path = NULL;

    ck_assert_int_eq(gs2_ccache_name_check(pattern_copy, &err), GS2_OK);
    ck_assert_int_eq(gs2_ccache_name_path(pattern_copy, user_copy, &path,
                                          &err), GS2_OK);
    free(pattern_copy);
    free(user_copy);
    return path;
}

static const struct {
    const char *pattern, *user, *path;
} names[] = {
    { "/c/%u", "alice", "/c/alice" },
    { "FILE:/c/%u", "alice", "/c/alice" },
    { "FILE:/c/krb5cc_%u.cc", "alice", "/c/krb5cc_alice.cc" },
    { "/%u", "a", "/a" },
    { "/a b:c/%u", "a", "/a b:c/a" },
    { "/c/../d/%u", "a", "/c/../d/a" }, /* the administrator's own words */
    { "/c/%u", "Alice.B-c_9@EXAMPLE.TEST", "/c/Alice.B-c_9@EXAMPLE.TEST" },
    { "/c/%u", "../etc/passwd", "/c/%2e.%2fetc%2fpasswd" },
    { "/c/%u", "a/../b", "/c/a%2f..%2fb" },
    { "/c/%u", "/etc/passwd", "/c/%2fetc%2fpasswd" },
    { "/c/%u", ".", "/c/%2e" },
    { "/c/%u", "..", "/c/%2e." },
    { "/c/%u", ".hidden", "/c/%2ehidden" },
    { "/c/x%u", ".hidden", "/c/x%2ehidden" },
    { "/c/%u", "a.", "/c/a." },
    { "/c/%u", "%u", "/c/%25u" },
    { "/c/%u", "%2e", "/c/%252e" },
    { "/c/%u", "a~b", "/c/a%7eb" },
    { "/c/%u", "a\r\nb\x7f\x01", "/c/a%0d%0ab%7f%01" },
    { "/c/%u", "gr\xc3\xbcn", "/c/gr%c3%bcn" },
    { "/c/%u", "uid=a,cn=gs2,cn=auth", "/c/uid%3da%2ccn%3dgs2%2ccn%3dauth" },
    { "/c/%u", "imap/localhost", "/c/imap%2flocalhost" },
};

START_TEST(name)
{
    char *path = path_of(names[_i].pattern, names[_i].user);

    ck_assert_str_eq(path, names[_i].path);
    free(path);
}
END_TEST

/* Every octet, first and second: what is in the name is harmless, and two
 * users have two names. */
START_TEST(every_octet)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789._@-";
    char user[3] = { (char)_i, 0, 0 };
    char *path, *first = path_of("/c/%u", user);
    int value;

    for (int second = 1; second < 256; second++) {
        user[1] = (char)second;
        path = path_of("/c/%u", user);
        ck_assert_int_eq(strncmp(path, first, strlen(first)), 0);
        ck_assert_uint_eq(strspn(path + 3, plain) + 3,
                          strchr(path, '%') != NULL
                          ? (size_t)(strchr(path, '%') - path) : strlen(path));
        ck_assert_int_ne(path[3], '.');
        ck_assert_ptr_eq(strrchr(path, '/'), path + 2);
        if (strchr(plain, second) != NULL) {
            ck_assert_int_eq(path[strlen(first)], (char)second);
            ck_assert_uint_eq(strlen(path), strlen(first) + 1);
        } else {
            ck_assert_int_eq(sscanf(path + strlen(first), "%%%2x", &value), 1);
            ck_assert_int_eq(value, second);
            ck_assert_uint_eq(strlen(path), strlen(first) + 3);
        }
        free(path);
    }
    free(first);
}
END_TEST

START_TEST(long_user)
{
    char user[1001];
    char *path;

    memset(user, '/', sizeof(user) - 1);
    user[sizeof(user) - 1] = '\0';
    path = path_of("FILE:/c/x%uy", user);
    ck_assert_uint_eq(strlen(path), strlen("/c/x") + 3000 + 1);
    ck_assert_str_eq(path + strlen(path) - 4, "%2fy");
    free(path);
}
END_TEST

static const struct {
    const char *pattern, *why;
} bad[] = {
    { "", "\"\" is not FILE: and an absolute path" },
    { "krb5cc_%u", "\"krb5cc_%u\" is not FILE: and an absolute path" },
    { "FILE:krb5cc_%u", "is not FILE: and an absolute path" },
    { "FILE:", "is not FILE: and an absolute path" },
    { "file:/c/%u", "is not FILE: and an absolute path" },
    { "DIR:/c/%u", "\"DIR:/c/%u\" is not FILE: and an absolute path" },
    { "KEYRING:persistent:%u", "is not FILE: and an absolute path" },
    { "KCM:%u", "is not FILE: and an absolute path" },
    { "MEMORY:%u", "is not FILE: and an absolute path" },
    { "/c/krb5cc", "there is no %u in it" },
    { "/c/%u/krb5cc", "the name of the file, not of a directory" },
    { "/c/%u/", "the name of the file, not of a directory" },
    { "/c/%u%u", "%u stands in it once, and no other %" },
    { "/c/%u%", "%u stands in it once, and no other %" },
    { "/c/%", "%u stands in it once, and no other %" },
    { "/c/%U", "%u stands in it once, and no other %" },
    { "/c/%%u", "%u stands in it once, and no other %" },
    { "/c/%{uid}/%u", "%u stands in it once, and no other %" },
};

START_TEST(no_pattern)
{
    char *copy = exact_copy(bad[_i].pattern, strlen(bad[_i].pattern) + 1);

    ck_assert_int_eq(gs2_ccache_name_check(copy, &err), GS2_BADCONFIG);
    ck_assert_msg(strstr(err.text, bad[_i].why) != NULL, "%s: %s", copy,
                  err.text);
    free(copy);
}
END_TEST

SUITE("ccname",
      TABLE(name, names),
      RANGE(every_octet, 1, 256),
      TEST(long_user),
      TABLE(no_pattern, bad))
