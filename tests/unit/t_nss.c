/*
 * t_nss.c - libnss_gs2.so.2, called as libc and the plugin call it: whom it
 * answers, in which thread and process, and until when; what becomes of the
 * caller's array.
 */
#include <dlfcn.h>
#include <errno.h>
#include <nss.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/nss.h"
#include "tests/lib/suite.h"

#define THREADS 16
#define ROUNDS 500 /* of each */
#define GID 64001

typedef enum nss_status initgroups_dyn(const char *user, gid_t group,
                                       long *start, long *size,
                                       gid_t **groups, long limit,
                                       int *errnop);

static const struct gs2_nss_module *module;
static initgroups_dyn *initgroups_function;
static struct gs2_nss_login login, other;

static bool
load(void)
{
    const char *build = getenv("GS2_BUILDDIR");
    char path[4096];
    void *handle;

    snprintf(path, sizeof(path), "%s/nss/.libs/libnss_gs2.so.2",
             build != NULL ? build : ".");
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return false;
    }
    module = dlsym(handle, GS2_NSS_SYMBOL);
    initgroups_function =
        (initgroups_dyn *)(size_t)dlsym(handle, "_nss_gs2_initgroups_dyn");
    return module != NULL && initgroups_function != NULL;
}

/* The groups that the user has, as "64001 64002"; in an array that has room
 * for one, and one in it, as libc begins.  Threads and children call it, for
 * which Check's own functions are not made. */
static const char *
groups_of(const char *user)
{
    static _Thread_local char text[1024];
    long start = 1, size = 1;
    gid_t *gids = malloc(sizeof(*gids));
    int error = 0;
    enum nss_status status;
    size_t len = 0;

    MUST(gids != NULL);
    gids[0] = 100;
    text[0] = '\0';
    status = initgroups_function(user, 100, &start, &size, &gids, -1, &error);
    MUST(gids[0] == 100);
    MUST(size >= start);
    if (status == NSS_STATUS_NOTFOUND) {
        MUST(error == ENOENT && start == 1 && size == 1);
    } else {
        MUST(status == NSS_STATUS_SUCCESS && start > 1);
    }
    for (long i = 1; i < start; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u",
                                i > 1 ? " " : "", (unsigned)gids[i]);
    free(gids);
    return text;
}

static void
log_in(const char *user)
{
    static const gid_t gids[] = { GID, GID + 1 };

    ck_assert_int_eq(module->enter(&login), GS2_NSS_ALONE);
    ck_assert(module->tell(&login, user, gids, COUNT(gids)));
    ck_assert_str_eq(groups_of(user), "64001 64002");
}

/* --- one login ----------------------------------------------------------- */

START_TEST(nobody)
{
    ck_assert_str_eq(groups_of("alice"), "");
    ck_assert_str_eq(groups_of(""), "");
    ck_assert_uint_eq(module->abi, GS2_NSS_ABI);
}
END_TEST

static const char *const others[] = {
    "", "a", "alic", "alicee", "Alice", "alice ", " alice", "alice@X", "bob",
    "alice\n", "root",
};

START_TEST(another_user)
{
    log_in("alice");
    ck_assert_str_eq(groups_of(others[_i]), "");
}
END_TEST

START_TEST(told_again)
{
    const gid_t gid = 7;

    log_in("alice");
    ck_assert(module->tell(&login, "bob", &gid, 1));
    ck_assert_str_eq(groups_of("alice"), "");
    ck_assert_str_eq(groups_of("bob"), "7");
    ck_assert(module->tell(&login, "bob", NULL, 0));
    ck_assert_str_eq(groups_of("bob"), "");
}
END_TEST

START_TEST(over)
{
    log_in("alice");
    module->leave(&login);
    ck_assert_str_eq(groups_of("alice"), "");
    module->leave(&login);
    module->leave(&other);
    ck_assert(!module->tell(&login, "alice", NULL, 0));
    ck_assert_int_eq(module->enter(&other), GS2_NSS_ALONE);
    ck_assert_str_eq(groups_of("alice"), "");
    module->leave(&other);
    log_in("bob");
    ck_assert_str_eq(groups_of("alice"), "");
}
END_TEST

