/*
 * server_place.h - as whom a server of this machine accepts logins: its service,
 * its host and its keytab, its user and the directory it is confined to, where
 * its own configuration says so.
 */
#ifndef SERVER_PLACE_H
#define SERVER_PLACE_H

#include "cmd.h"
#include "conf_file.h"

struct server_place {
    const char *service; /* borrowed */
    char *host;
    char *user;          /* as whom it runs; NULL: not known */
    bool one_group;      /* which has no other groups then */
    char *root;          /* the directory it is confined to; NULL: none */
};

/*
 * In this order: what the command line says; what the server itself has (the
 * service of its row, the name in its own configuration); imap and the name of
 * this host.  Its own files are looked at only where conf is the one that it
 * reads.  Fills the caller's *place_out, freed with server_place_free().
 */
void server_place_find(const struct arguments *arguments,
                       const struct conf_file *conf,
                       struct server_place *place_out);

void server_place_free(struct server_place *place);

#endif
