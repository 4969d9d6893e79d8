/*
 * suite.c - runs a Check suite and prints TAP (see suite.h).
 */
#include "suite.h"

#include <stdio.h>

int
gs2_suite_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int ran, failed;

    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    ran = srunner_ntests_run(runner);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (ran == 0)
        puts("Bail out! no test ran");
    return ran == 0 || failed != 0;
}
