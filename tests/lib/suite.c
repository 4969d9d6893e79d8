/*
 * suite.c - runs the tests of a list and prints TAP (see suite.h).
 */
#include "suite.h"

#include <stdio.h>

#include "hostname.h"

struct gs2_suite {
    const char *name;
    Suite *suite;
    TCase *tcase; /* the case that rows go to; NULL before the first row */
    int rows; /* tests that are to run */
    bool unprepared, incomplete;
};

static TCase *
begin_case(struct gs2_suite *s, const char *name)
{
    s->tcase = tcase_create(name);
    suite_add_tcase(s->suite, s->tcase);
    return s->tcase;
}

static void
add_row(struct gs2_suite *s, const struct gs2_suite_row *row)
{
    TCase *tcase = s->tcase;

    if (row->tcase != NULL || tcase == NULL)
        tcase = begin_case(s, row->tcase != NULL ? row->tcase : s->name);
    if (row->test != NULL && row->first < row->end) {
        tcase_add_loop_test(tcase, row->test, row->first, row->end);
        s->rows += row->end - row->first;
    } else if (row->test != NULL && row->why_not != NULL) {
        printf("# %s is not run: %s\n", row->test->name, row->why_not);
    } else if (row->test != NULL) {
        printf("# %s has no rows\n", row->test->name);
        s->incomplete = true;
    }
    if (row->set_up != NULL || row->tear_down != NULL)
        tcase_add_checked_fixture(tcase, row->set_up, row->tear_down);
    if (row->timeout > 0)
        tcase_set_timeout(tcase, row->timeout);
    if (row->prepare != NULL && !s->unprepared)
        s->unprepared = !row->prepare();
    if (row->more != NULL)
        row->more(s);
}

void
gs2_suite_add(struct gs2_suite *s, const struct gs2_suite_row *rows,
              size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_row(s, &rows[i]);
}

int
gs2_suite_run(const char *name, gs2_tests *tests)
{
    struct gs2_suite s = { .name = name, .suite = suite_create(name) };
    SRunner *runner;
    int ran, failed;

    gs2_hostname_link();
    /* What a test prints must not be in a buffer when the next one forks. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    tests(&s);
    runner = srunner_create(s.suite);
    if (!s.unprepared) {
        srunner_set_tap(runner, "-");
        srunner_run_all(runner, CK_SILENT);
    }
    ran = srunner_ntests_run(runner);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    s.incomplete = s.incomplete || ran != s.rows;
    if (ran == 0 || s.incomplete)
        printf("Bail out! %s\n", s.unprepared ? "what the tests need cannot "
                                                "be prepared"
                                              : "not all tests of the list "
                                                "ran");
    return ran == 0 || s.incomplete || failed != 0;
}
