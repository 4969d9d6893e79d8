/*
 * t_options_flags.c - the security flags and features that are declared to
 * libsasl, as it has them and as saslpluginviewer prints them.
 */
#include "t_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- flags and features -------------------------------------------------- */

#define ALWAYS (SASL_SEC_NOPLAINTEXT | SASL_SEC_NOACTIVE |                    \
                SASL_SEC_MUTUAL_AUTH)

static const struct {
    const char *what;
    unsigned ma, flags;
} declared[] = {
    { "honest", 0, ALWAYS | SASL_SEC_NOANONYMOUS },
    { "AUTH_INIT_ANON", GS2_MA_AUTH_INIT_ANON, ALWAYS },
    { "PFS", GS2_MA_PFS,
      ALWAYS | SASL_SEC_NOANONYMOUS | SASL_SEC_FORWARD_SECRECY },
    { "DELEG_CRED", GS2_MA_DELEG_CRED,
      ALWAYS | SASL_SEC_NOANONYMOUS | SASL_SEC_PASS_CREDENTIALS },
};

struct found {
    unsigned seen, flags, features;
    sasl_ssf_t max_ssf;
};

static void
look_at_server(server_sasl_mechanism_t *m, sasl_info_callback_stage_t stage,
               void *rock)
{
    struct found *found = rock;

    if (stage != SASL_INFO_LIST_MECH ||
        strcmp(m->plug->mech_name, "GS2-SCRIPT") != 0)
        return;
    found->seen++;
    found->flags = m->plug->security_flags;
    found->features = m->plug->features;
    found->max_ssf = m->plug->max_ssf;
}

static void
look_at_client(client_sasl_mechanism_t *m, sasl_info_callback_stage_t stage,
               void *rock)
{
    struct found *found = rock;

    if (stage != SASL_INFO_LIST_MECH ||
        strcmp(m->plug->mech_name, "GS2-SCRIPT") != 0)
        return;
    found->seen++;
    found->flags = m->plug->security_flags;
    found->features = m->plug->features;
    found->max_ssf = m->plug->max_ssf;
}

START_TEST(flags)
{
    struct found server = { 0 }, client = { 0 };
    const unsigned both = SASL_FEAT_WANT_CLIENT_FIRST |
                          SASL_FEAT_CHANNEL_BINDING | SASL_FEAT_ALLOWS_PROXY;

    t_options_prepare();
    script.ma |= declared[_i].ma;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(sasl_server_plugin_info(NULL, look_at_server, &server),
                     SASL_OK);
    ck_assert_int_eq(sasl_client_plugin_info(NULL, look_at_client, &client),
                     SASL_OK);
    ck_assert_uint_eq(server.seen, 1);
    ck_assert_uint_eq(client.seen, 1);
    ck_assert_uint_eq(server.flags, declared[_i].flags);
    ck_assert_uint_eq(client.flags, declared[_i].flags);
    ck_assert_uint_eq(server.features, both);
    ck_assert_uint_eq(client.features, both | SASL_FEAT_NEEDSERVERFQDN);
    ck_assert_uint_eq(server.max_ssf, 0);
    ck_assert_uint_eq(client.max_ssf, 0);
    t_options_end();
}
END_TEST

/* Does saslpluginviewer say so of GS2-KRB5, in words of its own?  A plugin
 * built with sanitizers wants their library in any process. */
static bool
view(const char *keytab, const char *options, const char *features)
{
    static const char security[] = "NO_ANONYMOUS|NO_PLAINTEXT|NO_ACTIVE|"
                                   "PASS_CREDENTIALS|MUTUAL_AUTH\n";
    const char *preload = getenv("GS2_SANITIZER_PRELOAD");
    char command[1024], line[512];
    bool secure = false, featured = false;
    FILE *viewer;

    snprintf(command, sizeof(command),
             "ASAN_OPTIONS=detect_leaks=0 LD_PRELOAD='%s' GSS_MECH_CONFIG= "
             "KRB5_KTNAME='FILE:%s' saslpluginviewer %s -m GS2-KRB5 "
             "2>/dev/null", preload != NULL ? preload : "", keytab, options);
    viewer = popen(command, "r");
    ck_assert_ptr_nonnull(viewer);
    while (fgets(line, sizeof(line), viewer) != NULL) {
        secure = secure || strstr(line, security) != NULL;
        featured = featured || strstr(line, features) != NULL;
        if (strstr(line, "security flags") != NULL ||
            strstr(line, "features") != NULL)
            printf("# %s %s", options, line);
    }
    fflush(stdout);
    (void)pclose(viewer);
    return secure && featured;
}

START_TEST(as_saslpluginviewer_says)
{
    /* A keytab with a key for the service that it asks for, without which the
     * mechanism would not be listed. */
    static const char key[] =
        "\5\2" "\0\0\0\x4a" "\0\2" "\0\1R" "\0\4test"
        "\0\20test.example.com" "\0\0\0\3" "\0\0\0\0" "\1" "\0\22"
        "\0\40";
    char path[] = "/tmp/gs2-keytab-XXXXXX";
    int fd = mkstemp(path);
    bool server, client;

    ck_assert_msg(system("command -v saslpluginviewer >/dev/null") == 0,
                  "there is no saslpluginviewer (Debian: sasl2-bin)");
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, key, sizeof(key) - 1), sizeof(key) - 1);
    ck_assert_int_eq(write(fd, "0123456789abcdef0123456789abcdef", 32), 32);
    close(fd);
    server = view(path, "-s", "features: WANT_CLIENT_FIRST|"
                              "PROXY_AUTHENTICATION|CHANNEL_BINDING\n");
    client = view(path, "-c", "features: WANT_CLIENT_FIRST|"
                              "PROXY_AUTHENTICATION|NEED_SERVER_FQDN|"
                              "CHANNEL_BINDING\n");
    unlink(path);
    ck_assert(server);
    ck_assert(client);
}
END_TEST

/* The security that an application wants decides, by these flags. */
START_TEST(no_anonymous)
{
    t_options_prepare();
    script.ma |= GS2_MA_AUTH_INIT_ANON;
    d.server_security = SASL_SEC_NOANONYMOUS;
    t_options_server("gs2_mechs", "GS2-SCRIPT");
    gs2_dialogue_open(&d);
    ck_assert(!t_options_lists(d.server, "GS2-SCRIPT"));
    t_options_end();
}
END_TEST

START_TEST(need_proxy)
{
    t_options_prepare();
    d.need_proxy = d.client_need_proxy = true;
    d.authzid = GS2_GIVEN("bob");
    gs2_dialogue_open(&d);
    ck_assert(t_options_lists(d.server, "GS2-SCRIPT"));
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_str_eq(gs2_dialogue_property(d.server, SASL_USERNAME), "bob");
    t_options_end();
}
END_TEST

TESTS(t_options_flags,
      TABLE(flags, declared),
      TEST(as_saslpluginviewer_says),
      TEST(no_anonymous),
      TEST(need_proxy))
