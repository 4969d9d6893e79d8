/*
 * end_point.h - channel bindings outside of GS2 (row KP7 of doc/gssapi.md): what
 * Active Directory knows, tls-server-end-point, as [MS-ADTS] 5.1.2.2 writes it.
 * A domain controller may refuse a login within TLS that lacks it.
 *
 * No client of GSSAPI or GSS-SPNEGO uses a binding of another type.  So a
 * binding of another type is not given to GSS, which would refuse clients that
 * bind to the end point.
 */
#ifndef GS2_END_POINT_H
#define GS2_END_POINT_H

#include <gssapi/gssapi.h>
#include <sasl/sasl.h>

#include "common/text/error.h"

/* Its name, as gs2:binding has it. */
#define GS2_END_POINT_NAME "tls-server-end-point"

/* Whether the application's binding is an end point: by its name, or, as
 * libldap writes it, by the prefix of its data.  binding may be NULL. */
bool gs2_end_point_is(const sasl_channel_binding_t *binding);

/*
 * Fills the caller's *bindings from a binding that is an end point: address
 * types 0, and for application data the prefix and the hash.  Free with
 * gs2_bindings_free().  GS2_OK or GS2_NOMEM.
 */
GS2_MUST_USE gs2_status
gs2_end_point_fill(struct gss_channel_bindings_struct *bindings,
                   const sasl_channel_binding_t *binding,
                   struct gs2_error *err);

#endif
