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
 * What cannot be handed over, or must not be, is not, and the log says why, at
 * SASL_LOG_ERR: a login never fails of it.  Asks NSS, which may call into
 * libsasl: no lock of ours is held.
 */
void gs2_server_groups_hand_over(struct gs2_server *s);

/* Nobody has a group by this login any more.  May be called at any time, also
 * of one that has none. */
void gs2_server_groups_take_back(struct gs2_server *s);

#endif
