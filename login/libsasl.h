/*
 * libsasl.h - the libsasl that loaded us.
 *
 * This plugin does not link it, and the process may have it by RTLD_LOCAL, or
 * have two of them: so it is found by the address of the getopt that it gave
 * us, one of its static functions.
 */
#ifndef GS2_LIBSASL_H
#define GS2_LIBSASL_H

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdbool.h>

/* A function that it exports; NULL if there is no such function, or if it
 * cannot be asked. */
void *gs2_libsasl_find(const sasl_utils_t *utils, const char *function);

/* False where its sasl_utils_t is not the one that we were compiled with: then
 * only conn, getopt and the functions for memory and mutexes are at their
 * places in utils.  Cyrus SASL after 2.1.28 has removed functions from it,
 * under the same soname and without another number in utils->version, which
 * nobody sets. */
bool gs2_libsasl_fits(const sasl_utils_t *utils);

#endif
