/*
 * canon.h - a name as libsasl hands it to an application: without white space at
 * its ends, and with the user_realm behind it where it has none.
 */
#ifndef CANON_H
#define CANON_H

/* The name that libsasl, which loopback_start() has started, makes of name by
 * its canon_user for a server of this service and host; realm is the user_realm,
 * NULL for none.  Gives; NULL where it makes none. */
char *canon_name(const char *service, const char *host, const char *realm,
                 const char *name);

#endif
