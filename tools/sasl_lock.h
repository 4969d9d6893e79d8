/*
 * sasl_lock.h - libsasl's locks in this program, which has one thread.
 */
#ifndef SASL_LOCK_H
#define SASL_LOCK_H

/* Gives libsasl locks that never wait, in place of its own, which libsasl after
 * 2.1.28 destroys for good: each of its inits after the first sasl_done() would
 * fail.  To be called before any other function of libsasl. */
void sasl_lock_replace(void);

#endif
