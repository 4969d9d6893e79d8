/*
 * watch.c - a command again and again (see watch.h).
 */
#include "watch.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "print.h"

static volatile sig_atomic_t interrupted;

static void
interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

bool
watch_is_interrupted(void)
{
    return interrupted != 0;
}

struct tally {
    unsigned long in, out;
    double least, most, total; /* milliseconds of those that got in */
    double started, shown;     /* of outcome_clock() */
};

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
count(struct tally *tally, const struct outcome *outcome)
{
    const double milliseconds = outcome->milliseconds;

    if (!outcome->in) {
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
    const double now = outcome_clock();

    if (!isatty(STDERR_FILENO) || now - tally->shown < 100)
        return;
    tally->shown = now;
    (void)fprintf(stderr, "\r%lu in, %lu not, %.0f s ", tally->in, tally->out,
                  (now - tally->started) / 1e3);
}

/* Puts what follows over the counter. */
static void
begin_line(FILE *out)
{
    if (isatty(STDERR_FILENO))
        (void)fputc('\r', out);
}

/* A line where it is not as it was before. */
static void
show_change(const struct outcome *outcome, const struct outcome *before,
            bool first)
{
    const time_t t = time(NULL);
    char when[32] = "";
    struct tm tm;

    if (!first && outcome->in == before->in &&
        strcmp(outcome->text, before->text) == 0)
        return;
    if (localtime_r(&t, &tm) != NULL)
        (void)strftime(when, sizeof(when), "%H:%M:%S", &tm);
    begin_line(stdout);
    print("%s %s%s\n", when, outcome->in ? "in, by " : "not in: ",
          outcome->in ? outcome->mech : outcome->text);
}

static void
summarize(FILE *out, const struct tally *tally)
{
    const double seconds = (outcome_clock() - tally->started) / 1e3;
    const unsigned long all = tally->in + tally->out;

    begin_line(out);
    (void)fprintf(out, "%lu logins in %.1f s (%.1f a second): %lu in, %lu "
                  "not\n", all, seconds,
                  seconds > 0 ? (double)all / seconds : 0, tally->in,
                  tally->out);
    if (tally->in > 0)
        (void)fprintf(out, "%.2f ms the fastest, %.2f ms on average, %.2f ms "
                      "the slowest\n", tally->least,
                      tally->total / (double)tally->in, tally->most);
}

int
watch(double seconds,
      int (*run)(const struct arguments *arguments, struct outcome *outcome),
      const struct arguments *arguments)
{
    const bool documents = arguments->format == CMD_JSON;
    struct outcome outcome = { 0 }, before;
    struct tally tally = { .started = outcome_clock() };
    int status = CMD_YES, now;

    catch_signals();
    while (!interrupted) {
        before = outcome;
        memset(&outcome, 0, sizeof(outcome));
        now = run(arguments, &outcome);
        if (interrupted && !outcome.in && tally.in + tally.out > 0)
            break;
        count(&tally, &outcome);
        if (now != CMD_YES)
            status = now;
        if (!documents)
            show_change(&outcome, &before, tally.in + tally.out == 1);
        if (fflush(stdout) != 0)
            return CMD_ERROR; /* nobody reads it any more */
        show_progress(&tally);
        pause_for(seconds);
    }
    summarize(documents ? stderr : stdout, &tally);
    return status;
}
