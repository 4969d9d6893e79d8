/*
 * failing_gss.c - the nth GSS call of the plugin fails (see failing.h).
 *
 * The program defines the functions that the plugin calls; they call the real
 * ones, with all that the library calls itself.  A call that fails does
 * nothing but clear its outputs, as RFC 2743 section 1.2 has it: a context
 * that was there stays.  Functions that only release memory do not fail.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_NEXT */
#endif
#include "failing.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <gssapi/gssapi_ext.h>

#define EXPORTED __attribute__((visibility("default")))

/* A program that calls no other function of the GSS library would not be
 * linked with it, and RTLD_NEXT would find nothing. */
__attribute__((used)) static OM_uint32 (*const linked)(
    OM_uint32 *, gss_buffer_t) = gss_release_buffer;

/* What it answers: no mechanism knows this minor status. */
#define MINOR 424242

static void
nothing(gss_buffer_t buffer)
{
    if (buffer != GSS_C_NO_BUFFER)
        *buffer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
}

#define NULL_AT(p) ((p) != NULL ? (void)(*(p) = NULL) : (void)0)
#define ZERO_AT(p) ((p) != NULL ? (void)(*(p) = 0) : (void)0)

/* The first parameter of each is a, the minor status. */
#define FAILING(name, params, args, clear)                                    \
    EXPORTED OM_uint32 name params                                            \
    {                                                                         \
        static OM_uint32(*real) params;                                       \
                                                                              \
        if (real == NULL)                                                     \
            *(void **)&real = dlsym(RTLD_NEXT, #name);                        \
        if (real == NULL)                                                     \
            abort();                                                          \
        if (!gs2_failing_call(#name, __builtin_extract_return_addr(           \
                                         __builtin_return_address(0))))       \
            return real args;                                                 \
        *a = MINOR;                                                           \
        clear;                                                                \
        return GSS_S_FAILURE;                                                 \
    }

FAILING(gss_init_sec_context,
        (OM_uint32 *a, gss_cred_id_t b, gss_ctx_id_t *c, gss_name_t d,
         gss_OID e, OM_uint32 f, OM_uint32 g, gss_channel_bindings_t h,
         gss_buffer_t i, gss_OID *j, gss_buffer_t k, OM_uint32 *l,
         OM_uint32 *m),
        (a, b, c, d, e, f, g, h, i, j, k, l, m),
        (NULL_AT(j), nothing(k), ZERO_AT(l), ZERO_AT(m)))
FAILING(gss_accept_sec_context,
        (OM_uint32 *a, gss_ctx_id_t *b, gss_cred_id_t c, gss_buffer_t d,
         gss_channel_bindings_t e, gss_name_t *f, gss_OID *g, gss_buffer_t h,
         OM_uint32 *i, OM_uint32 *j, gss_cred_id_t *k),
        (a, b, c, d, e, f, g, h, i, j, k),
        (NULL_AT(f), NULL_AT(g), nothing(h), ZERO_AT(i), ZERO_AT(j),
         NULL_AT(k)))
FAILING(gss_inquire_context,
        (OM_uint32 *a, gss_ctx_id_t b, gss_name_t *c, gss_name_t *d,
         OM_uint32 *e, gss_OID *f, OM_uint32 *g, int *h, int *i),
        (a, b, c, d, e, f, g, h, i),
        (NULL_AT(c), NULL_AT(d), ZERO_AT(e), NULL_AT(f), ZERO_AT(g),
         ZERO_AT(h), ZERO_AT(i)))
FAILING(gss_wrap,
        (OM_uint32 *a, gss_ctx_id_t b, int c, gss_qop_t d, gss_buffer_t e,
         int *f, gss_buffer_t g),
        (a, b, c, d, e, f, g), (ZERO_AT(f), nothing(g)))
FAILING(gss_unwrap,
        (OM_uint32 *a, gss_ctx_id_t b, gss_buffer_t c, gss_buffer_t d, int *e,
         gss_qop_t *f),
        (a, b, c, d, e, f), (nothing(d), ZERO_AT(e), ZERO_AT(f)))
FAILING(gss_wrap_size_limit,
        (OM_uint32 *a, gss_ctx_id_t b, int c, gss_qop_t d, OM_uint32 e,
         OM_uint32 *f),
        (a, b, c, d, e, f), ZERO_AT(f))
FAILING(gss_inquire_sec_context_by_oid,
        (OM_uint32 *a, const gss_ctx_id_t b, const gss_OID c,
         gss_buffer_set_t *d),
        (a, b, c, d), NULL_AT(d))
FAILING(gss_set_neg_mechs,
        (OM_uint32 *a, gss_cred_id_t b, const gss_OID_set c), (a, b, c),
        (void)0)
FAILING(gss_export_cred,
        (OM_uint32 *a, gss_cred_id_t b, gss_buffer_t c), (a, b, c), nothing(c))
FAILING(gss_import_cred,
        (OM_uint32 *a, gss_buffer_t b, gss_cred_id_t *c), (a, b, c),
        NULL_AT(c))
