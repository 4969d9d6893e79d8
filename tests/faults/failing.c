/*
 * failing.c - the nth allocation fails, and none is lost (see failing.h).
 *
 * Whose an allocation is, is said by the library that its return address is
 * in.  Where AddressSanitizer is in the process its functions are called, so
 * that it sees what it would see.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr() */
#endif
#include "failing.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include <sasl/sasl.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(HAVE_ASAN)
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *p, size_t size);
void REAL(free)(void *p);

#define EXPORTED __attribute__((visibility("default")))
#define CALLER __builtin_extract_return_addr(__builtin_return_address(0))

/* --- who asks ------------------------------------------------------------ */

static const char *plugin_name = "libgs2.so";
static enum gs2_failing armed, armed_last;
static unsigned due, seen;
static const char *failed;
static bool busy, unloading;
static unsigned watch; /* number of the last; 0: none yet */

static const char *const gss_libraries[] = {
    "libgssapi_krb5.", "libkrb5.", "libk5crypto.", "libkrb5support.",
    "libcom_err.",
};

enum gs2_failing
gs2_failing_owner(const void *caller)
{
    const char *name;
    Dl_info info;

    if (dladdr(caller, &info) == 0 || info.dli_fname == NULL)
        return GS2_FAILING_NONE;
    name = strrchr(info.dli_fname, '/');
    name = name != NULL ? name + 1 : info.dli_fname;
    if (strcmp(name, plugin_name) == 0)
        return GS2_FAILING_PLUGIN;
    if (strncmp(name, "libsasl2.", 9) == 0)
        return GS2_FAILING_SASL;
    if (strncmp(name, "libc.so.", 8) == 0)
        return GS2_FAILING_LIBC;
    for (size_t i = 0; i < sizeof(gss_libraries) / sizeof(*gss_libraries);
         i++) {
        if (strncmp(name, gss_libraries[i], strlen(gss_libraries[i])) == 0)
            return GS2_FAILING_GSS;
    }
    return GS2_FAILING_NONE;
}

static bool
is_due(enum gs2_failing kind, const char *what)
{
    if (armed == GS2_FAILING_NONE || kind != armed || ++seen != due)
        return false;
    failed = what;
    return true;
}

bool
gs2_failing_call(const char *what, const void *caller)
{
    return armed == GS2_FAILING_CALL &&
           gs2_failing_owner(caller) == GS2_FAILING_PLUGIN &&
           is_due(GS2_FAILING_CALL, what);
}

/* --- what is allocated --------------------------------------------------- */

/* What fresh memory holds: no pointer, so that who uses what was never set
 * crashes there and at each run. */
#define FRESH 0xa5

#define PLACES (1U << 17) /* of a table by address; never nearly full */

#define LINKER_MAX (1U << 20) /* octets that the dynamic linker may take */

static struct block {
    uintptr_t at; /* 0: free, 1: was used */
    enum gs2_failing owner;
    unsigned watch;
    const void *caller;
} blocks[PLACES];

