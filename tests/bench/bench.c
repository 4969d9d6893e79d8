/*
 * bench.c - what a login costs, against bare GSS in the same process
 * (bench_floor.c), login by login in turn, so that whatever else the machine
 * does hits both alike.  `make bench' runs it, through bench.py, which has
 * several such processes take rounds in turn.
 *
 *     bench floor | sasl MECH [AUTHNAME] | gsasl MECH
 *         then commands on standard input, each answered by a line:
 *         round N          N logins of each: medians a side, in microseconds
 *         attrs KIND N     the same of a server that looks up attributes
 *                          (one, all, rule) and of one that does not
 *         shape            messages, octets, GSS calls of a login
 *         heap N           octets that one of N half-open logins takes
 *         threads T N      logins a second of T threads, N in each at a time
 *         gssapi SSF N     as round, against bare GSS with GSSAPI's two wraps;
 *                          the layer: SSF 0, 1 or 256
 *         layer SSF O N    messages of O octets through it, N rounds
 *         open SSF O N     heap octets that each of N logins takes that stay,
 *                          after a message of O octets either way
 *         only N           N logins, with marks for strace between them
 *     bench script ATTRS VALUES ROUNDS
 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

double
bench_median(double *figures, size_t count)
{
    qsort(figures, count, sizeof(*figures), compare);
    return count % 2 != 0 ? figures[count / 2]
                          : (figures[count / 2 - 1] + figures[count / 2]) / 2;
}

static double *
make_figures(size_t count)
{
    double *figures = calloc(count, sizeof(*figures));

    if (figures == NULL)
        bench_die("out of memory");
    return figures;
}

/* Prints the medians of so many logins. */
static void
print_medians(const char *name, const struct bench_login *logins,
              size_t count)
{
    static const char *const sides[] = { "client", "server" };
    double *cpu = make_figures(count), *wall = make_figures(count);

    for (unsigned role = 0; role < BENCH_ROLES; role++) {
        for (size_t i = 0; i < count; i++) {
            cpu[i] = logins[i].cost[role].cpu;
            wall[i] = logins[i].cost[role].wall;
        }
        printf("%s_%s_cpu=%.3f %s_%s_wall=%.3f ", name, sides[role],
               bench_median(cpu, count), name, sides[role],
               bench_median(wall, count));
    }
    free(cpu);
    free(wall);
}

/* One column of logins for each kind of them, taken in turn. */
struct column {
    const char *name;
    const struct bench_way *way;
    void *state;
    enum bench_attrs attrs;
    struct bench_login *logins;
};

static void
take_turns(struct column *columns, size_t count, size_t logins)
{
    for (size_t c = 0; c < count; c++) {
        columns[c].state = columns[c].way->open();
        columns[c].logins = calloc(logins + 1, sizeof(struct bench_login));
        if (columns[c].logins == NULL)
            bench_die("out of memory");
    }
    /* The first login of each is not counted. */
    for (size_t i = 0; i <= logins; i++) {
        for (size_t c = 0; c < count; c++) {
            bench_attrs = columns[c].attrs;
            bench_log_in(columns[c].way, columns[c].state,
                         &columns[c].logins[i]);
        }
    }
    for (size_t c = 0; c < count; c++) {
        print_medians(columns[c].name, columns[c].logins + 1, logins);
        columns[c].way->close(columns[c].state);
        free(columns[c].logins);
    }
    bench_attrs = BENCH_NO_ATTRS;
}

static void
do_round(const struct bench_way *floor, const struct bench_way *way,
         unsigned logins)
{
    struct column columns[] = {
        { .name = "floor", .way = floor },
        { .name = "login", .way = way },
    };

    take_turns(columns, 2, logins);
}

static void
do_attrs(const struct bench_way *way, const char *kind, unsigned logins)
{
    static const char *const kinds[] = { "none", "one", "all", "rule" };
    enum bench_attrs wanted = BENCH_NO_ATTRS;

    while (wanted < BENCH_ATTRS_COUNT && strcmp(kinds[wanted], kind) != 0)
        wanted++;
    if (wanted == BENCH_ATTRS_COUNT)
        bench_die("no such kind: %s", kind);

    struct column columns[] = {
        { .name = "floor", .way = &bench_floor },
        { .name = "bare", .way = &bench_floor, .attrs = wanted },
        { .name = "none", .way = way },
        { .name = "login", .way = way, .attrs = wanted },
    };

    take_turns(columns, 4, logins);
}

