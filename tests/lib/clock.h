/*
 * clock.h - the clock of a test program, which a test can set forward.
 */
#ifndef GS2_TESTS_CLOCK_H
#define GS2_TESTS_CLOCK_H

#include <time.h>

/* Seconds that CLOCK_MONOTONIC is ahead for the process, all its threads, and
 * so for the plugin.  Check measures by the same clock: 0 again before a test ends. */
extern _Atomic time_t clock_ahead;

#endif
