/*
 * cmd.h - the commands of gs2-inspect, each in a file of its own, cmd_NAME.c,
 * and what the command line gives them.
 */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>

#include "outcome.h"

/* Exit statuses, as gs2-inspect(1) says. */
enum { CMD_YES = 0, CMD_NO = 1, CMD_ERROR = 2 };

enum cmd_format { CMD_TEXT, CMD_JSON, CMD_NOTHING };

struct arguments {
    const char *conf;    /* a file or an application; NULL for none */
    const char *service, *host, *mech, *authzid, *binding; /* or NULL */
    const char *as;      /* a principal, which is judged without a login */
    const char *assumptions[64]; /* NAME=VALUE, of that login */
    size_t assumed;      /* how many */
    const char *prefix;  /* a service of cyrus.conf, or NULL */
    bool octets, verbose;
    bool require_rule;
    enum cmd_format format;
    const char *operand; /* a server, a configuration */
};

/*
 * Each does its work once, prints what came of it, and returns an exit status.
 * Those that log in fill the caller's *outcome, which was all zeros.
 */
int cmd_conf(const struct arguments *arguments, struct outcome *outcome);
int cmd_imap(const struct arguments *arguments, struct outcome *outcome);
int cmd_ldap(const struct arguments *arguments, struct outcome *outcome);
int cmd_login(const struct arguments *arguments, struct outcome *outcome);
int cmd_mechs(const struct arguments *arguments, struct outcome *outcome);
int cmd_smtp(const struct arguments *arguments, struct outcome *outcome);

#endif
