/*
 * admit.h - who and which names are refused before any rule is asked: anonymous
 * peers, names that libsasl would make another user's, and, with gs2_tag, names
 * that look like a user with a role (rows A4 to A6 of doc/gs2.md).  For the
 * plugin, and for programs that say what it would do.
 */
#ifndef GS2_ADMIT_H
#define GS2_ADMIT_H

#include "options.h"

/* The longest name that libsasl's canon_user has room for, in octets.  With a
 * longer one it loses the memory of a copy. */
#define GS2_CANON_OCTETS_MAX 1024

/*
 * Whether a peer may come: an anonymous one by gs2_accept_anonymous alone, and
 * nobody whom libsasl would give the name of those who are anonymous, or of a
 * user of the default realm, by the user_realm, which is NULL for none.
 *
 * GS2_OK; GS2_NOAUTHZ, or what gs2_default_realm_is() returns of home, with the
 * reason.
 */
GS2_MUST_USE gs2_status gs2_admit_peer(const struct gs2_config *config,
                                       const struct gs2_identity *id,
                                       const char *user_realm,
                                       struct gs2_default_realm *home,
                                       struct gs2_error *err);

/* With gs2_tag: GS2_NOAUTHZ for a name, which may be NULL, that has the tag in
 * it: it would be taken for another user with a role.  Otherwise GS2_OK. */
GS2_MUST_USE gs2_status gs2_admit_untagged(const struct gs2_config *config,
                                           const char *name,
                                           struct gs2_error *err);

/* With gs2_tag, in LDAP: GS2_NOAUTHZ for an authzid as the client wrote it, which
 * may be NULL, that is a DN in which something can stand for the tag.  Otherwise
 * GS2_OK. */
GS2_MUST_USE gs2_status gs2_admit_unescaped(const struct gs2_config *config,
                                            const char *service,
                                            const char *authzid,
                                            struct gs2_error *err);

/* Whether canon_user has room for a name, and for the user_realm if it appends
 * that, and an application can show the name: GS2_OK, or bad with the reason. */
GS2_MUST_USE gs2_status gs2_admit_name(const char *name,
                                       const char *user_realm, gs2_status bad,
                                       struct gs2_error *err);

/* True where the canonical authzid, user, is the canonical authid, octet by
 * octet, or "u:" and the authid in LDAP, where that is how one asks for a user by
 * name (RFC 4513 section 5.2.1.8). */
bool gs2_admit_is_self(const char *service, const char *authid,
                       size_t authid_len, const char *user, size_t user_len);

/* Whether the application's name now is the one that it had before, with suffix,
 * a tag and a role, at its end: so before the user_realm in Subversion alone, and
 * in LDAP as another DN. */
bool gs2_admit_is_tagged(const char *service, const char *user_realm,
                         const char *before, const char *now,
                         const char *suffix);

#endif
