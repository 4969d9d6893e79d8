/*
 * t_allocs_run.c - a login again and again, each time with another fault (see
 * t_allocs.h).
 *
 * Each fault has a process of its own, so that a crash is told from a failure
 * and no fault sees what another one has left.  What it came to is written
 * into memory that both processes have.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#endif
#include "t_allocs.h"

#include <execinfo.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAULTS_MAX 20000
#define OUTCOMES_MAX 200

struct gs2_dialogue d;

/* How a login ended, and who is logged in then. */
struct outcome {
    char codes[96];
    char who[256];
    char properties[4096];
};

/* What the child says. */
static struct report {
    bool happened; /* there was a fault */
    bool init;     /* in init, listing or done */
    char what[64];
    char codes[96];
    char wrong[512];
} *report;

static bool (*is_released)(void);
static struct outcome wanted;
static unsigned alive[GS2_FAILING_KINDS]; /* what the libraries keep */

bool
t_allocs_begin(bool (*released)(void))
{
    const char *plugin = getenv("GS2_PLUGIN");

    is_released = released;
    report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED || !gs2_dialogue_plugins(NULL))
        return false;
    gs2_failing_prepare(plugin != NULL ? plugin : "libgs2.so");
    return true;
}

/* --- in the child -------------------------------------------------------- */

static void
wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Remembers the first thing that is wrong. */
static void
wrong(const char *format, ...)
{
    va_list args;

    if (report->wrong[0] != '\0')
        return;
    va_start(args, format);
    vsnprintf(report->wrong, sizeof(report->wrong), format, args);
    va_end(args);
}

static void
look(struct outcome *out)
{
    const char *value;
    size_t at = 0;

    memset(out, 0, sizeof(*out));
    snprintf(out->codes, sizeof(out->codes), "client %s, server %s",
             gs2_dialogue_code(d.client_code),
             gs2_dialogue_code(d.server_code));
    snprintf(out->who, sizeof(out->who), "%s as %s",
             gs2_dialogue_property(d.server, SASL_AUTHUSER),
             gs2_dialogue_property(d.server, SASL_USERNAME));
    for (size_t i = 0; d.properties[i] != NULL; i++) {
        value = gs2_dialogue_auxprop(&d, d.properties[i]);
        at += (size_t)snprintf(out->properties + at,
                               sizeof(out->properties) - at, "%s=%.500s\n",
                               d.properties[i], value != NULL ? value : "-");
    }
}

/* Codes that say what is the case.  A mechanism that is not available for lack
 * of memory is to libsasl just that; the text has the reason. */
static bool
is_right(enum gs2_failing kind, int code, const char *text)
{
    switch (code) {
    case SASL_NOMECH:
        return kind == GS2_FAILING_GSS || kind == GS2_FAILING_CALL ||
               strstr(text, "out of memory") != NULL;
    case SASL_OK:
    case SASL_CONTINUE: /* the other one failed */
    case SASL_NOTINIT:  /* and did so before */
    case SASL_NOMEM:
        return true;
    case SASL_BADPROT: /* a first message without a token */
        return kind == GS2_FAILING_GSS &&
               strstr(text, "no token after the GS2 header") != NULL;
    case SASL_FAIL:
    case SASL_BADAUTH:
    case SASL_BADSERV:
    case SASL_NOAUTHZ:
        return kind == GS2_FAILING_GSS || kind == GS2_FAILING_CALL;
    default:
        return false;
    }
}

