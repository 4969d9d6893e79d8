/*
 * t_loop_size.c - messages that are too long, and lengths that cannot be true
 * (row I14): nothing of them is read.
 */
#include "t_loop_more.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MESSAGE_MAX 1048576

static const struct {
    const char *what;
    unsigned len;
} lies[] = {
    { "one octet too many", MESSAGE_MAX + 1 },
    { "(unsigned)-700", (unsigned)-700 },
    { "(unsigned)-1", (unsigned)-1 },
};

/* An address at which reading one octet ends the process. */
static const char *
unreadable(void)
{
    void *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                      0);

    ck_assert_ptr_ne(page, MAP_FAILED);
    return page;
}

/* A message of so many octets at the server, after the given number of its
 * own. */
static void
lie_to_server(unsigned len, unsigned after, unsigned calls)
{
    const char *out;
    unsigned out_len;
    int code;

    ck_assert_int_ge(gs2_dialogue_client_start(&d), SASL_OK);
    if (after == 0) {
        code = sasl_server_start(d.server, d.mech, unreadable(), len, &out,
                                 &out_len);
    } else {
        ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_CONTINUE);
        code = sasl_server_step(d.server, unreadable(), len, &out, &out_len);
    }
    ck_assert_int_eq(code, SASL_BADPROT);
    ck_assert_ptr_nonnull(strstr(sasl_errdetail(d.server),
                                 "octets, more than 1048576"));
    ck_assert_ptr_null(out);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), calls);
    ck_assert_uint_eq(sm->count(GS2_CALL_PROCESS_TOKEN), 0);
}

START_TEST(server_start)
{
    t_loop_start(2);
    gs2_dialogue_open(&d);
    lie_to_server(lies[_i].len, 0, 0);
    t_loop_print("row I14: too long", "server", "first", lies[_i].what, "");
    t_loop_end();
}
END_TEST

START_TEST(server_waiting)
{
    t_loop_start(5);
    gs2_dialogue_open(&d);
    lie_to_server(lies[_i].len, 1, 1);
    t_loop_print("row I14: too long", "server", "middle", lies[_i].what, "");
    t_loop_end();
}
END_TEST

START_TEST(server_last_response)
{
    t_loop_start(2);
    gs2_dialogue_open(&d);
    lie_to_server(lies[_i].len, 1, 1);
    ck_assert_uint_eq(d.canon_calls, 0);
    t_loop_print("row I14: too long", "server", "last", lies[_i].what, "");
    t_loop_end();
}
END_TEST

static void
lie_to_client(unsigned len, const char *why, unsigned calls)
{
    const char *out;
    unsigned out_len;

    ck_assert_int_eq(sasl_client_step(d.client, unreadable(), len, NULL, &out,
                                      &out_len), SASL_BADPROT);
    ck_assert_ptr_nonnull(strstr(sasl_errdetail(d.client), why));
    ck_assert_ptr_null(out);
    ck_assert_uint_eq(sm->count(GS2_CALL_INIT), calls);
    ck_assert_uint_eq(sm->count(GS2_CALL_PROCESS_TOKEN), 0);
}

START_TEST(client_start)
{
    const char *mech;

    t_loop_start(2);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(sasl_client_start(d.client, d.mech, NULL, NULL, NULL,
                                       &mech), SASL_CONTINUE);
    lie_to_client(lies[_i].len, "a challenge before", 0);
    t_loop_print("row I14: too long", "client", "first", lies[_i].what, "");
    t_loop_end();
}
END_TEST

START_TEST(client_waiting)
{
    t_loop_start(4);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
    lie_to_client(lies[_i].len, "octets, more than 1048576", 1);
    t_loop_print("row I14: too long", "client", "middle", lies[_i].what, "");
    t_loop_end();
}
END_TEST

START_TEST(client_established)
{
    t_loop_start(2);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_server_start(&d), SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_OK);
    lie_to_client(lies[_i].len, "octets, more than 1048576", 2);
    t_loop_print("row I14: too long", "client", "last", lies[_i].what, "");
    t_loop_end();
}
END_TEST

/* The longest that is read gets to GSS. */
START_TEST(longest)
{
    char *message = malloc(MESSAGE_MAX);

    ck_assert_ptr_nonnull(message);
    memset(message, 'x', MESSAGE_MAX);
    memcpy(message, "n,,", 3);
    t_loop_start(2);
    gs2_dialogue_open(&d);
    gs2_dialogue_say(&d, message, MESSAGE_MAX);
    (void)gs2_dialogue_server_start(&d);
    free(message);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 1);
    t_loop_print("row I14: the longest", "server", "first", "1048576 octets",
                 "");
    t_loop_end();
}
END_TEST

TESTS(t_loop_size,
      TABLE(server_start, lies),
      TABLE(server_waiting, lies),
      TABLE(server_last_response, lies),
      TABLE(client_start, lies),
      TABLE(client_waiting, lies),
      TABLE(client_established, lies),
      TEST(longest))
