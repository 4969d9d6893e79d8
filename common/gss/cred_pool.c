/*
 * cred_pool.c - the pool of acceptor credentials (see creds.h).
 *
 * A slot stands for all credentials that are alike; it has a list of those
 * that are idle, and what the last acquisition came to.  It lives as long as a
 * loan of it (the name is lent, too), and else until there are too many.
 * The lock guards slots and lists.  It is not held while a credential is
 * acquired, which may read files or talk to a proxy; names are imported, and
 * what has expired or is too much is released, under it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "creds.h"
#include "gss_error.h"

/* More kinds of credentials than any server has.  An application may take the
 * acceptor's host from the client (SNI), so there must be a bound. */
#define SLOTS_MAX 512

struct idle {
    struct gs2_loan loan;
    struct idle *next;
};

struct gs2_slot {
    const struct gs2_mech *mech;
    char *text, *keytab, *ktname;
    gss_name_t name;           /* text, imported once; loans borrow it */
    struct idle *idle;
    bool known, good;          /* what was found last, if it still counts */
    bool told, told_good;      /* what gs2_pool_check() said last */
    size_t loans;              /* whose name is still borrowed */
    unsigned busy;             /* threads that are acquiring for it */
    time_t failed;             /* when; meaningful where known and not good */
    struct gs2_error why;
    struct gs2_slot *next;
};

struct gs2_pool {
    pthread_mutex_t lock;
    struct gs2_slot *slots;
    size_t count;
};

static time_t
now(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_MONOTONIC, &t) == 0 ? t.tv_sec : 0;
}

static bool
same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
release(struct gs2_loan *loan)
{
    OM_uint32 minor;

    if (loan->cred != GSS_C_NO_CREDENTIAL)
        (void)gss_release_cred(&minor, &loan->cred);
    loan->cred = GSS_C_NO_CREDENTIAL;
}

static void
free_slot(struct gs2_slot *slot)
{
    struct idle *idle;
    OM_uint32 minor;

    while ((idle = slot->idle) != NULL) {
        slot->idle = idle->next;
        release(&idle->loan);
        free(idle);
    }
    if (slot->name != GSS_C_NO_NAME)
        (void)gss_release_name(&minor, &slot->name);
    free(slot->text);
    free(slot->keytab);
    free(slot->ktname);
    free(slot);
}

gs2_status
gs2_pool_new(struct gs2_pool **pool_out, struct gs2_error *err)
{
    *pool_out = calloc(1, sizeof(**pool_out));
    if (*pool_out == NULL)
        return gs2_fail_nomem(err);
    pthread_mutex_init(&(*pool_out)->lock, NULL);
    return GS2_OK;
}

