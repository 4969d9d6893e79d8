/*
 * bench_calls.c - counts the GSS calls of the benchmark.
 *
 * The program defines functions of the GSS library, so that plugins and
 * libraries that are loaded into it call these, which call the real ones.  The
 * library calls some of them itself, from within another: those do not count.
 *
 * Functions that only release memory are passed on uncounted.  They are here
 * for libgsasl, which is linked to another GSS library (libgssglue) that would
 * get what MIT's has made.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
#include "bench.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>

#include <gssapi/gssapi_ext.h>

#define KINDS_MAX 64

struct kind {
    const char *name;
    atomic_ulong counts[BENCH_ROLES + 1];
};

_Thread_local enum bench_role bench_role = BENCH_ROLES;
static _Thread_local unsigned depth;

/* Filled as functions are first called. */
static struct kind kinds[KINDS_MAX];
static atomic_uint kind_count;

/* The real function, and a place for its count. */
static void *
find(const char *name, struct kind **kind_out)
{
    const unsigned i = atomic_fetch_add(&kind_count, 1);
    void *real = dlsym(RTLD_NEXT, name);

    if (real == NULL || i >= KINDS_MAX)
        bench_die("%s: not found in the GSS library", name);
    kinds[i].name = name;
    *kind_out = &kinds[i];
    return real;
}

void
bench_calls_clear(void)
{
    for (unsigned i = 0; i < atomic_load(&kind_count); i++) {
        for (unsigned role = 0; role <= BENCH_ROLES; role++)
            atomic_store(&kinds[i].counts[role], 0);
    }
}

void
bench_calls_print(enum bench_role role)
{
    const char *side = role == BENCH_CLIENT ? "client" : "server";
    unsigned long total = 0, n;

    for (unsigned i = 0; i < atomic_load(&kind_count); i++) {
        n = atomic_load(&kinds[i].counts[role]);
        total += n;
        if (n > 0)
            printf("%s_%s=%lu ", side, kinds[i].name, n);
    }
    printf("%s_calls=%lu ", side, total);
}

/* A function of the library that is counted; two threads that call it first
 * at the same time find the same function, and one count is lost. */
