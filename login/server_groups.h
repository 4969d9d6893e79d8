/*
 * server_groups.h - the roles of a login as Unix groups of its process
 * (gs2_unix_groups; common/nss.h).
 */
#ifndef GS2_SERVER_GROUPS_H
#define GS2_SERVER_GROUPS_H

#include "server_attempt.h"

/*
 * Where the configuration has gs2_unix_groups: libc gives the canonical authid
 * the group gs2-NAME of each role NAME that the login has, until
 * gs2_server_groups_take_back(), in this process and thread.  The roles are
 * decided and oparams has the names.
 *
 * If a group cannot or must not be handed over, the log says why, at
 * SASL_LOG_ERR, and the login goes on.  Asks NSS, which may call into libsasl:
 * call it without holding a lock.
 */
void gs2_server_groups_hand_over(struct gs2_server *s);

/* Nobody has a group by this login any more.  May be called at any time, even
 * if the login has no group. */
void gs2_server_groups_take_back(struct gs2_server *s);

#endif
