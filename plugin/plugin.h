/*
 * plugin.h - what the files of plugin/ share: the state of an init, which
 * lives from plug_init to the last mech_free, and what client and server do
 * alike.
 *
 * There is no other state that outlives a connection, and none of it is
 * static: client and server, and each init of either, have one of their own,
 * so no done of one can take what the other uses.
 */
#ifndef GS2_PLUGIN_H
#define GS2_PLUGIN_H

#include <stdatomic.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/gss/cred_pool.h"
#include "common/gss/default_realm.h"
#include "common/gss/mechs.h"
#include "common/gss/target_cache.h"
#include "config_cache.h"

/* Octets of a name that libsasl's canon_user has room for.  Of one that is
 * longer it loses the memory of a copy. */
#define GS2_CANON_OCTETS_MAX 1024

struct gs2_plugin;

/* The glob_context of one mechanism. */
struct gs2_glob_context {
    struct gs2_plugin *plugin;
    struct gs2_mech *mech;
};

struct gs2_plugin {
    size_t users;   /* mech_free calls to come */
    void *pluglist; /* sasl_{client,server}_plug_t[] */
    size_t count;
    struct gs2_glob_context contexts[GS2_MECHS_MAX];
    struct gs2_mech mechs[GS2_MECHS_MAX];
    struct gs2_target_cache targets;        /* client alone */
    struct gs2_cred_pool creds;             /* server alone ... */
    struct gs2_default_realm default_realm; /* ... and this ... */
    struct gs2_config_cache configs;        /* ... and this ... */
    atomic_bool logins_mixed;               /* ... and that the log has it */
};

/* The steps of each side, for the lists of plugin.c (client.c, server.c). */
int gs2_client_new(void *glob_context, sasl_client_params_t *params,
                   void **conn_context);
int gs2_client_step(void *conn_context, sasl_client_params_t *params,
                    const char *serverin, unsigned serverinlen,
                    sasl_interact_t **prompt_need, const char **clientout,
                    unsigned *clientoutlen, sasl_out_params_t *oparams);
void gs2_client_dispose(void *conn_context, const sasl_utils_t *utils);

int gs2_server_new(void *glob_context, sasl_server_params_t *params,
                   const char *challenge, unsigned challen,
                   void **conn_context);
int gs2_server_step(void *conn_context, sasl_server_params_t *params,
                    const char *clientin, unsigned clientinlen,
                    const char **serverout, unsigned *serveroutlen,
                    sasl_out_params_t *oparams);
void gs2_server_dispose(void *conn_context, const sasl_utils_t *utils);
int gs2_server_avail(void *glob_context, sasl_server_params_t *params,
                     void **conn_context);

/* Says that there is no security layer.  libsasl keeps what a mechanism that
 * failed has said of its own, and would call that one's functions with the
 * context of ours. */
void gs2_plugin_no_layer(sasl_out_params_t *oparams);

/* What canon_user's code for name comes to, the authid or the authzid as flags
 * say (SASL_CU_...).  SASL_OK, or a code that ends the login, with the reason
 * in why. */
int gs2_plugin_canonicalized(int code, const char *name, unsigned flags,
                             struct gs2_error *why);

/* The two names that the library exports. */
#define GS2_EXPORT __attribute__((visibility("default")))

GS2_EXPORT int
sasl_client_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_client_plug_t **pluglist_out,
                      int *count_out);

GS2_EXPORT int
sasl_server_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_server_plug_t **pluglist_out,
                      int *count_out);

#endif
