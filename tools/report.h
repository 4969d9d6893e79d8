/*
 * report.h - what is said of a login, as text for people or as JSON for
 * programs.
 */
#ifndef REPORT_H
#define REPORT_H

#include "server_view.h"
#include "tickets.h"
#include "rule_verdict.h"

struct report {
    const struct inspect_options *options;
    const char *service, *host;
    const struct inspect_outcome *outcome; /* the last word */
    const struct inspect_binding *binding;
    struct tickets tickets;
    const char *log;                 /* the server's; NULL where not known */
    const char *offers;              /* the server's; NULL where not asked */
    const char *tls;                 /* version of TLS; NULL: none */
    const char *user;                /* principal; NULL: unknown, or in seen */
    const struct seen *seen;         /* NULL: no login, or another server */
    const struct verdicts *verdicts; /* NULL: not asked */
};

void report_print(const struct report *report);

#endif
