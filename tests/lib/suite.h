/*
 * suite.h - a Check program is a list of tests:
 *
 *     SUITE("framing",
 *           TIMEOUT(30),
 *           TABLE(length_is_read, lengths),
 *           TEST(an_empty_token))
 *
 * SUITE() is the program's main().  Its results are TAP on standard output,
 * which the Automake driver and ./check read.
 */
#ifndef GS2_TESTS_SUITE_H
#define GS2_TESTS_SUITE_H

#include <check.h>
#include <stdbool.h>

#include "must.h"

/* The suite that a list fills. */
struct gs2_suite;

/* A list of tests.  A program of several files declares the lists of the
 * others: gs2_tests t_name_more; */
typedef void gs2_tests(struct gs2_suite *suite);

/* One row of a list, made by the macros below. */
struct gs2_suite_row {
    const TTest *test;
    int first, end;
    const char *why_not; /* may be none, and why */
    const char *tcase;
    double timeout;
    void (*set_up)(void), (*tear_down)(void);
    bool (*prepare)(void);
    gs2_tests *more;
};

/* A START_TEST(), once. */
#define TEST(name) { .test = (name), .end = 1 }

/* The same for each row of an array: _i is the row's number. */
#define TABLE(name, array) { .test = (name), .end = (int)COUNT(array) }

/* _i runs from 0 to count - 1, or from first to end - 1.  Where there is nothing
 * between them the program fails. */
#define TIMES(name, count) { .test = (name), .end = (count) }
#define RANGE(name, from, to) \
    { .test = (name), .first = (from), .end = (to) }

/* The same, in some runs only: where condition is false, a line says why not. */
#define SOMETIMES(name, count, condition, reason) \
    { .test = (name), .end = (condition) ? (count) : 0, .why_not = (reason) }

/* Functions that Check calls before and after each test of the case, in the
 * test's process; and the seconds that each may take (Check's own: 4). */
#define FIXTURE(before, after) { .set_up = (before), .tear_down = (after) }
#define TIMEOUT(seconds) { .timeout = (seconds) }

/* Begins another case: no fixture and no timeout of the last one holds. */
#define CASE(name) { .tcase = (name) }

/* Called once, in the process that starts the tests.  Where it returns false
 * no test runs, and the program fails. */
#define PREPARE(function) { .prepare = (function) }

/* The tests of another file, as if they stood here. */
#define MORE(tests) { .more = (tests) }

/* A list that another file takes with MORE(). */
#define TESTS(name, ...)                                                      \
    void name(struct gs2_suite *suite_of_rows)                                \
    {                                                                         \
        const struct gs2_suite_row rows_of_suite[] = { __VA_ARGS__ };         \
                                                                              \
        gs2_suite_add(suite_of_rows, rows_of_suite, COUNT(rows_of_suite));    \
    }

/* main(), and the list that it runs. */
#define SUITE(name, ...)                                                      \
    static gs2_tests tests_of_suite;                                          \
    TESTS(tests_of_suite, __VA_ARGS__)                                        \
                                                                              \
    int main(void)                                                            \
    {                                                                         \
        return gs2_suite_run((name), tests_of_suite);                         \
    }

/* Adds the rows in their order. */
void gs2_suite_add(struct gs2_suite *suite, const struct gs2_suite_row *rows,
                   size_t count);

/*
 * Runs the list, each test in a process of its own.  Returns what main()
 * returns: 0 where all passed, 1 where one failed, or not all of them ran.
 */
int gs2_suite_run(const char *name, gs2_tests *tests);

#endif