static size_t
place_of(const void *p)
{
    return (size_t)(((uintptr_t)p >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 40) %
           PLACES;
}

static void
remember(const void *p, enum gs2_failing owner, const void *caller)
{
    size_t i = place_of(p);

    if (watch == 0 || p == NULL || owner == GS2_FAILING_NONE)
        return;
    while (blocks[i].at > 1)
        i = (i + 1) % PLACES;
    blocks[i] = (struct block){ (uintptr_t)p, owner, watch, caller };
}

static void
forget(const void *p)
{
    if (watch == 0 || p == NULL)
        return;
    for (size_t i = place_of(p); blocks[i].at != 0; i = (i + 1) % PLACES) {
        if (blocks[i].at == (uintptr_t)p) {
            blocks[i].at = 1;
            return;
        }
    }
}

/* LeakSanitizer does not see what the dynamic linker holds in memory of its
 * own, and excuses what that allocates by its return address: ours hides it. */
void __lsan_ignore_object(const void *p) __attribute__((weak));

/* Not inlined: allocate() runs before AddressSanitizer is ready, and must have
 * no variable that it would watch. */
__attribute__((noinline)) static void
excuse_linker(const void *p, const void *caller)
{
    uintptr_t linker = getauxval(AT_BASE);
    Dl_info info;

    /* Few allocations come from near it: dladdr() is slow. */
    if ((uintptr_t)caller - linker < LINKER_MAX && dladdr(caller, &info) != 0 &&
        (uintptr_t)info.dli_fbase == linker)
        __lsan_ignore_object(p);
}

/* Every allocation comes through here.  old: to be resized, or NULL. */
static void *
allocate(void *old, size_t size, bool clear, const char *what,
         const void *caller)
{
    enum gs2_failing owner = GS2_FAILING_NONE;
    void *p;

    if ((armed != GS2_FAILING_NONE || watch > 0) && !busy && !unloading) {
        busy = true; /* dladdr() may allocate */
        owner = gs2_failing_owner(caller);
        busy = false;
    }
    if (owner != GS2_FAILING_NONE && is_due(owner, what)) {
        errno = ENOMEM;
        return NULL;
    }
    p = clear ? REAL(calloc)(1, size) : old != NULL ? REAL(realloc)(old, size)
                                                    : REAL(malloc)(size);
    if (p != NULL || size == 0)
        forget(old);
    if (p != NULL && owner != GS2_FAILING_NONE && !clear && old == NULL)
        memset(p, FRESH, size);
    remember(p, owner, caller);
    if (p != NULL && watch > 0 && __lsan_ignore_object != NULL)
        excuse_linker(p, caller);
    return p;
}

EXPORTED void *
malloc(size_t size)
{
    return allocate(NULL, size, false, "malloc", CALLER);
}

EXPORTED void *
calloc(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate(NULL, count * size, true, "calloc", CALLER);
}

EXPORTED void *
realloc(void *p, size_t size)
{
    return allocate(p, size, false, "realloc", CALLER);
}

EXPORTED void *
reallocarray(void *p, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate(p, count * size, false, "reallocarray", CALLER);
}

EXPORTED void
free(void *p)
{
    forget(p);
    REAL(free)(p);
}

static char *
copy(const char *text, size_t len, const char *what, const void *caller)
{
    char *p = allocate(NULL, len + 1, false, what, caller);

    if (p != NULL) {
        memcpy(p, text, len);
        p[len] = '\0';
    }
    return p;
}

#undef strdup
#undef strndup

EXPORTED char *
strdup(const char *text)
{
    return copy(text, strlen(text), "strdup", CALLER);
}

EXPORTED char *
strndup(const char *text, size_t max)
{
    return copy(text, strnlen(text, max), "strndup", CALLER);
}

/* The plugin has nothing to do when it is unloaded; what allocates then is
 * gcov, which writes what it has counted. */
EXPORTED int
dlclose(void *handle)
{
    static int (*real)(void *);
    int result;

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "dlclose");
    if (real == NULL)
        abort();
    unloading = true;
    result = real(handle);
    unloading = false;
    return result;
}

/* --- libsasl's ----------------------------------------------------------- */

static void *
sasl_malloc(size_t size)
{
    return allocate(NULL, size, false, "libsasl's malloc", CALLER);
}

static void *
sasl_calloc(size_t count, size_t size)
{
    return allocate(NULL, count * size, true, "libsasl's calloc", CALLER);
}

static void *
sasl_realloc(void *p, size_t size)
{
    return allocate(p, size, false, "libsasl's realloc", CALLER);
}

/* --- the test's side ----------------------------------------------------- */

void
gs2_failing_prepare(const char *plugin)
{
    static char name[NAME_MAX + 1];
    const char *slash = strrchr(plugin, '/');

    snprintf(name, sizeof(name), "%s", slash != NULL ? slash + 1 : plugin);
    plugin_name = name;
    sasl_set_alloc(sasl_malloc, sasl_calloc, sasl_realloc, free);
}

void
gs2_failing_arm(enum gs2_failing kind, unsigned nth)
{
    failed = NULL;
    seen = 0;
    due = nth;
    armed = armed_last = kind;
}

void
gs2_failing_resume(void)
{
    armed = armed_last;
}

unsigned
gs2_failing_disarm(void)
{
    armed = GS2_FAILING_NONE;
    return seen;
}

const char *
gs2_failing_what(void)
{
    return failed;
}

void
gs2_failing_watch(void)
{
    watch++;
}

unsigned
gs2_failing_alive(enum gs2_failing kind)
{
    unsigned count = 0;

    for (size_t i = 0; i < PLACES; i++)
        count += blocks[i].at > 1 && blocks[i].owner == kind;
    return count;
}

void
gs2_failing_show(enum gs2_failing kind)
{
    Dl_info info;

    for (size_t i = 0; i < PLACES; i++) {
        if (blocks[i].at <= 1 || blocks[i].owner != kind ||
            blocks[i].watch != watch)
            continue;
        if (dladdr(blocks[i].caller, &info) == 0)
            printf("# a block of %s\n", gs2_failing_name(kind));
        else
            printf("# a block of %s: %s+0x%zx (%s)\n", gs2_failing_name(kind),
                   info.dli_fname, (size_t)((const char *)blocks[i].caller -
                                            (const char *)info.dli_fbase),
                   info.dli_sname != NULL ? info.dli_sname : "?");
    }
}

const char *
gs2_failing_name(enum gs2_failing kind)
{
    static const char *const names[GS2_FAILING_KINDS] = {
        "nobody", "the plugin", "GSS", "libc", "libsasl", "a GSS call",
    };

    return names[kind];
}