void
gs2_pool_free(struct gs2_pool *pool)
{
    struct gs2_slot *slot;

    if (pool == NULL)
        return;
    while ((slot = pool->slots) != NULL) {
        pool->slots = slot->next;
        free_slot(slot);
    }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

static bool
copy(char **out, const char *text)
{
    *out = text != NULL ? strdup(text) : NULL;
    return text == NULL || *out != NULL;
}

static gs2_status
new_slot(const struct gs2_acceptor *which, const char *ktname,
         struct gs2_slot **slot_out, struct gs2_error *err)
{
    struct gs2_slot *slot = calloc(1, sizeof(*slot));
    gs2_status status = GS2_OK;

    if (slot == NULL)
        return gs2_fail_nomem(err);
    slot->mech = which->mech;
    if (!copy(&slot->text, which->name) ||
        !copy(&slot->keytab, which->keytab) || !copy(&slot->ktname, ktname))
        status = gs2_fail_nomem(err);
    if (status == GS2_OK && which->name != NULL)
        status = gs2_creds_service(which->name, &slot->name, err);
    if (status != GS2_OK) {
        free_slot(slot);
        return status;
    }
    *slot_out = slot;
    return GS2_OK;
}

/* Makes room where there are too many: forgets the oldest slot that nobody
 * uses, with its idle credentials.  The lock is held. */
static gs2_status
make_room(struct gs2_pool *pool, struct gs2_error *err)
{
    struct gs2_slot **at, **oldest = NULL, *slot;

    if (pool->count < SLOTS_MAX)
        return GS2_OK;
    for (at = &pool->slots; (slot = *at) != NULL; at = &slot->next) {
        if (slot->loans == 0 && slot->busy == 0)
            oldest = at;
    }
    if (oldest != NULL) {
        slot = *oldest;
        *oldest = slot->next;
        free_slot(slot);
        pool->count--;
        return GS2_OK;
    }
    return gs2_fail(err, GS2_FAIL, "more than %d acceptor names", SLOTS_MAX);
}

/* Finds or makes the slot; the lock is held. */
static gs2_status
find_slot(struct gs2_pool *pool, const struct gs2_acceptor *which,
          struct gs2_slot **slot_out, struct gs2_error *err)
{
    const char *ktname = which->mech->is_krb5 ? getenv("KRB5_KTNAME") : NULL;
    struct gs2_slot *slot;
    gs2_status status;

    for (slot = pool->slots; slot != NULL; slot = slot->next) {
        if (slot->mech == which->mech && same(slot->text, which->name) &&
            same(slot->keytab, which->keytab) && same(slot->ktname, ktname))
            break;
    }
    if (slot == NULL) {
        status = make_room(pool, err);
        if (status == GS2_OK)
            status = new_slot(which, ktname, &slot, err);
        if (status != GS2_OK)
            return status;
        slot->next = pool->slots;
        pool->slots = slot;
        pool->count++;
    }
    *slot_out = slot;
    return GS2_OK;
}

/* Takes the first idle credential that has not expired; the lock is held. */
static bool
take_idle(struct gs2_slot *slot, struct gs2_loan *loan_out)
{
    struct idle *idle;

    while ((idle = slot->idle) != NULL) {
        slot->idle = idle->next;
        *loan_out = idle->loan;
        free(idle);
        if (loan_out->expires == 0 || loan_out->expires > now()) {
            slot->loans++;
            return true;
        }
        release(loan_out);
        memset(loan_out, 0, sizeof(*loan_out));
    }
    return false;
}

/* Where the keys were looked for, for the log. */
static const char *
keytab_of(const struct gs2_slot *slot)
{
    if (slot->keytab != NULL)
        return slot->keytab;
    return slot->ktname != NULL ? slot->ktname : "the default one";
}

/* Acquires one, without the lock. */
static gs2_status
acquire(const struct gs2_acceptor *which, const struct gs2_slot *slot,
        struct gs2_loan *loan, struct gs2_error *err)
{
    gss_key_value_element_desc element = { "keytab", which->keytab };
    const gss_key_value_set_desc store = { 1, &element };
    gss_OID_set_desc mechs = { 1, &which->mech->oid };
    OM_uint32 major, minor, seconds = GSS_C_INDEFINITE;
    struct gs2_error why;
    gs2_status status;

    major = gss_acquire_cred_from(&minor, slot->name, GSS_C_INDEFINITE, &mechs,
                                  GSS_C_ACCEPT,
                                  which->keytab != NULL ? &store : NULL,
                                  &loan->cred, NULL, &seconds);
    if (!GSS_ERROR(major)) {
        if (seconds != GSS_C_INDEFINITE)
            loan->expires = now() + (time_t)seconds;
        return GS2_OK;
    }
    if (major == GSS_S_FAILURE && minor == ENOMEM)
        return gs2_fail_nomem(err);
    /* The reason may name a path of ours, so it is for the log. */
    (void)gs2_fail_gss(&why, GS2_NOCRED, "cannot acquire it", major, minor,
                       &which->mech->oid);
    status = gs2_fail(err, GS2_NOCRED, "the server has no %s credential for %s",
                      which->mech->name,
                      which->name != NULL ? which->name : "any service");
    gs2_error_detail(err, "%s; keytab: %s", why.text, keytab_of(slot));
    return status;
}

/* Acquires one for a slot that is busy by our doing, and notes what it came to.
 */
static gs2_status
acquire_and_note(struct gs2_pool *pool, const struct gs2_acceptor *which,
                 struct gs2_slot *slot, struct gs2_loan *loan,
                 struct gs2_error *err)
{
    const gs2_status status = acquire(which, slot, loan, err);

    pthread_mutex_lock(&pool->lock);
    slot->busy--;
    /* Without memory nothing was found out. */
    slot->known = status != GS2_NOMEM;
    slot->good = status == GS2_OK;
    if (slot->good) {
        slot->loans++;
        loan->slot = slot;
        loan->name = slot->name;
    } else {
        slot->failed = now();
        slot->why = *err;
    }
    pthread_mutex_unlock(&pool->lock);
    return status;
}

gs2_status
gs2_pool_take(struct gs2_pool *pool, const struct gs2_acceptor *which,
              struct gs2_loan *loan_out, struct gs2_error *err)
{
    struct gs2_slot *slot = NULL;
    bool found = false;
    gs2_status status;

    memset(loan_out, 0, sizeof(*loan_out));
    pthread_mutex_lock(&pool->lock);
    status = find_slot(pool, which, &slot, err);
    if (status == GS2_OK) {
        found = take_idle(slot, loan_out);
        slot->busy += found ? 0 : 1;
    }
    pthread_mutex_unlock(&pool->lock);
    if (status != GS2_OK || found)
        return status;
    return acquire_and_note(pool, which, slot, loan_out, err);
}

void
gs2_pool_give(struct gs2_pool *pool, struct gs2_loan *loan, bool doubtful)
{
    struct gs2_slot *slot = loan->slot;
    struct idle *idle = NULL;

    if (loan->cred == GSS_C_NO_CREDENTIAL)
        return;
    if (!doubtful)
        idle = malloc(sizeof(*idle));
    if (idle == NULL)
        release(loan);
    else
        idle->loan = *loan;
    loan->cred = GSS_C_NO_CREDENTIAL;
    pthread_mutex_lock(&pool->lock);
    if (idle != NULL) {
        idle->next = slot->idle;
        slot->idle = idle;
    }
    if (doubtful)
        slot->known = false;
    pthread_mutex_unlock(&pool->lock);
}

void
gs2_pool_leave(struct gs2_pool *pool, struct gs2_loan *loan)
{
    gs2_pool_give(pool, loan, false);
    if (loan->slot == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    loan->slot->loans--;
    pthread_mutex_unlock(&pool->lock);
    memset(loan, 0, sizeof(*loan));
}

/* Is that another answer than the last one?  The lock is held. */
static bool
is_news(struct gs2_slot *slot, bool good)
{
    const bool news = !slot->told || slot->told_good != good;

    slot->told = true;
    slot->told_good = good;
    return news;
}

/* What is known of a slot without asking GSS; the lock is held. */
static bool
recall(const struct gs2_slot *slot, gs2_status *status_out,
       struct gs2_error *err)
{
    if (!slot->known ||
        (!slot->good && now() - slot->failed >= GS2_CREDS_RETRY_SECONDS))
        return false;
    *status_out = slot->good ? GS2_OK : GS2_NOCRED;
    if (!slot->good)
        *err = slot->why;
    return true;
}

gs2_status
gs2_pool_check(struct gs2_pool *pool, const struct gs2_acceptor *which,
               bool *changed_out, struct gs2_error *err)
{
    struct gs2_loan loan = { 0 };
    struct gs2_slot *slot = NULL;
    gs2_status status;
    bool known;

    *changed_out = false;
    pthread_mutex_lock(&pool->lock);
    status = find_slot(pool, which, &slot, err);
    known = status != GS2_OK || recall(slot, &status, err);
    if (slot != NULL)
        slot->busy += known ? 1 : 2; /* acquire_and_note() takes one back */
    pthread_mutex_unlock(&pool->lock);
    if (slot == NULL)
        return status;
    if (!known) {
        status = acquire_and_note(pool, which, slot, &loan, err);
        gs2_pool_leave(pool, &loan);
    }
    pthread_mutex_lock(&pool->lock);
    slot->busy--;
    *changed_out = status != GS2_NOMEM && is_news(slot, status == GS2_OK);
    pthread_mutex_unlock(&pool->lock);
    return status;
}
