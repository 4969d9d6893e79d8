/*
 * t_cache.c - items that threads share (common/text/cache.h): what is found,
 * what makes room, what grows old, who frees, and that neither making nor
 * freeing is under the lock.
 *
 * What other threads do between two steps of one is done by fill(), which is
 * called where the cache lets them.  Sixteen real ones come at the end;
 * t_tsan.sh runs this program with ThreadSanitizer.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text/cache.h"
#include "tests/lib/clock.h"
#include "tests/lib/suite.h"

#define MAX 4
#define SECONDS 3600 /* far more than a busy machine is late */
#define THREADS 16
#define ROUNDS 1000 /* of each */

struct number {
    struct gs2_cache_item item;
    unsigned key, serial;
    char *text; /* what sanitizers see lost, or freed too early */
};

static struct gs2_cache cache;
static atomic_uint made, cleared;
static bool one_thread;             /* the lock can be looked at */
static gs2_status refusal;          /* what fill() says */
static void (*meanwhile)(void);     /* what happens in the next fill() */
static struct number *from_meanwhile;
static bool no_memory;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

/* The linker gives it to all that is linked into this program. */
void *
__wrap_calloc(size_t count, size_t size)
{
    return no_memory ? NULL : __real_calloc(count, size);
}

static bool
is_locked(void)
{
    const int code = pthread_mutex_trylock(&cache.lock);

    if (code == 0)
        pthread_mutex_unlock(&cache.lock);
    return code == EBUSY;
}

static bool
matches(const struct gs2_cache_item *item, const void *key)
{
    if (one_thread)
        ck_assert(is_locked());
    return ((const struct number *)item)->key == *(const unsigned *)key;
}

static gs2_status
fill(struct gs2_cache_item *item, const void *key, struct gs2_error *err)
{
    struct number *number = (struct number *)item;
    void (*now)(void) = NULL;

    if (one_thread) {
        ck_assert(!is_locked());
        now = meanwhile;
        meanwhile = NULL;
    }
    number->key = *(const unsigned *)key;
    number->serial = atomic_fetch_add(&made, 1) + 1;
    number->text = malloc(16);
    ck_assert(number->text != NULL);
    snprintf(number->text, 16, "%u", number->key);
    if (now != NULL)
        now();
    return refusal == GS2_OK ? GS2_OK : gs2_fail(err, refusal, "not now");
}

static void
clear(struct gs2_cache_item *item)
{
    if (one_thread)
        ck_assert(!is_locked());
    atomic_fetch_add(&cleared, 1);
    free(((struct number *)item)->text);
}

#define KIND(...)                                                             \
    { .size = sizeof(struct number), .matches = matches, .fill = fill,        \
      .clear = clear, .max = MAX, __VA_ARGS__ }

static const struct gs2_cache_kind plain = KIND(.seconds = 0);
static const struct gs2_cache_kind bounded = KIND(.bounded = "numbers");
static const struct gs2_cache_kind ageing = KIND(.seconds = SECONDS);
static const struct gs2_cache_kind lasting = KIND(.seconds = SECONDS,
                                                  .old_will_do = true);

static void
begin(const struct gs2_cache_kind *kind)
{
    one_thread = true;
    gs2_cache_init(&cache, kind);
}

/* All that was made is freed, once. */
static void
end(void)
{
    clock_ahead = 0; /* Check reads the clock as well */
    gs2_cache_clear(&cache);
    ck_assert_uint_eq(cleared, made);
}

static gs2_status
try_hold(unsigned key, struct number **number_out, struct gs2_error *err)
{
    struct gs2_cache_item *item;
    const gs2_status status = gs2_cache_hold(&cache, &key, &item, err);

    *number_out = (struct number *)item;
    ck_assert((item != NULL) == (status == GS2_OK));
    return status;
}

static struct number *
hold(unsigned key)
{
    struct number *number;
    struct gs2_error err;

    ck_assert_int_eq(try_hold(key, &number, &err), GS2_OK);
    ck_assert_uint_eq(number->key, key);
    ck_assert_uint_eq(strtoul(number->text, NULL, 10), key);
    return number;
}

static void
drop(struct number *number)
{
    gs2_cache_drop(&cache, (struct gs2_cache_item *)number);
}

