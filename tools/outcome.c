/*
 * outcome.c - how a login went (see outcome.h).
 */
#include "outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd.h"

bool
outcome_fail(struct outcome *outcome, bool by_server, int code,
             const char *format, ...)
{
    va_list args;

    outcome->in = false;
    outcome->by_server = by_server;
    outcome->code = code;
    outcome->next[0] = '\0';
    outcome->cause = NULL;
    va_start(args, format);
    (void)vsnprintf(outcome->text, sizeof(outcome->text), format, args);
    va_end(args);
    return false;
}

/* libsasl puts "SASL(-13): authentication failure: " in front. */
bool
outcome_fail_sasl(struct outcome *outcome, bool by_server, int code,
                  sasl_conn_t *conn)
{
    const char *text = conn != NULL ? sasl_errdetail(conn)
                                    : sasl_errstring(code, NULL, NULL);
    const char *reason = strncmp(text, "SASL(", 5) == 0 ? strstr(text, "): ")
                                                       : NULL;

    if (reason != NULL)
        reason = strstr(reason + 3, ": ");
    if (reason != NULL && reason[2] != '\0')
        text = reason + 2;
    return outcome_fail(outcome, by_server, code, "%s", text);
}

bool
outcome_fail_because(struct outcome *outcome, const struct gs2_error *err)
{
    (void)outcome_fail(outcome, false, SASL_FAIL, "%s", err->text);
    memcpy(outcome->next, err->detail, sizeof(outcome->next));
    return false;
}

/* The header begins with "p=", or with "F,p=" (RFC 5801 section 4). */
void
outcome_note_mech(struct outcome *outcome, const char *mech,
                  const char *message, unsigned len)
{
    if (mech == NULL)
        return;
    if (len > 2 && memcmp(message, "F,", 2) == 0) {
        message += 2;
        len -= 2;
    }
    outcome->bound = len > 2 && memcmp(message, "p=", 2) == 0;
    (void)snprintf(outcome->mech, sizeof(outcome->mech), "%s%s", mech,
                   outcome->bound ? "-PLUS" : "");
}

int
outcome_status(const struct outcome *outcome)
{
    if (outcome->in)
        return CMD_YES;
    return outcome->by_server ? CMD_NO : CMD_ERROR;
}

double
outcome_clock(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}
