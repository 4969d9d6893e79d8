/*
 * hostname.c - the host name of a test program that uses libsasl.
 *
 * libsasl looks up the host's own name for every connection, unless it has a
 * dot in it.  Where that name is not in /etc/hosts this is a question to a
 * name server, ten thousand times for ten thousand logins.  A program that
 * defines gethostname() answers libsasl in place of libc.
 */
#include "hostname.h"

#include <stddef.h>
#include <string.h>

/* <unistd.h> would define it inline where _FORTIFY_SOURCE is set. */
int gethostname(char *name, size_t len);

__attribute__((visibility("default"))) int
gethostname(char *name, size_t len)
{
    static const char own[] = "peer.example.test";

    if (len < sizeof(own))
        return -1;
    memcpy(name, own, sizeof(own));
    return 0;
}

void
gs2_hostname_link(void)
{
}