FAILING(gss_set_cred_option,
        (OM_uint32 *a, gss_cred_id_t *b, const gss_OID c,
         const gss_buffer_t d),
        (a, b, c, d), (void)0)
FAILING(gss_process_context_token,
        (OM_uint32 *a, gss_ctx_id_t b, gss_buffer_t c), (a, b, c), (void)0)
FAILING(gss_import_name,
        (OM_uint32 *a, gss_buffer_t b, gss_OID c, gss_name_t *d),
        (a, b, c, d), NULL_AT(d))
FAILING(gss_display_name,
        (OM_uint32 *a, gss_name_t b, gss_buffer_t c, gss_OID *d),
        (a, b, c, d), (nothing(c), NULL_AT(d)))
FAILING(gss_canonicalize_name,
        (OM_uint32 *a, const gss_name_t b, const gss_OID c, gss_name_t *d),
        (a, b, c, d), NULL_AT(d))
FAILING(gss_export_name_composite,
        (OM_uint32 *a, gss_name_t b, gss_buffer_t c), (a, b, c), nothing(c))
FAILING(gss_localname,
        (OM_uint32 *a, const gss_name_t b, gss_const_OID c, gss_buffer_t d),
        (a, b, c, d), nothing(d))
FAILING(gss_inquire_name,
        (OM_uint32 *a, gss_name_t b, int *c, gss_OID *d, gss_buffer_set_t *e),
        (a, b, c, d, e), (ZERO_AT(c), NULL_AT(d), NULL_AT(e)))
FAILING(gss_get_name_attribute,
        (OM_uint32 *a, gss_name_t b, gss_buffer_t c, int *d, int *e,
         gss_buffer_t f, gss_buffer_t g, int *h),
        (a, b, c, d, e, f, g, h),
        (ZERO_AT(d), ZERO_AT(e), nothing(f), nothing(g)))
FAILING(gss_acquire_cred,
        (OM_uint32 *a, gss_name_t b, OM_uint32 c, gss_OID_set d, int e,
         gss_cred_id_t *f, gss_OID_set *g, OM_uint32 *h),
        (a, b, c, d, e, f, g, h), (NULL_AT(f), NULL_AT(g), ZERO_AT(h)))
FAILING(gss_acquire_cred_from,
        (OM_uint32 *a, gss_name_t b, OM_uint32 c, gss_OID_set d,
         gss_cred_usage_t e, gss_const_key_value_set_t f, gss_cred_id_t *g,
         gss_OID_set *h, OM_uint32 *i),
        (a, b, c, d, e, f, g, h, i), (NULL_AT(g), NULL_AT(h), ZERO_AT(i)))
FAILING(gss_acquire_cred_with_password,
        (OM_uint32 *a, const gss_name_t b, const gss_buffer_t c, OM_uint32 d,
         const gss_OID_set e, gss_cred_usage_t f, gss_cred_id_t *g,
         gss_OID_set *h, OM_uint32 *i),
        (a, b, c, d, e, f, g, h, i), (NULL_AT(g), NULL_AT(h), ZERO_AT(i)))
FAILING(gss_inquire_cred_by_mech,
        (OM_uint32 *a, gss_cred_id_t b, gss_OID c, gss_name_t *d,
         OM_uint32 *e, OM_uint32 *f, int *g),
        (a, b, c, d, e, f, g),
        (NULL_AT(d), ZERO_AT(e), ZERO_AT(f), ZERO_AT(g)))
FAILING(gss_inquire_cred_by_oid,
        (OM_uint32 *a, const gss_cred_id_t b, const gss_OID c,
         gss_buffer_set_t *d),
        (a, b, c, d), NULL_AT(d))
FAILING(gss_store_cred_into,
        (OM_uint32 *a, gss_cred_id_t b, gss_cred_usage_t c, gss_OID d,
         OM_uint32 e, OM_uint32 f, gss_const_key_value_set_t g,
         gss_OID_set *h, gss_cred_usage_t *i),
        (a, b, c, d, e, f, g, h, i), (NULL_AT(h), ZERO_AT(i)))
FAILING(gss_indicate_mechs, (OM_uint32 *a, gss_OID_set *b), (a, b),
        NULL_AT(b))
FAILING(gss_inquire_saslname_for_mech,
        (OM_uint32 *a, const gss_OID b, gss_buffer_t c, gss_buffer_t d,
         gss_buffer_t e),
        (a, b, c, d, e), (nothing(c), nothing(d), nothing(e)))
FAILING(gss_inquire_attrs_for_mech,
        (OM_uint32 *a, gss_const_OID b, gss_OID_set *c, gss_OID_set *d),
        (a, b, c, d), (NULL_AT(c), NULL_AT(d)))
FAILING(gss_display_status,
        (OM_uint32 *a, OM_uint32 b, int c, gss_OID d, OM_uint32 *e,
         gss_buffer_t f),
        (a, b, c, d, e, f), (ZERO_AT(e), nothing(f)))
