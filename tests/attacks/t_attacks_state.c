/*
 * t_attacks_state.c - what an attempt leaves behind on its connection, and
 * what the plugin leaves behind in the process: nothing.  Run under valgrind,
 * or built with sanitizers, these tests also see reads of freed memory.
 */
#include "attack.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/octets.h"

/* --- the next attempt --------------------------------------------------- */

START_TEST(second_start_after_a_login)
{
    ROW("a good login without success data, then a second start");
    attack_server();
    attack_server_must(attack_login("n,,", NULL), SASL_OK, NULL);
    attack_stands_alone();
}
END_TEST

START_TEST(second_start_before_the_last_word)
{
    const struct raw_ask ask = { RAW_HEADER("n,,") };

    ROW("a second start while the server waits for the client's last word");
    attack_server();
    attack_server_must(attack_raw(&ask), SASL_CONTINUE, NULL);
    attack_user_must("nobody");
    attack_stands_alone();
}
END_TEST

START_TEST(second_start_after_success_data)
{
    ROW("a good login with success data, then a second start");
    attack.flags = SASL_SUCCESS_DATA;
    attack_server();
    attack_server_must(attack_login("n,,", NULL), SASL_OK, NULL);
    attack_stands_alone();
}
END_TEST

/* PLAIN has no channel binding: under a critical one it must not pass. */
static void
plain_is_refused(void)
{
    const int code = attack_plain(true);

    attack_saw("then PLAIN under a critical binding: %s",
               attack_code_name(code));
    CHECK(code == SASL_BADBINDING || code == SASL_NOMECH,
          "PLAIN under a critical binding: %s", attack_code_name(code));
}

START_TEST(plain_after_a_refused_binding)
{
    ROW("a refused login with a binding, then PLAIN under a critical one");
    /* A stale name of a binding shall look as it did before it was freed. */
    mallopt(M_PERTURB, 0);
    attack.binding = "tls-unique";
    attack.critical = true;
    attack.deny = true;
    attack_server();
    attack_server_must(attack_login("p=tls-unique,a=bob,", NULL),
                       SASL_NOAUTHZ, "the proxy policy says no");
    plain_is_refused();
}
END_TEST

START_TEST(plain_after_an_abandoned_binding)
{
    const struct raw_ask ask = { RAW_HEADER("p=tls-unique,,") };

    ROW("a login with a binding, abandoned, then PLAIN under a critical one");
    attack.binding = "tls-unique";
    attack.critical = true;
    attack_server();
    attack_server_must(attack_raw(&ask), SASL_CONTINUE, NULL);
    plain_is_refused();
}
END_TEST

/* --- security layers ---------------------------------------------------- */

/* GSSAPI, whose layer is chosen before the proxy policy is asked. */
static int
gssapi_dialogue(void)
{
    sasl_interact_t *prompts = NULL;
    int client, server = SASL_CONTINUE;
    const char *mech;

    client = sasl_client_start(attack.client, "GSSAPI", &prompts,
                               &attack.client_out, &attack.client_out_len,
                               &mech);
    for (int i = 0; server == SASL_CONTINUE && i < 8; i++) {
        ck_assert_msg(client == SASL_OK || client == SASL_CONTINUE, "%s",
                      attack_text(attack.client));
        server = i == 0 ? attack_start("GSSAPI", attack.client_out,
                                       attack.client_out_len)
                        : attack_step(attack.client_out,
                                      attack.client_out_len);
        if (server == SASL_CONTINUE)
            client = attack_client_step(attack.server_out,
                                        attack.server_out_len);
    }
    return server;
}

START_TEST(layer_of_a_refused_login)
{
    ROW("GSSAPI with a security layer, refused, then GS2: the server");
    attack.layers = true;
    attack.deny = true;
    attack.authname = "alice";
    attack.authzid = "bob";
    attack_server();
    attack_client();
    ck_assert_int_eq(gssapi_dialogue(), SASL_NOAUTHZ);
    attack_server_must(attack_login("n,,", NULL), SASL_OK, NULL);
    attack_user_must("alice");
    attack_no_layer(attack.server);
}
END_TEST

/* --- what the application can ask for ----------------------------------- */

static void
nothing_is_left(sasl_conn_t *conn)
{
    static const struct {
        int number;
        const char *name;
    } props[] = {
        { SASL_GSS_PEER_NAME, "SASL_GSS_PEER_NAME" },
        { SASL_GSS_LOCAL_NAME, "SASL_GSS_LOCAL_NAME" },
        { SASL_DELEGATEDCREDS, "SASL_DELEGATEDCREDS" },
        { SASL_USERNAME, "SASL_USERNAME" },
        { SASL_AUTHUSER, "SASL_AUTHUSER" },
    };
    char left[256] = "";
    const void *value;

    for (size_t i = 0; i < COUNT(props); i++) {
        value = NULL;
        if (sasl_getprop(conn, props[i].number, &value) == SASL_OK &&
            value != NULL)
            strcat(strcat(left, " "), props[i].name);
    }
    attack_saw("left behind:%s", left[0] != '\0' ? left : " nothing");
    CHECK(left[0] == '\0', "left behind:%s", left);
}

