/*
 * suite.h - the main() of a Check program: results as TAP on standard output,
 * which the Automake driver and ./check read.
 */
#ifndef GS2_TESTS_SUITE_H
#define GS2_TESTS_SUITE_H

#include <check.h>

/*
 * Runs every case of suite, each test in a process of its own, and frees it.
 * Returns what main() returns: 0 where all passed, 1 where one failed, or none
 * ran.
 */
int gs2_suite_run(Suite *suite);

#endif
