/*
 * getgroups.c - asks libc for a user's groups as every program of a machine
 * may, in threads and children, and says what was answered and what it cost:
 *
 *     getgroups USER TIMES
 *
 * prints "answers=N gids=A,B,... cpu=MICROSECONDS": N of the different answers
 * of all threads and children, the groups of the last, and the processor time
 * of TIMES more questions in the first thread.
 */
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 16
#define ROUNDS  10
#define PRIMARY 100
#define GROUPS  64

struct answer {
    int count;
    gid_t gids[GROUPS];
};

static const char *user;
static struct answer first;

static void
ask(struct answer *answer)
{
    memset(answer, 0, sizeof(*answer));
    answer->count = GROUPS;
    if (getgrouplist(user, PRIMARY, answer->gids, &answer->count) < 0)
        abort();
}

/* How many answers were another one. */
static long
ask_often(void)
{
    struct answer answer;
    long others = 0;

    for (int i = 0; i < ROUNDS; i++) {
        ask(&answer);
        others += memcmp(&answer, &first, sizeof(first)) != 0;
    }
    return others;
}

static void *
work(void *nothing)
{
    const pid_t child = fork();
    int status = 1;

    (void)nothing;
    if (child == 0)
        _exit(ask_often() != 0);
    if (waitpid(child, &status, 0) != child || status != 0)
        return (void *)1;
    return (void *)ask_often();
}

static long
in_threads(void)
{
    pthread_t threads[THREADS];
    void *others;
    long sum = 0;

    for (size_t i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            abort();
    }
    for (size_t i = 0; i < THREADS; i++) {
        if (pthread_join(threads[i], &others) != 0)
            abort();
        sum += (long)others;
    }
    return sum;
}

int
main(int argc, char **argv)
{
    struct answer answer;
    clock_t begun;
    long others;

    if (argc != 3)
        return 2;
    user = argv[1];
    ask(&first);
    others = in_threads();
    begun = clock();
    for (long i = atol(argv[2]); i > 0; i--)
        ask(&answer);
    printf("others=%ld cpu=%ld gids=", others,
           (long)((clock() - begun) * 1000000 / CLOCKS_PER_SEC));
    for (int i = 0; i < first.count; i++)
        printf("%s%u", i > 0 ? "," : "", (unsigned)first.gids[i]);
    puts("");
    return others != 0;
}
