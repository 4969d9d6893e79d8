/*
 * plugin.h - what the files of plugin/ share: the roster of mechanisms that
 * lives from plug_init to the last mech_free, and how a reason of common/
 * becomes libsasl's.
 *
 * There is no other state that outlives a connection, and none of it is
 * static: client and server, and each init of either, have a roster of their
 * own, so no done of one can take what the other uses.
 */
#ifndef GS2_PLUGIN_H
#define GS2_PLUGIN_H

#include <pthread.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/gss/creds.h"
#include "common/gss/mechs.h"
#include "common/gss/default_realm.h"
#include "common/gss/target_cache.h"

/* Octets of a name that libsasl's canon_user has room for.  Of one that is
 * longer it loses the memory of a copy. */
#define GS2_CANON_OCTETS_MAX 1024

struct gs2_roster;
struct gs2_configs_entry;
struct gs2_pac_module;

/* The glob_context of one mechanism. */
struct gs2_offer {
    struct gs2_roster *roster;
    struct gs2_mech *mech;
};

struct gs2_roster {
    size_t users;              /* mech_free calls to come */
    void *plugs;               /* sasl_{client,server}_plug_t[] */
    size_t count;
    struct gs2_offer offers[GS2_MECHS_MAX];
    struct gs2_mech mechs[GS2_MECHS_MAX];
    struct gs2_targets *targets; /* client alone */
    struct gs2_pool *pool;     /* server alone ... */
    struct gs2_realm *home;    /* ... and this: the default realm ... */
    struct gs2_pac_module *decoder; /* ... and gs2_pac_decoder's; NULL: none */
    pthread_mutex_t lock;      /* guards the next */
    struct gs2_configs_entry *configs; /* parsed, the one used last first */
};

/* The steps of each role, for the tables of plugs (client.c, server.c). */
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

/* The two names that the library exports. */
#define GS2_EXPORT __attribute__((visibility("default")))

GS2_EXPORT int
sasl_client_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_client_plug_t **plugs_out,
                      int *count_out);

GS2_EXPORT int
sasl_server_plug_init(const sasl_utils_t *utils, int max_version,
                      int *version_out, sasl_server_plug_t **plugs_out,
                      int *count_out);

#endif
