/*
 * cache.h - what is made at some cost and then shared by threads: found by a
 * key, held while it is used, kept for a time and up to a number.
 *
 * An item is a struct of its user's that begins with a struct gs2_cache_item;
 * what changes in it is guarded by a lock of its own.  It lives as long as
 * somebody holds it; the cache holds those that it can find.  The lock of the
 * cache guards its list and the counts of holders.  Items are made and cleared
 * without it, so that a slow one makes nobody wait.
 */
#ifndef GS2_CACHE_H
#define GS2_CACHE_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#include "error.h"

/* For cache.c alone. */
struct gs2_cache_item {
    struct gs2_cache_item *next;
    size_t holders;
    time_t made;
};

/* What the items of a cache are. */
struct gs2_cache_kind {
    size_t size; /* octets of an item */

    /* Whether item is the one for key.  Called under the lock. */
    bool (*matches)(const struct gs2_cache_item *item, const void *key);

    /* Makes item, all zero, the one for key; where that fails, clear() is
     * called. */
    gs2_status (*fill)(struct gs2_cache_item *item, const void *key,
                       struct gs2_error *err);

    /* Frees what is in item, not item itself. */
    void (*clear)(struct gs2_cache_item *item);

    size_t max;          /* items that are kept */
    const char *bounded; /* NULL, or what there may be no "more than max" of:
                          * while all are held, others are refused */
    time_t seconds;      /* how long an item is kept; 0 for ever */
    bool old_will_do;    /* until a thread has made the next one */
};

struct gs2_cache {
    const struct gs2_cache_kind *kind;
    pthread_mutex_t lock;
    struct gs2_cache_item *items; /* the one used last first */
};

/* Makes *cache an empty one.  kind must stay. */
void gs2_cache_init(struct gs2_cache *cache,
                    const struct gs2_cache_kind *kind);

/* Frees what *cache has.  Nobody may hold an item any more. */
void gs2_cache_clear(struct gs2_cache *cache);

/*
 * Gives *item_out, the item for key, held until gs2_cache_drop(): one that is
 * there and not too old, else a new one.  Of threads that make the same one at
 * the same time all get the first.  Where there are too many, the one used
 * longest ago is kept no longer; of a bounded kind, the one that nobody holds.
 *
 * GS2_OK, GS2_NOMEM, what fill() says, or GS2_FAIL with "more than ...".
 */
GS2_MUST_USE gs2_status gs2_cache_hold(struct gs2_cache *cache,
                                       const void *key,
                                       struct gs2_cache_item **item_out,
                                       struct gs2_error *err);

/* Ends what gs2_cache_hold() began.  item may be NULL. */
void gs2_cache_drop(struct gs2_cache *cache, struct gs2_cache_item *item);

/* Seconds of the clock by which items grow old, which nobody sets. */
time_t gs2_cache_now(void);

/* For texts of keys, which may be NULL: whether they are the same; a copy,
 * freed with free(), false where there is no memory. */
bool gs2_cache_same(const char *a, const char *b);
GS2_MUST_USE bool gs2_cache_copy(char **copy_out, const char *text);

#endif
