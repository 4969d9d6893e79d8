/*
 * bench_login.c - one login led through its turns and timed, many that stay
 * half open, and many at once in threads.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* mallinfo2() */
#endif
#include "bench.h"

#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

bool bench_marks;
bool bench_waits_for_last_word;

void
bench_die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void
bench_check(const char *what, OM_uint32 major, OM_uint32 minor)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored, more = 0;

    if (!GSS_ERROR(major))
        return;
    if (GSS_ERROR(gss_display_status(&ignored, minor, GSS_C_MECH_CODE,
                                     GSS_C_NO_OID, &more, &text)))
        text.length = 0;
    bench_die("%s: major status 0x%08x, minor status %u: %.*s", what, major,
              minor, (int)text.length, (char *)text.value);
}

static double
clock_us(clockid_t which)
{
    struct timespec t;

    (void)clock_gettime(which, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double
bench_cpu(void)
{
    return clock_us(CLOCK_THREAD_CPUTIME_ID);
}

double
bench_heap(void)
{
    const struct mallinfo2 info = mallinfo2();

    return (double)info.uordblks + (double)info.hblkhd;
}

static void
mark(long number)
{
    if (bench_marks)
        (void)syscall(SYS_close, number);
}

/* One function for each side, so that a profile has their costs apart. */
__attribute__((noinline)) bool bench_client_side(
    const struct bench_way *way, void *state, const struct bench_message *in,
    struct bench_message *out);
__attribute__((noinline)) bool bench_server_side(
    const struct bench_way *way, void *state, const struct bench_message *in,
    struct bench_message *out);

/* A turn; without a place for an answer it is the end of the side. */
bool
bench_client_side(const struct bench_way *way, void *state,
                  const struct bench_message *in, struct bench_message *out)
{
    bench_role = BENCH_CLIENT;
    if (out != NULL)
        return way->turn[BENCH_CLIENT](state, in, out);
    way->end[BENCH_CLIENT](state);
    return true;
}

bool
bench_server_side(const struct bench_way *way, void *state,
                  const struct bench_message *in, struct bench_message *out)
{
    bench_role = BENCH_SERVER;
    if (out != NULL)
        return way->turn[BENCH_SERVER](state, in, out);
    way->end[BENCH_SERVER](state);
    return true;
}

/* A turn or the end of a side, timed. */
static bool
take(const struct bench_way *way, void *state, enum bench_role role,
     const struct bench_message *in, struct bench_message *out,
     struct bench_cost *cost)
{
    const double wall = clock_us(CLOCK_MONOTONIC);
    const double cpu = clock_us(CLOCK_THREAD_CPUTIME_ID);
    bool done;

    mark(role == BENCH_CLIENT ? -1001 : -1002);
    if (role == BENCH_CLIENT)
        done = bench_client_side(way, state, in, out);
    else
        done = bench_server_side(way, state, in, out);
    mark(-1003);
    bench_role = BENCH_ROLES;
    cost->cpu += clock_us(CLOCK_THREAD_CPUTIME_ID) - cpu;
    cost->wall += clock_us(CLOCK_MONOTONIC) - wall;
    return done;
}

static void
begin(const struct bench_way *way, void *state, double *heap)
{
    double before;

    for (unsigned role = 0; role < BENCH_ROLES; role++) {
        before = heap != NULL ? bench_heap() : 0;
        way->begin(state, role);
        if (heap != NULL)
            heap[role] += bench_heap() - before;
    }
}

void
bench_log_in_and_stay(const struct bench_way *way, void *state,
                      struct bench_login *out, double *heap)
{
    bool done[BENCH_ROLES] = { false, false };
    enum bench_role role = BENCH_CLIENT;
    struct bench_message in = { NULL, 0 }, answer;
    double before = 0;

    memset(out, 0, sizeof(*out));
    begin(way, state, heap);
    for (;;) {
        answer = (struct bench_message){ NULL, 0 };
        if (heap != NULL)
            before = bench_heap();
        done[role] = take(way, state, role, &in, &answer, &out->cost[role]);
        if (heap != NULL)
            heap[role] += bench_heap() - before;
        if (answer.data != NULL) {
            out->messages++;
            out->octets += answer.len;
        } else if (done[BENCH_CLIENT] && done[BENCH_SERVER]) {
            break;
        }
        if (out->messages > 16)
            bench_die("%s: the login does not end", way->name);
        in = answer;
        role = role == BENCH_CLIENT ? BENCH_SERVER : BENCH_CLIENT;
    }
}

void
bench_log_in(const struct bench_way *way, void *state,
             struct bench_login *out)
{
    bench_log_in_and_stay(way, state, out, NULL);
    take(way, state, BENCH_CLIENT, NULL, NULL, &out->cost[BENCH_CLIENT]);
    take(way, state, BENCH_SERVER, NULL, NULL, &out->cost[BENCH_SERVER]);
}

void
bench_half_open(const struct bench_way *way, size_t count,
                double heap_out[BENCH_ROLES])
{
    struct bench_message none = { NULL, 0 }, sent = none, answer;
    void *state = way->open();
    struct bench_login login;
    enum bench_role role;
    double before;

    heap_out[BENCH_CLIENT] = heap_out[BENCH_SERVER] = 0;
    bench_log_in(way, state, &login);
    for (size_t i = 0; i < 2 * count; i++) {
        role = i % 2 == 0 ? BENCH_CLIENT : BENCH_SERVER;
        before = bench_heap();
        way->begin(state, role);
        (void)way->turn[role](state, role == BENCH_CLIENT ? &none : &sent,
                              role == BENCH_CLIENT ? &sent : &answer);
        heap_out[role] += (bench_heap() - before) / (double)count;
        if (role == BENCH_SERVER) {
            way->park(state, BENCH_CLIENT);
            way->park(state, BENCH_SERVER);
        }
    }
    way->close(state);
}

struct worker {
    pthread_t thread;
    pthread_barrier_t *gate;
    const struct bench_way *way;
    unsigned logins;
};

static void *
work(void *arg)
{
    struct worker *w = arg;
    void *state = w->way->open();
    struct bench_login login;

    for (unsigned i = 0; i < 4; i++)
        bench_log_in(w->way, state, &login);
    (void)pthread_barrier_wait(w->gate);
    for (unsigned i = 0; i < w->logins; i++)
        bench_log_in(w->way, state, &login);
    (void)pthread_barrier_wait(w->gate);
    w->way->close(state);
    return NULL;
}

double
bench_threads(const struct bench_way *way, unsigned threads, unsigned logins)
{
    struct worker *workers = calloc(threads, sizeof(*workers));
    pthread_barrier_t gate;
    double us;

    if (workers == NULL ||
        pthread_barrier_init(&gate, NULL, threads + 1) != 0)
        bench_die("out of memory");
    for (unsigned i = 0; i < threads; i++) {
        workers[i] = (struct worker){ .gate = &gate, .way = way,
                                      .logins = logins };
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            bench_die("no thread");
    }
    (void)pthread_barrier_wait(&gate);
    us = clock_us(CLOCK_MONOTONIC);
    (void)pthread_barrier_wait(&gate);
    us = clock_us(CLOCK_MONOTONIC) - us;
    for (unsigned i = 0; i < threads; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_barrier_destroy(&gate);
    free(workers);
    return us / 1e6;
}