/* A login in which something failed. */
static void
judge(enum gs2_failing kind)
{
    struct outcome seen;

    look(&seen);
    snprintf(report->codes, sizeof(report->codes), "%s", seen.codes);
    if (strcmp(seen.codes, wanted.codes) != 0) {
        if (kind != GS2_FAILING_SASL &&
            (!is_right(kind, d.client_code, d.client_error) ||
             !is_right(kind, d.server_code, d.server_error)))
            wrong("not the right code (%s; %s)", d.client_error,
                  d.server_error);
        if (d.client_code < SASL_OK && d.client_code != SASL_NOTINIT &&
            d.client_error[0] == '\0')
            wrong("the client has no error text");
    }
    if (d.server_code == SASL_OK && strcmp(seen.who, wanted.who) != 0)
        wrong("logged in is %s, not %s", seen.who, wanted.who);
    /* Only what gives a credential back to the pool can do without. */
    if (d.server_code == SASL_OK && d.client_code == SASL_OK &&
        kind == GS2_FAILING_PLUGIN && gs2_failing_what() != NULL &&
        strcmp(gs2_failing_what(), "malloc") != 0)
        wrong("the fault was not noticed");
    if (d.server_code == SASL_OK && kind == GS2_FAILING_PLUGIN &&
        strcmp(seen.properties, wanted.properties) != 0)
        wrong("properties are\n%s", seen.properties);
    if (d.server_code != SASL_OK) {
        if (strcmp(seen.who, "- as -") != 0)
            wrong("%s is there after a refusal", seen.who);
        if (gs2_dialogue_has(d.server, SASL_GSS_PEER_NAME))
            wrong("the peer's name is there after a refusal");
        for (const char *p = seen.properties; (p = strchr(p, '=')) != NULL;
             p++) {
            if (p[1] != '-')
                wrong("properties are there after a refusal");
        }
    }
}

/* Nothing is poisoned: the next login is as one without a fault. */
static void
log_in_again(enum gs2_failing kind)
{
    struct outcome seen;

    memset(d.exchange, 0, sizeof(d.exchange));
    gs2_dialogue_connect(&d);
    gs2_dialogue_run(&d);
    look(&seen);
    /* That there is none is remembered for some seconds; that there was no
     * memory is not, but libkrb5 does not always say that it is so. */
    if (d.server_code == SASL_NOMECH && (kind == GS2_FAILING_GSS ||
                                         kind == GS2_FAILING_CALL) &&
        strstr(d.server_error, "the server has no ") != NULL)
        return;
    if (strcmp(seen.codes, wanted.codes) != 0)
        wrong("the next login: %s (%s; %s)", seen.codes, d.client_error,
              d.server_error);
    else if (strcmp(seen.who, wanted.who) != 0 ||
             strcmp(seen.properties, wanted.properties) != 0)
        wrong("the next login is of %s with\n%s", seen.who, seen.properties);
}

static void
count_lost(enum gs2_failing kind)
{
    const unsigned now = gs2_failing_alive(kind);

    if (now <= alive[kind])
        return;
    if (report->wrong[0] == '\0')
        gs2_failing_show(kind);
    wrong("%u blocks of %s are lost", now - alive[kind],
          gs2_failing_name(kind));
}

static void
close_and_count(enum gs2_failing kind)
{
    gs2_dialogue_close(&d);
    /* The GSS library loses a delegated credential where it gets no memory for
     * its own handle of it. */
    if (is_released != NULL && !is_released() &&
        !(kind == GS2_FAILING_GSS &&
          (d.client_security & SASL_SEC_PASS_CREDENTIALS)))
        wrong("an object of the mechanism was not released");
    /* Others lose memory of their own where they get none.  libsasl does not
     * call mech_free of a mechanism for which it has none; the GSS library
     * loses a name where krb5 has no keytab, which a listing finds out. */
    if (kind != GS2_FAILING_SASL || !report->init)
        count_lost(GS2_FAILING_PLUGIN);
    if (kind != GS2_FAILING_GSS && !report->init)
        count_lost(GS2_FAILING_GSS);
    if (kind != GS2_FAILING_SASL)
        count_lost(GS2_FAILING_SASL);
}

static void
fail_in_login(const struct gs2_allocs_case *c, enum gs2_failing kind,
              unsigned nth)
{
    c->arrange();
    gs2_dialogue_open(&d);
    gs2_failing_arm(kind, nth);
    gs2_dialogue_run(&d);
    (void)gs2_failing_disarm();
    judge(kind);
    gs2_failing_resume();
    gs2_dialogue_disconnect(&d);
    (void)gs2_failing_disarm();
    c->arrange();
    log_in_again(kind);
}

