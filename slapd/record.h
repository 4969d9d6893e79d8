/*
 * record.h - who is logged in on a connection of slapd's, and the roles of the
 * login: an extension of the connection.
 *
 * Each connection has a record from its beginning to its end, which says
 * "nobody" until it is filled.  Any thread may use any of them: each has a
 * lock.
 */
#ifndef GS2_SLAPD_RECORD_H
#define GS2_SLAPD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <slapi-plugin.h>

/* Lets each connection that begins from now on have a record.  True where it
 * is so, now or since an earlier call; false where slapd has connections that
 * could have none. */
bool gs2_slapd_records_begin(void);

/* The record of connection says nobody from now on. */
void gs2_slapd_record_empty(Slapi_Connection *connection);

/* The record of connection says dn, a normalized DN, with the count roles at
 * roles, until end.  False, and it says nobody, where there is no memory, no
 * record, or what could not be a role. */
bool gs2_slapd_record_fill(Slapi_Connection *connection, const char *dn,
                           const char *const *roles, size_t count, time_t end);

/* True where the record of connection says dn, octet by octet, with this role,
 * and has not ended. */
bool gs2_slapd_record_has(Slapi_Connection *connection, const char *dn,
                          const char *role);

#endif
