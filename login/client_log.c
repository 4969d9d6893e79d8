/*
 * client_log.c - one line of the log for each failed attempt of a client (see
 * client_log.h).  Its form is in libgs2(5), LOGGING; a filter of the server's
 * lines (server_log.c) does not take it for a failed login there.
 */
#include "client_log.h"

#include <string.h>

/* Octets of a field of the line. */
#define FIELD_MAX 256

/* text as a field, escaped: the application has it from its user or its
 * configuration. */
static const char *
show(char *field, const char *text)
{
    return text != NULL ? gs2_escape(field, FIELD_MAX, text, strlen(text))
                        : "-";
}

void
gs2_client_log_failure(const struct gs2_client *c, const sasl_utils_t *utils,
                       const char *reason)
{
    char service[FIELD_MAX], host[FIELD_MAX], escaped[GS2_TEXT_MAX] = "-";

    if (reason != NULL)
        (void)gs2_escape(escaped, sizeof(escaped), reason, strlen(reason));
    utils->log(utils->conn, SASL_LOG_FAIL,
               "%s client failed: server=\"%s@%s\" reason=\"%s\"",
               c->mech->name, show(service, c->service), show(host, c->host),
               escaped);
}
