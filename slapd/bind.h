/*
 * bind.h - the functions that slapd calls before and after each Bind.
 */
#ifndef GS2_SLAPD_BIND_H
#define GS2_SLAPD_BIND_H

#include <slapi-plugin.h>

/* Empties the record of the connection: whoever was logged in there is not
 * any longer.  0: slapd goes on. */
int gs2_slapd_before_bind(Slapi_PBlock *pb);

/* Fills the record, where a login by GS2 has succeeded.  0. */
int gs2_slapd_after_bind(Slapi_PBlock *pb);

#endif
