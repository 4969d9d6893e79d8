/*
 * t_plus.c - mechanism names with -PLUS (row N2 of doc/gs2.md), and a server
 * whose application has a binding for each name that a client may ask for
 * (row B3): RFC 5801 sections 3.3 and 5.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/dialogue.h"
#include "tests/lib/scripted.h"
#include "tests/lib/suite.h"

/* SASL_CB_SERVER_CHANNEL_BINDING of Cyrus SASL newer than 2.1.28. */
#define CB_SERVER_CHANNEL_BINDING 0x8008

static struct gs2_script script;
static struct gs2_dialogue d;

static const sasl_channel_binding_t optional = {
    "tls-unique", 0, 4, (const unsigned char *)"\1\0\2\3",
};
static const sasl_channel_binding_t critical = {
    "tls-unique", 1, 4, (const unsigned char *)"\1\0\2\3",
};
static const sasl_channel_binding_t exporter = {
    "tls-exporter", 0, 4, (const unsigned char *)"\3\2\1\0",
};

static void
prepare(void)
{
    sm->reset();
    gs2_script_honest(&script, 3);
    sm->install(GS2_OID_A, &script);
    gs2_dialogue_init(&d);
}

static void
finish(void)
{
    gs2_dialogue_close(&d);
    ck_assert_uint_eq(sm->live().contexts, 0);
    ck_assert_uint_eq(sm->live().creds, 0);
    ck_assert_uint_eq(sm->live().names, 0);
}

/* --- the name says nothing ----------------------------------------------- */

/* A client without a binding, and a server that is told the other name. */
static void
start_as_plus(const sasl_channel_binding_t *binding)
{
    prepare();
    d.server_binding = binding;
    gs2_dialogue_open(&d);
    ck_assert_int_eq(gs2_dialogue_client_start(&d), SASL_CONTINUE);
    d.mech = "GS2-SCRIPT-PLUS";
    (void)gs2_dialogue_server_start(&d);
}

START_TEST(n_under_plus_is_accepted)
{
    start_as_plus(&optional);
    ck_assert_int_eq(d.server_code, SASL_CONTINUE);
    ck_assert_int_eq(gs2_dialogue_client_step(&d), SASL_OK);
    ck_assert_int_eq(gs2_dialogue_server_step(&d), SASL_OK);
    ck_assert_str_eq(d.exchange, "C: CONTINUE [n,,token 1+27]; S: CONTINUE "
                                 "[token 2]; C: OK [token 3]; S: OK -");
    finish();
}
END_TEST

START_TEST(n_under_plus_is_refused_where_critical)
{
    start_as_plus(&critical);
    ck_assert_int_eq(d.server_code, SASL_BADBINDING);
    ck_assert_ptr_nonnull(strstr(d.server_error, "requires channel binding"));
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 0);
    finish();
}
END_TEST

/* libsasl adds the suffix, once, and only where there is a binding. */
START_TEST(plus_is_listed_with_a_binding_alone)
{
    const char *listed;

    prepare();
    gs2_dialogue_set(d.server_options, "gs2_mechs", "GS2-SCRIPT");
    d.server_binding = _i == 0 ? NULL : &optional;
    gs2_dialogue_open(&d);
    listed = gs2_dialogue_listed(d.server);
    ck_assert_ptr_nonnull(strstr(listed, "GS2-SCRIPT"));
    ck_assert_uint_eq(gs2_dialogue_logged(listed, "GS2-SCRIPT-PLUS"),
                      (unsigned)_i);
    ck_assert_ptr_null(strstr(listed, "PLUS-PLUS"));
    finish();
}
END_TEST

/* Where the binding is critical, libsasl lists no plain name (RFC 5801 section
 * 5: one that never lets anybody in must not be listed). */
START_TEST(plus_alone_where_critical)
{
    char listed[512];

    prepare();
    gs2_dialogue_set(d.server_options, "gs2_mechs", "GS2-SCRIPT");
    d.server_binding = _i == 0 ? &critical : &optional;
    gs2_dialogue_open(&d);
    snprintf(listed, sizeof(listed), " %s ", gs2_dialogue_listed(d.server));
    ck_assert_ptr_nonnull(strstr(listed, " GS2-SCRIPT-PLUS "));
    ck_assert_int_eq(strstr(listed, " GS2-SCRIPT ") != NULL, _i != 0);
    finish();
}
END_TEST

/* --- what the client says (row B2) --------------------------------------- */

/* Its binding, the list that it has from the server, and its header: RFC 5801
 * sections 5 and 7.  A list of one is no negotiation for libsasl. */
