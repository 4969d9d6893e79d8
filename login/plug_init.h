/*
 * plug_init.h - the state of an init, which lives from plug_init to the last
 * mech_free, and what every plug_init does alike.
 *
 * There is no other state that outlives a connection, and none of it is
 * static: client and server, each init of either, and each library have one of
 * their own, so no done of one can take what the other uses.
 */
#ifndef GS2_PLUG_INIT_H
#define GS2_PLUG_INIT_H

#include <stdatomic.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "common/gss/cred_pool.h"
#include "common/gss/default_realm.h"
#include "common/gss/mechs.h"
#include "common/gss/target_cache.h"
#include "config_cache.h"

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

/* What a library has of its own. */
struct gs2_library {
    const char *family; /* what it offers, for the log: "GS2" */
    /* Fills the caller's array of GS2_MECHS_MAX.  GS2_OK or GS2_FAIL. */
    gs2_status (*list)(struct gs2_mech *mechs, size_t *count_out,
                       struct gs2_error *err);
    /* Of each of its mechanisms: functions, max_ssf, and the features that it
     * has beside those of all of ours. */
    sasl_client_plug_t client;
    sasl_server_plug_t server;
};

/* What sasl_client_plug_init() and sasl_server_plug_init() of a library do: the
 * list of its mechanisms.  SASL_OK, SASL_NOMECH where there are none,
 * SASL_BADVERS, SASL_FAIL or SASL_NOMEM. */
int gs2_plug_init_client(const struct gs2_library *library,
                         const sasl_utils_t *utils, int max_version,
                         int *version_out, sasl_client_plug_t **pluglist_out,
                         int *count_out);
int gs2_plug_init_server(const struct gs2_library *library,
                         const sasl_utils_t *utils, int max_version,
                         int *version_out, sasl_server_plug_t **pluglist_out,
                         int *count_out);

/* The two names that a library exports. */
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
