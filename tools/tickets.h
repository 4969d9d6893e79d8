/*
 * tickets.h - what Kerberos has on this machine: the caller's ticket and the
 * keys of a keytab.  No key and no session key leaves this module.
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

struct tickets_key {
    char *principal;
    unsigned kvno;
};

struct tickets_keytab {
    char *name;  /* of the keytab: "FILE:/etc/krb5.keytab" */
    char *why;   /* it cannot be read; NULL where it can */
    struct tickets_key *keys; /* each principal and version once */
    size_t count;
};

/* The keytab called name, NULL for the default one.  Fills the caller's
 * *keytab_out, freed with tickets_keytab_free(). */
void tickets_keytab_read(const char *name, struct tickets_keytab *keytab_out);

void tickets_keytab_free(struct tickets_keytab *keytab);

#endif
