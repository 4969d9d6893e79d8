/*
 * plugin.h - the steps of GS2, for the lists of plugin.c.
 */
#ifndef GS2_PLUGIN_H
#define GS2_PLUGIN_H

#include "login/server_attempt.h"

/* client.c */
int gs2_client_new(void *glob_context, sasl_client_params_t *params,
                   void **conn_context);
int gs2_client_step(void *conn_context, sasl_client_params_t *params,
                    const char *serverin, unsigned serverinlen,
                    sasl_interact_t **prompt_need, const char **clientout,
                    unsigned *clientoutlen, sasl_out_params_t *oparams);
void gs2_client_dispose(void *conn_context, const sasl_utils_t *utils);

/* server.c */
int gs2_server_new(void *glob_context, sasl_server_params_t *params,
                   const char *challenge, unsigned challen,
                   void **conn_context);
int gs2_server_step(void *conn_context, sasl_server_params_t *params,
                    const char *clientin, unsigned clientinlen,
                    const char **serverout, unsigned *serveroutlen,
                    sasl_out_params_t *oparams);
void gs2_server_dispose(void *conn_context, const sasl_utils_t *utils);

#endif
