/*
 * what_if.h - would a user get in, who is not here: what a server would make of
 * a login that is assumed, without a ticket and a key.
 */
#ifndef WHAT_IF_H
#define WHAT_IF_H

#include <jansson.h>

#include "cmd.h"
#include "conf_file.h"
#include "server_place.h"

/* Judges arguments->as, prints what came of it, with what is said of the
 * configuration, NULL for nothing, and fills the caller's *outcome_out.  realm is
 * the user_realm, or NULL (user_realm.h).  Returns an exit status. */
int what_if(const struct arguments *arguments, const struct conf_file *conf,
            const struct server_place *place, const char *realm,
            json_t *said, struct outcome *outcome_out);

#endif
