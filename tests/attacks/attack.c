/*
 * attack.c - the libsasl server and client that the attack tests play with
 * (see attack.h).
 */
#include "attack.h"

#include <dlfcn.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALLBACK(p) ((int (*)(void))(void (*)(void))(p))

struct attack attack;

static sasl_channel_binding_t server_binding, client_binding;

/* sasldb_path: no file of the system's, whoever it has as a user, and whatever
 * made it. */
static char sasldb[PATH_MAX];

/* --- callbacks --------------------------------------------------------- */

/* The plugin's call comes here first: what a program exports goes before what
 * is in a library. */
__attribute__((visibility("default"))) OM_uint32 KRB5_CALLCONV
gss_accept_sec_context(OM_uint32 *minor, gss_ctx_id_t *context,
                       gss_cred_id_t cred, gss_buffer_t token,
                       gss_channel_bindings_t bindings, gss_name_t *peer,
                       gss_OID *mech, gss_buffer_t out, OM_uint32 *flags,
                       OM_uint32 *seconds, gss_cred_id_t *delegated)
{
    static OM_uint32 (*real)(OM_uint32 *, gss_ctx_id_t *, gss_cred_id_t,
                             gss_buffer_t, gss_channel_bindings_t,
                             gss_name_t *, gss_OID *, gss_buffer_t,
                             OM_uint32 *, OM_uint32 *, gss_cred_id_t *);

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "gss_accept_sec_context");
    attack.accepts++;
    return real(minor, context, cred, token, bindings, peer, mech, out, flags,
                seconds, delegated);
}

static int
keep_log(void *context, int level, const char *line)
{
    const size_t used = strlen(attack.log);

    (void)context;
    if (level <= SASL_LOG_FAIL && level != SASL_LOG_NONE)
        snprintf(attack.log + used, sizeof(attack.log) - used, "%s\n", line);
    return SASL_OK;
}

static int
ignore_log(void *context, int level, const char *line)
{
    (void)context;
    (void)level;
    (void)line;
    return SASL_OK;
}

static int
get_option(void *context, const char *plugin, const char *key,
           const char **value_out, unsigned *len_out)
{
    const char *value = strcmp(key, "sasldb_path") == 0 ? sasldb : NULL;

    (void)context;
    (void)plugin;
    for (size_t i = 0; value == NULL && i < ATTACK_OPTIONS_MAX; i++) {
        if (attack.options[i][0] != NULL &&
            strcmp(attack.options[i][0], key) == 0)
            value = attack.options[i][1];
    }
    if (value == NULL)
        return SASL_FAIL;
    *value_out = value;
    if (len_out != NULL)
        *len_out = (unsigned)strlen(value);
    return SASL_OK;
}

static int
proxy_policy(sasl_conn_t *conn, void *context, const char *authzid,
             unsigned authzid_len, const char *authid, unsigned authid_len,
             const char *realm, unsigned realm_len, struct propctx *props)
{
    (void)context;
    (void)realm;
    (void)realm_len;
    (void)props;
    attack.policies++;
    snprintf(attack.policy_authzid, sizeof(attack.policy_authzid), "%.*s",
             (int)authzid_len, authzid);
    snprintf(attack.policy_authid, sizeof(attack.policy_authid), "%.*s",
             (int)authid_len, authid);
    if (!attack.deny ||
        strcmp(attack.policy_authzid, attack.policy_authid) == 0)
        return SASL_OK;
    sasl_seterror(conn, 0, "the proxy policy says no");
    return SASL_NOAUTHZ;
}

static int
canon_user(sasl_conn_t *conn, void *context, const char *in, unsigned in_len,
           unsigned flags, const char *realm, char *out, unsigned out_max,
           unsigned *out_len)
{
    (void)conn;
    (void)context;
    (void)realm;
    attack.canons++;
    if (((unsigned)attack.deny_canon & flags) != 0)
        return SASL_BADPROT;
    if (in_len >= out_max)
        return SASL_BUFOVER;
    memmove(out, in, in_len);  /* libsasl may give one buffer as both */
    out[in_len] = '\0';
    *out_len = in_len;
    return SASL_OK;
}

/* PLAIN's password. */
static int
check_password(sasl_conn_t *conn, void *context, const char *user,
               const char *password, unsigned len, struct propctx *props)
{
    (void)conn;
    (void)context;
    (void)props;
    return strcmp(user, "carol") == 0 && len == 5 &&
           memcmp(password, "right", 5) == 0 ? SASL_OK : SASL_BADAUTH;
}

static int
answer(void *context, int id, const char **result, unsigned *len)
{
    (void)context;
    *result = id == SASL_CB_USER ? attack.authzid : attack.authname;
    if (*result == NULL)
        *result = "";
    if (len != NULL)
        *len = (unsigned)strlen(*result);
    return SASL_OK;
}

/* --- the plugin directories -------------------------------------------- */

static void
scratch_path(char out[PATH_MAX], const char *folder, const char *name)
{
    const char *top = getenv("GS2_REALM_DIR");

    if (top == NULL) {
        puts("Bail out! run within a realm: realm.py run -- PROGRAM");
        exit(1);
    }
    snprintf(out, PATH_MAX, "%s/%s%s%s", top, folder, *name ? "/" : "", name);
}

static void
put_link(const char *target, const char *folder, const char *name)
{
    char path[PATH_MAX];

    scratch_path(path, folder, name);
    if (symlink(target, path) == 0)
        return;
    printf("Bail out! %s: %s\n", path, strerror(errno));
    exit(1);
}

