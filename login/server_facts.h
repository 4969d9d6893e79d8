/*
 * server_facts.h - the facts of a login (names.h), for rules and properties.
 */
#ifndef GS2_SERVER_FACTS_H
#define GS2_SERVER_FACTS_H

#include "common/rules/names.h"
#include "server_attempt.h"

/*
 * A fact that has one value, from what the handshake and canon_user have said.
 * Borrows *text_out, until gs2_server_facts_forget(); NULL where the login has
 * none.  GS2_OK, GS2_NOMEM, or GS2_FAIL, with the reason, where the login has a
 * value that the mechanism does not tell.
 */
GS2_MUST_USE gs2_status
gs2_server_facts_get(struct gs2_server *s, const sasl_server_params_t *params,
                     enum gs2_fact fact, const char **text_out,
                     struct gs2_error *err);

/* Frees what was remembered of them. */
void gs2_server_facts_forget(struct gs2_server *s);

#endif