static void
do_shape(const struct bench_way *way)
{
    void *state = way->open();
    struct bench_login login;

    bench_log_in(way, state, &login);
    bench_calls_clear();
    bench_log_in(way, state, &login);
    bench_calls_print(BENCH_CLIENT);
    bench_calls_print(BENCH_SERVER);
    printf("messages=%u octets=%zu", login.messages, login.octets);
    way->close(state);
}

static void
do_heap(const struct bench_way *way, unsigned logins)
{
    double octets[BENCH_ROLES];

    bench_waits_for_last_word = true;
    bench_half_open(way, logins, octets);
    bench_waits_for_last_word = false;
    printf("client=%.0f server=%.0f", octets[BENCH_CLIENT],
           octets[BENCH_SERVER]);
}

static void
do_open(const struct bench_way *way, size_t octets, unsigned logins)
{
    double heap[BENCH_ROLES];

    bench_open(way, logins, octets, heap);
    printf("client=%.0f server=%.0f", heap[BENCH_CLIENT],
           heap[BENCH_SERVER]);
}

/* In short slices, by turns, as in a round. */
static void
do_threads(const struct bench_way *way, unsigned threads, unsigned logins)
{
    const unsigned slices = 8;
    double bare = 0, seconds = 0;

    for (unsigned i = 0; i < slices; i++) {
        bare += bench_threads(&bench_floor, threads, logins);
        seconds += bench_threads(way, threads, logins);
    }
    logins *= slices * threads;
    printf("floor=%.1f login=%.1f", logins / bare, logins / seconds);
}

/* A profiler is told to look at nothing else. */
__attribute__((noinline)) void bench_only(const struct bench_way *way,
                                          void *state, unsigned logins);

void
bench_only(const struct bench_way *way, void *state, unsigned logins)
{
    struct bench_login login;

    for (unsigned i = 0; i < logins; i++)
        bench_log_in(way, state, &login);
}

static void
do_only(const struct bench_way *way, unsigned logins)
{
    void *state = way->open();
    struct bench_login login;

    for (unsigned i = 0; i < 8; i++)
        bench_log_in(way, state, &login);
    bench_marks = true;
    bench_only(way, state, logins);
    bench_marks = false;
    way->close(state);
    printf("logins=%u", logins);
}

static void
obey(const struct bench_way *way, const char *line)
{
    char kind[16];
    unsigned a, b;

    if (sscanf(line, "round %u", &a) == 1 && a > 0)
        do_round(&bench_floor, way, a);
    else if (sscanf(line, "gssapi %u %u", &bench_max_ssf, &a) == 2 && a > 0)
        do_round(&bench_floor_gssapi, way, a);
    else if (sscanf(line, "layer %u %u %u", &bench_max_ssf, &a, &b) == 3 &&
             a > 0 && b > 0)
        bench_layer(way, a, b);
    else if (sscanf(line, "open %u %u %u", &bench_max_ssf, &a, &b) == 3 &&
             b > 0)
        do_open(way, a, b);
    else if (sscanf(line, "attrs %15s %u", kind, &a) == 2 && a > 0)
        do_attrs(way, kind, a);
    else if (strcmp(line, "shape\n") == 0)
        do_shape(way);
    else if (sscanf(line, "heap %u", &a) == 1 && a > 0)
        do_heap(way, a);
    else if (sscanf(line, "threads %u %u", &a, &b) == 2 && a > 0)
        do_threads(way, a, b);
    else if (sscanf(line, "only %u", &a) == 1)
        do_only(way, a);
    else
        bench_die("no such command: %s", line);
    printf("\n");
    fflush(stdout);
}

static const struct bench_way *
find_way(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "floor") == 0)
        return &bench_floor;
    if ((argc == 3 || argc == 4) && strcmp(argv[1], "sasl") == 0)
        return bench_sasl(argv[2], argc == 4 ? argv[3] : NULL);
    if (argc == 3 && strcmp(argv[1], "gsasl") == 0)
        return bench_gsasl(argv[2]);
    bench_die("usage: bench floor | sasl MECH [AUTHNAME] | gsasl MECH | "
              "script ATTRS VALUES ROUNDS");
}

int
main(int argc, char **argv)
{
    const struct bench_way *way;
    char line[128];

    if (argc == 5 && strcmp(argv[1], "script") == 0) {
        bench_script((unsigned)strtoul(argv[2], NULL, 10),
                     (unsigned)strtoul(argv[3], NULL, 10),
                     (unsigned)strtoul(argv[4], NULL, 10));
        return 0;
    }
    way = find_way(argc, argv);
    if (way == NULL)
        bench_die("%s is not installed", argv[1]);
    while (fgets(line, sizeof(line), stdin) != NULL)
        obey(way, line);
    return 0;
}
