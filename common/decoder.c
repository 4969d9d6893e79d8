/*
 * decoder.c - loading the decoder of PACs (see decoder.h).
 */
#include "decoder.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct gs2_decoder {
    char *path;
    void *handle;
    const struct gs2_pac_decoder *calls; /* NULL: it cannot be used */
    struct gs2_error why;
};

/* True where nobody but root and we can change what is there. */
static bool
is_safe(const struct stat *st)
{
    const mode_t others = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX)
                          ? 0 : S_IWGRP | S_IWOTH;

    return (st->st_uid == 0 || st->st_uid == geteuid()) &&
           (st->st_mode & others) == 0;
}

/* The file at path, which realpath() gave, and all directories above it.
 * Takes path apart. */
static gs2_status
check_each(char *path, struct gs2_error *err)
{
    struct stat st;
    char *slash;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return gs2_fail(err, GS2_BADCONFIG, "%s is not a file", path);
    do {
        if (stat(path[0] != '\0' ? path : "/", &st) != 0)
            return gs2_fail(err, GS2_BADCONFIG, "%s: %s", path,
                            strerror(errno));
        if (!is_safe(&st))
            return gs2_fail(err, GS2_BADCONFIG,
                            "others than root and this server's user can "
                            "change %s", path[0] != '\0' ? path : "/");
        slash = strrchr(path, '/');
        if (slash != NULL)
            *slash = '\0';
    } while (slash != NULL);
    return GS2_OK;
}

/* Gives *real_out, freed with free(): where path leads, and nobody else can
 * change that. */
static gs2_status
check_path(const char *path, char **real_out, struct gs2_error *err)
{
    gs2_status status;
    char *real, *parts;

    *real_out = NULL;
    if (path[0] != '/')
        return gs2_fail(err, GS2_BADCONFIG, "%s is not an absolute path",
                        path);
    real = realpath(path, NULL);
    if (real == NULL)
        return gs2_fail(err, GS2_BADCONFIG, "%s: %s", path, strerror(errno));
    parts = strdup(real);
    if (parts == NULL) {
        free(real);
        return gs2_fail_nomem(err);
    }
    status = check_each(parts, err);
    free(parts);
    if (status == GS2_OK)
        *real_out = real;
    else
        free(real);
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
load(struct gs2_decoder *decoder, const char *real, struct gs2_error *err)
{
    const struct gs2_pac_decoder *calls;
    const char *why;

    decoder->handle = dlopen(real, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (decoder->handle == NULL) {
        why = dlerror();
        return gs2_fail(err, GS2_BADCONFIG, "cannot be loaded: %s",
                        why != NULL ? why : decoder->path);
    }
    calls = dlsym(decoder->handle, GS2_PAC_SYMBOL);
    if (calls == NULL)
        return gs2_fail(err, GS2_BADCONFIG,
                        "%s is no PAC decoder: it has no symbol %s",
                        decoder->path, GS2_PAC_SYMBOL);
    if (calls->abi != GS2_PAC_ABI)
        return gs2_fail(err, GS2_BADCONFIG,
                        "%s is a PAC decoder of version %u of the interface, "
                        "and this plugin has version %u", decoder->path,
                        calls->abi, (unsigned)GS2_PAC_ABI);
    decoder->calls = calls;
    return GS2_OK;
}

gs2_status
gs2_decoder_load(const char *path, struct gs2_decoder **decoder_out)
{
    struct gs2_decoder *decoder;
    char *real;

    *decoder_out = NULL;
    if (path == NULL)
        return GS2_OK;
    decoder = calloc(1, sizeof(*decoder));
    if (decoder == NULL)
        return GS2_NOMEM;
    decoder->path = strdup(path);
    if (decoder->path == NULL) {
        gs2_decoder_free(decoder);
        return GS2_NOMEM;
    }
    if (check_path(path, &real, &decoder->why) == GS2_OK)
        (void)load(decoder, real, &decoder->why); /* the reason stays */
    free(real);
    *decoder_out = decoder;
    return GS2_OK;
}

void
gs2_decoder_free(struct gs2_decoder *decoder)
{
    if (decoder == NULL)
        return;
    if (decoder->handle != NULL)
        dlclose(decoder->handle);
    free(decoder->path);
    free(decoder);
}

gs2_status
gs2_decoder_get(const struct gs2_decoder *loaded, const char *path,
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