/* libsasl may do without the plugin then, and must not crash.  A connection that
 * it could not make is not disposed of: in 2.1.27 that is a call of no function,
 * and a crash whose frames do not say whose it is. */
static void
fail_in_init(const struct gs2_allocs_case *c, enum gs2_failing kind,
             unsigned nth)
{
    sasl_conn_t *conn = NULL;
    int client, server;

    c->arrange();
    report->init = true;
    gs2_failing_arm(kind, nth);
    client = sasl_client_init(NULL);
    server = sasl_server_init(NULL, d.appname);
    if (server == SASL_OK &&
        sasl_server_new(d.service, "localhost", NULL, NULL, NULL, NULL, 0,
                        &conn) == SASL_OK) {
        (void)gs2_dialogue_listed(conn);
        sasl_dispose(&conn);
    }
    sasl_client_done();
    sasl_server_done();
    (void)gs2_failing_disarm();
    __fpurge(stdout); /* libsasl prints "no olist", without an end of line */
    snprintf(report->codes, sizeof(report->codes), "init: client %s, server "
             "%s", gs2_dialogue_code(client), gs2_dialogue_code(server));
    c->arrange();
    gs2_dialogue_begin(&d);
    log_in_again(kind);
}

/*
 * Libraries that get no memory may crash in their own code; so does 1.20.1's
 * libkrb5, and 2.1.28's libsasl, which calls exit() in prop_clear() besides.
 * That is counted, and is not the plugin's fault.  False if a library did not.
 */
static bool
blame_library(const char *what)
{
    enum gs2_failing owner = GS2_FAILING_NONE;
    void *frames[64];
    const int count = backtrace(frames, 64);

    for (int i = 2; i < count; i++) {
        owner = gs2_failing_owner(frames[i]);
        if (owner != GS2_FAILING_LIBC && owner != GS2_FAILING_NONE)
            break;
    }
    if (owner != GS2_FAILING_GSS && owner != GS2_FAILING_SASL)
        return false;
    report->happened = true;
    snprintf(report->what, sizeof(report->what), "%s",
             gs2_failing_what() != NULL ? gs2_failing_what() : "nothing");
    snprintf(report->codes, sizeof(report->codes), "%s %s", what,
             gs2_failing_name(owner));
    return true;
}

static void
see_crash(int number)
{
    if (blame_library("a crash within"))
        _exit(0);
    signal(number, SIG_DFL);
    raise(number);
}

static void
see_exit(void)
{
    if (blame_library("an exit by"))
        _exit(0);
}

static void
watch_for_crashes(enum gs2_failing kind)
{
    void *frame;

    (void)backtrace(&frame, 1); /* loads what it needs */
    if (kind == GS2_FAILING_GSS || kind == GS2_FAILING_SASL) {
        signal(SIGSEGV, see_crash);
        signal(SIGABRT, see_crash);
        (void)atexit(see_exit);
    }
}

/* --- in the parent ------------------------------------------------------- */

typedef void one_fault(const struct gs2_allocs_case *c, enum gs2_failing kind,
                       unsigned nth);

/* How often which fault came to what. */
static struct {
    char text[192];
    unsigned count;
} outcomes[OUTCOMES_MAX];
static unsigned outcome_count;

static void
tally(void)
{
    char text[192];
    unsigned i = 0;

    snprintf(text, sizeof(text), "%s fails: %s", report->what, report->codes);
    while (i < outcome_count && strcmp(outcomes[i].text, text) != 0)
        i++;
    if (i == OUTCOMES_MAX)
        return;
    if (i == outcome_count)
        snprintf(outcomes[outcome_count++].text, sizeof(text), "%s", text);
    outcomes[i].count++;
}

/* By exit(), at which gcov writes what it has counted in the plugin, since that
 * is never unloaded; but what a library has lost is not for the leak check that
 * a sanitizer makes then. */
static void
leave(void)
{
    const char *sanitizers = getenv("GS2_SANITIZERS");

    if (sanitizers != NULL && strcmp(sanitizers, "yes") == 0)
        _exit(0);
    exit(0);
}

