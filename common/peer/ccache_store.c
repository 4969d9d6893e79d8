/*
 * ccache_store.c - a delegated credential as a file (see ccache_store.h).
 *
 * libkrb5 opens what it is given by its path, again for each ticket, and
 * follows symbolic links, so the path itself must be out of the reach of
 * others.  Links on it are resolved and every directory on the way is checked:
 * nobody can change the meaning of the resolved path afterwards.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* mkostemp() */
#endif
#include "ccache_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gssapi/gssapi_ext.h>

#include "common/rules/ccache_name.h"
#include "common/gss/gss_error.h"
#include "common/text/safe_path.h"

static gs2_status
fail_errno(struct gs2_error *err)
{
    return gs2_fail(err, GS2_FAIL, "%s", strerror(errno));
}

/* Whether what is at path, not where a link there leads, is a directory of
 * ours that nobody else can write to. */
static gs2_status
check_ours(const char *path, struct gs2_error *err)
{
    struct stat dir;

    if (lstat(path, &dir) != 0)
        return fail_errno(err);
    if (S_ISLNK(dir.st_mode))
        return gs2_fail(err, GS2_FAIL, "the directory is a symbolic link");
    if (!S_ISDIR(dir.st_mode))
        return gs2_fail(err, GS2_FAIL, "%s", strerror(ENOTDIR));
    if (dir.st_uid != geteuid())
        return gs2_fail(err, GS2_FAIL,
                        "the directory belongs to another user");
    if (dir.st_mode & (S_IWGRP | S_IWOTH))
        return gs2_fail(err, GS2_FAIL, "others can write to the directory");
    return GS2_OK;
}

/* Gives *real_out, freed with free(): the directory at path by a way without
 * links, if caches may be kept there.  A link on the way may be another
 * user's, who can change it at any time: so what was checked is *real_out, not
 * path. */
static gs2_status
check_directory(const char *path, char **real_out, struct gs2_error *err)
{
    gs2_status status;

    *real_out = NULL;
    status = check_ours(path, err);
    if (status == GS2_OK)
        status = gs2_safe_path_resolve(path, real_out, err);
    if (status == GS2_OK)
        status = check_ours(*real_out, err);
    if (status == GS2_OK)
        return GS2_OK;
    free(*real_out);
    *real_out = NULL;
    return status;
}

/* Whether a cache may take the place of what is at path. */
static gs2_status
check_file(const char *path, struct gs2_error *err)
{
    struct stat file;

    if (lstat(path, &file) != 0)
        return errno == ENOENT ? GS2_OK : fail_errno(err);
    if (S_ISREG(file.st_mode) && file.st_uid == geteuid())
        return GS2_OK;
    return gs2_fail(err, GS2_FAIL,
                    "there is something else than a file of ours");
}

/* Gives *place_out, freed with free(): the file at path by a way without
 * links, if caches may be kept in its directory.  Changes path meanwhile. */
static gs2_status
find_place(char *path, char **place_out, struct gs2_error *err)
{
    char *end = strrchr(path, '/'), *folder;
    const char *name = end + 1;
    gs2_status status;

    *place_out = NULL;
    /* With a slash at its end, a link would be followed. */
    while (end > path && end[-1] == '/')
        end--;
    *end = '\0';
    status = check_directory(end > path ? path : "/", &folder, err);
    *end = '/';
    if (status != GS2_OK)
        return status;
    *place_out = malloc(strlen(folder) + strlen(name) + sizeof("/"));
    if (*place_out == NULL)
        status = gs2_fail_nomem(err);
    else
        stpcpy(stpcpy(stpcpy(*place_out, folder), "/"), name);
    free(folder);
    return status;
}

/* Fills a cache, "FILE:" and a path. */
static gs2_status
write_cache(const char *cache, gss_cred_id_t cred, const gss_OID_desc *mech,
            struct gs2_error *err)
{
    gss_key_value_element_desc element = { "ccache", cache };
    const gss_key_value_set_desc store = { 1, &element };
    OM_uint32 major, minor;
    struct stat file;

    /* With a mechanism named, 1.20's glue says COMPLETE for one that cannot
     * store; without, that is a failure. */
    major = gss_store_cred_into(&minor, cred, GSS_C_INITIATE, GSS_C_NO_OID, 1,
                                0, &store, NULL, NULL);
    if (GSS_ERROR(major))
        return gs2_fail_gss(err, GS2_FAIL, "storing it failed", major, minor,
                            mech);
    if (lstat(cache + strlen("FILE:"), &file) != 0)
        return fail_errno(err);
    if (S_ISREG(file.st_mode) && file.st_uid == geteuid() &&
        !(file.st_mode & (S_IRWXG | S_IRWXO)) && file.st_size > 0)
        return GS2_OK;
    return gs2_fail(err, GS2_FAIL,
                    "the mechanism made no private file of it");
}

/* Puts a cache that mkostemp() names first in the place of the file at path. */
static gs2_status
replace(const char *path, char *cache, gss_cred_id_t cred,
        const gss_OID_desc *mech, struct gs2_error *err)
{
    char *file = cache + strlen("FILE:");
    const int fd = mkostemp(file, O_CLOEXEC);
    gs2_status status;

    if (fd < 0)
        return fail_errno(err);
    (void)close(fd);
    status = write_cache(cache, cred, mech, err);
    if (status == GS2_OK && rename(file, path) != 0)
        status = fail_errno(err);
    if (status != GS2_OK)
        (void)unlink(file);
    return status;
}

/* Puts cred in the place of the file at path, which find_place() gave. */
static gs2_status
keep(const char *path, gss_cred_id_t cred, const gss_OID_desc *mech,
     struct gs2_error *err)
{
    /* No user's cache has this name: a user's name has no "~" in it here. */
    static const char type[] = "FILE:", unique[] = "~XXXXXX";
    char *cache = malloc(sizeof(type) + strlen(path) + sizeof(unique));
    gs2_status status;

    if (cache == NULL)
        return gs2_fail_nomem(err);
    stpcpy(stpcpy(stpcpy(cache, type), path), unique);
    status = replace(path, cache, cred, mech, err);
    free(cache);
    return status;
}

gs2_status
gs2_ccache_store_keep(const char *pattern, const char *user,
                      gss_cred_id_t cred, const gss_OID_desc *mech,
                      struct gs2_error *err)
{
    struct gs2_error why;
    gs2_status status;
    char *path, *place;

    status = gs2_ccache_name_path(pattern, user, &path, err);
    if (status != GS2_OK)
        return status;
    status = find_place(path, &place, &why);
    if (status == GS2_OK)
        status = check_file(place, &why);
    if (status == GS2_OK)
        status = keep(place, cred, mech, &why);
    if (status == GS2_NOMEM) {
        (void)gs2_fail_nomem(err);
    } else if (status != GS2_OK) {
        status = gs2_fail(err, GS2_FAIL,
                          "the server cannot keep the delegated credential");
        gs2_error_detail(err, "%s: %s", path, why.text);
    }
    free(place);
    free(path);
    return status;
}
