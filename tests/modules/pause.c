/*
 * pause.c - a pause where slapd's module is asked for a member.
 *
 * Preloaded into slapd, this answers slapi_dn_normalize_case() as libslapi
 * does, and then sleeps for the microseconds that $GS2_PAUSE says.  slapd
 * itself does not call it: the module does, between the question that an
 * access rule puts and the record of the connection.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

char *slapi_dn_normalize_case(char *dn);

char *
slapi_dn_normalize_case(char *dn)
{
    static const char name[] = "slapi_dn_normalize_case";
    char *(*real)(char *) = NULL;
    void *const symbol = dlsym(RTLD_NEXT, name);
    const char *const pause = getenv("GS2_PAUSE");
    const struct timespec time = {
        .tv_nsec = (pause != NULL ? atol(pause) : 0) * 1000
    };
    char *normalized;

    if (symbol == NULL)
        abort();
    memcpy(&real, &symbol, sizeof(real));
    normalized = real(dn);
    (void)nanosleep(&time, NULL);
    return normalized;
}