START_TEST(getprop_after_a_denied_login)
{
    const struct raw_ask ask = {
        RAW_HEADER("n,a=bob,"),
        .flags = RAW_FLAGS | GSS_C_DELEG_FLAG
    };

    ROW("a denied login, then sasl_getprop");
    attack.deny = true;
    attack_server();
    attack_server_must(attack_try(&ask), SASL_NOAUTHZ, NULL);
    nothing_is_left(attack.server);
}
END_TEST

START_TEST(getprop_after_a_refused_name)
{
    ROW("canon_user refuses the name, then sasl_getprop");
    attack.flags = SASL_SUCCESS_DATA;
    attack.deny_canon = SASL_CU_AUTHID;
    attack_server();
    attack_server_must(attack_login("n,,", NULL), SASL_BADPROT,
                       "\"alice\"");
    nothing_is_left(attack.server);
}
END_TEST

START_TEST(getprop_after_a_failed_client)
{
    ROW("a client that refused the server, then sasl_getprop");
    attack.authname = "alice";
    attack_client();
    ck_assert_int_eq(attack_client_start(), SASL_CONTINUE);
    (void)attack_client_step(OCTETS("no token"));
    nothing_is_left(attack.client);
}
END_TEST

/* --- memory ------------------------------------------------------------- */

/* An allocator that knows its own blocks: each is behind a tag. */
#define TAG 0x4753325f53415346ULL

struct tagged {
    unsigned long long tag;
    size_t size;
};

static long blocks;

static void *
tagged_malloc(size_t size)
{
    struct tagged *block = malloc(sizeof(*block) + size);

    if (block == NULL)
        return NULL;
    *block = (struct tagged){ TAG, size };
    blocks++;
    return block + 1;
}

static void *
tagged_calloc(size_t count, size_t size)
{
    void *data = tagged_malloc(count * size);

    return data != NULL ? memset(data, 0, count * size) : NULL;
}

static void
tagged_free(void *data)
{
    struct tagged *block = data;

    if (block == NULL)
        return;
    block--;
    ck_assert_msg(block->tag == TAG, "a block of another allocator is freed");
    block->tag = 0;
    blocks--;
    free(block);
}

static void *
tagged_realloc(void *data, size_t size)
{
    const struct tagged *block = data;
    void *copy = tagged_malloc(size);

    if (copy != NULL && block != NULL) {
        block--;
        memcpy(copy, data, block->size < size ? block->size : size);
        tagged_free(data);
    }
    return copy;
}

START_TEST(custom_allocator)
{
    ROW("sasl_set_alloc with another allocator");
    sasl_set_alloc(tagged_malloc, tagged_calloc, tagged_realloc, tagged_free);
    attack.authname = "alice";
    attack_server();
    attack_client();
    attack_server_must(attack_dialogue(), SASL_OK, NULL);
    attack_user_must("alice");
    attack_plain(false);
    attack_login("x,,", NULL);
    attack_end();
    CHECK(blocks == 0, "%ld blocks were not freed", blocks);
    attack_saw("freed by its own allocator, every block");
}
END_TEST

/* Each role outlives the other's end. */

START_TEST(client_done_before_server)
{
    ROW("the client's end leaves the server's list of mechanisms");
    attack.authname = "alice";
    attack_client();
    attack_server();
    sasl_dispose(&attack.client);
    sasl_client_done();
    attack_server_must(attack_login("n,,", NULL), SASL_OK, NULL);
}
END_TEST

START_TEST(server_done_before_client)
{
    ROW("the server's end leaves the client's list of mechanisms");
    attack.authname = "alice";
    attack_client();
    attack_server();
    sasl_dispose(&attack.server);
    sasl_server_done();
    attack_client_must(attack_client_start(), SASL_CONTINUE, NULL);
    CHECK(attack.client_out_len > 100, "no token");
}
END_TEST

#define ROUNDS 40

static void
init_and_done(int rounds)
{
    for (int i = 0; i < rounds; i++) {
        attack_server();
        attack_client();
        attack_end();
    }
}

/* Octets left behind by an init, after the first ones. */
static size_t
growth(void)
{
    size_t before, after;

    init_and_done(5);
    before = mallinfo2().uordblks;
    init_and_done(ROUNDS);
    after = mallinfo2().uordblks;
    return after > before ? (after - before) / ROUNDS : 0;
}

START_TEST(memory_of_an_init)
{
    size_t without, with;

    ROW("memory left behind by an init of both roles");
    attack.without = true;
    without = growth();
    attack.without = false;
    with = growth();
    attack_saw("%zu octets an init, without the plugin %zu", with, without);
    CHECK(with < without + 200, "%zu octets an init, without the plugin %zu",
          with, without);
}
END_TEST

TESTS(attack_state_rows,
      CASE("state"),
      FIXTURE(attack_setup, attack_teardown),
      TIMEOUT(120),
      TEST(second_start_after_a_login),
      TEST(second_start_before_the_last_word),
      TEST(second_start_after_success_data),
      TEST(plain_after_a_refused_binding),
      TEST(plain_after_an_abandoned_binding),
      TEST(layer_of_a_refused_login),
      TEST(getprop_after_a_denied_login),
      TEST(getprop_after_a_refused_name),
      TEST(getprop_after_a_failed_client),
      TEST(custom_allocator),
      TEST(client_done_before_server),
      TEST(server_done_before_client),
      TEST(memory_of_an_init))
