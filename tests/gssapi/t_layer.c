/*
 * t_layer.c - a security layer (gssapi/layer.c) over a context that does as it
 * is told: wraps that fail, messages of no octets, contexts that are not the
 * layer's, and streams of any octets in any pieces.
 */
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include <gssapi/gssapi.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>

#include "gssapi/context.h"
#include "gssapi/layer.h"
#include "gssapi/ssf.h"
#include "tests/lib/suite.h"

/* --- a GSS-API in the place of the library's ------------------------------ */

#define SIZE_MAX_MESSAGE 4096u

static bool wrap_fails, seals = true;

OM_uint32
gss_wrap_size_limit(OM_uint32 *minor, gss_ctx_id_t context, int sealed,
                    gss_qop_t qop, OM_uint32 size, OM_uint32 *max_out)
{
    (void)context;
    (void)sealed;
    (void)qop;
    *minor = 0;
    *max_out = size > 0 ? size - 1 : 0;
    return GSS_S_COMPLETE;
}

/* A 'W', and the octets as they are. */
OM_uint32
gss_wrap(OM_uint32 *minor, gss_ctx_id_t context, int sealed, gss_qop_t qop,
         gss_buffer_t in, int *sealed_out, gss_buffer_t out)
{
    (void)context;
    (void)qop;
    *minor = 0;
    *sealed_out = sealed && seals;
    if (wrap_fails)
        return GSS_S_CONTEXT_EXPIRED;
    out->length = in->length + 1;
    out->value = malloc(out->length);
    *(char *)out->value = 'W';
    memcpy((char *)out->value + 1, in->value, in->length);
    return GSS_S_COMPLETE;
}

/* As krb5: with memory for no octets as well; the input is turned in place. */
OM_uint32
gss_unwrap(OM_uint32 *minor, gss_ctx_id_t context, gss_buffer_t in,
           gss_buffer_t out, int *sealed_out, gss_qop_t *qop)
{
    (void)context;
    (void)qop;
    *minor = 0;
    if (*(const char *)in->value != 'W')
        return GSS_S_DEFECTIVE_TOKEN;
    if (sealed_out != NULL)
        *sealed_out = 1;
    out->length = in->length - 1;
    out->value = malloc(out->length > 0 ? out->length : 1);
    memcpy(out->value, (const char *)in->value + 1, out->length);
    memset(in->value, 0, in->length);
    return GSS_S_COMPLETE;
}

/* --- libsasl's side ------------------------------------------------------- */

static char said[256];

static void
say(sasl_conn_t *conn, unsigned flags, const char *format, ...)
{
    va_list rest;

    (void)conn;
    (void)flags;
    va_start(rest, format);
    (void)vsnprintf(said, sizeof(said), format, rest);
    va_end(rest);
}

/* The functions of libsasl allow for no other names of these. */
static void *
allocate(size_t size)
{
    return malloc(size);
}

static void *
resize(void *p, size_t size)
{
    return realloc(p, size);
}

static void
release(void *p)
{
    free(p);
}

static sasl_utils_t utils;
static sasl_out_params_t oparams;
static struct gs2_layer layer;
static const char *out;
static unsigned len;

static void
set_up(void)
{
    static const struct gs2_layer_sizes sizes = { 65536, SIZE_MAX_MESSAGE,
                                                  SIZE_MAX_MESSAGE - 1 };
    struct gs2_error err;

    utils.malloc = allocate;
    utils.realloc = resize;
    utils.free = release;
    utils.seterror = say;
    ck_assert_int_eq(gs2_layer_prepare(&layer, GSS_C_NO_CONTEXT, true, &sizes,
                                       GS2_FAIL, &err), GS2_OK);
    gs2_layer_install(&layer, &utils, 256, &oparams);
}

static void
tear_down(void)
{
    gs2_layer_remove(&layer, &utils, &oparams);
}

static int
encode(const char *text, size_t text_len)
{
    struct iovec in = { (void *)text, text_len };

    out = "";
    len = 1;
    return oparams.encode(&layer, &in, 1, &out, &len);
}

static int
decode(const void *octets, size_t octets_len)
{
    out = "";
    len = 1;
    return oparams.decode(&layer, octets, (unsigned)octets_len, &out, &len);
}

static void
refused(int code, int wanted, const char *text)
{
    ck_assert_int_eq(code, wanted);
    ck_assert(out == NULL && len == 0);
    ck_assert_msg(strstr(said, text) != NULL, "%s", said);
}

/* --- tests ---------------------------------------------------------------- */

