/*
 * hostname.h - a host name that no name server is asked for (see hostname.c).
 */
#ifndef GS2_TESTS_HOSTNAME_H
#define GS2_TESTS_HOSTNAME_H

/* Does nothing.  A program that takes what calls it from libtests has
 * gethostname() of hostname.c, too. */
void gs2_hostname_link(void);

#endif
