/*
 * t_allocs.h - what t_allocs.c and t_allocs_krb5.c share (t_allocs_run.c):
 * a login again and again, each time with another fault.
 */
#ifndef GS2_TESTS_T_ALLOCS_H
#define GS2_TESTS_T_ALLOCS_H

#include <check.h>
#include <stdbool.h>
#include <stdio.h>

#include "tests/lib/dialogue.h"
#include "failing.h"

extern struct gs2_dialogue d;

struct gs2_allocs_case {
    const char *what;
    void (*arrange)(void); /* sets d, which is not open yet */
    bool succeeds;         /* without a fault */
};

/* Once, in main().  released: whether a mechanism has nothing left, asked
 * after all was closed; or NULL. */
bool t_allocs_begin(bool (*released)(void));

/*
 * Before each login in a realm.  A fault may make libkrb5 ask for a ticket that it has, and put it into the
 * cache once more; then each login would have more to read than the one
 * before, and there would be no end of faults.  So each has the cache as the
 * first one left it.
 */
void t_allocs_put_cache_back(void);

/* The login with each fault of that kind in turn. */
void t_allocs_run(const struct gs2_allocs_case *c, enum gs2_failing kind);

/* The same faults in the inits, a listing and the dones; then the login. */
void t_allocs_run_init(const struct gs2_allocs_case *c,
                       enum gs2_failing kind);

#endif
