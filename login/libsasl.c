/*
 * libsasl.c - finding functions of the libsasl that loaded us (see libsasl.h).
 */
#include "libsasl.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

/* The file that has the code at an address; NULL where that is not known. */
static const char *
file_of(void *address)
{
    Dl_info info;

    return dladdr(address, &info) != 0 ? info.dli_fname : NULL;
}

/* utils->getopt has been at the same place in every version. */
static const char *
file_of_libsasl(const sasl_utils_t *utils)
{
    return file_of((void *)(size_t)utils->getopt);
}

void *
gs2_libsasl_find(const sasl_utils_t *utils, const char *function)
{
    const char *file = file_of_libsasl(utils);
    void *libsasl, *found;

    if (file == NULL)
        return NULL;
    libsasl = dlopen(file, RTLD_NOLOAD | RTLD_LAZY);
    if (libsasl == NULL)
        return NULL;
    found = dlsym(libsasl, function);
    (void)dlclose(libsasl); /* the process still has it open */
    return found;
}

/* encode64 is exported, and stands behind the functions that were removed.  If
 * a program has replaced it, we cannot know, and go on. */
bool
gs2_libsasl_fits(const sasl_utils_t *utils)
{
    void *const given = (void *)(size_t)utils->encode64;
    void *const wanted = gs2_libsasl_find(utils, "sasl_encode64");
    const char *file;

    if (wanted == NULL || given == wanted)
        return true;
    file = file_of(given);
    return file != NULL && strcmp(file, file_of_libsasl(utils)) != 0;
}
