/*
 * server_canon.h - the names of a login, as the application has them: libsasl's
 * canon_user; and, where there is gs2_tag, the role behind the name.
 */
#ifndef GS2_SERVER_CANON_H
#define GS2_SERVER_CANON_H

#include "server_attempt.h"

/*
 * After the handshake: canon_user of the authentication identity and of the
 * authorization identity, one call where the client asks for no other.  The
 * results are in s->authid and s->authzid, which facts, rules and properties
 * use.
 *
 * SASL_OK, or libsasl's code with the reason in s->why.  With gs2_tag, a name
 * that has the tag, before canon_user or after it, is refused.
 */
int gs2_server_canon_names(struct gs2_server *s,
                           const sasl_server_params_t *params);

/*
 * After the roles and the rules: with gs2_tag, canon_user of the identity with
 * tag and first role behind it; of both, where the client asks for no other.
 * Nothing where the login has no role.  All properties are taken back first,
 * because what an application noted in them was about the name without its
 * tag.
 *
 * SASL_OK, or libsasl's code with the reason in s->why, such as that the new
 * name is not the first one with tag and role at its end.
 */
int gs2_server_canon_tag(struct gs2_server *s,
                         const sasl_server_params_t *params);

/* The tag and the role that gs2_server_canon_tag() put behind the name, or
 * NULL.  Borrows. */
const char *gs2_server_canon_suffix(const struct gs2_server *s);

/* Frees what these functions have made. */
void gs2_server_canon_forget(struct gs2_server *s);

#endif