START_TEST(what_is_sent_is_received)
{
    ck_assert_int_eq(encode("hello", 5), SASL_OK);
    ck_assert(len == 10 && memcmp(out, "\0\0\0\6Whello", 10) == 0);
    ck_assert_int_eq(decode("\0\0\0\6Whello\0\0\0\1W\0\0\0\2W!", 21), SASL_OK);
    ck_assert(len == 6 && memcmp(out, "hello!", 7) == 0);
}
END_TEST

/* In one piece, in two: what the application gave is as it was. */
START_TEST(the_input_stays)
{
    char message[] = "\0\0\0\6Whello";

    ck_assert_int_eq(decode(message, (size_t)_i), SASL_OK);
    ck_assert_int_eq(decode(message + _i, (size_t)(10 - _i)), SASL_OK);
    ck_assert(memcmp(message, "\0\0\0\6Whello", 10) == 0);
}
END_TEST

/* The message about layers is the application's as well. */
START_TEST(the_message_stays)
{
    const struct gs2_nego nego = { .context = GSS_C_NO_CONTEXT };
    char message[] = "Whello";
    gss_buffer_desc in = { 6, message }, plain;
    struct gs2_error err;

    ck_assert_int_eq(gs2_context_unwrap(&nego, &in, &plain, &err), GS2_OK);
    ck_assert(plain.length == 5 && memcmp(plain.value, "hello", 5) == 0);
    ck_assert(memcmp(message, "Whello", 6) == 0);
    gs2_context_release(&plain);
}
END_TEST

/* Row KL5. */
START_TEST(a_wrap_that_fails_is_the_last)
{
    wrap_fails = _i == 0;
    seals = _i != 1;
    refused(encode("hello", _i == 2 ? 65536 : 5),
            _i == 2 ? SASL_BUFOVER : SASL_FAIL,
            _i == 2 ? "more than the peer's" : "cannot wrap a message");
    wrap_fails = false;
    seals = true;
    refused(encode("hello", 5), SASL_FAIL, "the security layer failed before");
    ck_assert_int_eq(decode("\0\0\0\2W!", 6), SASL_OK);
}
END_TEST

START_TEST(a_message_that_fails_is_the_last)
{
    refused(decode("\0\0\0\1X", 5), SASL_FAIL, "not the next one");
    refused(decode("\0\0\0\2W!", 6), SASL_FAIL, "failed before");
    ck_assert_int_eq(encode("hello", 5), SASL_OK);
}
END_TEST

/* The wrapped one is as short as was agreed. */
START_TEST(a_message_that_carries_too_much_is_the_last)
{
    layer.receiver.plain_max = 4;
    refused(decode("\0\0\0\6Whello", 10), SASL_FAIL,
            "carries more than the application takes");
    refused(decode("\0\0\0\2W!", 6), SASL_FAIL, "failed before");
}
END_TEST

/* libsasl gives the context of the mechanism that was started last: one of
 * another, a new one of ours, none (row KL6). */
START_TEST(another_context_is_refused)
{
    struct gs2_layer fresh = { .context = GSS_C_NO_CONTEXT };
    const void *foreign = &foreign;
    const void **small = malloc(sizeof(*small)); /* read no further */
    void *contexts[] = { NULL, &fresh, &foreign, small };
    struct iovec in = { (void *)"secret", 6 };

    *small = &layer;
    for (size_t i = 0; i < COUNT(contexts); i++) {
        out = "";
        len = 1;
        ck_assert_int_eq(oparams.encode(contexts[i], &in, 1, &out, &len),
                         SASL_NOTDONE);
        ck_assert(out == NULL && len == 0);
        out = "";
        len = 1;
        ck_assert_int_eq(oparams.decode(contexts[i], "\0\0\0\2W!", 6, &out,
                                        &len), SASL_NOTDONE);
        ck_assert(out == NULL && len == 0);
    }
    free(small);
}
END_TEST

START_TEST(a_layer_that_is_removed_refuses)
{
    gs2_layer_remove(&layer, &utils, &oparams);
    ck_assert_uint_eq(oparams.mech_ssf + oparams.maxoutbuf, 0);
    said[0] = '\0';
    refused(encode("secret", 6), SASL_NOTDONE, "");
    refused(decode("\0\0\0\2W!", 6), SASL_NOTDONE, "");
    /* Another layer takes its place. */
    set_up();
    ck_assert_int_eq(encode("hello", 5), SASL_OK);
}
END_TEST

