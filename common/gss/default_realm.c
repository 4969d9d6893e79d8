/*
 * default_realm.c - the default realm of krb5 (see default_realm.h).
 */
#include "default_realm.h"

#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_krb5.h>

#include "gss_error.h"
#include "gss_name.h"

/* There is one at a time, so there is no key. */
struct known {
    struct gs2_cache_item item;
    char *principal;   /* what krb5 makes of a bare name */
    const char *realm; /* of it */
};

static bool
matches(const struct gs2_cache_item *item, const void *key)
{
    (void)item;
    (void)key;
    return true;
}

static void
clear(struct gs2_cache_item *item)
{
    free(((struct known *)item)->principal);
}

/* Asks krb5.  IAKERB does not know: with it the realm is empty (krb5 1.22), and
 * every principal would keep its own. */
static gs2_status
fill(struct gs2_cache_item *item, const void *key, struct gs2_error *err)
{
    struct known *known = (struct known *)item;
    gss_buffer_desc full = GSS_C_EMPTY_BUFFER;
    gss_name_t name, canonical;
    gs2_status status = GS2_OK;
    const char *realm;
    OM_uint32 major, minor;

    major = gs2_gss_name_canonical(&minor, "x", GSS_C_NT_USER_NAME,
                                   (gss_OID)gss_mech_krb5, &name, &canonical);
    if (!GSS_ERROR(major))
        major = gss_display_name(&minor, canonical, &full, NULL);
    if (!GSS_ERROR(major))
        known->principal = strndup(full.value, full.length);
    if (GSS_ERROR(major)) {
        gs2_gss_error_in_log(err, "the server cannot tell its default realm",
                             major, minor, gss_mech_krb5);
        status = GS2_FAIL;
    } else if (known->principal == NULL) {
        status = gs2_fail_nomem(err);
    } else {
        /* gssproxy does not pass it on: every principal keeps its own. */
        realm = gs2_gss_name_realm(known->principal);
        known->realm = realm != NULL ? realm : "";
    }
    (void)key;
    (void)gss_release_buffer(&minor, &full);
    (void)gss_release_name(&minor, &canonical);
    (void)gss_release_name(&minor, &name);
    return status;
}

const struct gs2_cache_kind gs2_default_realm_kind = {
    .size = sizeof(struct known),
    .matches = matches, .fill = fill, .clear = clear,
    .max = 1, .seconds = GS2_DEFAULT_REALM_SECONDS, .old_will_do = true,
};

gs2_status
gs2_default_realm_is(struct gs2_default_realm *realm, const char *name,
                     bool *answer_out, struct gs2_error *err)
{
    struct gs2_cache_item *item;
    const gs2_status status = gs2_cache_hold(&realm->cache, NULL, &item, err);

    *answer_out = status == GS2_OK &&
                  strcmp(((struct known *)item)->realm, name) == 0;
    gs2_cache_drop(&realm->cache, item);
    return status;
}
