/*
 * outcome.c - how a login went, and what the program says on standard error
 * (see outcome.h).
 */
#include "outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/gss/mechs.h"

void
inspect_say(const char *format, ...)
{
    va_list args;

    (void)fputs("gs2-inspect: ", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
}

void *
inspect_need(void *memory)
{
    if (memory == NULL) {
        inspect_say("out of memory");
        exit(INSPECT_ERROR);
    }
    return memory;
}

bool
inspect_fail(struct inspect_outcome *outcome, bool by_server, int code,
             const char *format, ...)
{
    va_list args;

    outcome->in = false;
    outcome->by_server = by_server;
    outcome->code = code;
    va_start(args, format);
    (void)vsnprintf(outcome->text, sizeof(outcome->text), format, args);
    va_end(args);
    return false;
}

/* libsasl puts "SASL(-13): authentication failure: " in front. */
bool
inspect_fail_sasl(struct inspect_outcome *outcome, bool by_server, int code,
                  sasl_conn_t *conn)
{
    const char *text = conn != NULL ? sasl_errdetail(conn)
                                    : sasl_errstring(code, NULL, NULL);
    const char *reason;

    if (strncmp(text, "SASL(", 5) == 0 &&
        (reason = strstr(text, "): ")) != NULL &&
        (reason = strstr(reason + 3, ": ")) != NULL && reason[2] != '\0')
        text = reason + 2;
    return inspect_fail(outcome, by_server, code, "%s", text);
}

/* The header begins with "p=", or with "F,p=" (RFC 5801 section 4). */
void
inspect_note_mech(struct inspect_outcome *outcome, const char *mech,
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

bool
inspect_is_gs2(const char *name, size_t len)
{
    static struct gs2_mech mechs[GS2_MECHS_MAX];
    static size_t count;
    struct gs2_error err;
    char word[64] = "";

    if (len > 4 && strncasecmp(name, "GS2-", 4) == 0)
        return true;
    if (len >= sizeof(word))
        return false;
    memcpy(word, name, len);
    if (count == 0)
        (void)!gs2_mechs_list(mechs, &count, &err);
    for (size_t i = 0; i < count; i++) {
        if (gs2_mechs_named(word, mechs[i].name))
            return true;
    }
    return false;
}

int
inspect_status(const struct inspect_outcome *outcome)
{
    if (outcome->in)
        return INSPECT_YES;
    return outcome->by_server ? INSPECT_NO : INSPECT_ERROR;
}

int
inspect_bind(sasl_conn_t *conn, const struct inspect_binding *binding,
             sasl_channel_binding_t *holder)
{
    if (binding->type[0] == '\0')
        return SASL_OK;
    holder->name = binding->type;
    holder->critical = 0;
    holder->len = (unsigned long)binding->len;
    holder->data = binding->octets;
    return sasl_setprop(conn, SASL_CHANNEL_BINDING, holder);
}
