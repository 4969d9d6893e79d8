/*
 * default_realm.h - the realm that krb5 gives a bare name, for identities
 * without it.
 *
 * GSS has no call for it, and what tells it (canonicalising a bare name) reads
 * krb5.conf anew, a quarter of the cost of an accept.  So it is remembered for
 * some seconds; then one thread asks again, and the others go on with what is
 * known.
 */
#ifndef GS2_DEFAULT_REALM_H
#define GS2_DEFAULT_REALM_H

#include "common/text/cache.h"

/* Seconds after which krb5.conf is looked at again. */
#define GS2_DEFAULT_REALM_SECONDS 10

/* Of a struct gs2_default_realm's cache. */
extern const struct gs2_cache_kind gs2_default_realm_kind;

struct gs2_default_realm {
    struct gs2_cache cache;
};

/* Whether name, the realm of a displayed principal, is the default one.
 * GS2_OK, GS2_NOMEM, or GS2_FAIL where krb5 cannot say.  Where GSS does not pass
 * it on (gssproxy) no realm is the default. */
GS2_MUST_USE gs2_status gs2_default_realm_is(struct gs2_default_realm *realm,
                                             const char *name,
                                             bool *answer_out,
                                             struct gs2_error *err);

#endif
