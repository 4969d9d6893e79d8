/*
 * bench.h - what the files of the benchmark share: a way to log in, led turn
 * by turn, and what a login cost on each side.
 *
 *     bench.c         the commands, and the figures
 *     bench_login.c   one login, timed; many that stay half open; threads
 *     bench_floor.c   bare GSS: the floor that everything is measured against
 *     bench_layer.c   security layers, and connections that stay open
 *     bench_sasl.c    a mechanism of libsasl
 *     bench_gsasl.c   a mechanism of GNU SASL
 *     bench_script.c  names with many attributes, from the scripted mechanism
 *     bench_calls.c   counts the GSS calls
 *
 * A benchmark that cannot log in has no figures: every failure ends the
 * program, with a line on standard error.
 */
#ifndef GS2_TESTS_BENCH_H
#define GS2_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include <gssapi/gssapi.h>

enum bench_role { BENCH_CLIENT, BENCH_SERVER, BENCH_ROLES };

/* What the server's side looks up in the peer's name. */
enum bench_attrs {
    BENCH_NO_ATTRS,
    BENCH_ONE_ATTR, /* the values of BENCH_ATTR */
    BENCH_ALL_ATTRS,
    BENCH_RULE,     /* a rule on BENCH_ATTR; bare GSS: as BENCH_ONE_ATTR */
    BENCH_ATTRS_COUNT
};

#define BENCH_SERVICE "imap"
#define BENCH_HOST    "localhost"
#define BENCH_USER    "alice"
#define BENCH_ATTR    "auth-indicators"

/* A message on its way; data NULL for none. */
struct bench_message {
    const void *data;
    size_t len;
};

/*
 * A way to log in.  Each thread has a state of its own from open(), which the
 * functions below are given; one login at a time is under way in it, unless
 * it is parked.
 */
struct bench_way {
    const char *name;

    void *(*open)(void);
    void (*close)(void *state);

    /* Before the first turn of a side: what belongs to the connection and not
     * to the login.  Not timed. */
    void (*begin)(void *state, enum bench_role role);

    /* A turn: takes a message (data NULL in the client's first turn), gives
     * one, which lives until the side's next turn.  True where the side is
     * done.  Timed. */
    bool (*turn[BENCH_ROLES])(void *state, const struct bench_message *in,
                              struct bench_message *out);

    /* Frees what a side holds.  Timed. */
    void (*end[BENCH_ROLES])(void *state);

    /* Forgets what a side holds, which stays as it is: a login that never
     * ends. */
    void (*park)(void *state, enum bench_role role);

    /* The layer of a login that is over: octets to carry, or those that came.
     * What they give lives until the next call.  NULL: it has no layer. */
    void (*encode)(void *state, enum bench_role role,
                   const struct bench_message *in, struct bench_message *out);
    void (*decode)(void *state, enum bench_role role,
                   const struct bench_message *in, struct bench_message *out);
};

extern const struct bench_way bench_floor;

/* The same with what GSSAPI needs besides (RFC 4752): a leg more, and a wrap
 * each way. */
extern const struct bench_way bench_floor_gssapi;

/* The mechanism of libsasl: plugins as SASL_PATH says.  authname may be NULL,
 * and is what the client's callback answers.  Once in a process. */
const struct bench_way *bench_sasl(const char *mech, const char *authname);

/* NULL where libgsasl is not there. */
const struct bench_way *bench_gsasl(const char *mech);

/* For all ways and threads, set between logins: what the server looks up, and
 * whether a libsasl server keeps the login half open after its first turn (it
 * has no SASL_SUCCESS_DATA). */
extern enum bench_attrs bench_attrs;

/* The layer that there may be: 0 none, 1 signed, 256 sealed. */
extern unsigned bench_max_ssf;
extern bool bench_waits_for_last_word;

/* The mechanism of the floor, and which attribute is asked for; krb5's and
 * BENCH_ATTR unless bench_script.c says otherwise. */
extern gss_OID bench_mech;
extern const char *bench_attr_name;

/* --- bench_login.c ------------------------------------------------------- */

struct bench_cost {
    double cpu; /* of this thread, in microseconds */
    double wall;
};

struct bench_login {
    struct bench_cost cost[BENCH_ROLES];
    unsigned messages;
    size_t octets;
};

/* Makes system calls that strace shows around each turn: close(-1001) before a
 * client's, close(-1002) before a server's, close(-1003) after either. */
extern bool bench_marks;

/* One login. */
void bench_log_in(const struct bench_way *way, void *state,
                  struct bench_login *out);

/* The same without its end.  Adds the heap that each side takes to heap,
 * unless that is NULL. */
void bench_log_in_and_stay(const struct bench_way *way, void *state,
                           struct bench_login *out, double *heap);

/* So many logins that stop after the server's first turn and stay so: the heap
 * that each takes on a side, in octets. */
void bench_half_open(const struct bench_way *way, size_t count,
                     double heap_out[BENCH_ROLES]);

/* The seconds that so many threads take for so many logins each, each with a
 * state of its own. */
double bench_threads(const struct bench_way *way, unsigned threads,
                     unsigned logins);

/* Says why on standard error and ends the program. */
void bench_die(const char *format, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

/* The same with the text of a GSS status, where it is an error. */
void bench_check(const char *what, OM_uint32 major, OM_uint32 minor);

/* CPU time of this thread, in microseconds. */
double bench_cpu(void);

/* Octets of heap in use. */
double bench_heap(void);

/* --- bench_layer.c ------------------------------------------------------- */

/* Messages of so many octets through the layer of way and through bare GSS, by
 * turns, in so many rounds: medians of the CPU time of one, printed. */
void bench_layer(const struct bench_way *way, size_t octets, unsigned rounds);

/* So many logins that stay, each of which has carried a message of so many
 * octets either way: the heap that each takes on a side, in octets. */
void bench_open(const struct bench_way *way, size_t count, size_t octets,
                double heap_out[BENCH_ROLES]);

/* --- bench_calls.c ------------------------------------------------------- */

/* The side that this thread works for, for the counts; BENCH_ROLES: none. */
extern _Thread_local enum bench_role bench_role;

void bench_calls_clear(void);

/* Prints the GSS calls of a side since then, of all threads: a count, and each
 * function with its own.  Those that release memory alone are left out. */
void bench_calls_print(enum bench_role role);

/* --- bench_script.c ------------------------------------------------------ */

/* Measures a name of so many attributes and values each, and prints it. */
void bench_script(unsigned attrs, unsigned values, unsigned rounds);

/* The median of count figures, which are put in order. */
double bench_median(double *figures, size_t count);

#endif
