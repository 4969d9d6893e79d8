/*
 * target_cache.c - names of services, kept for some seconds (see
 * target_cache.h).
 */
#include "target_cache.h"

#include <stdlib.h>
#include <string.h>

#include "gss_error.h"
#include "gss_name.h"

static bool
matches(const struct gs2_cache_item *item, const void *data)
{
    const struct gs2_target *target = (const struct gs2_target *)item;
    const struct gs2_target *key = data;

    return target->mech == key->mech && strcmp(target->text, key->text) == 0;
}

static void
clear(struct gs2_cache_item *item)
{
    struct gs2_target *target = (struct gs2_target *)item;
    OM_uint32 minor;

    if (target->canonical != target->imported)
        (void)gss_release_name(&minor, &target->canonical);
    if (target->imported != GSS_C_NO_NAME)
        (void)gss_release_name(&minor, &target->imported);
    free(target->text);
}

/* The name as imported stays where the mechanism can make nothing of it: its
 * first turn will say why. */
static gs2_status
fill(struct gs2_cache_item *item, const void *data, struct gs2_error *err)
{
    struct gs2_target *target = (struct gs2_target *)item;
    const struct gs2_target *key = data;
    OM_uint32 major, minor;

    target->mech = key->mech;
    target->text = strdup(key->text);
    if (target->text == NULL)
        return gs2_fail_nomem(err);
    major = gs2_gss_name_canonical(&minor, key->text,
                                   GSS_C_NT_HOSTBASED_SERVICE, &key->mech->oid,
                                   &target->imported, &target->canonical);
    if (target->imported == GSS_C_NO_NAME)
        return gs2_fail_gss(err, GS2_FAIL, "cannot import the service's name",
                            major, minor, GSS_C_NO_OID);
    if (GSS_ERROR(major))
        target->canonical = target->imported;
    return GS2_OK;
}

const struct gs2_cache_kind gs2_target_cache_kind = {
    .size = sizeof(struct gs2_target),
    .matches = matches, .fill = fill, .clear = clear,
    .max = GS2_TARGETS_MAX, .seconds = GS2_TARGET_SECONDS,
};

gs2_status
gs2_target_cache_hold(struct gs2_target_cache *targets, struct gs2_mech *mech,
                      const char *service_at_host,
                      struct gs2_target **target_out, struct gs2_error *err)
{
    const struct gs2_target key = { .mech = mech,
                                    .text = (char *)service_at_host };
    struct gs2_cache_item *item;
    const gs2_status status = gs2_cache_hold(&targets->cache, &key, &item,
                                             err);

    *target_out = (struct gs2_target *)item;
    return status;
}

void
gs2_target_cache_drop(struct gs2_target_cache *targets,
                      struct gs2_target **target)
{
    gs2_cache_drop(&targets->cache, (struct gs2_cache_item *)*target);
    *target = NULL;
}
