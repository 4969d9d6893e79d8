/*
 * attempt.h - one login to a server elsewhere.
 */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include "channel_binding.h"
#include "outcome.h"
#include "remote.h"

struct attempt {
    /* What to ask for; borrowed. */
    const char *mech;    /* NULL: the best */
    const char *type;    /* of channel binding, or "none" */
    const char *authzid; /* NULL: nobody else */

    /* What came of it. */
    struct outcome outcome;
    struct channel_binding binding;
    char *offers;    /* the server's mechanisms of GS2 */
    const char *tls; /* its version; borrowed from OpenSSL */
    char *user;      /* the principal, where the login succeeded */
};

/* Connects, logs in, and leaves.  What it fills is freed with attempt_free().
 * False if it did not come to a login, as the outcome says: no such server
 * (tls is NULL), or no such binding. */
bool attempt_make(struct remote *remote, struct attempt *attempt);

/* Whether a server's text says that the binding is wrong. */
bool attempt_is_of_binding(const char *text);

void attempt_free(struct attempt *attempt);

#endif