/* In a process of its own.  Whether there was a fault. */
static bool
try_fault(const struct gs2_allocs_case *c, enum gs2_failing kind, unsigned nth,
          one_fault *one)
{
    pid_t child;
    int status;

    memset(report, 0, sizeof(*report));
    fflush(stdout);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        watch_for_crashes(kind);
        one(c, kind, nth);
        close_and_count(kind);
        report->happened = gs2_failing_what() != NULL;
        if (report->happened)
            snprintf(report->what, sizeof(report->what), "%s",
                     gs2_failing_what());
        fflush(stdout);
        leave();
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "%s: fault %u of %s: signal %d", c->what,
                  nth, gs2_failing_name(kind), WTERMSIG(status));
    ck_assert_msg(WEXITSTATUS(status) == 0, "%s: fault %u of %s: exit status "
                  "%d", c->what, nth, gs2_failing_name(kind),
                  WEXITSTATUS(status));
    ck_assert_msg(report->wrong[0] == '\0', "%s: fault %u of %s (%s, %s): %s",
                  c->what, nth, gs2_failing_name(kind), report->what,
                  report->codes, report->wrong);
    return report->happened;
}

/* The login without a fault; twice, since some things are made once. */
static void
log_in_well(const struct gs2_allocs_case *c)
{
    gs2_failing_watch();
    for (int i = 0; i < 2; i++) {
        c->arrange();
        gs2_dialogue_open(&d);
        gs2_dialogue_run(&d);
        look(&wanted);
        gs2_dialogue_close(&d);
    }
    if (c->succeeds)
        ck_assert_msg(d.server_code == SASL_OK && d.client_code >= SASL_OK,
                      "%s: %s (%s; %s)", c->what, wanted.codes,
                      d.client_error, d.server_error);
    else
        ck_assert_str_eq(wanted.who, "- as -");
}

/* What the libraries make once and keep. */
static void
count_kept(const struct gs2_allocs_case *c, enum gs2_failing kind,
           one_fault *one)
{
    for (unsigned k = 0; k < GS2_FAILING_KINDS; k++)
        alive[k] = UINT_MAX;
    for (int i = 0; i < 2; i++) {
        memset(report, 0, sizeof(*report));
        one(c, kind, 0);
        close_and_count(kind);
        ck_assert_msg(report->wrong[0] == '\0', "%s: without a fault: %s",
                      c->what, report->wrong);
    }
    for (unsigned k = 0; k < GS2_FAILING_KINDS; k++)
        alive[k] = gs2_failing_alive((enum gs2_failing)k);
    ck_assert_uint_eq(alive[GS2_FAILING_PLUGIN], 0);
    gs2_failing_watch();
}

static void
each_fault(const struct gs2_allocs_case *c, enum gs2_failing kind,
           one_fault *one, const char *where)
{
    unsigned n = 1;

    log_in_well(c);
    count_kept(c, kind, one);
    outcome_count = 0;
    memset(outcomes, 0, sizeof(outcomes));
    for (; n < FAULTS_MAX && try_fault(c, kind, n, one); n++)
        tally();
    printf("# %s%s (%s): %u faults of %s\n", where, c->what, wanted.codes,
           n - 1, gs2_failing_name(kind));
    for (unsigned i = 0; i < outcome_count; i++)
        printf("#   %4u %s\n", outcomes[i].count, outcomes[i].text);
    fflush(stdout);
    /* libc has little to allocate in most of them. */
    if (kind != GS2_FAILING_LIBC)
        ck_assert_uint_gt(n, 1);
    ck_assert_uint_lt(n, FAULTS_MAX);
}

void
t_allocs_run(const struct gs2_allocs_case *c, enum gs2_failing kind)
{
    each_fault(c, kind, fail_in_login, "");
}

void
t_allocs_run_init(const struct gs2_allocs_case *c, enum gs2_failing kind)
{
    each_fault(c, kind, fail_in_init, "init, listing, done; then ");
}
