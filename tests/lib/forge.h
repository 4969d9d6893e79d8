/*
 * forge.h - a service of Kerberos' in this process, and tickets for it: whoever
 * has a service's key can make a ticket for anybody, as a KDC does.  There is no
 * KDC.
 */
#ifndef GS2_TESTS_FORGE_H
#define GS2_TESTS_FORGE_H

#include <krb5/krb5.h>

/* How long a ticket is good for. */
#define GS2_FORGE_SECONDS 86400

/*
 * Makes a key for the service, a principal with its realm, and has this process
 * use a keytab with it, no replay cache, and a krb5.conf of that text.  Lends a
 * context of libkrb5's, until gs2_forge_tear_down().  One service at a time.
 */
krb5_context gs2_forge_set_up(const char *service, const char *conf);
void gs2_forge_tear_down(void);

/* Gives a cache that has a ticket of the user's for the service; destroyed with
 * krb5_cc_destroy(). */
krb5_ccache gs2_forge_cache(krb5_principal user);

#endif
