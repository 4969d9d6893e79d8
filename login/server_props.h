/*
 * server_props.h - attributes and facts as auxiliary properties (libgs2(5),
 * PROPERTIES).
 *
 * Nothing is computed that the application did not request, except for the
 * roles, if there are any.  `*name` speaks of the authentication identity;
 * `name`, of the authorization identity, is filled only where that is the
 * same.
 */
#ifndef GS2_SERVER_PROPS_H
#define GS2_SERVER_PROPS_H

#include "server_attempt.h"

/* Takes back every property, whoever filled it, before an attempt and after
 * it.  libsasl keeps them between two attempts, and slapd takes the user whom
 * it found under one of its own for the user of the next.  *gs2-roles and
 * *gs2-expires, if requested, have an empty value then, so that a login by
 * another mechanism asks no auxprop plugin for them, unless libsasl clears all
 * values (it does where it checks a password, for PLAIN). */
void gs2_server_props_erase(const struct gs2_server *s);

/*
 * Gives each requested property that gs2_server_props_fill() speaks of an
 * empty value.  To be called before canon_user, at which libsasl asks each
 * auxprop plugin for the names without a value: a plugin that cannot open its
 * database (sasldb, if the server may not read it) would refuse the login, and
 * others would search theirs in vain.  gs2_server_props_erase() takes the
 * values back, gs2_server_props_fill() puts others in their place.  The log
 * has a note for each name that looks like one of ours and is not.
 *
 * GS2_OK, or GS2_NOMEM with the reason in s->why.
 */
GS2_MUST_USE gs2_status gs2_server_props_reserve(struct gs2_server *s);

/* Before canon_user is called again for other names: takes back what it, and
 * the auxprop plugins, have put there for the first ones, and gives our own
 * properties their empty value.  GS2_OK, or GS2_NOMEM with the reason in
 * s->why. */
GS2_MUST_USE gs2_status gs2_server_props_renew(struct gs2_server *s);

/* Fills what was requested, from s->attrs.  GS2_OK, or GS2_NOMEM with the
 * reason in s->why. */
GS2_MUST_USE gs2_status
gs2_server_props_fill(struct gs2_server *s,
                      const sasl_server_params_t *params);

#endif
