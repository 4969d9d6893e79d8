/*
 * gss_fault.h - whose fault it is that an acceptor refused a token: what
 * libsasl is told, and what a filter of the log counts against a client's
 * address, hangs on it.
 */
#ifndef GS2_GSS_FAULT_H
#define GS2_GSS_FAULT_H

#include <gssapi/gssapi.h>

#include "mechs.h"

/*
 * What a failure of gss_accept_sec_context() for mech says:
 *
 * GS2_BADBINDING  the token is bound to another channel or header
 * GS2_BADAUTH     the token is one that no honest client sends, whatever its
 *                 clock, its ticket or the age of the server's keys: malformed,
 *                 with a wrong checksum, a replay
 * GS2_REFUSED     an honest client may have sent it: an expired ticket, a
 *                 clock, a key that the server does not have
 * GS2_FAIL        the server's own doing: its credential, replay cache or disk
 * GS2_NOMEM       there is no memory
 *
 * What is not in the tables of gss_fault.c is GS2_REFUSED; of a mechanism other
 * than krb5 and IAKERB that is every GSS_S_FAILURE, a wrong password as well as
 * a RADIUS server that does not answer: its minor status is not ours to read.
 */
gs2_status gs2_gss_fault(const struct gs2_mech *mech, OM_uint32 major,
                         OM_uint32 minor);

#endif
