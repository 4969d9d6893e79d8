/*
 * sasl_error.h - how a reason of common/ reaches the application.
 *
 * The text of a failure is public: slapd sends sasl_errdetail() to the
 * client.  So it is set without the paths of this machine; only the log gets
 * it in full, with its detail (server_log.h).  utils->seterror() logs by
 * itself unless told not to; a failure is logged once, when it happens.
 */
#ifndef GS2_SASL_ERROR_H
#define GS2_SASL_ERROR_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/gss/nego.h"
#include "common/text/error.h"

/* libsasl's code for a status of common/ (libgs2(5), DIAGNOSTICS): a peer that
 * did not prove who it is is SASL_BADSERV to a client. */
int gs2_sasl_error_code(enum gs2_side side, gs2_status status);

/* What to make of canon_user's code for name, which is the authid or the
 * authzid, as flags say (SASL_CU_...).  SASL_OK, or a code that ends the
 * login, with the reason in why. */
int gs2_sasl_error_canon(int code, const char *name, unsigned flags,
                         struct gs2_error *why);

/* Sets sasl_errdetail() to text; no log. */
void gs2_sasl_error_set(const sasl_utils_t *utils, const char *text);

/* Sets it for want of memory: SASL_NOMEM. */
int gs2_sasl_error_nomem(const sasl_utils_t *utils);

/* As gs2_sasl_error_set(), for what a peer may be told: "(path)" in the place of
 * each path. */
void gs2_sasl_error_set_public(const sasl_utils_t *utils, const char *text);

#endif
