/*
 * remote.h - a server elsewhere, always within TLS, up to its mechanisms.
 */
#ifndef REMOTE_H
#define REMOTE_H

#include <stdbool.h>

#include "channel.h"
#include "protocol.h"

struct remote {
    const struct protocol *protocol;
    char *host, *port;
    bool starttls;           /* asked for; else TLS from the first octet */
    struct channel *channel; /* NULL: not connected */
    unsigned number;         /* of the last command */
    char mech[64];           /* of the login, where each message names it */

    /* What the server says of itself. */
    char *offers;            /* mechanisms of GS2, separated by spaces */
    bool has_starttls;
    bool refused;            /* it has said no to something */
    bool initial;            /* a first message may go with the command */
};

/* Each that can fail returns false, with a reason, as those of channel.h. */

/* Takes [NAME://|NAMEs://]HOST[:PORT] apart, NAME the protocol's, an IPv6
 * address in brackets.  Fills the caller's *remote_out, freed with
 * remote_free() in any case. */
bool remote_parse(const struct protocol *protocol, const char *text,
                  struct remote *remote_out, struct gs2_error *err);

/* Connects, starts TLS, and asks for the capabilities within it. */
bool remote_open(struct remote *remote, struct gs2_error *err);

/* As before remote_open(). */
void remote_close(struct remote *remote);

void remote_free(struct remote *remote);

/* --- for protocols -------------------------------------------------------- */

/* What the server says of itself is forgotten. */
void remote_forget(struct remote *remote);

/* Adds a mechanism of len octets to what the server offers, where it is one of
 * GS2 and no other letters than those of RFC 4422 section 3.1 are in it. */
void remote_add_offer(struct remote *remote, const char *mech, size_t len);

/* The server says no to something.  Returns false. */
bool remote_refuses(struct remote *remote, const char *what, const char *text,
                    struct gs2_error *err);

#endif
