/*
 * dialogue_plugins.c - the directory in which libsasl finds the plugin under
 * test and nothing but what belongs to the test (see dialogue.h).
 */
#include "dialogue.h"
#include "hostname.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/gs2-dialogue-XXXXXX";
static char plugin_name[64]; /* of the plugin's file, there as well */
static pid_t owner;

static void
remove_directory(void)
{
    char path[sizeof(directory) + sizeof(plugin_name) + 1];

    if (getpid() != owner) /* a test's process, which inherited this */
        return;
    snprintf(path, sizeof(path), "%s/%s", directory, plugin_name);
    (void)unlink(path);
    snprintf(path, sizeof(path), "%s/libplain.so", directory);
    (void)unlink(path);
    (void)rmdir(directory);
}

static bool
link_plugin(const char *path, const char *name)
{
    char real[PATH_MAX], link[sizeof(directory) + sizeof(plugin_name) + 1];

    snprintf(link, sizeof(link), "%s/%s", directory, name);
    return realpath(path, real) != NULL && symlink(real, link) == 0;
}

/* libsasl's own plugins are in the directory "sasl2" beside it. */
static void
link_plain(void)
{
    char path[PATH_MAX];
    Dl_info info;
    const char *slash;

    if (dladdr((void *)(size_t)sasl_client_init, &info) == 0)
        return;
    slash = strrchr(info.dli_fname, '/');
    if (slash == NULL)
        return;
    snprintf(path, sizeof(path), "%.*s/sasl2/libplain.so",
             (int)(slash - info.dli_fname), info.dli_fname);
    (void)link_plugin(path, "libplain.so");
}

bool
gs2_dialogue_plugins(const char *plugin)
{
    const char *build = getenv("GS2_BUILDDIR");
    static char path[PATH_MAX];
    const char *name;

    gs2_hostname_link();
    if (plugin == NULL)
        plugin = getenv("GS2_PLUGIN");
    if (plugin == NULL) {
        snprintf(path, sizeof(path), "%s/plugin/.libs/libgs2.so",
                 build != NULL ? build : ".");
        plugin = path;
    }
    if (mkdtemp(directory) == NULL) {
        perror(directory);
        return false;
    }
    owner = getpid();
    atexit(remove_directory);
    name = strrchr(plugin, '/');
    if (snprintf(plugin_name, sizeof(plugin_name), "%s",
                 name != NULL ? name + 1 : plugin) >= (int)sizeof(plugin_name))
        return false;
    if (!link_plugin(plugin, plugin_name)) {
        perror(plugin);
        return false;
    }
    link_plain();
    /* The machine's own keytab is no business of a test's. */
    snprintf(path, sizeof(path), "FILE:%s/no-keytab", directory);
    return setenv("KRB5_KTNAME", path, 0) == 0 &&
           setenv("KRB5_CONFIG", "/dev/null", 0) == 0 &&
           setenv("SASL_PATH", directory, 1) == 0;
}
