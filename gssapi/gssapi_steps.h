/*
 * gssapi_steps.h - the steps of GSSAPI and GSS-SPNEGO, for the lists of
 * gssapi_plugin.c.  (A gssapi.h in this folder would be <gssapi/gssapi.h>.)
 */
#ifndef GS2_GSSAPI_STEPS_H
#define GS2_GSSAPI_STEPS_H

#include "login/plug_init.h"

/* gssapi_client.c */
int gs2_gssapi_client_new(void *glob_context, sasl_client_params_t *params,
                          void **conn_context);
int gs2_gssapi_client_step(void *conn_context, sasl_client_params_t *params,
                           const char *serverin, unsigned serverinlen,
                           sasl_interact_t **prompt_need,
                           const char **clientout, unsigned *clientoutlen,
                           sasl_out_params_t *oparams);
void gs2_gssapi_client_dispose(void *conn_context, const sasl_utils_t *utils);

/* gssapi_server.c */
int gs2_gssapi_server_new(void *glob_context, sasl_server_params_t *params,
                          const char *challenge, unsigned challen,
                          void **conn_context);
int gs2_gssapi_server_step(void *conn_context, sasl_server_params_t *params,
                           const char *clientin, unsigned clientinlen,
                           const char **serverout, unsigned *serveroutlen,
                           sasl_out_params_t *oparams);
void gs2_gssapi_server_dispose(void *conn_context, const sasl_utils_t *utils);

#endif
