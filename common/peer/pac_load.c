/*
 * pac_load.c - loading the decoder of PACs (see pac_load.h).
 */
#include "pac_load.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/text/safe_path.h"

struct gs2_pac_module {
    char *path;
    void *handle;
    const struct gs2_pac_decoder *calls; /* NULL: it cannot be used */
    struct gs2_error why;
};

/* Gives *real_out, freed with free(): the file that path leads to, which nobody
 * else can change. */
static gs2_status
check_path(const char *path, char **real_out, struct gs2_error *err)
{
    struct stat st;
    gs2_status status = gs2_safe_path_resolve(path, real_out, err);

    if (status == GS2_OK &&
        (stat(*real_out, &st) != 0 || !S_ISREG(st.st_mode))) {
        status = gs2_fail(err, GS2_BADCONFIG, "%s is not a file", path);
        free(*real_out);
        *real_out = NULL;
    }
    return status;
}

/*
 * Loads the file at real, which was checked: the path of the option may be a
 * link that somebody turns between the two.
 *
 * NODELETE: the libraries of a decoder keep memory of the process (Samba's do)
 * and were not made to be unloaded; with it a second init finds them as they
 * were left.
 */
static gs2_status
load(struct gs2_pac_module *module, const char *real, struct gs2_error *err)
{
    const struct gs2_pac_decoder *calls;
    const char *why;

    module->handle = dlopen(real, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (module->handle == NULL) {
        why = dlerror();
        return gs2_fail(err, GS2_BADCONFIG, "cannot be loaded: %s",
                        why != NULL ? why : module->path);
    }
    calls = dlsym(module->handle, GS2_PAC_SYMBOL);
    if (calls == NULL)
        return gs2_fail(err, GS2_BADCONFIG,
                        "%s is no PAC decoder: it has no symbol %s",
                        module->path, GS2_PAC_SYMBOL);
    if (calls->abi != GS2_PAC_ABI)
        return gs2_fail(err, GS2_BADCONFIG,
                        "%s is a PAC decoder of version %u of the interface, "
                        "and this plugin has version %u", module->path,
                        calls->abi, (unsigned)GS2_PAC_ABI);
    module->calls = calls;
    return GS2_OK;
}

gs2_status
gs2_pac_load_open(const char *path, struct gs2_pac_module **module_out)
{
    struct gs2_pac_module *module;
    char *real;

    *module_out = NULL;
    if (path == NULL)
        return GS2_OK;
    module = calloc(1, sizeof(*module));
    if (module == NULL)
        return GS2_NOMEM;
    module->path = strdup(path);
    if (module->path == NULL) {
        gs2_pac_load_close(module);
        return GS2_NOMEM;
    }
    if (check_path(path, &real, &module->why) == GS2_OK)
        (void)load(module, real, &module->why); /* the reason stays */
    free(real);
    *module_out = module;
    return GS2_OK;
}

void
gs2_pac_load_close(struct gs2_pac_module *module)
{
    if (module == NULL)
        return;
    if (module->handle != NULL)
        dlclose(module->handle);
    free(module->path);
    free(module);
}

gs2_status
gs2_pac_load_get(const struct gs2_pac_module *loaded, const char *path,
                 const struct gs2_pac_decoder **calls_out,
                 struct gs2_error *err)
{
    *calls_out = NULL;
    if (path == NULL)
        return GS2_OK;
    if (loaded == NULL || strcmp(loaded->path, path) != 0)
        return gs2_fail(err, GS2_BADCONFIG,
                        "it was not set so when the plugin was loaded, and a "
                        "decoder is loaded then and never later");
    if (loaded->calls == NULL)
        return gs2_fail(err, GS2_BADCONFIG, "%s", loaded->why.text);
    *calls_out = loaded->calls;
    return GS2_OK;
}
