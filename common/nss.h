/*
 * nss.h - the interface between the plugin and libnss_gs2.so.2, the module of
 * libc's Name Service Switch that is loaded where gs2_unix_groups names it
 * (nss/initgroups.c).
 *
 * libc loads that file as well: it is one library with one state.  So what the
 * plugin tells it here, it answers to getgrouplist() of the same process.  It
 * knows nothing of SASL or GSS, nor whether what it is told is true.
 */
#ifndef GS2_NSS_H
#define GS2_NSS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Raised with every change of what follows. */
#define GS2_NSS_ABI 1

/* The symbol that is ours: a struct gs2_nss_module, which does not change. */
#define GS2_NSS_SYMBOL "gs2_nss_module"

/* Groups of a login, and octets of a user's name. */
#define GS2_NSS_GROUPS_MAX 64
#define GS2_NSS_USER_MAX   1024

/* A login that is alive in a process.  All zero: none. */
struct gs2_nss_login {
    pid_t process;
    bool alone; /* no other one was alive when it began */
};

enum gs2_nss_entered {
    GS2_NSS_ALONE,
    GS2_NSS_NOT_ALONE, /* it is counted, and has no groups */
    GS2_NSS_NO_MEMORY  /* it is not counted: nothing can be told */
};

/* A login of the calling process begins: until it leaves, nobody but this one
 * has groups, and it has none if another one is alive.  Fills the caller's
 * *login, which is all zero before. */
typedef enum gs2_nss_entered gs2_nss_enter(struct gs2_nss_login *login);

/* From now on user has the count groups at gids, in the calling thread, in
 * place of what was told before.  False, and they have none, where login is
 * not alone or not of this process, or a bound is passed. */
typedef bool gs2_nss_tell(const struct gs2_nss_login *login, const char *user,
                          const gid_t *gids, size_t count);

/* The login is over, and what was told of it is forgotten; any thread may say
 * so.  Empties *login.  In another process than that which it entered in, and
 * of one that has not entered, nothing happens. */
typedef void gs2_nss_leave(struct gs2_nss_login *login);

struct gs2_nss_module {
    unsigned abi; /* GS2_NSS_ABI; first, in every version */
    gs2_nss_enter *enter;
    gs2_nss_tell *tell;
    gs2_nss_leave *leave;
};

#endif
