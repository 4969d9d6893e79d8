/*
 * tickets.h - the caller's ticket.  No session key leaves this module.
 */
#ifndef TICKETS_H
#define TICKETS_H

#include <stdbool.h>
#include <stddef.h>

struct tickets {
    char *cache;     /* name of the default credential cache; NULL: unknown */
    char *principal; /* NULL: the cache is not there or empty */
    long long until; /* end of its ticket-granting ticket; 0: it has none */
    bool expired;
};

/* Fills the caller's *tickets_out, freed with tickets_free(). */
void tickets_read(struct tickets *tickets_out);

void tickets_free(struct tickets *tickets);

/* One line, such as "alice@EXAMPLE.TEST until TIME in FILE:...".  Gives. */
char *tickets_describe(const struct tickets *tickets);

#endif
