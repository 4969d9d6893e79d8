/*
 * watch.c - a login again and again (see watch.h).
 */
#include "watch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void
interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

struct tally {
    unsigned long in, out;
    double least, most, total; /* milliseconds of those that got in */
    double started, shown;
};

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Without SA_RESTART, so that a pause ends at once. */
static void
catch_signals(void)
{
    struct sigaction action = { .sa_handler = interrupt };

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void
pause_for(double seconds)
{
    struct timespec t = { (time_t)seconds,
                          (long)((seconds - (double)(time_t)seconds) * 1e9) };

    if (seconds > 0 && !interrupted)
        nanosleep(&t, NULL);
}

static void
count(struct tally *tally, bool in, double milliseconds)
{
    if (!in) {
        tally->out++;
        return;
    }
    if (tally->in == 0 || milliseconds < tally->least)
        tally->least = milliseconds;
    if (milliseconds > tally->most)
        tally->most = milliseconds;
    tally->total += milliseconds;
    tally->in++;
}

/* On a terminal, ten times a second at most. */
static void
show_progress(struct tally *tally)
{
    if (!isatty(STDERR_FILENO) || now() - tally->shown < .1)
        return;
    tally->shown = now();
    (void)fprintf(stderr, "\r%lu in, %lu not, %.0f s ", tally->in, tally->out,
                  now() - tally->started);
}

/* A line where it is not as it was before. */
static void
show_change(const struct inspect_outcome *outcome,
            const struct inspect_outcome *before, bool first)
{
    const time_t t = time(NULL);
    char when[32] = "";
    struct tm tm;

    if (!first && outcome->in == before->in &&
        strcmp(outcome->text, before->text) == 0)
        return;
    if (localtime_r(&t, &tm) != NULL)
        (void)strftime(when, sizeof(when), "%H:%M:%S", &tm);
    printf("%s%s %s%s\n", isatty(STDERR_FILENO) ? "\r" : "", when,
           outcome->in ? "in, by " : "not in: ",
           outcome->in ? outcome->mech : outcome->text);
    (void)fflush(stdout);
}

static void
summarize(const struct tally *tally)
{
    const double seconds = now() - tally->started;
    const unsigned long all = tally->in + tally->out;

    printf("%s%lu logins in %.1f s (%.1f a second): %lu in, %lu not\n",
           isatty(STDERR_FILENO) ? "\r" : "", all, seconds,
           seconds > 0 ? (double)all / seconds : 0, tally->in, tally->out);
    if (tally->in > 0)
        printf("%.2f ms the fastest, %.2f ms on average, %.2f ms the "
               "slowest\n", tally->least, tally->total / (double)tally->in,
               tally->most);
}

int
watch(double seconds, watch_login *login, void *context)
{
    struct inspect_outcome outcome = { 0 }, before;
    struct tally tally = { .started = now() };
    int status = INSPECT_YES;
    double begun;
    bool in;

    catch_signals();
    while (!interrupted) {
        before = outcome;
        begun = now();
        in = login(context, &outcome);
        /* A login that the interruption cut off says nothing. */
        if (interrupted && !in && tally.in + tally.out > 0)
            break;
        count(&tally, in, (now() - begun) * 1e3);
        if (!outcome.in)
            status = inspect_status(&outcome);
        show_change(&outcome, &before, tally.in + tally.out == 1);
        show_progress(&tally);
        pause_for(seconds);
    }
    summarize(&tally);
    return status;
}
