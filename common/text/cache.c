/*
 * cache.c - a list of items that threads share (see cache.h).
 *
 * Whoever takes the last hold of an item puts it on a list of their own, the
 * dead, and frees what is there when they have released the lock.
 */
#include "cache.h"

#include <stdlib.h>
#include <string.h>

time_t
gs2_cache_now(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? t.tv_sec : 0;
}

bool
gs2_cache_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
gs2_cache_copy(char **copy_out, const char *text)
{
    *copy_out = text != NULL ? strdup(text) : NULL;
    return text == NULL || *copy_out != NULL;
}

/* --- with the lock ------------------------------------------------------- */

/* One holder less. */
static void
let_go(struct gs2_cache_item *item, struct gs2_cache_item **dead)
{
    if (--item->holders > 0)
        return;
    item->next = *dead;
    *dead = item;
}

/* Takes the item at this place, if there is one, off the list. */
static void
forget(struct gs2_cache_item **at, struct gs2_cache_item **dead)
{
    struct gs2_cache_item *item = *at;

    if (item == NULL)
        return;
    *at = item->next;
    let_go(item, dead);
}

static void
put_in_front(struct gs2_cache *cache, struct gs2_cache_item *item)
{
    item->next = cache->items;
    cache->items = item;
    item->holders++;
}

/* The place of the item for key, or of the list's end. */
static struct gs2_cache_item **
find(struct gs2_cache *cache, const void *key)
{
    struct gs2_cache_item **at = &cache->items;

    while (*at != NULL && !cache->kind->matches(*at, key))
        at = &(*at)->next;
    return at;
}

/* The item for key, with one holder more.  NULL where there is none, or one
 * that is too old. */
static struct gs2_cache_item *
recall(struct gs2_cache *cache, const void *key, time_t now,
       struct gs2_cache_item **dead)
{
    const struct gs2_cache_kind *kind = cache->kind;
    struct gs2_cache_item **at = find(cache, key), *item = *at;

    if (item == NULL)
        return NULL;
    if (kind->seconds > 0 && now - item->made >= kind->seconds) {
        if (kind->old_will_do)
            item->made = now; /* the others find it */
        else
            forget(at, dead);
        return NULL;
    }
    item->holders++;
    forget(at, dead);
    put_in_front(cache, item);
    return item;
}

/* Makes room for one more.  False where all that are kept are held, and no
 * more may be. */
static bool
make_room(struct gs2_cache *cache, struct gs2_cache_item **dead)
{
    const struct gs2_cache_kind *kind = cache->kind;
    struct gs2_cache_item **at, **last = NULL;
    size_t count = 0;

    for (at = &cache->items; *at != NULL; at = &(*at)->next, count++) {
        if (kind->bounded == NULL || (*at)->holders == 1)
            last = at;
    }
    if (count >= kind->max && last != NULL)
        forget(last, dead);
    return count < kind->max || last != NULL;
}

/* What is held in the end: the item that another thread has made since, or
 * fresh; NULL where there is no room. */
static struct gs2_cache_item *
settle(struct gs2_cache *cache, const void *key, struct gs2_cache_item *fresh,
       struct gs2_cache_item **dead)
{
    struct gs2_cache_item *item = *find(cache, key);

    if (item == NULL && make_room(cache, dead)) {
        put_in_front(cache, fresh);
        return fresh;
    }
    if (item != NULL)
        item->holders++;
    let_go(fresh, dead);
    return item;
}

/* --- without the lock ---------------------------------------------------- */

static void
bury(const struct gs2_cache *cache, struct gs2_cache_item *dead)
{
    struct gs2_cache_item *item;

    while ((item = dead) != NULL) {
        dead = item->next;
        cache->kind->clear(item);
        free(item);
    }
}

/* Makes an item, held by the caller alone. */
static gs2_status
make(const struct gs2_cache *cache, const void *key, time_t now,
     struct gs2_cache_item **item_out, struct gs2_error *err)
{
    struct gs2_cache_item *item = calloc(1, cache->kind->size);
    gs2_status status;

    *item_out = NULL;
    if (item == NULL)
        return gs2_fail_nomem(err);
    item->holders = 1;
    item->made = now;
    status = cache->kind->fill(item, key, err);
    if (status == GS2_OK)
        *item_out = item;
    else
        bury(cache, item);
    return status;
}

void
gs2_cache_init(struct gs2_cache *cache, const struct gs2_cache_kind *kind)
{
    cache->kind = kind;
    cache->items = NULL;
    pthread_mutex_init(&cache->lock, NULL);
}

void
gs2_cache_clear(struct gs2_cache *cache)
{
    bury(cache, cache->items);
    cache->items = NULL;
    pthread_mutex_destroy(&cache->lock);
}

gs2_status
gs2_cache_hold(struct gs2_cache *cache, const void *key,
               struct gs2_cache_item **item_out, struct gs2_error *err)
{
    const time_t now = gs2_cache_now();
    struct gs2_cache_item *fresh, *dead = NULL;
    gs2_status status = GS2_OK;

    pthread_mutex_lock(&cache->lock);
    *item_out = recall(cache, key, now, &dead);
    pthread_mutex_unlock(&cache->lock);
    if (*item_out == NULL) {
        status = make(cache, key, now, &fresh, err);
        pthread_mutex_lock(&cache->lock);
        if (cache->kind->old_will_do)
            forget(find(cache, key), &dead);
        if (status == GS2_OK)
            *item_out = settle(cache, key, fresh, &dead);
        pthread_mutex_unlock(&cache->lock);
        if (status == GS2_OK && *item_out == NULL)
            status = gs2_fail(err, GS2_FAIL, "more than %zu %s",
                              cache->kind->max, cache->kind->bounded);
    }
    bury(cache, dead);
    return status;
}

void
gs2_cache_drop(struct gs2_cache *cache, struct gs2_cache_item *item)
{
    struct gs2_cache_item *dead = NULL;

    if (item == NULL)
        return;
    pthread_mutex_lock(&cache->lock);
    let_go(item, &dead);
    pthread_mutex_unlock(&cache->lock);
    bury(cache, dead);
}
