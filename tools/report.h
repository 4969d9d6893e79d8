/*
 * report.h - what is said of a login, as text for people or as JSON for
 * programs.
 */
#ifndef REPORT_H
#define REPORT_H

#include <jansson.h>

#include "cmd.h"
#include "probe.h"
#include "rule_verdict.h"
#include "server_view.h"
#include "tickets.h"

struct report {
    const struct arguments *arguments;
    const char *service, *host;
    const struct outcome *outcome; /* the last word */
    const struct channel_binding *binding;
    struct tickets tickets;
    const char *log;                 /* the server's; NULL where not known */
    const char *offers;              /* the server's; NULL where not asked */
    const char *tls;                 /* version of TLS; NULL: none */
    const char *user;                /* principal; NULL: unknown, or in view */
    const struct server_view *view;  /* NULL: no login, or another server */
    const struct verdicts *verdicts; /* NULL: not asked */
    json_t *conf;                    /* of the configuration; NULL: nothing */
    const struct probe *probe;       /* all logins; NULL: no other server */
};

/* Prints it, unless the command is to print nothing. */
void report_print(const struct report *report);

/* Each rule, and which of its comparisons are met. */
void report_print_rules(const struct verdicts *verdicts);

/* Says why a command failed: as a document, with "login":false if the command
 * is to log in, or on standard error.  Returns its exit status. */
int report_failure(const struct arguments *arguments, bool login,
                   const struct outcome *outcome);

#endif
