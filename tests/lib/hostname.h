/*
 * hostname.h - a host name that no name server is asked for (see hostname.c).
 */
#ifndef GS2_TESTS_HOSTNAME_H
#define GS2_TESTS_HOSTNAME_H

/* Does nothing.  Whoever calls it gets gethostname() of hostname.c from
 * libtests with it. */
void gs2_hostname_link(void);

#endif
