/*
 * mechanism.h - which file serves a mechanism of libsasl.
 */
#ifndef GS2_SLAPD_MECHANISM_H
#define GS2_SLAPD_MECHANISM_H

#include <stdbool.h>

/* True where this process has the server's side of the mechanism of this name
 * from one of our plugins, by its mark (common/mark.h), and from no other. */
bool gs2_slapd_mechanism_is_ours(const char *name);

#endif
