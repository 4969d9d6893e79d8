/*
 * cred_pool.c - the pool of acceptor credentials (see cred_pool.h).
 *
 * An item of the cache stands for all credentials that are alike: it has those
 * that are idle, and what the last acquisition came to.  Whoever has borrowed
 * one holds the item, since its name is borrowed as well.
 */
#include "cred_pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "creds.h"
#include "gss_error.h"
#include "gss_name.h"

/* More kinds of credentials than any server has.  An application may take the
 * acceptor's host from the client (SNI), so there must be a bound. */
#define ACCEPTORS_MAX 512

enum answer { NOT_KNOWN, GOOD, BAD };

struct gs2_alike_creds {
    struct gs2_cache_item item;
    struct gs2_mech *mech;
    char *text, *keytab, *ktname;
    gss_name_t name;              /* text, imported */
    pthread_mutex_t lock;         /* guards the rest; no GSS call under it */
    struct gs2_pooled_cred *idle;
    enum answer found;            /* what the last acquisition came to */
    enum answer told;             /* what gs2_cred_pool_check() said last */
    time_t failed;                /* when; with BAD ... */
    struct gs2_error why;         /* ... and why */
};

static void
release(struct gs2_pooled_cred *one)
{
    OM_uint32 minor;

    if (one->cred != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &one->cred);
    free(one);
}

/* --- items of the cache -------------------------------------------------- */

static bool
matches(const struct gs2_cache_item *item, const void *key)
{
    const struct gs2_alike_creds *alike = (const struct gs2_alike_creds *)item;
    const struct gs2_acceptor *which = key;

    return alike->mech == which->mech &&
           gs2_cache_same(alike->text, which->name) &&
           gs2_cache_same(alike->keytab, which->keytab) &&
           gs2_cache_same(alike->ktname, which->ktname);
}

static void
clear(struct gs2_cache_item *item)
{
    struct gs2_alike_creds *alike = (struct gs2_alike_creds *)item;
    struct gs2_pooled_cred *one;
    OM_uint32 minor;

    while ((one = alike->idle) != NULL) {
        alike->idle = one->next;
        release(one);
    }
    if (alike->name != GSS_C_NO_NAME)
        (void)gss_release_name(&minor, &alike->name);
    pthread_mutex_destroy(&alike->lock);
    free(alike->text);
    free(alike->keytab);
    free(alike->ktname);
}

static gs2_status
fill(struct gs2_cache_item *item, const void *key, struct gs2_error *err)
{
    struct gs2_alike_creds *alike = (struct gs2_alike_creds *)item;
    const struct gs2_acceptor *which = key;
    OM_uint32 major, minor;

    pthread_mutex_init(&alike->lock, NULL);
    alike->mech = which->mech;
    if (!gs2_cache_copy(&alike->text, which->name) ||
        !gs2_cache_copy(&alike->keytab, which->keytab) ||
        !gs2_cache_copy(&alike->ktname, which->ktname))
        return gs2_fail_nomem(err);
    if (which->name == NULL)
        return GS2_OK;
    major = gs2_gss_name_import(&minor, which->name,
                                GSS_C_NT_HOSTBASED_SERVICE, &alike->name);
    if (!GSS_ERROR(major))
        return GS2_OK;
    gs2_gss_error_in_log(err, "the server cannot import its service's name",
                         major, minor, GSS_C_NO_OID);
    return GS2_FAIL;
}

const struct gs2_cache_kind gs2_cred_pool_kind = {
    .size = sizeof(struct gs2_alike_creds),
    .matches = matches, .fill = fill, .clear = clear,
    .max = ACCEPTORS_MAX, .bounded = "acceptor names",
};

/* Borrows all but the credential. */
static gs2_status
hold(struct gs2_cred_pool *pool, const struct gs2_acceptor *which,
     struct gs2_borrowed_cred *borrowed_out, struct gs2_error *err)
{
    struct gs2_acceptor key = *which;
    struct gs2_cache_item *item;
    gs2_status status;

    memset(borrowed_out, 0, sizeof(*borrowed_out));
    key.ktname = which->mech->is_krb5 ? getenv("KRB5_KTNAME") : NULL;
    status = gs2_cache_hold(&pool->cache, &key, &item, err);
    if (status != GS2_OK)
        return status;
    borrowed_out->from = (struct gs2_alike_creds *)item;
    borrowed_out->name = borrowed_out->from->name;
    return GS2_OK;
}

/* --- credentials --------------------------------------------------------- */

/* The first idle one that has not expired, or NULL. */
static struct gs2_pooled_cred *
take_idle(struct gs2_alike_creds *alike)
{
    struct gs2_pooled_cred *one;

    for (;;) {
        pthread_mutex_lock(&alike->lock);
        one = alike->idle;
        if (one != NULL)
            alike->idle = one->next;
        pthread_mutex_unlock(&alike->lock);
        if (one == NULL || one->expires == 0 ||
            one->expires > gs2_cache_now())
            return one;
        release(one);
    }
}

/* Where the keys were looked for, for the log. */
static const char *
keytab_of(const struct gs2_alike_creds *alike)
{
    if (alike->keytab != NULL)
        return alike->keytab;
    return alike->ktname != NULL ? alike->ktname : "the default one";
}

static gs2_status
acquire(struct gs2_alike_creds *alike, struct gs2_pooled_cred *one,
        struct gs2_error *err)
{
    gss_key_value_element_desc element = { "keytab", alike->keytab };
    const gss_key_value_set_desc store = { 1, &element };
    gss_OID_set_desc mechs = { 1, &alike->mech->oid };
    OM_uint32 major, minor, seconds = GSS_C_INDEFINITE;
    struct gs2_error why;
    gs2_status status;

