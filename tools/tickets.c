/*
 * tickets.c - the caller's ticket, by libkrb5 (see tickets.h).
 */
#include "tickets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <krb5.h>

#include "print.h"

static char *
unparse(krb5_context context, krb5_const_principal principal)
{
    char *text = NULL, *copy;

    if (krb5_unparse_name(context, principal, &text) != 0)
        return need(strdup("?"));
    copy = need(strdup(text));
    krb5_free_unparsed_name(context, text);
    return copy;
}

static bool
is_tgt(krb5_const_principal server)
{
    return server->length == 2 && server->data[0].length == 6 &&
           memcmp(server->data[0].data, "krbtgt", 6) == 0;
}

/* The end of the ticket-granting ticket that lasts longest. */
static void
read_until(krb5_context context, krb5_ccache cache, struct tickets *tickets)
{
    krb5_cc_cursor cursor;
    krb5_creds creds;

    if (krb5_cc_start_seq_get(context, cache, &cursor) != 0)
        return;
    while (krb5_cc_next_cred(context, cache, &cursor, &creds) == 0) {
        /* 32 bits that may be above 2^31. */
        const long long until = (unsigned)creds.times.endtime;

        if (is_tgt(creds.server) && until > tickets->until)
            tickets->until = until;
        krb5_free_cred_contents(context, &creds);
    }
    krb5_cc_end_seq_get(context, cache, &cursor);
}

void
tickets_read(struct tickets *tickets_out)
{
    krb5_principal principal = NULL;
    krb5_ccache cache = NULL;
    krb5_context context;
    krb5_timestamp now = 0;

    memset(tickets_out, 0, sizeof(*tickets_out));
    if (krb5_init_context(&context) != 0)
        return;
    tickets_out->cache = strdup(krb5_cc_default_name(context));
    if (krb5_cc_default(context, &cache) == 0 &&
        krb5_cc_get_principal(context, cache, &principal) == 0) {
        tickets_out->principal = unparse(context, principal);
        read_until(context, cache, tickets_out);
        (void)krb5_timeofday(context, &now);
        tickets_out->expired = tickets_out->until != 0 &&
                               tickets_out->until <= (unsigned)now;
    }
    krb5_free_principal(context, principal);
    if (cache != NULL)
        krb5_cc_close(context, cache);
    krb5_free_context(context);
}

void
tickets_free(struct tickets *tickets)
{
    free(tickets->cache);
    free(tickets->principal);
    memset(tickets, 0, sizeof(*tickets));
}

char *
tickets_describe(const struct tickets *tickets)
{
    const time_t until = (time_t)tickets->until;
    char when[64] = "", *text;
    struct tm tm;

    if (tickets->until != 0 && localtime_r(&until, &tm) != NULL)
        (void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
    if (asprintf(&text, "%s%s%s%s%s",
                 tickets->principal != NULL ? tickets->principal : "none",
                 when[0] == '\0' ? "" : tickets->expired ? ", expired "
                                                         : " until ",
                 when, tickets->cache != NULL ? " in " : "",
                 tickets->cache != NULL ? tickets->cache : "") < 0)
        text = need(NULL);
    return text;
}