/* What is too long is not cut, and what was told before does not stay. */
START_TEST(bounds)
{
    char name[GS2_NSS_USER_MAX + 2];
    gid_t gids[GS2_NSS_GROUPS_MAX + 1];

    for (size_t i = 0; i < COUNT(gids); i++)
        gids[i] = (gid_t)(1000 + i);
    memset(name, 'a', sizeof(name));
    name[GS2_NSS_USER_MAX] = '\0';
    log_in("alice");
    ck_assert(module->tell(&login, name, gids, GS2_NSS_GROUPS_MAX));
    ck_assert_str_ne(groups_of(name), "");
    ck_assert(strstr(groups_of(name), " 1063") != NULL);
    ck_assert(!module->tell(&login, name, gids, GS2_NSS_GROUPS_MAX + 1));
    ck_assert_str_eq(groups_of(name), "");
    module->leave(&login);
    log_in("alice");
}
END_TEST

START_TEST(long_name)
{
    char name[GS2_NSS_USER_MAX + 2] = "";

    memset(name, 'a', GS2_NSS_USER_MAX + 1);
    log_in("alice");
    ck_assert(!module->tell(&login, name, NULL, 0));
    ck_assert_str_eq(groups_of("alice"), "");
    name[GS2_NSS_USER_MAX] = '\0';
    ck_assert_str_eq(groups_of(name), "");
    ck_assert(!module->tell(&login, "", NULL, 0));
}
END_TEST

/* --- the caller's array -------------------------------------------------- */

static const struct {
    long start, size, limit, start_after, size_after;
} arrays[] = {
    { 1, 1, -1, 3, 3 }, { 1, 2, 0, 3, 3 },  { 1, 3, -1, 3, 3 },
    { 1, 9, -1, 3, 9 }, { 0, 1, -1, 2, 2 }, { 1, 1, 3, 3, 3 },
    { 1, 1, 2, 2, 2 },  { 1, 1, 1, 1, 1 },  { 2, 2, 1, 2, 2 },
    { 5, 5, 65536, 7, 7 },
};

START_TEST(arrays_grow)
{
    long start = arrays[_i].start, size = arrays[_i].size;
    gid_t *gids = calloc((size_t)size, sizeof(*gids));
    int error = 0;

    ck_assert(gids != NULL);
    log_in("alice");
    ck_assert_int_eq(initgroups_function("alice", 100, &start, &size, &gids,
                                         arrays[_i].limit, &error),
                     NSS_STATUS_SUCCESS);
    ck_assert_int_eq(start, arrays[_i].start_after);
    ck_assert_int_eq(size, arrays[_i].size_after);
    for (long i = arrays[_i].start; i < start; i++)
        ck_assert_uint_eq(gids[i], (unsigned)(GID + i - arrays[_i].start));
    free(gids);
}
END_TEST

/* --- threads and processes ----------------------------------------------- */

static void *
in_thread(void *function)
{
    (*(void (**)(void))function)();
    return NULL;
}

static void
run_in_thread(void (*function)(void))
{
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, in_thread, &function), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

static void
run_in_child(void (*function)(void))
{
    const pid_t child = fork();
    int status;

    MUST(child >= 0);
    if (child == 0) {
        function();
        _exit(0);
    }
    MUST(waitpid(child, &status, 0) == child && status == 0);
}

static void
has_none(void)
{
    MUST(strcmp(groups_of("alice"), "") == 0);
}

static void
child_has_none(void)
{
    has_none();
    run_in_child(has_none);
}

static void
leave(void)
{
    module->leave(&login);
}

/* What a child has of its parent's login is no login. */
static void
leave_and_log_in(void)
{
    const gid_t gid = 9;
    struct gs2_nss_login own = { 0, false };

    MUST(!module->tell(&login, "alice", &gid, 1));
    module->leave(&login);
    MUST(module->enter(&own) == GS2_NSS_ALONE);
    MUST(module->tell(&own, "bob", &gid, 1));
    MUST(strcmp(groups_of("bob"), "9") == 0);
    has_none();
    module->leave(&own);
    MUST(strcmp(groups_of("bob"), "") == 0);
}

START_TEST(elsewhere)
{
    log_in("alice");
    run_in_thread(has_none);
    run_in_child(child_has_none);
    run_in_child(leave_and_log_in);
    ck_assert_str_eq(groups_of("alice"), "64001 64002");
    run_in_thread(leave);
    ck_assert_str_eq(groups_of("alice"), "");
}
END_TEST