START_TEST(no_octets_leave_no_memory)
{
    gss_buffer_desc plain = { 0, malloc(1) };
    size_t before;

    gs2_context_release(&plain);
    ck_assert_ptr_null(plain.value);
    ck_assert_int_eq(decode("\0\0\0\1W", 5), SASL_OK);
    before = mallinfo2().uordblks;
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(decode("\0\0\0\1W", 5), SASL_OK);
    ck_assert_uint_eq(mallinfo2().uordblks, before);
    ck_assert(out == NULL && len == 0);
}
END_TEST

/* --- any octets, in any pieces -------------------------------------------- */

static unsigned seed;

static unsigned
below(unsigned end)
{
    return (unsigned)rand_r(&seed) % end;
}

/* A stream of up to 8 messages, of which each fourth is not what it should be:
 * its octets, in memory of their size, and what they should come to. */
static size_t
make_stream(unsigned char *stream, char *plain, size_t *plain_len, bool *good)
{
    size_t at = 0;
    unsigned n, said_len;

    *plain_len = 0;
    *good = true;
    for (unsigned i = 1 + below(8); i > 0; i--) {
        n = below(4) == 0 ? below(SIZE_MAX_MESSAGE) : below(20);
        said_len = n + 1;
        if (below(4) == 0)
            said_len = below(2) == 0 ? (unsigned)rand_r(&seed) * 2u : n;
        stream[at++] = (unsigned char)(said_len >> 24);
        stream[at++] = (unsigned char)(said_len >> 16);
        stream[at++] = (unsigned char)(said_len >> 8);
        stream[at++] = (unsigned char)said_len;
        stream[at++] = 'W';
        if (said_len != n + 1)
            *good = false;
        for (unsigned k = 0; k < n; k++) {
            stream[at] = (unsigned char)below(256);
            if (*good)
                plain[(*plain_len)++] = (char)stream[at];
            at++;
        }
    }
    return at;
}

START_TEST(any_octets_in_any_pieces)
{
    static unsigned char stream[8 * (SIZE_MAX_MESSAGE + 5)];
    static char plain[sizeof(stream)];
    size_t total, plain_len, got = 0, piece;
    int code = SASL_OK;
    void *copy;
    bool good;

    seed = (unsigned)_i;
    total = make_stream(stream, plain, &plain_len, &good);
    for (size_t at = 0; at < total && code == SASL_OK; at += piece) {
        piece = 1 + below(below(3) == 0 ? 8 : 3 * SIZE_MAX_MESSAGE);
        if (piece > total - at)
            piece = total - at;
        copy = malloc(piece); /* an over-read is seen */
        memcpy(copy, stream + at, piece);
        code = decode(copy, piece);
        free(copy);
        if (code != SASL_OK)
            break;
        if (got + len <= plain_len || good)
            ck_assert(got + len <= plain_len &&
                      (len == 0 || memcmp(out, plain + got, len) == 0));
        got += len;
    }
    if (good)
        ck_assert(code == SASL_OK && got == plain_len);
    if (code != SASL_OK)
        refused(decode("\0\0\0\2W!", 6), SASL_FAIL, "failed before");
}
END_TEST

/* --- what it is called ---------------------------------------------------- */

static const struct {
    unsigned layer;
    sasl_ssf_t sealed;
    const char *word;
} words[] = {
    { GS2_LAYER_NONE, 256, "none" },
    { GS2_LAYER_INTEGRITY, 256, "integrity" },
    { GS2_LAYER_PRIVACY, 256, "privacy" },
    { GS2_LAYER_PRIVACY, 2, "privacy" },
    /* a cipher that hides nothing */
    { GS2_LAYER_PRIVACY, 1, "integrity" },
    { GS2_LAYER_PRIVACY, 0, "integrity" },
};

START_TEST(privacy_is_what_hides)
{
    ck_assert_str_eq(gs2_ssf_word(words[_i].layer, words[_i].sealed),
                     words[_i].word);
}
END_TEST

SUITE("layer",
      FIXTURE(set_up, tear_down),
      TEST(what_is_sent_is_received),
      TEST(the_message_stays),
      TIMES(the_input_stays, 10),
      TIMES(a_wrap_that_fails_is_the_last, 3),
      TEST(a_message_that_fails_is_the_last),
      TEST(a_message_that_carries_too_much_is_the_last),
      TEST(another_context_is_refused),
      TEST(a_layer_that_is_removed_refuses),
      TEST(no_octets_leave_no_memory),
      TIMES(any_octets_in_any_pieces, 400),
      TABLE(privacy_is_what_hides, words))
