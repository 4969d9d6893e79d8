/*
 * bench_layer.c - what a security layer costs, against bare wraps, and the
 * heap of connections that stay open.
 *
 * A message takes less than it costs to ask for the time, so that so many are
 * timed at once.  The client's encode, whose packets go nowhere; and its
 * decode of packets that the server made before: each direction has numbers
 * of its own.
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 32

/* A connection, and the packets that come next on it. */
struct carrier {
    const struct bench_way *way;
    void *state;
    struct bench_message packets[AT_ONCE];
    double *encode, *decode;
};

static void *
allocate(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);

    if (memory == NULL)
        bench_die("out of memory");
    return memory;
}

static struct carrier
connect_carrier(const struct bench_way *way, unsigned rounds)
{
    struct carrier c = { .way = way, .state = way->open(),
                         .encode = allocate(rounds, sizeof(double)),
                         .decode = allocate(rounds, sizeof(double)) };
    struct bench_login login;

    if (way->encode == NULL || way->decode == NULL)
        bench_die("%s has no layer", way->name);
    bench_log_in_and_stay(way, c.state, &login, NULL);
    return c;
}

static void
make_packets(struct carrier *c, const struct bench_message *message)
{
    struct bench_message out;
    void *copy;

    for (unsigned i = 0; i < AT_ONCE; i++) {
        c->way->encode(c->state, BENCH_SERVER, message, &out);
        copy = allocate(1, out.len);
        c->packets[i] = (struct bench_message){
            memcpy(copy, out.data, out.len), out.len };
    }
}

static void
measure(struct carrier *c, const struct bench_message *message, unsigned round)
{
    struct bench_message out;
    double start;

    make_packets(c, message);
    start = bench_cpu();
    for (unsigned i = 0; i < AT_ONCE; i++)
        c->way->encode(c->state, BENCH_CLIENT, message, &out);
    c->encode[round] = (bench_cpu() - start) / AT_ONCE;
    start = bench_cpu();
    for (unsigned i = 0; i < AT_ONCE; i++)
        c->way->decode(c->state, BENCH_CLIENT, &c->packets[i], &out);
    c->decode[round] = (bench_cpu() - start) / AT_ONCE;
    if (out.len != message->len)
        bench_die("%s: %zu octets of %zu arrive", c->way->name, out.len,
                  message->len);
    for (unsigned i = 0; i < AT_ONCE; i++)
        free((void *)c->packets[i].data);
}

static void
print_carrier(const char *name, struct carrier *c, unsigned rounds)
{
    printf("%s_encode=%.4f %s_decode=%.4f ", name,
           bench_median(c->encode, rounds), name,
           bench_median(c->decode, rounds));
    c->way->end[BENCH_CLIENT](c->state);
    c->way->end[BENCH_SERVER](c->state);
    c->way->close(c->state);
    free(c->encode);
    free(c->decode);
}

void
bench_layer(const struct bench_way *way, size_t octets, unsigned rounds)
{
    struct carrier bare = connect_carrier(&bench_floor_gssapi, rounds);
    struct carrier ours = connect_carrier(way, rounds);
    struct bench_message message = { allocate(1, octets), octets };

    for (unsigned i = 0; i < rounds; i++) {
        measure(&bare, &message, i);
        measure(&ours, &message, i);
    }
    print_carrier("floor", &bare, rounds);
    print_carrier("login", &ours, rounds);
    free((void *)message.data);
}

/* A message from one side to the other, and the heap that each took. */
static void
carry(const struct bench_way *way, void *state, enum bench_role from,
      const struct bench_message *message, double *heap)
{
    const enum bench_role to = from == BENCH_CLIENT ? BENCH_SERVER
                                                    : BENCH_CLIENT;
    struct bench_message packet, out;
    double before = bench_heap();

    way->encode(state, from, message, &packet);
    heap[from] += bench_heap() - before;
    before = bench_heap();
    way->decode(state, to, &packet, &out);
    heap[to] += bench_heap() - before;
}

void
bench_open(const struct bench_way *way, size_t count, size_t octets,
           double heap_out[BENCH_ROLES])
{
    struct bench_message message = { allocate(1, octets), octets };
    void *state = way->open();
    struct bench_login login;

    bench_log_in(way, state, &login);
    heap_out[BENCH_CLIENT] = heap_out[BENCH_SERVER] = 0;
    for (size_t i = 0; i < count; i++) {
        bench_log_in_and_stay(way, state, &login, heap_out);
        if (octets > 0) {
            carry(way, state, BENCH_CLIENT, &message, heap_out);
            carry(way, state, BENCH_SERVER, &message, heap_out);
        }
        way->park(state, BENCH_CLIENT);
        way->park(state, BENCH_SERVER);
    }
    heap_out[BENCH_CLIENT] /= (double)count;
    heap_out[BENCH_SERVER] /= (double)count;
    free((void *)message.data);
    way->close(state);
}
