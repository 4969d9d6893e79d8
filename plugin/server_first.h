/*
 * server_first.h - the client's first message: its header, what it says of
 * channel bindings, and all that an attempt at a login needs before its token.
 */
#ifndef GS2_SERVER_FIRST_H
#define GS2_SERVER_FIRST_H

#include "login/server_attempt.h"

/*
 * Reads the header of the message, of *header_len_out octets before the token;
 * refuses what breaks the rules on framing and on channel bindings (rows H3, B3
 * to B5); takes configuration and credential; makes s->nego ready for its first
 * turn.  GS2_OK, or a failure with the reason in s->why.
 */
GS2_MUST_USE gs2_status
gs2_server_first_read(struct gs2_server *s, const sasl_server_params_t *params,
                      const gss_buffer_desc *message, size_t *header_len_out);

#endif
