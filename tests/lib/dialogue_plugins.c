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

#define NAME_MAX_OCTETS 64
#define NAMES 4

static char directory[] = "/tmp/gs2-dialogue-XXXXXX";
static char names[NAMES][NAME_MAX_OCTETS]; /* of the files there */
static pid_t owner;

static void
remove_directory(void)
{
    char path[sizeof(directory) + NAME_MAX_OCTETS + 1];

    if (getpid() != owner) /* a test's process, which inherited this */
        return;
    for (size_t i = 0; i < NAMES && names[i][0] != '\0'; i++) {
        snprintf(path, sizeof(path), "%s/%.*s", directory,
                 NAME_MAX_OCTETS - 1, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(directory);
}

bool
gs2_dialogue_plugin_too(const char *path)
{
    char real[PATH_MAX], link[sizeof(directory) + NAME_MAX_OCTETS + 1];
    const char *slash = strrchr(path, '/');
    size_t i = 0;

    while (i < NAMES && names[i][0] != '\0')
        i++;
    if (i == NAMES ||
        snprintf(names[i], NAME_MAX_OCTETS, "%s",
                 slash != NULL ? slash + 1 : path) >= NAME_MAX_OCTETS)
        return false;
    snprintf(link, sizeof(link), "%s/%.*s", directory, NAME_MAX_OCTETS - 1,
             names[i]);
    if (realpath(path, real) != NULL && symlink(real, link) == 0)
        return true;
    perror(path);
    return false;
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
    if (access(path, R_OK) == 0)
        (void)gs2_dialogue_plugin_too(path);
}

bool
gs2_dialogue_plugins(const char *plugin)
{
    const char *build = getenv("GS2_BUILDDIR");
    static char path[PATH_MAX];

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
    if (!gs2_dialogue_plugin_too(plugin))
        return false;
    link_plain();
    /* The machine's own keytab is no business of a test's. */
    snprintf(path, sizeof(path), "FILE:%s/no-keytab", directory);
    return setenv("KRB5_KTNAME", path, 0) == 0 &&
           setenv("KRB5_CONFIG", "/dev/null", 0) == 0 &&
           setenv("SASL_PATH", directory, 1) == 0 &&
           setenv("SASL_PLUGINDIR", directory, 1) == 0; /* since 2.2 */
}
