/*
 * t_unix_groups.c - the module for Unix groups (gs2_unix_groups): what is
 * refused in its place, and two logins that are alive in one process.
 */
#include "tests/lib/publish_login.h"

#include <stdlib.h>

#include "tests/lib/suite.h"

#define OPTION "gs2_unix_groups"
#define MIXED \
    "1 GS2: gs2_unix_groups: two logins are alive in this process, and none " \
    "has groups while they are: it is for servers with a process for each "   \
    "connection\n"

static char path[4096];

static void
option(const char *name, const char *value)
{
    gs2_dialogue_set(d.server_options, name, value);
}

static void
use(const char *built)
{
    const char *build = getenv("GS2_BUILDDIR");

    snprintf(path, sizeof(path), "%s/%s", build != NULL ? build : ".", built);
    option(OPTION, path);
}

/* --- nobody gets in ------------------------------------------------------ */

static const struct {
    const char *built; /* NULL: the text is the option's */
    const char *text, *why;
} bad[] = {
    { NULL, "libnss_gs2.so.2",
      "libnss_gs2.so.2 is not an absolute path" },
    { NULL, "/nowhere/libnss_gs2.so.2",
      "/nowhere/libnss_gs2.so.2: No such file or directory" },
    { NULL, "/usr/lib", "/usr/lib is not a file" },
    { "tests/mech/.libs/scriptmech.so", NULL,
      "is no module for Unix groups: it has no symbol gs2_nss_module" },
    { "tests/modules/.libs/nss-old.so", NULL,
      "is a module for Unix groups of version 42 of the interface, and this "
      "plugin has version 1" },
};

START_TEST(no_module)
{
    if (bad[_i].built != NULL)
        use(bad[_i].built);
    else
        option(OPTION, bad[_i].text);
    gs2_dialogue_open(&d);
    ck_assert_int_ne(attempt(), SASL_OK);
    ck_assert_str_eq(gs2_dialogue_listed(d.server), "PLAIN");
    ck_assert_msg(strstr(d.server_log, "1 GS2: option " OPTION ": ") != NULL &&
                  strstr(d.server_log, bad[_i].why) != NULL &&
                  strstr(d.server_log, "; no GS2 mechanism is offered\n")
                  != NULL, "%s", d.server_log);
}
END_TEST

START_TEST(set_after_init)
{
    gs2_dialogue_begin(&d);
    use("nss/.libs/libnss_gs2.so.2");
    gs2_dialogue_connect(&d);
    ck_assert_int_ne(attempt(), SASL_OK);
    ck_assert(strstr(d.server_log, "1 GS2: option " OPTION ": it was not set "
                                   "so when the plugin was loaded, and a "
                                   "module is loaded then and never later")
              != NULL);
}
END_TEST

/* --- logins -------------------------------------------------------------- */

static void
log_in_again(void)
{
    sasl_dispose(&d.client);
    d.server = NULL;
    gs2_dialogue_connect(&d);
    ck_assert_msg(attempt() == SASL_OK, "%s", d.server_log);
}

/* Said once; and one login after the other is nothing to speak of. */
START_TEST(two_alive)
{
    sasl_conn_t *first;

    use("nss/.libs/libnss_gs2.so.2");
    gs2_dialogue_open(&d);
    ck_assert_msg(attempt() == SASL_OK, "%s", d.server_log);
    gs2_dialogue_disconnect(&d);
    log_in_again();
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, OPTION ":"), 0);
    first = d.server;
    for (int i = 0; i < 3; i++) {
        log_in_again();
        ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, MIXED), 1);
        ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, OPTION ":"), 1);
        sasl_dispose(&d.server);
    }
    sasl_dispose(&first);
}
END_TEST

/* A role without a group is one line, and the login goes on. */
START_TEST(no_group)
{
    use("nss/.libs/libnss_gs2.so.2");
    option("gs2_roles", "nosuch-role");
    option("gs2_role_nosuch-role", "gs2:mech=GS2-SCRIPT");
    gs2_dialogue_open(&d);
    ck_assert_msg(attempt() == SASL_OK, "%s", d.server_log);
    ck_assert_msg(gs2_dialogue_logged(
        d.server_log, "1 GS2: gs2_unix_groups: the role nosuch-role of "
        "\"scripted@SCRIPT.TEST\" is not handed over: group gs2-nosuch-role: "
        "there is none of this name\n") == 1, "%s", d.server_log);
}
END_TEST

SUITE("unix groups",
      PREPARE(scripted_one),
      FIXTURE(set_up, tear_down),
      TIMEOUT(60),
      TABLE(no_module, bad),
      TEST(set_after_init),
      TEST(two_alive),
      TEST(no_group))
