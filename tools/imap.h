/*
 * imap.h - a client of an IMAP server (RFC 9051) up to its mechanisms, always
 * within TLS.
 */
#ifndef IMAP_H
#define IMAP_H

#include <stdbool.h>

#include "channel.h"

struct imap {
    char *host, *port;
    bool starttls;
    struct channel *channel;    /* NULL: not connected */
    char *offers;               /* mechanisms of GS2, separated by spaces */
    bool has_starttls, initial; /* capabilities: STARTTLS, SASL-IR */
};

/* Each that can fail returns false, with a reason, as those of channel.h. */

/* Takes [imap://|imaps://]HOST[:PORT] apart, an IPv6 address in brackets.
 * Fills the caller's *imap_out, freed with imap_free() in any case. */
bool imap_parse(const char *text, struct imap *imap_out,
                struct gs2_error *err);

void imap_free(struct imap *imap);

/* Connects, starts TLS, and asks for the capabilities within it. */
bool imap_open(struct imap *imap, struct gs2_error *err);

/* A command of one line, to which the server says OK. */
bool imap_command(struct imap *imap, const char *tag, const char *name,
                  struct gs2_error *err);

/* Reads up to the line that begins with tag, of which *line_out is the rest, or
 * to the first that begins with "+", which *line_out is then.  Borrows. */
bool imap_answer(struct imap *imap, const char *tag, const char **line_out,
                 struct gs2_error *err);

#endif
