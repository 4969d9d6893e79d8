/*
 * client_log.h - what a client's log says of an attempt at a login that failed.
 *
 * An application without a terminal (a directory that replicates, a cache of
 * users) often tells its administrator a code alone.  The reason is here.
 */
#ifndef GS2_CLIENT_LOG_H
#define GS2_CLIENT_LOG_H

#include "client_attempt.h"

/* One line at SASL_LOG_FAIL: the mechanism, the server and the reason, NULL
 * where there was no memory for it.  To be called once an attempt. */
void gs2_client_log_failure(const struct gs2_client *c,
                            const sasl_utils_t *utils, const char *reason);

#endif
