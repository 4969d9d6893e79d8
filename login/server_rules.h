/*
 * server_rules.h - the rules of the configuration, put to a login.
 */
#ifndef GS2_SERVER_RULES_H
#define GS2_SERVER_RULES_H

#include "server_attempt.h"

/* After canon_user: decides which roles the login has, in s->roles.  GS2_OK, or
 * GS2_NOMEM with the reason in s->why. */
GS2_MUST_USE gs2_status
gs2_server_rules_assign(struct gs2_server *s,
                        const sasl_server_params_t *params);

/* After the roles: gs2_require, and where authzid is not authid
 * gs2_proxy_require.  GS2_OK or GS2_NOAUTHZ, or another failure, with the
 * reason in s->why. */
GS2_MUST_USE gs2_status
gs2_server_rules_check(struct gs2_server *s,
                       const sasl_server_params_t *params);

/* As gs2_admit_is_self() says of the names that the application has. */
bool gs2_server_rules_is_self(const sasl_out_params_t *oparams,
                              const char *service);

#endif
