/*
 * ccache_name.c - names of credential caches (see ccache_name.h); no RFC: the
 * pattern is ours, what a type of cache is MIT Kerberos'.
 */
#include "ccache_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The path within a pattern. */
static const char *
path_of(const char *pattern)
{
    static const char type[] = "FILE:";

    return strncmp(pattern, type, sizeof(type) - 1) == 0
           ? pattern + sizeof(type) - 1 : pattern;
}

gs2_status
gs2_ccache_name_check(const char *pattern, struct gs2_error *err)
{
    const char *path = path_of(pattern), *user = strchr(path, '%');
    char quoted[128];

    if (path[0] != '/')
        return gs2_fail(err, GS2_BADCONFIG,
                        "\"%s\" is not FILE: and an absolute path",
                        gs2_escape(quoted, sizeof(quoted), pattern,
                                   strlen(pattern)));
    if (user == NULL)
        return gs2_fail(err, GS2_BADCONFIG,
                        "there is no %%u in it: all users would have one "
                        "cache");
    if (user[1] != 'u' || strchr(user + 1, '%') != NULL)
        return gs2_fail(err, GS2_BADCONFIG,
                        "%%u stands in it once, and no other %%");
    if (strchr(user, '/') != NULL)
        return gs2_fail(err, GS2_BADCONFIG,
                        "%%u belongs into the name of the file, not of a "
                        "directory");
    return GS2_OK;
}

static bool
is_plain(char octet)
{
    return octet != '\0' &&
           strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                  "0123456789._@-", octet) != NULL;
}

gs2_status
gs2_ccache_name_path(const char *pattern, const char *user, char **path_out,
                     struct gs2_error *err)
{
    const char *path = path_of(pattern), *mark = strstr(path, "%u");
    const char *rest = mark + strlen("%u");
    char *at;

    *path_out = malloc(strlen(path) + 3 * strlen(user) + 1);
    if (*path_out == NULL)
        return gs2_fail_nomem(err);
    at = mempcpy(*path_out, path, (size_t)(mark - path));
    for (const char *p = user; *p != '\0'; p++) {
        if (is_plain(*p) && (p > user || *p != '.'))
            *at++ = *p;
        else
            at += sprintf(at, "%%%02x", (unsigned char)*p);
    }
    memcpy(at, rest, strlen(rest) + 1);
    return GS2_OK;
}
