/*
 * t_options_file.c - a server whose getopt says SASL_OK and has no value, as
 * 389-ds's does: the options in the file that libsasl has read for it count
 * (libgs2(5), FILES).
 */
#include "t_options.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/gs2-options.XXXXXX";
static char file[PATH_MAX];

static const char count[] = "4 GS2: the application does not know the gs2_ "
                            "options: those in libsasl's configuration file "
                            "for it count\n";

/* Writes libsasl's file for "gs2-test". */
static void
configure(const char *text)
{
    FILE *out;

    t_options_prepare();
    d.silent_getopt = true;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(setenv("SASL_CONF_PATH", folder, 1), 0);
    ck_assert_int_eq(setenv("SASL_CONFDIR", folder, 1), 0); /* since 2.2 */
    snprintf(file, sizeof(file), "%s/gs2-test.conf", folder);
    out = fopen(file, "w");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    fclose(out);
    gs2_dialogue_open(&d);
}

static void
end(void)
{
    t_options_end();
    unlink(file);
    rmdir(folder);
}

START_TEST(rule_not_met)
{
    configure("gs2_require: gs2:mech=GS2-OTHER\n");
    ck_assert_int_eq(t_options_log_in(), SASL_NOAUTHZ);
    ck_assert_int_eq(t_options_log_in(), SASL_NOAUTHZ);
    t_options_has(d.server_log, "GS2: gs2_require is gs2:mech=GS2-OTHER\n");
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, count), 1);
    end();
}
END_TEST

START_TEST(rule_met)
{
    configure("gs2_require: gs2:mech=GS2-SCRIPT\n");
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, count), 1);
    ck_assert_uint_eq(gs2_dialogue_logged(d.client_log, "options"), 0);
    end();
}
END_TEST

/* The rules of roles are in the same file. */
START_TEST(roles)
{
    configure("gs2_roles: here there\n"
              "gs2_role_here: gs2:mech=GS2-SCRIPT\n"
              "gs2_role_there: gs2:mech=GS2-OTHER\n"
              "gs2_require: gs2:role=here\n");
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log,
                                          " roles=\"here\" tag=-\n"), 1);
    end();
}
END_TEST

START_TEST(broken_rule)
{
    configure("gs2_require: gs2:mech=\n");
    ck_assert(!t_options_lists(d.server, "GS2-SCRIPT"));
    t_options_has(d.server_log, "no GS2 mechanism is offered");
    end();
}
END_TEST

/* What the application does answer comes first. */
START_TEST(application_first)
{
    configure("gs2_require: gs2:mech=GS2-OTHER\n");
    t_options_server("gs2_require", "gs2:mech=GS2-SCRIPT");
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    end();
}
END_TEST

/* Where the getopt says that it has none, libsasl itself reads its file. */
START_TEST(honest_getopt)
{
    configure("gs2_require: gs2:mech=GS2-OTHER\n");
    d.silent_getopt = false;
    ck_assert_int_eq(t_options_log_in(), SASL_NOAUTHZ);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, count), 0);
    end();
}
END_TEST

TESTS(t_options_file,
      TEST(rule_not_met),
      TEST(rule_met),
      TEST(roles),
      TEST(broken_rule),
      TEST(application_first),
      TEST(honest_getopt))