/* Whether an item of this key is found, and not made. */
static bool
is_kept(unsigned key)
{
    const unsigned before = made;

    drop(hold(key));
    return made == before;
}

/* --- finding and making room --------------------------------------------- */

START_TEST(made_once)
{
    struct number *one, *again, *other;

    begin(&plain);
    one = hold(1);
    again = hold(1);
    other = hold(2);
    ck_assert_ptr_eq(one, again);
    ck_assert_ptr_ne(one, other);
    drop(one);
    drop(again);
    drop(other);
    drop(NULL);
    clock_ahead = 1000000;
    ck_assert(is_kept(1) && is_kept(2));
    ck_assert_uint_eq(made, 2);
    ck_assert_uint_eq(cleared, 0);
    end();
}
END_TEST

START_TEST(used_longest_ago_makes_room)
{
    begin(&plain);
    for (unsigned key = 1; key <= MAX; key++)
        drop(hold(key));
    ck_assert(is_kept(1));
    drop(hold(MAX + 1));
    ck_assert_uint_eq(cleared, 1);
    ck_assert(is_kept(1) && is_kept(3) && is_kept(4) && is_kept(5));
    ck_assert(!is_kept(2));
    end();
}
END_TEST

/* What is held lives on when it is no longer found. */
START_TEST(held_and_forgotten)
{
    struct number *held[MAX + 1];

    begin(&plain);
    for (unsigned key = 0; key <= MAX; key++)
        held[key] = hold(key);
    ck_assert_uint_eq(cleared, 0);
    ck_assert_str_eq(held[0]->text, "0");
    drop(held[0]);
    ck_assert_uint_eq(cleared, 1);
    for (unsigned key = 1; key <= MAX; key++)
        drop(held[key]);
    ck_assert_uint_eq(cleared, 1);
    end();
}
END_TEST

START_TEST(bounded_refuses)
{
    struct number *held[MAX], *more;
    struct gs2_error err;

    begin(&bounded);
    for (unsigned key = 0; key < MAX; key++)
        held[key] = hold(key);
    ck_assert_int_eq(try_hold(MAX, &more, &err), GS2_FAIL);
    ck_assert_str_eq(err.text, "more than 4 numbers");
    ck_assert_uint_eq(cleared, 1);
    more = hold(2); /* of those that are there no one is refused */
    drop(more);
    drop(held[2]); /* used last, but the only one that nobody holds */
    more = hold(MAX);
    ck_assert_uint_eq(cleared, 2);
    ck_assert(is_kept(0) && is_kept(1) && is_kept(3));
    drop(more);
    drop(held[0]);
    drop(held[1]);
    drop(held[3]);
    end();
}
END_TEST

/* --- failures ------------------------------------------------------------ */

START_TEST(what_cannot_be_made)
{
    struct number *number;
    struct gs2_error err;

    begin(&plain);
    refusal = GS2_NOCRED;
    ck_assert_int_eq(try_hold(1, &number, &err), GS2_NOCRED);
    ck_assert_str_eq(err.text, "not now");
    ck_assert_uint_eq(cleared, 1);
    refusal = GS2_OK;
    ck_assert(!is_kept(1));
    ck_assert(is_kept(1));
    end();
}
END_TEST

START_TEST(without_memory)
{
    struct number *number;
    struct gs2_error err;

    begin(&plain);
    drop(hold(1));
    no_memory = true;
    ck_assert_int_eq(try_hold(2, &number, &err), GS2_NOMEM);
    ck_assert_str_eq(err.text, "out of memory");
    ck_assert_uint_eq(made, 1);
    ck_assert(is_kept(1));
    no_memory = false;
    ck_assert(!is_kept(2));
    end();
}
END_TEST

/* --- age ----------------------------------------------------------------- */

START_TEST(grows_old)
{
    struct number *old, *young;

    begin(&ageing);
    old = hold(1);
    clock_ahead = SECONDS / 2;
    ck_assert(is_kept(1));
    clock_ahead = SECONDS + 1;
    young = hold(1);
    ck_assert_ptr_ne(young, old);
    ck_assert_uint_eq(cleared, 0);
    drop(old);
    ck_assert_uint_eq(cleared, 1);
    drop(young);
    ck_assert(is_kept(1));
    end();
}
END_TEST

