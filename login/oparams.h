/*
 * oparams.h - what libsasl was told of an attempt, taken back.
 *
 * libsasl clears none of this between two attempts on a connection: what one
 * leaves would count for the next.
 */
#ifndef GS2_OPARAMS_H
#define GS2_OPARAMS_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

/* Says that there was a security layer, which has ended: from now on nothing
 * is sent or received (SASL_NOTDONE).  Without this libsasl would send and
 * receive plain text (RFC 4422 section 3.8). */
void gs2_oparams_refuse(sasl_out_params_t *oparams);

/* Says at each step of a new attempt that there is no security layer: libsasl
 * would call the functions of an earlier one with our context.  Functions that
 * refuse since gs2_oparams_refuse() go on refusing. */
void gs2_oparams_no_layer(sasl_out_params_t *oparams);

/* Says that nobody is logged in, and takes back what libsasl itself has set at a
 * login.  Otherwise even the binding would count as the next attempt's. */
void gs2_oparams_no_login(sasl_out_params_t *oparams);

#endif
