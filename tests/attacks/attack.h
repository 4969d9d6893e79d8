/*
 * attack.h - what the attack tests share: one libsasl server and one libsasl
 * client in this process, with every callback counted and every log line kept,
 * and the report of what was seen.
 *
 * Each test is one row of a table of faults that GS2 implementations have.  It
 * prints TAP comments, which t_peer_plugin.py reads:
 *
 *   # row NAME: the case, in words
 *   # saw NAME: what came out of it
 *   # fault NAME: what is wrong with that
 *
 * GS2_PLUGIN names the plugin under test.  The state is the process's own:
 * Check runs each test in another.
 */
#ifndef GS2_TESTS_ATTACK_H
#define GS2_TESTS_ATTACK_H

#include <stdbool.h>
#include <stddef.h>

#include <sasl/sasl.h>

#include "tests/lib/rawinit.h"
#include "tests/lib/suite.h"

#define ATTACK_LOG_MAX 8192
#define ATTACK_OPTIONS_MAX 4

/* Begins a test: names it and its case. */
#define ROW(words) attack_row(__func__, (words))

/* A check that does not end the test: all that is wrong is collected, and the
 * teardown fails with it. */
#define CHECK(condition, ...) \
    ((condition) ? (void)0 : attack_fault(__VA_ARGS__))

struct attack {
    char name[64];            /* the test */

    /* Knobs, set before attack_server() and attack_client(). */
    bool alone;               /* a plugin directory without auxprop plugins */
    bool without;             /* one without the plugin under test */
    bool layers;              /* one that has GSSAPI as well */
    unsigned flags;           /* SASL_SUCCESS_DATA, SASL_NEED_PROXY */
    const char *binding;      /* name of the server's channel binding */
    const char *binding_data; /* a C string; "" if NULL */
    bool critical;
    bool deny;                /* the proxy policy lets nobody act for others */
    int deny_canon;           /* SASL_CU_AUTHID or _AUTHZID: refused by the
                                 canon_user callback */
    const char *options[ATTACK_OPTIONS_MAX][2]; /* key and value */
    const char *client_binding;
    const char *authzid;      /* SASL_CB_USER's answer; NULL: none */
    const char *authname;     /* SASL_CB_AUTHNAME's; NULL: no callback */
    bool interact;            /* SASL_CB_USER has no procedure: a prompt */

    /* What happened. */
    sasl_conn_t *server, *client;
    const char *server_out, *client_out;
    unsigned server_out_len, client_out_len;
    int accepts, policies, canons; /* calls */
    char policy_authzid[256], policy_authid[256];
    char log[ATTACK_LOG_MAX]; /* lines of the server at SASL_LOG_FAIL and
                                 worse, each with a newline */
    char faults[2048];
};

extern struct attack attack;

/* Makes the plugin directories below the realm's scratch directory, once
 * (PREPARE()). */
bool attack_prepare(void);

/* Fixtures: an empty struct attack; everything of libsasl's freed, and the
 * faults are the test's. */
void attack_setup(void);
void attack_teardown(void);
/* Frees everything of libsasl's. */
void attack_end(void);

void attack_row(const char *function, const char *words);
/* Says what was seen, as printf would. */
void attack_saw(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* Remembers what is wrong; see CHECK(). */
void attack_fault(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Starts the one, the other.  They end the test where libsasl refuses. */
void attack_server(void);
void attack_client(void);

/* The server is given a message in an allocation of its exact size.  Return a
 * SASL code; what the server answers is in attack.server_out. */
int attack_start(const char *mech, const void *data, size_t len);
int attack_step(const void *data, size_t len);

/* The same with a message that raw_message() makes, for GS2-KRB5. */
int attack_raw(const struct raw_ask *ask);

/* The same, and an empty message where the server waits for one: the client's
 * last response, or what fetches the failure behind an error token. */
int attack_try(const struct raw_ask *ask);

/* attack_try() with this header and this binding data, honestly bound. */
int attack_login(const char *header, const char *data);

/* PLAIN as carol, on the server. */
int attack_plain(bool right_password);

/* The client: its first message, and a step; in NULL is no challenge at all.
 * What it sends is in attack.client_out. */
int attack_client_start(void);
int attack_client_step(const char *in, size_t len);

/* Both to the end, by messages as they are; the server's code. */
int attack_dialogue(void);

/* The error text that the application gets, never NULL. */
const char *attack_text(sasl_conn_t *conn);
/* SASL_USERNAME where somebody is logged in, else "nobody". */
const char *attack_user(sasl_conn_t *conn);
const char *attack_code_name(int code);

/*
 * Says what was seen; it is a fault where the code is another or the server's
 * (the client's) error text lacks part; part NULL: no text is asked for.
 */
void attack_server_must(int code, int wanted, const char *part);
void attack_client_must(int code, int wanted, const char *part);

/* This user and no other is logged in at the server. */
void attack_user_must(const char *wanted);
/* No GSS call and no callback was made. */
void attack_nothing_called(void);
/* Nobody believes that what is sent after the login is protected. */
void attack_no_layer(sasl_conn_t *conn);
/* A second attempt does not inherit the first one's success. */
void attack_stands_alone(void);

/* The rows (t_attacks_*.c). */
gs2_tests attack_identity_rows;
gs2_tests attack_syntax_rows;
gs2_tests attack_loop_rows;
gs2_tests attack_state_rows;
gs2_tests attack_client_rows;

#endif
