/*
 * p_ccache_name.c - any pattern of up to PATTERN octets, which is too short for
 * "FILE:", and any two users of 1 to USER: they have one file only if they are
 * one, and it is in the pattern's directory.
 */
#include "common/rules/ccache_name.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"

#define PATTERN 4
#define USER 1

/* Octets of the directory in a path, its last "/" included. */
static size_t
directory_of(const char *path)
{
    size_t len = 0;

    for (size_t i = 0; path[i] != '\0'; i++) {
        if (path[i] == '/')
            len = i + 1;
    }
    return len;
}

/* identity.c refuses a name that is empty. */
static const char *
any_user(void)
{
    const size_t len = any_up_to(USER);

    assume(len > 0);
    return any_text(len);
}

/* The file of user; NULL where there is no memory. */
static char *
file_of(const char *pattern, const char *user)
{
    const size_t directory = directory_of(pattern);
    char *file;

    if (gs2_ccache_name_path(pattern, user, &file, NULL) != GS2_OK) {
        prove(file == NULL, "a failure gives nothing");
        return NULL;
    }
    prove(directory_of(file) == directory && is_same(file, pattern, directory),
          "the file is in the pattern's directory");
    prove(strcmp(file + directory, ".") != 0 &&
          strcmp(file + directory, "..") != 0,
          "it is no directory");
    return file;
}

void
proof(void)
{
    const char *pattern = any_text(any_up_to(PATTERN));
    const char *one = any_user();
    const char *other = any_user();
    char *file, *other_file;

    if (gs2_ccache_name_check(pattern, NULL) != GS2_OK)
        return;
    file = file_of(pattern, one);
    other_file = file_of(pattern, other);
    if (file != NULL && other_file != NULL && is_same_text(file, other_file))
        prove(is_same_text(one, other), "one file is one user's");
    free(file);
    free(other_file);
}
