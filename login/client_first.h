/*
 * client_first.h - the client's first turn: who it is, with which credential,
 * and what the token is bound to.
 */
#ifndef GS2_CLIENT_FIRST_H
#define GS2_CLIENT_FIRST_H

#include "client_attempt.h"

/* Fills what a mechanism gives to each turn: bindings and flags of c->nego, and
 * the header, if it has one.  GS2_OK, or a failure with the reason in c->why. */
typedef gs2_status gs2_client_inputs_maker(struct gs2_client *c,
                                           const sasl_client_params_t *params);

/*
 * Asks the application what is needed and takes the first turn.  SASL_OK with
 * *progress_out GS2_CONTINUE or GS2_COMPLETE and the token in c->out;
 * SASL_INTERACT with *prompt_need set, to be called again with the results;
 * else libsasl's code for the reason in c->why.
 */
int gs2_client_first_turn(struct gs2_client *c,
                          const sasl_client_params_t *params,
                          sasl_interact_t **prompt_need,
                          gs2_client_inputs_maker *make,
                          enum gs2_progress *progress_out);

#endif
