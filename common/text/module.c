/*
 * module.c - loading modules of code (see module.h).
 */
#include "module.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "safe_path.h"

struct gs2_module {
    char *path;
    void *handle;
    const unsigned *table; /* its abi, and what follows; NULL: not usable */
    struct gs2_error why;
};

/* Gives *real_out, freed with free(): the file that path leads to, which
 * nobody else can change. */
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
 * NODELETE: what a module keeps is the process's (libraries of a decoder keep
 * memory, and were not made to be unloaded); with it a second init finds it as
 * it was left.
 */
static gs2_status
load(struct gs2_module *module, const struct gs2_module_kind *kind,
     const char *real, struct gs2_error *err)
{
    const unsigned *table;
    const char *why;

    module->handle = dlopen(real, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (module->handle == NULL) {
        why = dlerror();
        return gs2_fail(err, GS2_BADCONFIG, "cannot be loaded: %s",
                        why != NULL ? why : module->path);
    }
    table = dlsym(module->handle, kind->symbol);
    if (table == NULL)
        return gs2_fail(err, GS2_BADCONFIG,
                        "%s is no %s: it has no symbol %s", module->path,
                        kind->what, kind->symbol);
    if (*table != kind->abi)
        return gs2_fail(err, GS2_BADCONFIG,
                        "%s is a %s of version %u of the interface, and this "
                        "plugin has version %u", module->path, kind->what,
                        *table, kind->abi);
    module->table = table;
    return GS2_OK;
}

gs2_status
gs2_module_open(const char *path, const struct gs2_module_kind *kind,
                struct gs2_module **module_out)
{
    struct gs2_module *module;
    char *real;

    *module_out = NULL;
    if (path == NULL)
        return GS2_OK;
    module = calloc(1, sizeof(*module));
    if (module == NULL)
        return GS2_NOMEM;
    module->path = strdup(path);
    if (module->path == NULL) {
        gs2_module_close(module);
        return GS2_NOMEM;
    }
    if (check_path(path, &real, &module->why) == GS2_OK)
        (void)load(module, kind, real, &module->why); /* the reason stays */
    free(real);
    *module_out = module;
    return GS2_OK;
}

void
gs2_module_close(struct gs2_module *module)
{
    if (module == NULL)
        return;
    if (module->handle != NULL)
        dlclose(module->handle);
    free(module->path);
    free(module);
}

gs2_status
gs2_module_get(const struct gs2_module *loaded, const char *path,
               const void **table_out, struct gs2_error *err)
{
    *table_out = NULL;
    if (path == NULL)
        return GS2_OK;
    if (loaded == NULL || strcmp(loaded->path, path) != 0)
        return gs2_fail(err, GS2_BADCONFIG,
                        "it was not set so when the plugin was loaded, and a "
                        "module is loaded then and never later");
    if (loaded->table == NULL)
        return gs2_fail(err, GS2_BADCONFIG, "%s", loaded->why.text);
    *table_out = loaded->table;
    return GS2_OK;
}
