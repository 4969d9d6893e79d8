/*
 * t_layer_live.c - security layers of real contexts, in a realm of its own
 * (tests/lib/python/realm.py): one thread encodes while another decodes, on
 * either end of a connection; and an application with an allocator of its own,
 * which must be given nothing of anybody else's (traps 38 and 39 of
 * doc/gssapi.md).  t_tsan.sh runs it in a build with ThreadSanitizer.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <check.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sasl/sasl.h>

#include "tests/lib/dialogue.h"
#include "tests/lib/suite.h"

#define MESSAGES 2000
#define LONGEST 3000
#define STEPS_MAX 10
#define PROC(proc) ((int (*)(void))(void (*)(void))(proc))

/* --- a login -------------------------------------------------------------- */

static sasl_conn_t *ends[2]; /* client, server */
static bool rules_are_met = true;

static int
get_option(void *context, const char *plugin, const char *name,
           const char **value, unsigned *len)
{
    (void)context;
    (void)plugin;
    if (rules_are_met || strcmp(name, "gs2_require") != 0)
        return SASL_FAIL;
    *value = "gs2:realm=ANOTHER.TEST";
    if (len != NULL)
        *len = (unsigned)strlen(*value);
    return SASL_OK;
}

static int
no_log(void *context, int level, const char *text)
{
    (void)context;
    (void)level;
    (void)text;
    return SASL_OK;
}

static const sasl_callback_t callbacks[] = {
    { SASL_CB_GETOPT, PROC(get_option), NULL },
    { SASL_CB_LOG, PROC(no_log), NULL },
    { SASL_CB_LIST_END, NULL, NULL },
};

static void
begin(void)
{
    ck_assert_int_eq(sasl_client_init(callbacks), SASL_OK);
    ck_assert_int_eq(sasl_server_init(callbacks, "gs2-test"), SASL_OK);
}

static void
finish(void)
{
    sasl_dispose(&ends[0]);
    sasl_dispose(&ends[1]);
    sasl_client_done();
    sasl_server_done();
}

static void
connect_ends(unsigned max_ssf)
{
    const sasl_security_properties_t security = { .max_ssf = max_ssf,
                                                  .maxbufsize = 65536 };

    ck_assert_int_eq(sasl_client_new("imap", "localhost", NULL, NULL, NULL, 0,
                                     &ends[0]), SASL_OK);
    ck_assert_int_eq(sasl_server_new("imap", "localhost", NULL, NULL, NULL,
                                     NULL, 0, &ends[1]), SASL_OK);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_int_eq(sasl_setprop(ends[i], SASL_SEC_PROPS, &security),
                         SASL_OK);
}

/* The server's code at the end. */
static int
log_in(const char *mech)
{
    const char *to_server = NULL, *to_client = NULL, *chosen;
    unsigned to_server_len = 0, to_client_len = 0;
    int code = SASL_CONTINUE;

    for (unsigned step = 0; step < STEPS_MAX && code == SASL_CONTINUE;
         step++) {
        code = step == 0 ? sasl_client_start(ends[0], mech, NULL, &to_server,
                                             &to_server_len, &chosen)
                         : sasl_client_step(ends[0], to_client, to_client_len,
                                            NULL, &to_server, &to_server_len);
        ck_assert_msg(code == SASL_OK || code == SASL_CONTINUE, "%s: %s", mech,
                      sasl_errdetail(ends[0]));
        code = step == 0 ? sasl_server_start(ends[1], mech, to_server,
                                             to_server_len, &to_client,
                                             &to_client_len)
                         : sasl_server_step(ends[1], to_server, to_server_len,
                                            &to_client, &to_client_len);
    }
    return code;
}

/* --- threads -------------------------------------------------------------- */

struct packet {
    char *octets;
    unsigned len;
};

/* Message number n of an end: its length and each octet say which it is. */
static unsigned
message_of(unsigned end, unsigned n, char *out)
{
    const unsigned len = 1 + (n * 7919 + end) % LONGEST;

    memset(out, (int)(n * 31 + end), len);
    return len;
}

struct work {
    pthread_t thread;
    unsigned end;
    struct packet *packets; /* to be made, or to be read */
    unsigned first;         /* the number of the first of them */
    const char *wrong;
};

static void *
encode_all(void *arg)
{
    struct work *w = arg;
    char text[LONGEST];
    const char *out;
    unsigned len;

    for (unsigned i = 0; i < MESSAGES && w->wrong == NULL; i++) {
        len = message_of(w->end, w->first + i, text);
        if (sasl_encode(ends[w->end], text, len, &out, &len) != SASL_OK) {
            w->wrong = "sasl_encode";
            break;
        }
        w->packets[i].octets = malloc(len);
        w->packets[i].len = len;
        if (w->packets[i].octets != NULL)
            memcpy(w->packets[i].octets, out, len);
    }
    return NULL;
}

static void *
decode_all(void *arg)
{
    struct work *w = arg;
    char text[LONGEST];
    const char *out;
    unsigned len, wanted;

    for (unsigned i = 0; i < MESSAGES && w->wrong == NULL; i++) {
        wanted = message_of(!w->end, w->first + i, text);
        if (sasl_decode(ends[w->end], w->packets[i].octets, w->packets[i].len,
                        &out, &len) != SASL_OK)
            w->wrong = "sasl_decode";
        else if (len != wanted || memcmp(out, text, len) != 0)
            w->wrong = "another message";
        free(w->packets[i].octets);
    }
    return NULL;
}

