/*
 * t_decoder.c - loading the decoder of PACs (common/text/module.c): when,
 * what is refused and with which words, and that what names a decoder's
 * attributes lets nobody in without one.
 */
#include "tests/lib/publish_login.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/suite.h"

static char dir[64], path[128];

static void
option(const char *name, const char *value)
{
    gs2_dialogue_set(d.server_options, name, value);
}

/* A file that the build made, in a directory that is ours alone. */
static void
copy(const char *built)
{
    const char *build = getenv("GS2_BUILDDIR");
    char from[4096], room[4096];
    FILE *in, *out;
    size_t len;

    snprintf(from, sizeof(from), "%s/%s", build != NULL ? build : ".", built);
    in = fopen(from, "rb");
    ck_assert_msg(in != NULL, "no %s", from);
    out = fopen(path, "wb");
    ck_assert(out != NULL);
    while ((len = fread(room, 1, sizeof(room), in)) > 0)
        ck_assert_uint_eq(fwrite(room, 1, len, out), len);
    fclose(in);
    fclose(out);
    ck_assert_int_eq(chmod(path, 0755), 0);
}

static void
set_up_dir(void)
{
    set_up();
    strcpy(dir, "/tmp/gs2-decoder.XXXXXX");
    ck_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof(path), "%s/decoder.so", dir);
    option("gs2_pac_decoder", path);
}

static int
remove_one(const char *name, const struct stat *st, int type,
           struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(name);
}

static void
tear_down_dir(void)
{
    tear_down();
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Nobody gets in, and the log says so, once, in one line. */
static void
is_refused(const char *why)
{
    char line[1024];

    gs2_dialogue_open(&d);
    ck_assert_int_ne(attempt(), SASL_OK);
    ck_assert_str_eq(gs2_dialogue_listed(d.server), "PLAIN");
    snprintf(line, sizeof(line),
             "1 GS2: option %s; no GS2 mechanism is offered\n", why);
    ck_assert_msg(strstr(d.server_log, line) != NULL, "no %s in\n%s", line,
                  d.server_log);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "GS2: option"), 1);
}

static void
is_refused_with_path(const char *before, const char *after)
{
    char why[512];

    snprintf(why, sizeof(why), "gs2_pac_decoder: %s%s%s", before, path,
             after);
    is_refused(why);
}

static void
write_file(const char *text)
{
    FILE *out = fopen(path, "w");

    ck_assert(out != NULL);
    fputs(text, out);
    fclose(out);
    ck_assert_int_eq(chmod(path, 0644), 0);
}

/* --- what is no decoder ------------------------------------------------- */

START_TEST(relative_path)
{
    option("gs2_pac_decoder", "pac/.libs/libgs2-pac.so");
    is_refused("gs2_pac_decoder: pac/.libs/libgs2-pac.so is not an absolute "
               "path");
}
END_TEST

START_TEST(no_file)
{
    is_refused_with_path("", ": No such file or directory");
}
END_TEST

START_TEST(a_directory)
{
    ck_assert_int_eq(mkdir(path, 0755), 0);
    is_refused_with_path("", " is not a file");
}
END_TEST

START_TEST(no_shared_object)
{
    write_file("gs2_pac_decoder");
    is_refused_with_path("cannot be loaded: ", ": file too short");
}
END_TEST

START_TEST(another_module)
{
    copy("tests/mech/.libs/scriptmech.so");
    is_refused_with_path("", " is no PAC decoder: it has no symbol "
                             "gs2_pac_decoder");
}
END_TEST

START_TEST(another_interface)
{
    copy("tests/modules/.libs/pac-old.so");
    is_refused_with_path("", " is a PAC decoder of version 42 of the "
                             "interface, and this plugin has version 1");
}
END_TEST

/* --- whose it is -------------------------------------------------------- */

#define CAN_CHANGE "others than root and this server's user can change "

static void
make_writable(const char *name, mode_t mode)
{
    ck_assert_int_eq(chmod(name, mode), 0);
}

START_TEST(others_can_write_it)
{
    /* The sticky bit of a file means nothing. */
    static const mode_t modes[] = { 0775, 0757, 01757 };

    copy("tests/modules/.libs/pac-old.so");
    make_writable(path, modes[_i]);
    is_refused_with_path(CAN_CHANGE, "");
}
END_TEST

START_TEST(others_can_write_its_directory)
{
    char why[256];

    copy("tests/modules/.libs/pac-old.so");
    make_writable(dir, _i == 0 ? 0770 : 0707);
    snprintf(why, sizeof(why), "gs2_pac_decoder: " CAN_CHANGE "%s", dir);
    is_refused(why);
}
END_TEST

/* With the sticky bit they cannot replace what is not theirs (/tmp). */
START_TEST(a_sticky_directory)
{
    copy("tests/modules/.libs/pac-old.so");
    make_writable(dir, 01777);
    is_refused_with_path("", " is a PAC decoder of version 42 of the "
                             "interface, and this plugin has version 1");
}
END_TEST

/* What counts is the file, not the link. */
START_TEST(a_link_to_what_others_can_write)
{
    char link[160], why[512];

    copy("tests/modules/.libs/pac-old.so");
    make_writable(path, 0666);
    snprintf(link, sizeof(link), "%s/link.so", dir);
    ck_assert_int_eq(symlink(path, link), 0);
    option("gs2_pac_decoder", link);
    snprintf(why, sizeof(why), "gs2_pac_decoder: " CAN_CHANGE "%s", path);
    is_refused(why);
}
END_TEST

START_TEST(somebody_elses)
{
    copy("tests/modules/.libs/pac-old.so");
    ck_assert_int_eq(chown(path, 65534, 65534), 0);
    is_refused_with_path(CAN_CHANGE, "");
}
END_TEST

