/*
 * default_realm.c - the default realm of krb5 (see default_realm.h).
 */
#include "default_realm.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gssapi/gssapi_krb5.h>

#include "gss_error.h"

struct gs2_realm {
    pthread_mutex_t lock;
    char *name;  /* NULL: not asked yet */
    time_t read; /* when, by the monotonic clock */
    bool asking; /* some thread is, just now */
};

gs2_status
gs2_realm_new(struct gs2_realm **realm_out, struct gs2_error *err)
{
    *realm_out = calloc(1, sizeof(**realm_out));
    if (*realm_out == NULL)
        return gs2_fail_nomem(err);
    pthread_mutex_init(&(*realm_out)->lock, NULL);
    return GS2_OK;
}

void
gs2_realm_free(struct gs2_realm *realm)
{
    if (realm == NULL)
        return;
    pthread_mutex_destroy(&realm->lock);
    free(realm->name);
    free(realm);
}

const char *
gs2_realm_of(const char *principal)
{
    const char *at = NULL;

    for (const char *p = principal; *p != '\0'; p++) {
        if (*p == '\\' && p[1] != '\0')
            p++;
        else if (*p == '@')
            at = p;
    }
    return at != NULL ? at + 1 : NULL;
}

/* Asks krb5 what it makes of a bare name.  IAKERB does not know: with it the
 * realm is empty (krb5 1.22), and every principal would keep its own. */
static gs2_status
ask(struct gs2_mech *mech, char **name_out, struct gs2_error *err)
{
    gss_name_t name = GSS_C_NO_NAME, canonical = GSS_C_NO_NAME;
    gss_buffer_desc bare = { 1, (void *)"x" };
    gss_buffer_desc full = GSS_C_EMPTY_BUFFER;
    gs2_status status = GS2_OK;
    OM_uint32 major, minor;
    char *principal = NULL;
    const char *realm;

    *name_out = NULL;
    major = gss_import_name(&minor, &bare, GSS_C_NT_USER_NAME, &name);
    if (!GSS_ERROR(major))
        major = gss_canonicalize_name(&minor, name, (gss_OID)gss_mech_krb5,
                                      &canonical);
    if (!GSS_ERROR(major))
        major = gss_display_name(&minor, canonical, &full, NULL);
    if (GSS_ERROR(major))
        status = gs2_fail_gss(err, GS2_FAIL, "cannot tell the default realm",
                              major, minor, &mech->oid);
    else if ((principal = strndup(full.value, full.length)) == NULL)
        status = gs2_fail_nomem(err);
    if (principal != NULL) {
        realm = gs2_realm_of(principal);
        if (realm == NULL || realm[0] == '\0')
            status = gs2_fail(err, GS2_FAIL, "krb5 has no default realm");
        else if ((*name_out = strdup(realm)) == NULL)
            status = gs2_fail_nomem(err);
    }
    free(principal);
    (void)gss_release_buffer(&minor, &full);
    (void)gss_release_name(&minor, &canonical);
    (void)gss_release_name(&minor, &name);
    return status;
}

/* Is what is known too old, and is it for us to ask?  The lock is held. */
static bool
must_ask(const struct gs2_realm *realm, time_t now)
{
    if (realm->name == NULL)
        return true;
    return now - realm->read >= GS2_REALM_SECONDS && !realm->asking;
}

/* Asks, without the lock, so that others go on with what is known. */
static gs2_status
refresh(struct gs2_realm *realm, struct gs2_mech *mech, time_t now,
        struct gs2_error *err)
{
    gs2_status status;
    char *fresh;

    realm->asking = true;
    pthread_mutex_unlock(&realm->lock);
    status = ask(mech, &fresh, err);
    pthread_mutex_lock(&realm->lock);
    realm->asking = false;
    if (status != GS2_OK)
        return status;
    free(realm->name);
    realm->name = fresh;
    realm->read = now;
    return GS2_OK;
}

gs2_status
gs2_realm_is_default(struct gs2_realm *realm, struct gs2_mech *mech,
                     const char *name, bool *answer_out, struct gs2_error *err)
{
    struct timespec now = { 0 };
    gs2_status status = GS2_OK;

    *answer_out = false;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&realm->lock);
    if (must_ask(realm, now.tv_sec))
        status = refresh(realm, mech, now.tv_sec, err);
    if (status == GS2_OK)
        *answer_out = strcmp(realm->name, name) == 0;
    pthread_mutex_unlock(&realm->lock);
    return status;
}
