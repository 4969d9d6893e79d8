/*
 * t_state_memory.c - nothing outlives the last done, in whatever order inits
 * and dones come; what is libsasl's goes back to libsasl's allocator, and what
 * is GSS's to GSS.
 */
#include "t_state.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* --- libsasl's allocator ------------------------------------------------- */

#define TAG UINT64_C(0x6733732d616c6c6f)

struct tag {
    _Alignas(max_align_t) uint64_t tag;
    size_t size;
};

static size_t outstanding;

static void *
tagged_malloc(size_t size)
{
    struct tag *t = malloc(sizeof(*t) + size);

    if (t == NULL)
        return NULL;
    t->tag = TAG;
    t->size = size;
    outstanding++;
    return t + 1;
}

static void *
tagged_calloc(size_t count, size_t size)
{
    void *p = tagged_malloc(count * size);

    return p != NULL ? memset(p, 0, count * size) : NULL;
}

static void
tagged_free(void *p)
{
    struct tag *t;

    if (p == NULL)
        return;
    t = (struct tag *)p - 1;
    if (t->tag != TAG)
        abort(); /* a block of another allocator */
    t->tag = 0;
    outstanding--;
    free(t);
}

static void *
tagged_realloc(void *p, size_t size)
{
    void *fresh = tagged_malloc(size);
    const struct tag *t;

    if (fresh == NULL || p == NULL)
        return fresh;
    t = (struct tag *)p - 1;
    memcpy(fresh, p, t->size < size ? t->size : size);
    tagged_free(p);
    return fresh;
}

static void
tag_all(void)
{
    sasl_set_alloc(tagged_malloc, tagged_calloc, tagged_realloc, tagged_free);
}

START_TEST(allocator_of_a_good_login)
{
    tag_all();
    t_state_prepare();
    d.authzid = GS2_PROMPT("bob");
    d.success_data = _i != 0;
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    ck_assert_int_eq(d.server_code, SASL_OK);
    ck_assert_str_eq(d.prompts, "USER;");
    gs2_dialogue_close(&d);
    ck_assert_uint_eq(outstanding, 0);
    t_state_released();
}
END_TEST

START_TEST(allocator_of_a_password)
{
    tag_all();
    t_state_prepare();
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_INIT, 1, GSS_S_NO_CRED, 0 };
    script.password = "open sesame";
    d.authname = GS2_PROMPT("alice");
    d.password = GS2_PROMPT("open sesame");
    gs2_dialogue_open(&d);
    gs2_dialogue_run(&d);
    t_state_say("by password");
    ck_assert_int_eq(d.server_code, SASL_OK);
    gs2_dialogue_close(&d);
    ck_assert_uint_eq(outstanding, 0);
    t_state_released();
}
END_TEST

START_TEST(allocator_of_a_refusal)
{
    tag_all();
    t_state_be_refused(&failures[_i]);
    gs2_dialogue_close(&d);
    ck_assert_uint_eq(outstanding, 0);
    t_state_released();
}
END_TEST

/* --- init and done ------------------------------------------------------- */

static void
log_in(void)
{
    gs2_dialogue_connect(&d);
    gs2_dialogue_run(&d);
    ck_assert_int_eq(d.client_code, SASL_OK);
    ck_assert_int_eq(d.server_code, SASL_OK);
    gs2_dialogue_disconnect(&d);
}

START_TEST(init_and_done_again)
{
    tag_all();
    for (int round = 0; round < 6; round++) {
        t_state_prepare();
        gs2_dialogue_begin(&d);
        log_in();
        if (round % 2 == 0) {
            sasl_client_done();
            sasl_server_done();
        } else {
            sasl_server_done();
            sasl_client_done();
        }
        ck_assert_uint_eq(outstanding, 0);
        t_state_released();
    }
}
END_TEST

/* The done of one side takes nothing that the other uses. */
START_TEST(one_side_is_done)
{
    tag_all();
    t_state_prepare();
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
    if (_i == 0) {
        sasl_dispose(&d.client);
        sasl_client_done();
        gs2_dialogue_say(&d, "n,,x", 4);
        ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_BADAUTH);
        ck_assert_int_eq(gs2_dialogue_plain(&d, "bob", "secret"), SASL_OK);
        sasl_dispose(&d.server);
        sasl_server_done();
    } else {
        sasl_dispose(&d.server);
        sasl_server_done();
        gs2_dialogue_say(&d, "token 2", 7);
        ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_CONTINUE);
        sasl_dispose(&d.client);
        sasl_client_done();
    }
    free(d.copy);
    ck_assert_uint_eq(outstanding, 0);
    t_state_released();
}
END_TEST

/* Every init has its done; the last one counts. */
START_TEST(init_twice)
{
    tag_all();
    t_state_prepare();
    gs2_dialogue_begin(&d);
    ck_assert_int_eq(sasl_client_init(NULL), SASL_OK);
    log_in();
    sasl_client_done();
    log_in();
    gs2_dialogue_close(&d);
    ck_assert_uint_eq(outstanding, 0);
    t_state_released();
}
END_TEST

TESTS(t_state_memory,
      TIMES(allocator_of_a_good_login, 2),
      TEST(allocator_of_a_password),
      TIMES(allocator_of_a_refusal, failure_count),
      TEST(init_and_done_again),
      TIMES(one_side_is_done, 2),
      TEST(init_twice))
