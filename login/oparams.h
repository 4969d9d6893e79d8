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

/* Says that there was a security layer, and that there is none any more: nothing
 * is sent and nothing taken (SASL_NOTDONE), where libsasl would do both with
 * everything as it is (RFC 4422 section 3.8). */
void gs2_oparams_refuse(sasl_out_params_t *oparams);

/* Says that there is no security layer, at the steps of a new attempt: libsasl
 * would call the functions of another one with our context.  What refuses since
 * gs2_oparams_refuse() goes on to refuse. */
void gs2_oparams_no_layer(sasl_out_params_t *oparams);

/* Says that nobody is logged in.  Otherwise even the binding would count as
 * the next attempt's. */
void gs2_oparams_no_login(sasl_out_params_t *oparams);

#endif
