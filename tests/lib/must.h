/*
 * must.h - what tests share with fuzz harnesses, in which no test of Check's
 * runs, so that ck_assert() is not for them.
 */
#ifndef GS2_TESTS_MUST_H
#define GS2_TESTS_MUST_H

#include <stdio.h>
#include <stdlib.h>

/* Ends the process where that does not hold, and says where: not assert(),
 * which a build can leave out.  Check counts it as the test's failure. */
#define MUST(condition)                                                       \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,        \
                    #condition);                                              \
            abort();                                                          \
        }                                                                     \
    } while (0)

/* The elements of an array. */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
