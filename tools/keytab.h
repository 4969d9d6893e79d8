/*
 * keytab.h - the keys of a keytab, as the caller or a server's user reads it.
 * No key leaves this module.
 */
#ifndef KEYTAB_H
#define KEYTAB_H

#include <jansson.h>

#include "server_place.h"

/*
 * The keytab called name, NULL for the default one, as a document:
 *
 *   name    "FILE:/etc/krb5.keytab"
 *   error   why it cannot be read; null where it can
 *   keys    of each principal and version one {principal, kvno}
 *   reader  null, where no server is known, or
 *     user, chroot         as whom and where the server runs
 *     readable             null: it cannot be told
 *     why                  why not, or why it cannot be told; of one that is
 *                          readable, why nobody gets in all the same
 *     cure                 what helps, or null
 *     realm                the default realm of krb5 there; null for none, or
 *                          where it cannot be told
 *     owner, group, mode   of the file, where it is known
 *
 * error and keys are what the server's user reads, where it can be told, else
 * what the caller reads.  A child reads it as that user: it takes its rights
 * alone before it reads, and writes nothing.  Gives.
 */
json_t *keytab_read(const struct server_place *place, const char *name);

/* False where the server's user is known not to read it. */
bool keytab_is_readable(const json_t *keytab);

#endif
