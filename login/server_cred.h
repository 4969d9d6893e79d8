/*
 * server_cred.h - the server's credential: for which name, and whether there
 * is one, so that a mechanism is offered only where a login can succeed.
 */
#ifndef GS2_SERVER_CRED_H
#define GS2_SERVER_CRED_H

#include "server_attempt.h"

/* mech_avail of each mechanism: SASL_OK where it can be offered, else
 * SASL_NOTDONE. */
int gs2_server_avail(void *glob_context, sasl_server_params_t *params,
                     void **conn_context);

/* Takes the credential for an attempt into s->nego.cred: the application's
 * (SASL_GSS_CREDS), else one of the pool, which is then in s->borrowed.
 * GS2_OK, or a failure with the reason in s->why. */
GS2_MUST_USE gs2_status
gs2_server_cred_take(struct gs2_server *s, const sasl_server_params_t *params);

#endif