    major = gss_acquire_cred_from(&minor, alike->name, GSS_C_INDEFINITE,
                                  &mechs, GSS_C_ACCEPT,
                                  alike->keytab != NULL ? &store : NULL,
                                  &one->cred, NULL, &seconds);
    if (!GSS_ERROR(major) && alike->mech->negotiated != NULL)
        major = gs2_creds_negotiate(&minor, one->cred, alike->mech);
    if (!GSS_ERROR(major)) {
        if (seconds != GSS_C_INDEFINITE)
            one->expires = gs2_cache_now() + (time_t)seconds;
        return GS2_OK;
    }
    if (major == GSS_S_FAILURE && minor == ENOMEM)
        return gs2_fail_nomem(err);
    /* The reason may name a path of the server, so it is for the log. */
    (void)gs2_fail_gss(&why, GS2_NOCRED, "cannot acquire it", major, minor,
                       &alike->mech->oid);
    status = gs2_fail(err, GS2_NOCRED,
                      "the server has no %s credential for %s",
                      alike->mech->name,
                      alike->text != NULL ? alike->text : "any service");
    gs2_error_detail(err, "%s; keytab: %s", why.text, keytab_of(alike));
    return status;
}

/* Gives a new credential, and notes what that came to. */
static gs2_status
make(struct gs2_alike_creds *alike, struct gs2_pooled_cred **one_out,
     struct gs2_error *err)
{
    struct gs2_pooled_cred *one = calloc(1, sizeof(*one));
    gs2_status status;

    *one_out = NULL;
    if (one == NULL)
        return gs2_fail_nomem(err);
    status = acquire(alike, one, err);
    if (status == GS2_OK)
        *one_out = one;
    else
        release(one);
    pthread_mutex_lock(&alike->lock);
    /* Without memory nothing was found out. */
    alike->found = status == GS2_OK ? GOOD
                   : status == GS2_NOMEM ? NOT_KNOWN : BAD;
    if (alike->found == BAD) {
        alike->failed = gs2_cache_now();
        alike->why = *err;
    }
    pthread_mutex_unlock(&alike->lock);
    return status;
}

gs2_status
gs2_cred_pool_borrow(struct gs2_cred_pool *pool,
                     const struct gs2_acceptor *which,
                     struct gs2_borrowed_cred *borrowed_out,
                     struct gs2_error *err)
{
    gs2_status status = hold(pool, which, borrowed_out, err);

    if (status != GS2_OK)
        return status;
    borrowed_out->one = take_idle(borrowed_out->from);
    if (borrowed_out->one == NULL)
        status = make(borrowed_out->from, &borrowed_out->one, err);
    if (status != GS2_OK)
        gs2_cred_pool_drop(pool, borrowed_out);
    return status;
}

void
gs2_cred_pool_return(struct gs2_borrowed_cred *borrowed)
{
    struct gs2_alike_creds *alike = borrowed->from;

    if (borrowed->one == NULL)
        return;
    pthread_mutex_lock(&alike->lock);
    borrowed->one->next = alike->idle;
    alike->idle = borrowed->one;
    pthread_mutex_unlock(&alike->lock);
    borrowed->one = NULL;
}

void
gs2_cred_pool_forget(struct gs2_borrowed_cred *borrowed)
{
    if (borrowed->one == NULL)
        return;
    release(borrowed->one);
    borrowed->one = NULL;
    pthread_mutex_lock(&borrowed->from->lock);
    borrowed->from->found = NOT_KNOWN;
    pthread_mutex_unlock(&borrowed->from->lock);
}

void
gs2_cred_pool_drop(struct gs2_cred_pool *pool,
                   struct gs2_borrowed_cred *borrowed)
{
    gs2_cred_pool_return(borrowed);
    gs2_cache_drop(&pool->cache, (struct gs2_cache_item *)borrowed->from);
    memset(borrowed, 0, sizeof(*borrowed));
}

/* --- is there one? ------------------------------------------------------- */

/* What is known without asking GSS. */
static bool
recall(struct gs2_alike_creds *alike, gs2_status *status_out,
       struct gs2_error *err)
{
    bool known;

    pthread_mutex_lock(&alike->lock);
    known = alike->found == GOOD ||
            (alike->found == BAD && gs2_cache_now() - alike->failed <
                                    GS2_CRED_POOL_RETRY_SECONDS);
    *status_out = alike->found == GOOD ? GS2_OK : GS2_NOCRED;
    if (alike->found == BAD)
        *err = alike->why;
    pthread_mutex_unlock(&alike->lock);
    return known;
}

gs2_status
gs2_cred_pool_check(struct gs2_cred_pool *pool,
                    const struct gs2_acceptor *which, bool *changed_out,
                    struct gs2_error *err)
{
    struct gs2_borrowed_cred borrowed;
    enum answer answer;
    gs2_status status;

    *changed_out = false;
    status = hold(pool, which, &borrowed, err);
    if (status != GS2_OK)
        return status;
    if (!recall(borrowed.from, &status, err))
        status = make(borrowed.from, &borrowed.one, err);
    if (status != GS2_NOMEM) {
        answer = status == GS2_OK ? GOOD : BAD;
        pthread_mutex_lock(&borrowed.from->lock);
        *changed_out = borrowed.from->told != answer;
        borrowed.from->told = answer;
        pthread_mutex_unlock(&borrowed.from->lock);
    }
    gs2_cred_pool_drop(pool, &borrowed);
    return status;
}
