/*
 * keytab_keys.h - the keys of a keytab, as the caller reads it.
 */
#ifndef KEYTAB_KEYS_H
#define KEYTAB_KEYS_H

#include <jansson.h>

/* The name of the default keytab if its own name cannot be found out. */
#define KEYTAB_KEYS_UNKNOWN "default"

/* Sets name, error and keys, as keytab.h has them, in a document; name is NULL
 * for the default keytab. */
void keytab_keys_read(const char *name, json_t *document);

/* The default realm of krb5; null where it has none.  Gives. */
json_t *keytab_keys_realm(void);

#endif
