/*
 * fuzz_refusal.c - a login that was refused (see fuzz_refusal.h).
 */
#include "fuzz_refusal.h"

#include <string.h>

#include "tests/lib/must.h"

void
fuzz_check_nothing_left(sasl_conn_t *conn)
{
    static const int properties[] = {
        SASL_USERNAME, SASL_GSS_PEER_NAME, SASL_GSS_LOCAL_NAME,
        SASL_DELEGATEDCREDS,
    };

    for (size_t i = 0; i < COUNT(properties); i++)
        MUST(!gs2_dialogue_has(conn, properties[i]));
}

void
fuzz_check_server_refusal(struct gs2_dialogue *d)
{
    static const char *const more[] = { "", "another token", "" };

    MUST(d->server_error[0] != '\0');
    fuzz_check_nothing_left(d->server);
    for (size_t i = 0; i < COUNT(more); i++) {
        gs2_dialogue_say(d, more[i], strlen(more[i]));
        d->messages = 100; /* no tampering here */
        MUST(gs2_dialogue_server_step(d) < SASL_OK);
        fuzz_check_nothing_left(d->server);
    }
}
