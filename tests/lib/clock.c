/*
 * clock.c - answers clock_gettime() in libc's place (see clock.h).
 */
#include "clock.h"

#include <sys/syscall.h>
#include <unistd.h>

_Atomic time_t clock_ahead;

__attribute__((visibility("default"))) int
clock_gettime(clockid_t clock, struct timespec *out)
{
    const int result = (int)syscall(SYS_clock_gettime, clock, out);

    if (result == 0 && clock == CLOCK_MONOTONIC)
        out->tv_sec += clock_ahead;
    return result;
}
