/*
 * initgroups.c - libnss_gs2.so.2: getgrouplist() and initgroups() of a server
 * give the groups of the roles that the login in this process and thread has
 * (libnss_gs2(8)).
 *
 * libc loads this into every process that looks up a group, root's and setuid
 * ones among them, and calls it in the middle of whatever that process does.
 * So, beyond what libc's manual asks of a module (System Databases and Name
 * Service Switch, Extending NSS):
 *
 *   - It has no lock.  The caller may hold any of its own, or be the child of
 *     a process whose other threads held them as it was made.
 *   - It allocates nothing but the caller's array, which the interface wants
 *     grown by realloc() within the caller's limit, opens nothing, logs
 *     nothing, asks no other function of NSS and starts no thread.
 *   - Where nobody has logged in it reads one pointer and answers "not found".
 *   - It answers for one user alone, octet by octet as the plugin has named
 *     them, and to the thread in which they logged in.  Any other question,
 *     and any other database, is left to the other services.
 *   - It links libc alone, and shows the two names that it must.
 *   - It is never unmapped: the plugin keeps a pointer to its table, and libc
 *     pointers to its function.
 *
 * There is one record, in a page of its own that the kernel empties in each
 * child (MADV_WIPEONFORK): a number of a process may come again, and a child's
 * child could have that which the record names.  The page is there only where
 * a server has told something.  The fields are read and written with a
 * sequence counter, odd while they change; what changes while it is read, or
 * has changed, is not found.
 */
#include <errno.h>
#include <limits.h>
#include <nss.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/nss.h"

/* Written by the login that was alone when it entered, and by no other: so
 * there is one that writes. */
struct record {
    atomic_uint alive; /* logins that have entered and not left */
    atomic_uint sequence;
    _Atomic pid_t process, thread;
    atomic_uint count; /* of gids; 0: nobody has any */
    _Atomic gid_t gids[GS2_NSS_GROUPS_MAX];
    atomic_uchar user[GS2_NSS_USER_MAX + 1];
};

/* What a record says, taken out of it in one piece. */
struct answer {
    size_t count;
    gid_t gids[GS2_NSS_GROUPS_MAX];
};

static _Atomic(struct record *) the_record;

/* --- what the plugin tells ----------------------------------------------- */

/* The record of the process, which the first call makes; NULL where there is
 * no memory, or none that a child does not see. */
static struct record *
need_record(void)
{
    struct record *old = atomic_load(&the_record), *made;

    if (old != NULL)
        return old;
    made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED)
        return NULL;
    if (madvise(made, sizeof(*made), MADV_WIPEONFORK) == 0 &&
        atomic_compare_exchange_strong(&the_record, &old, made))
        return made;
    (void)munmap(made, sizeof(*made));
    return old;
}

static void
set(struct record *record, pid_t thread, const char *user, const gid_t *gids,
    size_t count)
{
    const unsigned odd = atomic_load(&record->sequence) | 1;

    atomic_store(&record->sequence, odd);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&record->process, getpid(), memory_order_relaxed);
    atomic_store_explicit(&record->thread, thread, memory_order_relaxed);
    atomic_store_explicit(&record->count, (unsigned)count,
                          memory_order_relaxed);
    for (size_t i = 0; i < GS2_NSS_GROUPS_MAX; i++)
        atomic_store_explicit(&record->gids[i], i < count ? gids[i] : 0,
                              memory_order_relaxed);
    for (size_t i = 0; i <= GS2_NSS_USER_MAX; i++) {
        atomic_store_explicit(&record->user[i], (unsigned char)*user,
                              memory_order_relaxed);
        user += *user != '\0';
    }
    atomic_store_explicit(&record->sequence, odd + 1, memory_order_release);
}

static enum gs2_nss_entered
enter(struct gs2_nss_login *login)
{
    struct record *record = need_record();

    if (record == NULL)
        return GS2_NSS_NO_MEMORY;
    login->process = getpid();
    login->alone = atomic_fetch_add(&record->alive, 1) == 0;
    return login->alone ? GS2_NSS_ALONE : GS2_NSS_NOT_ALONE;
}

static bool
is_ours(const struct gs2_nss_login *login)
{
    return login->process != 0 && login->process == getpid();
}

