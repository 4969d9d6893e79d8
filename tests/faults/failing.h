/*
 * failing.h - faults for tests: the nth allocation of a kind, or the nth GSS
 * call of the plugin, fails; and what was allocated and not freed is counted.
 *
 * failing.c defines malloc() and its kin for the whole process, failing_gss.c
 * the functions of the GSS library that the plugin calls; who calls is told by
 * the return address.  A program that uses them has both among its sources and
 * is linked with -export-dynamic.  For one thread.
 */
#ifndef GS2_TESTS_FAILING_H
#define GS2_TESTS_FAILING_H

#include <stdbool.h>
#include <stddef.h>

enum gs2_failing {
    GS2_FAILING_NONE,   /* the program's own, the dynamic linker's */
    GS2_FAILING_PLUGIN, /* the plugin's, malloc() and utils->malloc() alike */
    GS2_FAILING_GSS,    /* of the GSS library and its mechanisms */
    GS2_FAILING_LIBC,   /* of libc's, for any of these; but strdup() is its
                           caller's */
    GS2_FAILING_SASL,   /* libsasl's own, through sasl_set_alloc() */
    GS2_FAILING_CALL,   /* not an allocation: a GSS call of the plugin's */
    GS2_FAILING_KINDS
};

/* Makes libsasl's allocations known; before its init.  plugin: the path of the
 * plugin under test. */
void gs2_failing_prepare(const char *plugin);

/* From now on the nth of that kind fails, from 1; 0: they are but counted. */
void gs2_failing_arm(enum gs2_failing kind, unsigned nth);

/* No more.  Returns how many there were since. */
unsigned gs2_failing_disarm(void);

/* As before disarming: the count goes on. */
void gs2_failing_resume(void);

/* What failed: the function, "malloc" or "gss_import_name"; NULL: nothing. */
const char *gs2_failing_what(void);

/* From now on allocations are counted ... */
void gs2_failing_watch(void);

/* ... and so many of the kind are not yet freed. */
unsigned gs2_failing_alive(enum gs2_failing kind);

/* Says on standard output, as comments, where those were allocated that came
 * after the last gs2_failing_watch(). */
void gs2_failing_show(enum gs2_failing kind);

/* Whose code is at that address; never a call. */
enum gs2_failing gs2_failing_owner(const void *address);

const char *gs2_failing_name(enum gs2_failing kind);

/* For failing_gss.c: is this call, from that return address, to fail? */
bool gs2_failing_call(const char *what, const void *caller);

#endif
