/*
 * watch.h - a command again and again, with progress and a summary.
 */
#ifndef WATCH_H
#define WATCH_H

#include "cmd.h"

/*
 * Runs a command that logs in every `seconds` seconds, without a pause where
 * that is 0, until interrupted (SIGINT, SIGTERM).  Where the command prints
 * nothing, a line on standard output for each change and a summary at the end;
 * where it prints documents, the summary is on standard error.  A counter on
 * standard error where that is a terminal.  CMD_YES where every login
 * succeeded, else the status of the last that did not.
 */
int watch(double seconds,
          int (*run)(const struct arguments *arguments,
                     struct outcome *outcome),
          const struct arguments *arguments);

/* A login is cut off by the interruption: it is not to be told of. */
bool watch_is_interrupted(void);

#endif
