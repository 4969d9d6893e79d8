/*
 * ccstore.c - a delegated credential as a file (see ccstore.h).
 *
 * libkrb5 opens what it is given by its path, and follows symbolic links, so
 * the path itself must be out of the reach of others: every directory on the
 * way is looked at (as sshd does for the files of a user's), and then nobody
 * can change between that look and libkrb5's what the path means.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* mkostemp() */
#endif
#include "ccstore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gssapi/gssapi_ext.h>

#include "ccname.h"
#include "gsserr.h"

/* One that only root and we can rename or replace things in. */
static bool
is_safe_way(const struct stat *dir)
{
    return S_ISDIR(dir->st_mode) &&
           (dir->st_uid == 0 || dir->st_uid == geteuid()) &&
           (!(dir->st_mode & (S_IWGRP | S_IWOTH)) || dir->st_mode & S_ISVTX);
}

/* Why path, canonical, is no way for us, or NULL; changes it for a while. */
static const char *
refuse_way(char *path)
{
    struct stat dir;
    bool safe = lstat("/", &dir) == 0 && is_safe_way(&dir);

    for (char *slash = strchr(path + 1, '/'); safe && slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        safe = lstat(path, &dir) == 0 && is_safe_way(&dir);
        *slash = '/';
    }
    return safe ? NULL : "others can replace a directory on the way to it";
}

/* Why we keep nothing in the directory at path, or NULL. */
static const char *
refuse_directory(const char *path)
{
    const char *why;
    struct stat dir;
    char *real;

    if (lstat(path, &dir) != 0)
        return strerror(errno);
    if (S_ISLNK(dir.st_mode))
        return "the directory is a symbolic link";
    if (!S_ISDIR(dir.st_mode))
        return strerror(ENOTDIR);
    if (dir.st_uid != geteuid())
        return "the directory belongs to another user";
    if (dir.st_mode & (S_IWGRP | S_IWOTH))
        return "others can write to the directory";
    real = realpath(path, NULL);
    if (real == NULL)
        return strerror(errno);
    why = refuse_way(real);
    free(real);
    return why;
}

/* Why path, of a file, is no place for us, or NULL; changes it for a while. */
static const char *
refuse_path(char *path)
{
    char *end = strrchr(path, '/');
    const char *why;
    struct stat file;

    /* With a slash at its end, a link would be followed. */
    while (end > path && end[-1] == '/')
        end--;
    *end = '\0';
    why = refuse_directory(end > path ? path : "/");
    *end = '/';
    if (why != NULL)
        return why;
    if (lstat(path, &file) != 0)
        return errno == ENOENT ? NULL : strerror(errno);
    return S_ISREG(file.st_mode) && file.st_uid == geteuid()
           ? NULL : "there is something else than a file of ours";
}

/* Fills a cache, which is "FILE:" and a path, by way of libkrb5.  Why it could
 * not, or NULL; err is room for the words. */
static const char *
write_cache(const char *cache, gss_cred_id_t cred, const gss_OID_desc *mech,
            struct gs2_error *err)
{
    const char *path = cache + strlen("FILE:");
    gss_key_value_element_desc element = { "ccache", cache };
    const gss_key_value_set_desc store = { 1, &element };
    OM_uint32 major, minor;
    struct stat file;

    /* With a mechanism named, 1.20's glue says COMPLETE for one that cannot
     * store; without, that is a failure. */
    major = gss_store_cred_into(&minor, cred, GSS_C_INITIATE, GSS_C_NO_OID, 1,
                                0, &store, NULL, NULL);
    if (GSS_ERROR(major)) {
        (void)gs2_fail_gss(err, GS2_FAIL, "storing it failed", major, minor,
                           mech);
        return err->text;
    }
    if (lstat(path, &file) != 0)
        return strerror(errno);
    return S_ISREG(file.st_mode) && file.st_uid == geteuid() &&
           !(file.st_mode & (S_IRWXG | S_IRWXO)) && file.st_size > 0
           ? NULL : "the mechanism made no private file of it";
}

/* Why the file at path could not be replaced by a cache that mkostemp() names
 * first, or NULL; err is room for the words. */
static const char *
replace(const char *path, char *cache, gss_cred_id_t cred,
        const gss_OID_desc *mech, struct gs2_error *err)
{
    char *file = cache + strlen("FILE:");
    const int fd = mkostemp(file, O_CLOEXEC);
    const char *why;

    if (fd < 0)
        return strerror(errno);
    (void)close(fd);
    why = write_cache(cache, cred, mech, err);
    if (why == NULL && rename(file, path) != 0)
        why = strerror(errno);
    if (why != NULL)
        (void)unlink(file);
    return why;
}

gs2_status
gs2_ccstore_keep(const char *pattern, const char *user, gss_cred_id_t cred,
                 const gss_OID_desc *mech, struct gs2_error *err)
{
    /* A name that is nobody's: no user's has a "~" in it. */
    static const char type[] = "FILE:", unique[] = "~XXXXXX";
    struct gs2_error words;
    const char *why;
    gs2_status status;
    char *path, *cache;

    status = gs2_ccname_path(pattern, user, &path, err);
    if (status != GS2_OK)
        return status;
    cache = malloc(sizeof(type) + strlen(path) + sizeof(unique));
    if (cache == NULL) {
        status = gs2_fail_nomem(err);
        goto cleanup;
    }
    stpcpy(stpcpy(stpcpy(cache, type), path), unique);
    why = refuse_path(path);
    if (why == NULL)
        why = replace(path, cache, cred, mech, &words);
    if (why != NULL) {
        status = gs2_fail(err, GS2_FAIL,
                          "the server cannot keep the delegated credential");
        gs2_error_detail(err, "%s: %s", path, why);
    }

cleanup:
    free(cache);
    free(path);
    return status;
}
