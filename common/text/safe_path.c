/*
 * safe_path.c - paths that nobody else can change (see safe_path.h); as sshd
 * looks at the files of its users.
 */
#include "safe_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* True where nobody but root and we can change what is there. */
static bool
is_safe(const struct stat *st)
{
    const mode_t others = S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX)
                          ? 0 : S_IWGRP | S_IWOTH;

    return (st->st_uid == 0 || st->st_uid == geteuid()) &&
           (st->st_mode & others) == 0;
}

/* What is at path, which realpath() gave, and all directories above it.  Takes
 * path apart. */
static gs2_status
check_each(char *path, struct gs2_error *err)
{
    struct stat st;
    char *slash;

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

gs2_status
gs2_safe_path_resolve(const char *path, char **real_out, struct gs2_error *err)
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
