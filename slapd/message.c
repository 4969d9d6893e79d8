/*
 * message.c - a line for the administrator (see message.h).
 *
 * slapi_log_error() is not used: it writes to a file of its own, which nobody
 * looks at and which slapd usually cannot create.
 */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

void
gs2_slapd_message(const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    syslog(LOG_ERR, "libgs2-slapd: %s", text);
    (void)fprintf(stderr, "libgs2-slapd: %s\n", text);
}
