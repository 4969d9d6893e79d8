/*
 * oparams.h - what libsasl was told of an attempt, taken back.
 *
 * libsasl clears nothing of it between two attempts of a connection: what one
 * has left there would count for the next.
 */
#ifndef GS2_OPARAMS_H
#define GS2_OPARAMS_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

/* Says that there is no security layer.  libsasl keeps what a mechanism that
 * failed has said of its own, and would call that one's functions with the
 * context of ours.  A layer whose login is over (without context) stays: with it
 * libsasl sends and takes nothing, without it everything as it is. */
void gs2_oparams_no_layer(sasl_out_params_t *oparams);

/* Says that nobody is logged in.  Otherwise even the binding would count as
 * the next attempt's. */
void gs2_oparams_no_login(sasl_out_params_t *oparams);

#endif
