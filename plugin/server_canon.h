/*
 * server_canon.h - the names of a login, as the application has them: libsasl's
 * canon_user.
 */
#ifndef GS2_SERVER_CANON_H
#define GS2_SERVER_CANON_H

#include "server.h"

/*
 * After the handshake: canon_user of the authentication identity and of the
 * authorization identity, one call where the client asks for no other.  The
 * strings that are handed over live until dispose.
 *
 * SASL_OK, or libsasl's code with the reason in s->why.
 */
int gs2_server_canon_names(struct gs2_server *s,
                           const sasl_server_params_t *params);

#endif