static const struct {
    const sasl_channel_binding_t *binding;
    const char *list;
    const char *header; /* NULL: no attempt at all */
} sayings[] = {
    { NULL, "GS2-SCRIPT GS2-SCRIPT-PLUS", "n,," },
    { NULL, "GS2-SCRIPT", "n,," },
    { &optional, "GS2-SCRIPT GS2-SCRIPT-PLUS", "p=tls-unique,," },
    { &optional, "GS2-SCRIPT-PLUS X-OTHER GS2-SCRIPT", "p=tls-unique,," },
    { &optional, "GS2-SCRIPT-PLUS", "p=tls-unique,," },
    { &optional, "GS2-SCRIPT X-OTHER", "y,," },
    { &optional, "GS2-SCRIPT", "n,," },
    { &critical, "GS2-SCRIPT GS2-SCRIPT-PLUS", "p=tls-unique,," },
    { &critical, "GS2-SCRIPT X-OTHER", NULL },
    { &critical, "GS2-SCRIPT", "p=tls-unique,," },
};

START_TEST(what_the_client_says)
{
    const char *header = sayings[_i].header;

    prepare();
    d.client_binding = sayings[_i].binding;
    d.mech = sayings[_i].list;
    gs2_dialogue_open(&d);
    (void)gs2_dialogue_client_start(&d);
    printf("# %s: %s\n", sayings[_i].list, d.exchange);
    if (header == NULL) {
        ck_assert_int_eq(d.client_code, SASL_NOMECH);
        ck_assert_uint_eq(sm->count(GS2_CALL_INIT), 0);
    } else {
        ck_assert_int_eq(d.client_code, SASL_CONTINUE);
        ck_assert_uint_ge(d.out_len, strlen(header));
        ck_assert_mem_eq(d.out, header, strlen(header));
    }
    finish();
}
END_TEST

/* --- a binding for each name --------------------------------------------- */

static char asked[256];
static const sasl_channel_binding_t *chosen;

static int
choose(sasl_conn_t *conn, void *context, const char *mech, const char *name)
{
    (void)context;
    snprintf(asked, sizeof(asked), "%s %s", mech, name);
    return sasl_setprop(conn, SASL_CHANNEL_BINDING, chosen);
}

/* Both ends are open; the server's application learns to choose. */
static void
add_choice(void)
{
    sasl_callback_t *list = d.server_callbacks;

    while (list->id != SASL_CB_LIST_END)
        list++;
    list->id = CB_SERVER_CHANNEL_BINDING;
    list->proc = (int (*)(void))(void (*)(void))choose;
    list->context = NULL;
    list[1] = (sasl_callback_t){ SASL_CB_LIST_END, NULL, NULL };
    asked[0] = '\0';
}

/* The server has tls-unique; the client asks for tls-exporter. */
static void
log_in_with_choice(const sasl_channel_binding_t *binding)
{
    prepare();
    chosen = binding;
    d.mech = "GS2-SCRIPT-PLUS";
    d.client_binding = &exporter;
    d.server_binding = &optional;
    gs2_dialogue_open(&d);
    add_choice();
    gs2_dialogue_run(&d);
    ck_assert_str_eq(asked, "GS2-SCRIPT tls-exporter");
}

START_TEST(application_is_asked_for_the_name)
{
    log_in_with_choice(&exporter);
    ck_assert_int_eq(d.server_code, SASL_OK);
    ck_assert_ptr_nonnull(strstr(d.exchange, "[p=tls-exporter,,"));
    finish();
}
END_TEST

START_TEST(application_has_another_name)
{
    log_in_with_choice(&optional);
    ck_assert_int_eq(d.server_code, SASL_BADBINDING);
    ck_assert_ptr_nonnull(strstr(d.server_error,
                                 "the client used channel binding "
                                 "tls-exporter, the server has tls-unique"));
    ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 0);
    finish();
}
END_TEST

START_TEST(application_is_not_asked_without_p)
{
    prepare();
    gs2_dialogue_open(&d);
    add_choice();
    gs2_dialogue_run(&d);
    ck_assert_int_eq(d.server_code, SASL_OK);
    ck_assert_str_eq(asked, "");
    finish();
}
END_TEST

SUITE("plus",
      PREPARE(scripted_one),
      TEST(n_under_plus_is_accepted),
      TEST(n_under_plus_is_refused_where_critical),
      TIMES(plus_is_listed_with_a_binding_alone, 2),
      TIMES(plus_alone_where_critical, 2),
      TABLE(what_the_client_says, sayings),
      TEST(application_is_asked_for_the_name),
      TEST(application_has_another_name),
      TEST(application_is_not_asked_without_p))
