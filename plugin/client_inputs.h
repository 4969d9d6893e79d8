/*
 * client_inputs.h - what GS2 gives to each turn of a client: the header, what
 * the token is bound to, and the flags.
 */
#ifndef GS2_CLIENT_INPUTS_H
#define GS2_CLIENT_INPUTS_H

#include "login/client_attempt.h"

/* A gs2_client_inputs_maker: the header goes to c->header. */
gs2_status gs2_client_inputs(struct gs2_client *c,
                             const sasl_client_params_t *params);

#endif
