/*
 * target_cache.h - names of services that clients log in to, imported and made
 * the mechanism's own, and kept for some seconds.
 *
 * gss_init_sec_context() makes an imported name the mechanism's in each turn:
 * krb5 reads krb5.conf for it and may ask the DNS, which is a fifth of what a
 * login costs a client.  A process that logs in again and again (a proxy, a
 * mail server that delivers) does it once.  No credential is kept here.
 */
#ifndef GS2_TARGET_CACHE_H
#define GS2_TARGET_CACHE_H

#include "common/text/cache.h"
#include "mechs.h"

/* How long a name is kept, and how many are. */
#define GS2_TARGET_SECONDS 10
#define GS2_TARGETS_MAX 64

/* Of a struct gs2_target_cache's cache. */
extern const struct gs2_cache_kind gs2_target_cache_kind;

struct gs2_target_cache {
    struct gs2_cache cache;
};

struct gs2_target {
    struct gs2_cache_item item;
    gss_name_t imported;  /* as the application says it */
    gss_name_t canonical; /* to be given to GSS; may be the imported one */
    struct gs2_mech *mech;
    char *text;
};

/*
 * Gives *target_out for "service@host", held until gs2_target_cache_drop().
 * GS2_OK, GS2_NOMEM, or GS2_FAIL where it is no name of a service.
 */
GS2_MUST_USE gs2_status
gs2_target_cache_hold(struct gs2_target_cache *targets, struct gs2_mech *mech,
                      const char *service_at_host,
                      struct gs2_target **target_out, struct gs2_error *err);

/* Clears *target, which may be NULL already. */
void gs2_target_cache_drop(struct gs2_target_cache *targets,
                           struct gs2_target **target);

#endif
