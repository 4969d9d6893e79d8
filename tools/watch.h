/*
 * watch.h - a login again and again, with progress and a summary.
 */
#ifndef WATCH_H
#define WATCH_H

#include "outcome.h"

/* One login; returns outcome_out->in. */
typedef bool watch_login(void *context, struct inspect_outcome *outcome_out);

/*
 * Logs in every `seconds` seconds, without a pause where that is 0, until
 * interrupted (SIGINT, SIGTERM).  A line on standard output for each change, a
 * counter on standard error where that is a terminal, a summary at the end.
 * INSPECT_YES where every login succeeded, else the status of the last that did
 * not.
 */
int watch(double seconds, watch_login *login, void *context);

#endif
