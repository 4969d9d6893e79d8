/*
 * server_log.h - one line of the log for each login, accepted or failed, in a
 * form that programs read: libgs2(5), LOGGING, has its grammar, which is a
 * promise.
 */
#ifndef GS2_SERVER_LOG_H
#define GS2_SERVER_LOG_H

#include "server_attempt.h"

/* The plugin lets the login pass: at SASL_LOG_NOTE, "accepted", or
 * "authenticated" if the application must still say whether this authid may
 * act as that authzid.  Call it after gs2_server_login_complete(), whose
 * results it shows. */
void gs2_server_log_accepted(const struct gs2_server *s,
                             const sasl_server_params_t *params);

/* The attempt has failed, with s->code and s->why: at SASL_LOG_FAIL.  blamed:
 * the client did what no honest client does (gs2_status_blames_peer()).  Call
 * it before gs2_server_login_retract(). */
void gs2_server_log_failed(const struct gs2_server *s,
                           const sasl_server_params_t *params, bool blamed);

/* The message that came, of in octets, and where it has led: at
 * SASL_LOG_DEBUG. */
void gs2_server_log_leg(const struct gs2_server *s, size_t in,
                        enum gs2_progress progress);

/* The names of the attributes that were looked at, and how many values each
 * has: at SASL_LOG_DEBUG. */
void gs2_server_log_attributes(const struct gs2_server *s);

#endif
