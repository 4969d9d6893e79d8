/*
 * remote.c - a server elsewhere (see remote.h).
 */
#include "remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mech_name.h"
#include "print.h"

/* The octets of text that are "NAME://", or with tls "NAMEs://". */
static size_t
scheme(const char *text, const char *name, bool tls)
{
    char wanted[16];
    const int len = snprintf(wanted, sizeof(wanted), "%s%s://", name,
                             tls ? "s" : "");

    return strncasecmp(text, wanted, (size_t)len) == 0 ? (size_t)len : 0;
}

bool
remote_parse(const struct protocol *protocol, const char *text,
             struct remote *remote_out, struct gs2_error *err)
{
    const char *rest = text, *end;

    memset(remote_out, 0, sizeof(*remote_out));
    remote_out->protocol = protocol;
    remote_out->starttls = scheme(text, protocol->name, false) > 0;
    rest += scheme(text, protocol->name, false) +
            scheme(text, protocol->name, true);
    end = rest[0] == '[' ? strchr(rest, ']') : rest + strcspn(rest, ":/");
    /* Without a host there is nothing to hold the certificate against. */
    if (end == NULL || end == rest || end == rest + (rest[0] == '[')) {
        gs2_error_set(err, "%s is not HOST[:PORT]", text);
        return false;
    }
    remote_out->host = need(rest[0] == '['
                            ? strndup(rest + 1, (size_t)(end - rest - 1))
                            : strndup(rest, (size_t)(end - rest)));
    end += *end == ']';
    remote_out->port = need(*end == ':'
                            ? strndup(end + 1, strcspn(end + 1, "/"))
                            : strdup(remote_out->starttls
                                     ? protocol->port : protocol->tls_port));
    return true;
}

/* --- what the server says of itself --------------------------------------- */

void
remote_forget(struct remote *remote)
{
    free(remote->offers);
    remote->offers = need(strdup(""));
    remote->has_starttls = remote->initial = false;
}

void
remote_add_offer(struct remote *remote, const char *mech, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789-_";
    char *offers;

    if (strspn(mech, letters) < len || !mech_name_is_gs2(mech, len))
        return;
    if (asprintf(&offers, "%s%s%.*s", remote->offers,
                 remote->offers[0] != '\0' ? " " : "", (int)len, mech) < 0)
        offers = need(NULL);
    free(remote->offers);
    remote->offers = offers;
}

bool
remote_refuses(struct remote *remote, const char *what, const char *text,
               struct gs2_error *err)
{
    char shown[256];

    remote->refused = true;
    gs2_error_set(err, "%s refuses %s: %s", remote->host, what,
                  gs2_escape(shown, sizeof(shown), text, strlen(text)));
    return false;
}

/* --- the connection ------------------------------------------------------- */

/* What to do about a server that does not start TLS. */
static void
advise_tls(const struct remote *remote, struct gs2_error *err)
{
    const struct protocol *protocol = remote->protocol;

    if (strcmp(remote->port, protocol->tls_port) != 0 &&
        channel_is_there(remote->host, protocol->tls_port))
        gs2_error_detail(err, "%ss://%s", protocol->name, remote->host);
    else
        gs2_error_detail(err, "give the server a certificate and its key, since "
                         "there is no TLS at port %s either; if it has them, "
                         "look for somebody between who takes STARTTLS away",
                         protocol->tls_port);
}

static bool
start_tls(struct remote *remote, struct gs2_error *err)
{
    if (!remote->has_starttls) {
        gs2_error_set(err, "%s offers no STARTTLS: nothing is said without "
                      "TLS", remote->host);
        advise_tls(remote, err);
        return false;
    }
    if (!remote->protocol->starttls(remote, err)) {
        if (remote->refused)
            advise_tls(remote, err);
        return false;
    }
    if (!channel_start_tls(remote->channel, err))
        return false;
    /* What was said before TLS, anybody may have said (RFC 9051 section
     * 6.2.1). */
    remote_forget(remote);
    return remote->protocol->capabilities(remote, err);
}

/* Connects.  Where nobody answers at the port for TLS, the other one may. */
static bool
open_channel(struct remote *remote, struct gs2_error *err)
{
    const struct protocol *protocol = remote->protocol;

    if (channel_open(remote->host, remote->port, protocol->name,
                     &remote->channel, err))
        return true;
    if (!remote->starttls && strcmp(remote->port, protocol->tls_port) == 0 &&
        channel_is_there(remote->host, protocol->port))
        gs2_error_detail(err, "%s:// asks for STARTTLS", protocol->name);
    return false;
}

bool
remote_open(struct remote *remote, struct gs2_error *err)
{
    remote_forget(remote);
    remote->number = 0;
    remote->refused = false;
    return open_channel(remote, err) &&
           (remote->starttls || channel_start_tls(remote->channel, err)) &&
           remote->protocol->greet(remote, err) &&
           (!remote->starttls || start_tls(remote, err));
}

void
remote_close(struct remote *remote)
{
    channel_close(remote->channel);
    remote->channel = NULL;
}

void
remote_free(struct remote *remote)
{
    remote_close(remote);
    free(remote->offers);
    free(remote->host);
    free(remote->port);
    memset(remote, 0, sizeof(*remote));
}

void
answer_free(struct answer *answer)
{
    free(answer->token);
    answer->token = NULL;
    answer->len = 0;
}