static bool
tell(const struct gs2_nss_login *login, const char *user, const gid_t *gids,
     size_t count)
{
    struct record *record = atomic_load(&the_record);
    const bool may = is_ours(login) && login->alone;
    const bool fits = count <= GS2_NSS_GROUPS_MAX && user[0] != '\0' &&
                      strlen(user) <= GS2_NSS_USER_MAX;

    if (may && fits)
        set(record, gettid(), user, gids, count);
    else if (may)
        set(record, 0, "", NULL, 0);
    return may && fits;
}

/* The record is empty before another login can be alone. */
static void
leave(struct gs2_nss_login *login)
{
    struct record *record = atomic_load(&the_record);
    unsigned alive;

    if (is_ours(login)) {
        if (login->alone)
            set(record, 0, "", NULL, 0);
        alive = atomic_load(&record->alive);
        while (alive > 0 && !atomic_compare_exchange_weak(
                                &record->alive, &alive, alive - 1))
            ;
    }
    memset(login, 0, sizeof(*login));
}

extern const struct gs2_nss_module gs2_nss_module;
__attribute__((visibility("default")))
const struct gs2_nss_module gs2_nss_module = {
    .abi = GS2_NSS_ABI, .enter = enter, .tell = tell, .leave = leave
};

/* --- what libc asks ------------------------------------------------------ */

static bool
is_user(const struct record *record, const char *user)
{
    size_t i = 0;
    unsigned char c;

    do {
        c = atomic_load_explicit(&record->user[i], memory_order_relaxed);
        if (c != (unsigned char)user[i])
            return false;
    } while (c != '\0' && ++i <= GS2_NSS_USER_MAX);
    return c == '\0' && i > 0;
}

/* Takes out of record the groups that user has, here and now.  False where
 * there are none, or the record has changed meanwhile. */
static bool
ask(const struct record *record, const char *user, struct answer *answer)
{
    const unsigned sequence = atomic_load(&record->sequence);

    if ((sequence & 1) != 0 || atomic_load(&record->process) != getpid() ||
        atomic_load(&record->thread) != gettid() || !is_user(record, user))
        return false;
    answer->count = atomic_load_explicit(&record->count, memory_order_relaxed);
    if (answer->count > GS2_NSS_GROUPS_MAX)
        return false;
    for (size_t i = 0; i < answer->count; i++)
        answer->gids[i] = atomic_load_explicit(&record->gids[i],
                                               memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    return answer->count > 0 &&
           atomic_load(&record->sequence) == sequence &&
           atomic_load(&record->alive) == 1;
}

/* Puts as many of the groups behind the *start of the caller's array as limit
 * allows; 0 or less is no limit. */
static enum nss_status
append(const struct answer *answer, long *start, long *size, gid_t **groups,
       long limit, int *errnop)
{
    long end = *start + (long)answer->count;
    gid_t *larger;

    if (limit > 0 && end > limit)
        end = limit;
    if (end > *size) {
        larger = realloc(*groups, (size_t)end * sizeof(**groups));
        if (larger == NULL) {
            *errnop = ENOMEM;
            return NSS_STATUS_TRYAGAIN;
        }
        *groups = larger;
        *size = end;
    }
    for (size_t i = 0; *start < end; i++)
        (*groups)[(*start)++] = answer->gids[i];
    return NSS_STATUS_SUCCESS;
}

/* The name that libc looks for; no header has it. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
__attribute__((visibility("default"))) enum nss_status
_nss_gs2_initgroups_dyn(const char *user, gid_t group, long *start, long *size,
                        gid_t **groups, long limit, int *errnop);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

enum nss_status
_nss_gs2_initgroups_dyn(const char *user, gid_t group, long *start, long *size,
                        gid_t **groups, long limit, int *errnop)
{
    const struct record *record = atomic_load_explicit(&the_record,
                                                       memory_order_acquire);
    struct answer answer;

    (void)group; /* libc leaves out what it has already */
    if (record != NULL && ask(record, user, &answer))
        return append(&answer, start, size, groups, limit, errnop);
    *errnop = ENOENT;
    return NSS_STATUS_NOTFOUND;
}