static void
hold_one(void)
{
    from_meanwhile = hold(1);
}

/* Where an old one will do, others get it while one thread makes the next. */
START_TEST(old_will_do)
{
    const bool will_do = _i == 0;
    struct number *old, *young;

    begin(will_do ? &lasting : &ageing);
    old = hold(1);
    clock_ahead = SECONDS + 1;
    meanwhile = hold_one;
    young = hold(1);
    ck_assert_ptr_ne(young, old);
    if (will_do)
        ck_assert_ptr_eq(from_meanwhile, old);
    else
        ck_assert_ptr_eq(from_meanwhile, young); /* the others made one */
    ck_assert_uint_eq(made, will_do ? 2 : 3);
    drop(from_meanwhile);
    drop(old);
    drop(young);
    ck_assert(is_kept(1));
    ck_assert_uint_eq(made - cleared, 1);
    end();
}
END_TEST

/* But no longer where the next cannot be made. */
START_TEST(old_will_not_do_for_ever)
{
    struct number *number;
    struct gs2_error err;

    begin(&lasting);
    drop(hold(1));
    clock_ahead = SECONDS + 1;
    refusal = GS2_FAIL;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(try_hold(1, &number, &err), GS2_FAIL);
    ck_assert_uint_eq(cleared, made);
    refusal = GS2_OK;
    ck_assert(!is_kept(1));
    end();
}
END_TEST

/* --- threads ------------------------------------------------------------- */

/* Two make the same one; both use that of the first. */
START_TEST(the_first_of_two)
{
    struct number *second;

    begin(_i == 0 ? &plain : &bounded);
    meanwhile = hold_one;
    second = hold(1);
    ck_assert_ptr_eq(second, from_meanwhile);
    ck_assert_uint_eq(second->serial, 2);
    ck_assert_uint_eq(cleared, 1);
    drop(second);
    drop(from_meanwhile);
    ck_assert(is_kept(1));
    end();
}
END_TEST

static const struct gs2_cache_kind *const kinds[] = {
    &plain, &bounded, &ageing, &lasting,
};

struct worker {
    pthread_t thread;
    unsigned random, refused, wrong;
};

/* Holds one item or two.  No ck_assert() here: it is not made for threads. */
static void *
work(void *arg)
{
    struct gs2_cache_item *item, *last = NULL;
    struct worker *w = arg;
    struct gs2_error err;
    struct number *number;
    unsigned key;

    for (unsigned i = 0; i < ROUNDS; i++) {
        w->random = w->random * 1103515245 + 12345;
        key = (w->random >> 16) % (MAX + 3);
        if (gs2_cache_hold(&cache, &key, &item, &err) != GS2_OK)
            w->refused++;
        number = (struct number *)item;
        if (item != NULL && (number->key != key ||
                             strtoul(number->text, NULL, 10) != key))
            w->wrong++;
        if (i % 100 == 0)
            clock_ahead++;
        gs2_cache_drop(&cache, last);
        last = item;
    }
    gs2_cache_drop(&cache, last);
    return NULL;
}

START_TEST(sixteen_threads)
{
    static struct worker workers[THREADS];
    unsigned refused = 0, wrong = 0;

    begin(kinds[_i]);
    one_thread = false;
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i].random = i;
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work,
                                        &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        refused += workers[i].refused;
        wrong += workers[i].wrong;
    }
    printf("# %u holds, %u refused, %u items made\n", THREADS * ROUNDS,
           refused, atomic_load(&made));
    fflush(stdout);
    ck_assert_uint_eq(wrong, 0);
    if (kinds[_i] != &bounded)
        ck_assert_uint_eq(refused, 0);
    ck_assert_uint_le(made - cleared, MAX);
    one_thread = true;
    end();
}
END_TEST

SUITE("cache",
      TIMEOUT(300),
      TEST(made_once),
      TEST(used_longest_ago_makes_room),
      TEST(held_and_forgotten),
      TEST(bounded_refuses),
      TEST(what_cannot_be_made),
      TEST(without_memory),
      TEST(grows_old),
      TIMES(old_will_do, 2),
      TEST(old_will_not_do_for_ever),
      TIMES(the_first_of_two, 2),
      TABLE(sixteen_threads, kinds))