/* --- without one -------------------------------------------------------- */

#define NEEDS(name) name " needs a PAC decoder, and gs2_pac_decoder is not set"

static const struct {
    const char *option, *value, *why;
} wants[] = {
    { "gs2_require", "gs2:ad-groups=S-1-5-32-544",
      "gs2_require: " NEEDS("gs2:ad-groups") },
    { "gs2_require", "gs2:mech=* or (gs2:ad-upn=a@b or gs2:ad-groups=*)",
      "gs2_require: " NEEDS("gs2:ad-upn") },
    { "gs2_proxy_require", "gs2:ad-user-sid=*",
      "gs2_proxy_require: " NEEDS("gs2:ad-user-sid") },
    { "gs2_attributes", "a=b groups=gs2:ad-groups",
      "gs2_attributes: " NEEDS("gs2:ad-groups") },
    { "gs2_authid", "attribute gs2:ad-upn",
      "gs2_authid: " NEEDS("gs2:ad-upn") },
};

START_TEST(without_one)
{
    option("gs2_pac_decoder", NULL);
    option(wants[_i].option, wants[_i].value);
    is_refused(wants[_i].why);
}
END_TEST

/* An application may ask; it gets nothing, and the log says why. */
START_TEST(asked_without_one)
{
    option("gs2_pac_decoder", NULL);
    ask("*gss-ad-groups");
    log_in();
    ck_assert_str_eq(values("*gss-ad-groups"), "");
    ck_assert(strstr(d.server_log, "attribute \"gs2:ad-groups\" is not used: "
                                   "no PAC decoder is loaded") != NULL);
}
END_TEST

START_TEST(not_before_it)
{
    option("gs2_pac_decoder", NULL);
    option("gs2_require", "not gs2:ad-groups=S-1-5-32-544");
    is_refused("gs2_require: line 1, column 5: \"not\" before the attribute "
               "gs2:ad-groups: whoever logs in decides which attributes to "
               "lack, so absence must not satisfy a rule; \"not\" is for "
               "facts of the login alone");
}
END_TEST

#ifdef HAVE_PAC

#define BUILT "pac/.libs/libgs2-pac.so"

/* --- when --------------------------------------------------------------- */

/* Loaded with the plugin: the file is not needed any more (a server may have
 * changed its root). */
START_TEST(gone_after_init)
{
    copy(BUILT);
    option("gs2_require", "gs2:mech=* or gs2:ad-groups=*");
    gs2_dialogue_begin(&d);
    ck_assert_int_eq(remove(path), 0);
    gs2_dialogue_connect(&d);
    ck_assert_msg(attempt() == SASL_OK, "%s", d.server_log);
}
END_TEST

START_TEST(there_after_init)
{
    gs2_dialogue_begin(&d);
    copy(BUILT);
    gs2_dialogue_connect(&d);
    ck_assert_int_ne(attempt(), SASL_OK);
    ck_assert(strstr(d.server_log, "decoder.so: No such file or directory; "
                                   "no GS2 mechanism is offered") != NULL);
}
END_TEST

#define TOO_LATE                                                              \
    "gs2_pac_decoder: it was not set so when the plugin was loaded, and a "   \
    "module is loaded then and never later"

START_TEST(set_after_init)
{
    copy(BUILT);
    option("gs2_pac_decoder", _i == 0 ? NULL : "/nowhere/decoder.so");
    gs2_dialogue_begin(&d);
    option("gs2_pac_decoder", path);
    gs2_dialogue_connect(&d);
    ck_assert_int_ne(attempt(), SASL_OK);
    ck_assert(strstr(d.server_log, "1 GS2: option " TOO_LATE) != NULL);
}
END_TEST

/* A configuration that does not name it does not have it. */
START_TEST(unset_after_init)
{
    copy(BUILT);
    gs2_dialogue_begin(&d);
    option("gs2_pac_decoder", NULL);
    option("gs2_require", "gs2:ad-groups=*");
    gs2_dialogue_connect(&d);
    ck_assert_int_ne(attempt(), SASL_OK);
    ck_assert(strstr(d.server_log, NEEDS("gs2:ad-groups")) != NULL);
}
END_TEST

START_TEST(loaded_again_and_again)
{
    copy(BUILT);
    option("gs2_require", "gs2:mech=* or gs2:ad-groups=*");
    for (int i = 0; i < 3; i++) {
        gs2_dialogue_open(&d);
        ck_assert_msg(attempt() == SASL_OK, "%s", d.server_log);
        gs2_dialogue_close(&d);
    }
}
END_TEST

static gs2_tests with_a_decoder;
TESTS(with_a_decoder,
      TEST(gone_after_init),
      TEST(there_after_init),
      TIMES(set_after_init, 2),
      TEST(unset_after_init),
      TEST(loaded_again_and_again))

#else

START_TEST(with_one)
{
}
END_TEST

static gs2_tests with_a_decoder;
TESTS(with_a_decoder,
      SOMETIMES(with_one, 1, false,
                "without samba-dev there is no decoder to load"))

#endif

SUITE("decoder",
      PREPARE(scripted_one),
      FIXTURE(set_up_dir, tear_down_dir),
      TIMEOUT(60),
      TEST(relative_path),
      TEST(no_file),
      TEST(a_directory),
      TEST(no_shared_object),
      TEST(another_module),
      TEST(another_interface),
      TIMES(others_can_write_it, 3),
      TIMES(others_can_write_its_directory, 2),
      TEST(a_sticky_directory),
      TEST(a_link_to_what_others_can_write),
      SOMETIMES(somebody_elses, 1, geteuid() == 0,
                "only root can give a file away"),
      TABLE(without_one, wants),
      TEST(asked_without_one),
      TEST(not_before_it),
      MORE(with_a_decoder))
