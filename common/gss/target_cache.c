/*
 * target_cache.c - names of services, kept for some seconds (see target_cache.h).
 *
 * The lock guards the list and the counts of holders, and is never held
 * through a GSS call: making a name may ask the DNS, and to release one krb5
 * reads krb5.conf.  Two threads may so make the same name at the same time:
 * both are used, the later one is found from then on.
 */
#include "target_cache.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "creds.h"

struct entry {
    struct gs2_target target;
    const struct gs2_mech *mech;
    char *text;
    time_t made;    /* by the monotonic clock */
    size_t holders; /* the list is one */
    struct entry *next;
};

struct gs2_targets {
    pthread_mutex_t lock;
    struct entry *entries; /* the youngest first */
};

static time_t
now(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? t.tv_sec : 0;
}

static void
free_entry(struct entry *entry)
{
    OM_uint32 minor;

    if (entry->target.canonical != entry->target.imported)
        (void)gss_release_name(&minor, &entry->target.canonical);
    if (entry->target.imported != GSS_C_NO_NAME)
        (void)gss_release_name(&minor, &entry->target.imported);
    free(entry->text);
    free(entry);
}

/* Frees those that let_go() gave; the lock is not held. */
static void
free_dead(struct entry *dead)
{
    struct entry *entry;

    while ((entry = dead) != NULL) {
        dead = entry->next;
        free_entry(entry);
    }
}

/* One holder less; the last one's goes to *dead.  The lock is held, or nobody
 * else is there. */
static void
let_go(struct entry *entry, struct entry **dead)
{
    if (--entry->holders > 0)
        return;
    entry->next = *dead;
    *dead = entry;
}

/* Takes the entries from *at on off the list. */
static void
forget(struct entry **at, struct entry **dead)
{
    struct entry *entry;

    while ((entry = *at) != NULL) {
        *at = entry->next;
        let_go(entry, dead);
    }
}

gs2_status
gs2_targets_new(struct gs2_targets **targets_out, struct gs2_error *err)
{
    *targets_out = calloc(1, sizeof(**targets_out));
    if (*targets_out == NULL)
        return gs2_fail_nomem(err);
    pthread_mutex_init(&(*targets_out)->lock, NULL);
    return GS2_OK;
}

void
gs2_targets_free(struct gs2_targets *targets)
{
    struct entry *dead = NULL;

    if (targets == NULL)
        return;
    forget(&targets->entries, &dead);
    free_dead(dead);
    pthread_mutex_destroy(&targets->lock);
    free(targets);
}

/* A young entry of the list, with one holder more; else NULL, and the old ones
 * are forgotten. */
static struct entry *
find(struct gs2_targets *targets, const struct gs2_mech *mech,
     const char *text)
{
    const time_t oldest = now() - GS2_TARGETS_SECONDS;
    struct entry **at, *found = NULL, *dead = NULL;

    pthread_mutex_lock(&targets->lock);
    for (at = &targets->entries; *at != NULL && found == NULL;) {
        if ((*at)->made <= oldest)
            forget(at, &dead); /* those behind it are older */
        else if ((*at)->mech == mech && strcmp((*at)->text, text) == 0)
            found = *at;
        else
            at = &(*at)->next;
    }
    if (found != NULL)
        found->holders++;
    pthread_mutex_unlock(&targets->lock);
    free_dead(dead);
    return found;
}

/* Puts a new entry in front, held by the list, too, and forgets the oldest one
 * where there are too many. */
static void
keep(struct gs2_targets *targets, struct entry *entry)
{
    struct entry **at = &targets->entries, *dead = NULL;

    pthread_mutex_lock(&targets->lock);
    entry->holders++;
    entry->next = targets->entries;
    targets->entries = entry;
    for (size_t i = 0; i < GS2_TARGETS_MAX && *at != NULL; i++)
        at = &(*at)->next;
    forget(at, &dead);
    pthread_mutex_unlock(&targets->lock);
    free_dead(dead);
}

/* The name as imported stays where the mechanism can make nothing of it: its
 * first turn will say why. */
static gs2_status
fill(struct entry *entry, struct gs2_mech *mech, const char *text,
     struct gs2_error *err)
{
    struct gs2_target *target = &entry->target;
    gs2_status status;
    OM_uint32 minor;

    entry->mech = mech;
    entry->holders = 1;
    entry->made = now();
    entry->text = strdup(text);
    if (entry->text == NULL)
        return gs2_fail_nomem(err);
    status = gs2_creds_service(text, &target->imported, err);
    if (status != GS2_OK)
        return status;
    if (GSS_ERROR(gss_canonicalize_name(&minor, target->imported, &mech->oid,
                                        &target->canonical)))
        target->canonical = target->imported;
    return GS2_OK;
}

gs2_status
gs2_targets_hold(struct gs2_targets *targets, struct gs2_mech *mech,
                 const char *service_at_host,
                 struct gs2_target **target_out, struct gs2_error *err)
{
    struct entry *entry = find(targets, mech, service_at_host);
    gs2_status status;

    *target_out = NULL;
    if (entry == NULL) {
        entry = calloc(1, sizeof(*entry));
        if (entry == NULL)
            return gs2_fail_nomem(err);
        status = fill(entry, mech, service_at_host, err);
        if (status != GS2_OK) {
            free_entry(entry);
            return status;
        }
        keep(targets, entry);
    }
    *target_out = &entry->target;
    return GS2_OK;
}

void
gs2_targets_drop(struct gs2_targets *targets, struct gs2_target **target)
{
    struct entry *entry = (struct entry *)*target; /* its first member */
    struct entry *dead = NULL;

    if (entry == NULL)
        return;
    *target = NULL;
    pthread_mutex_lock(&targets->lock);
    let_go(entry, &dead);
    pthread_mutex_unlock(&targets->lock);
    free_dead(dead);
}