/* What both ends sent before they read while they send more, which they read
 * afterwards. */
static void
both_ways_at_once(void)
{
    static struct packet before[2][MESSAGES], during[2][MESSAGES];
    struct work first[2], encoders[2], decoders[2];

    for (unsigned e = 0; e < 2; e++) {
        first[e] = (struct work){ .end = e, .packets = before[e] };
        (void)encode_all(&first[e]);
        ck_assert_ptr_null(first[e].wrong);
    }
    for (unsigned e = 0; e < 2; e++) {
        encoders[e] = (struct work){ .end = e, .packets = during[e],
                                     .first = MESSAGES };
        decoders[e] = (struct work){ .end = e, .packets = before[!e] };
        pthread_create(&encoders[e].thread, NULL, encode_all, &encoders[e]);
        pthread_create(&decoders[e].thread, NULL, decode_all, &decoders[e]);
    }
    for (unsigned e = 0; e < 2; e++) {
        pthread_join(encoders[e].thread, NULL);
        pthread_join(decoders[e].thread, NULL);
    }
    for (unsigned e = 0; e < 2; e++) {
        ck_assert_ptr_null(encoders[e].wrong);
        ck_assert_ptr_null(decoders[e].wrong);
        decoders[e] = (struct work){ .end = e, .packets = during[!e],
                                     .first = MESSAGES };
        (void)decode_all(&decoders[e]);
        ck_assert_ptr_null(decoders[e].wrong);
    }
}

static const struct layer {
    const char *mech;
    unsigned max_ssf;
} layers[] = {
    { "GSSAPI", 1 }, { "GSSAPI", 256 }, { "GSS-SPNEGO", 256 },
};

START_TEST(one_encodes_while_another_decodes)
{
    begin();
    connect_ends(layers[_i].max_ssf);
    ck_assert_int_eq(log_in(layers[_i].mech), SASL_OK);
    both_ways_at_once();
    finish();
}
END_TEST

/* --- an allocator --------------------------------------------------------- */

#define MARK UINT64_C(0x6773326d656d6f72)

/* In front of what it gives, so that no other's is taken for its own. */
struct block {
    uint64_t mark;
    size_t len;
};

static atomic_size_t in_use;
static atomic_bool was_foreign;

static void *
mark_block(struct block *block, size_t len)
{
    if (block == NULL)
        return NULL;
    *block = (struct block){ MARK, len };
    in_use++;
    return block + 1;
}

static void *
marked_malloc(size_t len)
{
    return mark_block(malloc(sizeof(struct block) + len), len);
}

static void *
marked_calloc(size_t count, size_t len)
{
    return mark_block(calloc(1, sizeof(struct block) + count * len),
                      count * len);
}

static void
marked_free(void *octets)
{
    struct block *block = octets;

    if (octets == NULL)
        return;
    if ((uintptr_t)octets % _Alignof(struct block) != 0 ||
        block[-1].mark != MARK) {
        was_foreign = true;
        return;
    }
    block[-1].mark = 0;
    in_use--;
    free(&block[-1]);
}

static void *
marked_realloc(void *octets, size_t len)
{
    void *copy = marked_malloc(len);
    size_t had;

    if (octets == NULL || copy == NULL)
        return copy;
    had = ((struct block *)octets)[-1].len;
    memcpy(copy, octets, had < len ? had : len);
    marked_free(octets);
    return copy;
}

/* Through the layer, so that all its memory grows. */
static void
carry(unsigned from)
{
    static char text[200000];
    const char *packet, *out;
    unsigned len, at, piece, got = 0;

    for (at = 0; at < sizeof(text); at += piece) {
        piece = sizeof(text) - at < 50000 ? (unsigned)sizeof(text) - at
                                          : 50000;
        ck_assert_int_eq(sasl_encode(ends[from], text + at, piece, &packet,
                                     &len), SASL_OK);
        ck_assert_int_eq(sasl_decode(ends[!from], packet, len, &out, &len),
                         SASL_OK);
        got += len;
    }
    ck_assert_uint_eq(got, sizeof(text));
}

START_TEST(an_allocator_gets_its_own_alone)
{
    const struct layer *layer = &layers[_i / 2];
    size_t before;

    rules_are_met = _i % 2 == 0;
    sasl_set_alloc(marked_malloc, marked_calloc, marked_realloc, marked_free);
    begin();
    /* The first login fills the pools of credentials and names. */
    for (unsigned again = 0; again < 3; again++) {
        before = in_use;
        connect_ends(layer->max_ssf);
        ck_assert_int_eq(log_in(layer->mech), rules_are_met ? SASL_OK
                                                            : SASL_NOAUTHZ);
        if (rules_are_met) {
            carry(0);
            carry(1);
        }
        sasl_dispose(&ends[0]);
        sasl_dispose(&ends[1]);
        if (again > 0)
            ck_assert_uint_eq(in_use, before);
    }
    ck_assert(in_use > 0);
    finish();
    ck_assert(!was_foreign);
}
END_TEST

static bool
prepare(void)
{
    const char *build = getenv("GS2_BUILDDIR");
    char path[PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s/gssapi/.libs/libgssapiv2.so",
                   build != NULL ? build : ".");
    return gs2_dialogue_plugins(path);
}

SUITE("layer_live",
      PREPARE(prepare),
      TIMEOUT(600),
      TABLE(one_encodes_while_another_decodes, layers),
      TIMES(an_allocator_gets_its_own_alone, 2 * COUNT(layers)))
