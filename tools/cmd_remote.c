/*
 * cmd_remote.c - the commands imap, ldap and smtp: logins to a real server,
 * always within TLS.
 */
#include "cmd.h"

#include <signal.h>
#include <string.h>

#include "probe.h"
#include "report.h"

static void
tell(const struct arguments *arguments, const struct remote *remote,
     const struct probe *probe)
{
    const struct attempt *told = probe->told;
    struct report report = {
        .arguments = arguments, .service = remote->protocol->name,
        .host = remote->host, .outcome = &told->outcome,
        .binding = &told->binding, .offers = told->offers, .tls = told->tls,
        .user = told->user, .probe = probe,
    };

    tickets_read(&report.tickets);
    report_print(&report);
    tickets_free(&report.tickets);
}

static int
run(const struct protocol *protocol, const struct arguments *arguments,
    struct outcome *outcome)
{
    struct remote remote;
    struct probe probe = { .count = 0 };
    struct gs2_error err;
    bool reached = false;

    if (!remote_parse(protocol, arguments->operand, &remote, &err)) {
        outcome_fail_because(outcome, &err);
    } else {
        reached = probe_server(&remote, arguments, &probe);
        *outcome = probe.told->outcome;
    }
    if (reached)
        tell(arguments, &remote, &probe);
    else
        (void)report_failure(arguments, true, outcome);
    probe_free(&probe);
    remote_free(&remote);
    return outcome_status(outcome);
}

static int
start(const struct protocol *protocol, const struct arguments *arguments,
      struct outcome *outcome)
{
    const int code = sasl_client_init(NULL);
    int status;

    (void)signal(SIGPIPE, SIG_IGN);
    if (code != SASL_OK) {
        outcome_fail(outcome, false, code, "libsasl does not start: %s",
                     sasl_errstring(code, NULL, NULL));
        return report_failure(arguments, true, outcome);
    }
    status = run(protocol, arguments, outcome);
    sasl_client_done();
    return status;
}

int
cmd_imap(const struct arguments *arguments, struct outcome *outcome)
{
    return start(&protocol_imap, arguments, outcome);
}

int
cmd_ldap(const struct arguments *arguments, struct outcome *outcome)
{
    return start(&protocol_ldap, arguments, outcome);
}

int
cmd_smtp(const struct arguments *arguments, struct outcome *outcome)
{
    return start(&protocol_smtp, arguments, outcome);
}