/* A module of libsasl's, where the system has it. */
static void
put_system_link(const char *folder, const char *name)
{
    char pattern[PATH_MAX];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "/usr/lib/*/sasl2/%s", name);
    if (glob(pattern, 0, NULL, &found) != 0) {
        printf("Bail out! %s is not installed\n", name);
        exit(1);
    }
    put_link(found.gl_pathv[0], folder, name);
    globfree(&found);
}

bool
attack_prepare(void)
{
    static const char *const folders[] = { "sasl-all", "sasl-alone",
                                           "sasl-without", "sasl-layers" };
    const char *plugin = getenv("GS2_PLUGIN");
    char path[PATH_MAX];

    if (plugin == NULL) {
        fputs("GS2_PLUGIN does not name the plugin under test\n", stderr);
        return false;
    }
    for (size_t i = 0; i < COUNT(folders); i++) {
        scratch_path(path, folders[i], "");
        mkdir(path, 0700);
        put_system_link(folders[i], "libplain.so");
    }
    put_link(plugin, folders[0], "libgs2.so");
    put_link(plugin, folders[1], "libgs2.so");
    put_system_link(folders[0], "libsasldb.so");
    put_system_link(folders[2], "libsasldb.so");
    put_link(plugin, folders[3], "libgs2.so");
    put_system_link(folders[3], "libgssapiv2.so");
    put_system_link(folders[3], "libsasldb.so");
    scratch_path(path, "no-configuration", "");
    mkdir(path, 0700);
    setenv("SASL_CONF_PATH", path, 1);
    setenv("SASL_CONFDIR", path, 1); /* since 2.2 */
    scratch_path(sasldb, "no-configuration", "sasldb2");
    /* What is read after it was freed shall not look as it did. */
    mallopt(M_PERTURB, 0xa5);
    return true;
}

void
attack_setup(void)
{
    memset(&attack, 0, sizeof(attack));
    memset(&server_binding, 0, sizeof(server_binding));
    memset(&client_binding, 0, sizeof(client_binding));
}

void
attack_end(void)
{
    sasl_dispose(&attack.client);
    sasl_dispose(&attack.server);
    sasl_client_done();
    sasl_server_done();
}

void
attack_teardown(void)
{
    attack_end();
    ck_assert_msg(attack.faults[0] == '\0', "%s", attack.faults);
}

/* --- server and client ------------------------------------------------- */

static void
must_be_ok(int code, const char *what)
{
    ck_assert_msg(code == SASL_OK, "%s: %s", what, attack_code_name(code));
}

static void
set_up(sasl_conn_t *conn, const char *name, const char *data, bool critical,
       sasl_channel_binding_t *binding)
{
    sasl_security_properties_t security = { .max_ssf = 256,
                                            .maxbufsize = 65536 };

    must_be_ok(sasl_setprop(conn, SASL_SEC_PROPS, &security),
               "security properties");
    if (name == NULL)
        return;
    binding->name = name;
    binding->critical = critical;
    binding->data = (const unsigned char *)(data != NULL ? data : "");
    binding->len = data != NULL ? strlen(data) : 0;
    must_be_ok(sasl_setprop(conn, SASL_CHANNEL_BINDING, binding), "binding");
}

static void
choose_plugins(void)
{
    char path[PATH_MAX];

    scratch_path(path, attack.without ? "sasl-without"
                       : attack.layers ? "sasl-layers"
                       : attack.alone ? "sasl-alone" : "sasl-all", "");
    setenv("SASL_PATH", path, 1);
    setenv("SASL_PLUGINDIR", path, 1); /* since 2.2 */
}

void
attack_server(void)
{
    static const sasl_callback_t callbacks[] = {
        { SASL_CB_LOG, CALLBACK(keep_log), NULL },
        { SASL_CB_GETOPT, CALLBACK(get_option), NULL },
        { SASL_CB_PROXY_POLICY, CALLBACK(proxy_policy), NULL },
        { SASL_CB_CANON_USER, CALLBACK(canon_user), NULL },
        { SASL_CB_SERVER_USERDB_CHECKPASS, CALLBACK(check_password), NULL },
        { SASL_CB_LIST_END, NULL, NULL }
    };

    choose_plugins();
    must_be_ok(sasl_server_init(callbacks, "attack"), "sasl_server_init");
    must_be_ok(sasl_server_new("imap", "localhost", NULL, NULL, NULL,
                               callbacks, attack.flags, &attack.server),
               "sasl_server_new");
    set_up(attack.server, attack.binding, attack.binding_data, attack.critical,
           &server_binding);
}

void
attack_client(void)
{
    static const sasl_callback_t globals[] = {
        { SASL_CB_LOG, CALLBACK(ignore_log), NULL },
        { SASL_CB_GETOPT, CALLBACK(get_option), NULL },
        { SASL_CB_LIST_END, NULL, NULL }
    };
    static sasl_callback_t callbacks[3];
    size_t count = 0;

    callbacks[count++] = (sasl_callback_t){
        SASL_CB_USER, attack.interact ? NULL : CALLBACK(answer), NULL };
    if (attack.authname != NULL)
        callbacks[count++] = (sasl_callback_t){
            SASL_CB_AUTHNAME, CALLBACK(answer), NULL };
    callbacks[count] = (sasl_callback_t){ SASL_CB_LIST_END, NULL, NULL };
    choose_plugins();
    must_be_ok(sasl_client_init(globals), "sasl_client_init");
    must_be_ok(sasl_client_new("imap", "localhost", NULL, NULL, callbacks,
                               attack.flags, &attack.client),
               "sasl_client_new");
    set_up(attack.client, attack.client_binding, NULL, false, &client_binding);
}
