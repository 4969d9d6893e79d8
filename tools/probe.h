/*
 * probe.h - which channel binding a server takes, and what a refusal is about:
 * found out by further logins, each on a connection of its own.
 */
#ifndef PROBE_H
#define PROBE_H

#include "attempt.h"
#include "cmd.h"

/* Each type of binding without the authzid, none, and one login more at either
 * end. */
#define PROBE_ATTEMPTS (PROTOCOL_BINDINGS + 3)

struct probe {
    struct attempt attempts[PROBE_ATTEMPTS];
    size_t count;
    struct attempt *told; /* the one that the report is about */
};

/*
 * Logs in as the command line says.  Where the server refuses that, it goes on
 * until it knows why: told's outcome has the cause and what to do next.  Fills
 * the caller's *probe_out, freed with probe_free().  False if it did not come
 * to a login, as told's outcome says.
 */
bool probe_server(struct remote *remote, const struct arguments *arguments,
                  struct probe *probe_out);

/* What came of one login, in a few words.  Borrows. */
const char *probe_word(const struct attempt *attempt);

void probe_free(struct probe *probe);

#endif