#define COUNTED(name, params, args)                                           \
    __attribute__((visibility("default"))) OM_uint32 name params             \
    {                                                                         \
        static OM_uint32(*real) params;                                       \
        static struct kind *kind;                                             \
        OM_uint32 major;                                                      \
                                                                              \
        if (real == NULL)                                                     \
            *(void **)&real = find(#name, &kind);                             \
        if (depth++ == 0)                                                     \
            atomic_fetch_add_explicit(&kind->counts[bench_role], 1,           \
                                      memory_order_relaxed);                  \
        major = real args;                                                    \
        depth--;                                                              \
        return major;                                                         \
    }

#define PASSED_ON(name, params, args)                                         \
    __attribute__((visibility("default"))) OM_uint32 name params             \
    {                                                                         \
        static OM_uint32(*real) params;                                       \
                                                                              \
        if (real == NULL)                                                     \
            *(void **)&real = dlsym(RTLD_NEXT, #name);                        \
        return real args;                                                     \
    }

COUNTED(gss_init_sec_context,
        (OM_uint32 *a, gss_cred_id_t b, gss_ctx_id_t *c, gss_name_t d,
         gss_OID e, OM_uint32 f, OM_uint32 g, gss_channel_bindings_t h,
         gss_buffer_t i, gss_OID *j, gss_buffer_t k, OM_uint32 *l,
         OM_uint32 *m),
        (a, b, c, d, e, f, g, h, i, j, k, l, m))
COUNTED(gss_accept_sec_context,
        (OM_uint32 *a, gss_ctx_id_t *b, gss_cred_id_t c, gss_buffer_t d,
         gss_channel_bindings_t e, gss_name_t *f, gss_OID *g, gss_buffer_t h,
         OM_uint32 *i, OM_uint32 *j, gss_cred_id_t *k),
        (a, b, c, d, e, f, g, h, i, j, k))
COUNTED(gss_inquire_context,
        (OM_uint32 *a, gss_ctx_id_t b, gss_name_t *c, gss_name_t *d,
         OM_uint32 *e, gss_OID *f, OM_uint32 *g, int *h, int *i),
        (a, b, c, d, e, f, g, h, i))
COUNTED(gss_context_time, (OM_uint32 *a, gss_ctx_id_t b, OM_uint32 *c),
        (a, b, c))
COUNTED(gss_process_context_token,
        (OM_uint32 *a, gss_ctx_id_t b, gss_buffer_t c), (a, b, c))
COUNTED(gss_wrap,
        (OM_uint32 *a, gss_ctx_id_t b, int c, gss_qop_t d, gss_buffer_t e,
         int *f, gss_buffer_t g),
        (a, b, c, d, e, f, g))
COUNTED(gss_unwrap,
        (OM_uint32 *a, gss_ctx_id_t b, gss_buffer_t c, gss_buffer_t d, int *e,
         gss_qop_t *f),
        (a, b, c, d, e, f))
COUNTED(gss_wrap_size_limit,
        (OM_uint32 *a, gss_ctx_id_t b, int c, gss_qop_t d, OM_uint32 e,
         OM_uint32 *f),
        (a, b, c, d, e, f))
COUNTED(gss_import_name,
        (OM_uint32 *a, gss_buffer_t b, gss_OID c, gss_name_t *d),
        (a, b, c, d))
COUNTED(gss_display_name,
        (OM_uint32 *a, gss_name_t b, gss_buffer_t c, gss_OID *d),
        (a, b, c, d))
COUNTED(gss_compare_name,
        (OM_uint32 *a, gss_name_t b, gss_name_t c, int *d), (a, b, c, d))
COUNTED(gss_canonicalize_name,
        (OM_uint32 *a, const gss_name_t b, const gss_OID c, gss_name_t *d),
        (a, b, c, d))
COUNTED(gss_duplicate_name,
        (OM_uint32 *a, const gss_name_t b, gss_name_t *c), (a, b, c))
COUNTED(gss_export_name,
        (OM_uint32 *a, const gss_name_t b, gss_buffer_t c), (a, b, c))
COUNTED(gss_localname,
        (OM_uint32 *a, const gss_name_t b, gss_const_OID c, gss_buffer_t d),
        (a, b, c, d))
COUNTED(gss_inquire_name,
        (OM_uint32 *a, gss_name_t b, int *c, gss_OID *d, gss_buffer_set_t *e),
        (a, b, c, d, e))
COUNTED(gss_get_name_attribute,
        (OM_uint32 *a, gss_name_t b, gss_buffer_t c, int *d, int *e,
         gss_buffer_t f, gss_buffer_t g, int *h),
        (a, b, c, d, e, f, g, h))
COUNTED(gss_acquire_cred,
        (OM_uint32 *a, gss_name_t b, OM_uint32 c, gss_OID_set d, int e,
         gss_cred_id_t *f, gss_OID_set *g, OM_uint32 *h),
        (a, b, c, d, e, f, g, h))
COUNTED(gss_acquire_cred_from,
        (OM_uint32 *a, gss_name_t b, OM_uint32 c, gss_OID_set d,
         gss_cred_usage_t e, gss_const_key_value_set_t f, gss_cred_id_t *g,
         gss_OID_set *h, OM_uint32 *i),
        (a, b, c, d, e, f, g, h, i))
COUNTED(gss_inquire_cred,
        (OM_uint32 *a, gss_cred_id_t b, gss_name_t *c, OM_uint32 *d, int *e,
         gss_OID_set *f),
        (a, b, c, d, e, f))
COUNTED(gss_inquire_cred_by_mech,
        (OM_uint32 *a, gss_cred_id_t b, gss_OID c, gss_name_t *d,
         OM_uint32 *e, OM_uint32 *f, int *g),
        (a, b, c, d, e, f, g))
COUNTED(gss_inquire_cred_by_oid,
        (OM_uint32 *a, const gss_cred_id_t b, const gss_OID c,
         gss_buffer_set_t *d),
        (a, b, c, d))
COUNTED(gss_indicate_mechs, (OM_uint32 *a, gss_OID_set *b), (a, b))
COUNTED(gss_inquire_mech_for_saslname,
        (OM_uint32 *a, const gss_buffer_t b, gss_OID *c), (a, b, c))
COUNTED(gss_inquire_saslname_for_mech,
        (OM_uint32 *a, const gss_OID b, gss_buffer_t c, gss_buffer_t d,
         gss_buffer_t e),
        (a, b, c, d, e))
COUNTED(gss_inquire_attrs_for_mech,
        (OM_uint32 *a, gss_const_OID b, gss_OID_set *c, gss_OID_set *d),
        (a, b, c, d))
COUNTED(gss_create_empty_oid_set, (OM_uint32 *a, gss_OID_set *b), (a, b))
COUNTED(gss_add_oid_set_member, (OM_uint32 *a, gss_OID b, gss_OID_set *c),
        (a, b, c))
COUNTED(gss_test_oid_set_member,
        (OM_uint32 *a, gss_OID b, gss_OID_set c, int *d), (a, b, c, d))
COUNTED(gss_display_status,
        (OM_uint32 *a, OM_uint32 b, int c, gss_OID d, OM_uint32 *e,
         gss_buffer_t f),
        (a, b, c, d, e, f))

PASSED_ON(gss_delete_sec_context,
          (OM_uint32 *a, gss_ctx_id_t *b, gss_buffer_t c), (a, b, c))
PASSED_ON(gss_release_buffer, (OM_uint32 *a, gss_buffer_t b), (a, b))
PASSED_ON(gss_release_cred, (OM_uint32 *a, gss_cred_id_t *b), (a, b))
PASSED_ON(gss_release_name, (OM_uint32 *a, gss_name_t *b), (a, b))
PASSED_ON(gss_release_oid_set, (OM_uint32 *a, gss_OID_set *b), (a, b))
