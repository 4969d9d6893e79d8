/*
 * default_realm.h - the realm that krb5 gives a bare name, for identities without it.
 *
 * GSS has no call for it, and what tells it (canonicalising a bare name) reads
 * krb5.conf anew, a quarter of the cost of an accept.  So it is remembered for
 * some seconds.
 */
#ifndef GS2_DEFAULT_REALM_H
#define GS2_DEFAULT_REALM_H

#include <stdbool.h>

#include "mechs.h"

/* Seconds after which krb5.conf is looked at again. */
#define GS2_REALM_SECONDS 10

struct gs2_realm;

/* Gives *realm_out, freed with gs2_realm_free(); it may be used by several
 * threads.  GS2_OK or GS2_NOMEM. */
GS2_MUST_USE gs2_status gs2_realm_new(struct gs2_realm **realm_out,
                                      struct gs2_error *err);

void gs2_realm_free(struct gs2_realm *realm);

/* Whether name, the realm of a displayed principal, is the default one.  mech
 * is krb5 or IAKERB.  GS2_OK, GS2_NOMEM, or GS2_FAIL where krb5 has none. */
GS2_MUST_USE gs2_status gs2_realm_is_default(struct gs2_realm *realm,
                                             struct gs2_mech *mech,
                                             const char *name,
                                             bool *answer_out,
                                             struct gs2_error *err);

/* The realm of a displayed Kerberos principal: behind its last unescaped "@".
 * Borrows; NULL where there is none. */
const char *gs2_realm_of(const char *principal);

#endif