/* Number 1 in a namespace of its own, as a server in a container can be. */
static void
first_of_two(void)
{
    MUST(getpid() == 1);
    MUST(module->enter(&login) == GS2_NSS_ALONE);
    MUST(module->tell(&login, "alice", (const gid_t[]){ GID }, 1));
    MUST(strcmp(groups_of("alice"), "64001") == 0);
    MUST(unshare(CLONE_NEWPID) == 0);
    run_in_child(has_none);
}

static bool
can_unshare(void)
{
    const pid_t child = fork();
    int status = -1;

    if (child == 0)
        _exit(unshare(CLONE_NEWPID) == 0 ? 0 : 1);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void
in_a_namespace(void)
{
    MUST(unshare(CLONE_NEWPID) == 0);
    run_in_child(first_of_two);
}

/* A child with the number of the process, and of the thread, that has logged
 * in.  Who has left a namespace of processes makes no thread any more, as the
 * leak checker does at the end of this one: so a child does it. */
START_TEST(same_number)
{
    run_in_child(in_a_namespace);
}
END_TEST

/* --- more than one ------------------------------------------------------- */

START_TEST(two_alive)
{
    const gid_t gid = 9;

    log_in("alice");
    ck_assert_int_eq(module->enter(&other), GS2_NSS_NOT_ALONE);
    ck_assert_str_eq(groups_of("alice"), "");
    ck_assert(!module->tell(&other, "bob", &gid, 1));
    ck_assert_str_eq(groups_of("bob"), "");
    ck_assert_str_eq(groups_of("alice"), "");
    module->leave(_i == 0 ? &other : &login);
    ck_assert_str_eq(groups_of("alice"), _i == 0 ? "64001 64002" : "");
    ck_assert(!module->tell(&other, "bob", &gid, 1));
    ck_assert_str_eq(groups_of("bob"), "");
    module->leave(&other);
    module->leave(&login);
    log_in("carol");
}
END_TEST

/* A third one is not alone because the first has gone. */
START_TEST(three)
{
    struct gs2_nss_login third = { 0, false };

    log_in("alice");
    ck_assert_int_eq(module->enter(&other), GS2_NSS_NOT_ALONE);
    module->leave(&login);
    ck_assert_int_eq(module->enter(&third), GS2_NSS_NOT_ALONE);
    module->leave(&other);
    ck_assert(!module->tell(&third, "alice", (const gid_t[]){ GID }, 1));
    ck_assert_str_eq(groups_of("alice"), "");
}
END_TEST

static atomic_uint answered;

/* Threads that log in and out without an end: each user's number is that of
 * their thread, and nobody gets another one's, or has them elsewhere. */
static void *
work(void *number)
{
    const unsigned mine = *(const unsigned *)number;
    const gid_t gid = GID + mine;
    struct gs2_nss_login own = { 0, false };
    char name[16], wanted[16], neighbour[16];
    const char *got;

    snprintf(name, sizeof(name), "user%u", mine);
    snprintf(neighbour, sizeof(neighbour), "user%u", (mine + 1) % THREADS);
    snprintf(wanted, sizeof(wanted), "%u", (unsigned)gid);
    for (int i = 0; i < ROUNDS; i++) {
        if (module->enter(&own) == GS2_NSS_ALONE)
            MUST(module->tell(&own, name, &gid, 1));
        got = groups_of(name);
        MUST(strcmp(got, "") == 0 || strcmp(got, wanted) == 0);
        if (strcmp(got, "") != 0)
            atomic_fetch_add(&answered, 1);
        MUST(strcmp(groups_of(neighbour), "") == 0);
        module->leave(&own);
        MUST(strcmp(groups_of(name), "") == 0);
    }
    return NULL;
}

START_TEST(many_threads)
{
    pthread_t threads[THREADS];
    unsigned numbers[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        numbers[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &numbers[i]),
                         0);
    }
    for (int i = 0; i < 20; i++)
        run_in_child(leave_and_log_in);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_gt(answered, 0);
    log_in("alice");
}
END_TEST

SUITE("nss",
      PREPARE(load),
      TIMEOUT(60),
      TEST(nobody),
      TABLE(another_user, others),
      TEST(told_again),
      TEST(over),
      TEST(bounds),
      TEST(long_name),
      TABLE(arrays_grow, arrays),
      TEST(elsewhere),
      SOMETIMES(same_number, 1, can_unshare(),
                "only root can give a child the number of its parent"),
      TIMES(two_alive, 2),
      TEST(three),
      TEST(many_threads))
