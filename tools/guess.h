/*
 * guess.h - a login that does not take place: who it would be, and what a
 * server's rules say of what is assumed.  Identities and rules are judged by the
 * code of common/, as in the plugin.
 */
#ifndef GUESS_H
#define GUESS_H

#include "cmd.h"
#include "common/options.h"
#include "conf_file.h"
#include "rule_verdict.h"

struct guess {
    /* Set by the caller; borrowed. */
    const struct arguments *arguments;
    const struct conf_file *conf;
    const char *service, *host;
    const char *realm;        /* the user_realm; NULL for none */
    struct gs2_config config; /* parsed */

    /* Found. */
    struct gs2_mech mech;
    const char *mech_name;    /* NULL for none */
    struct gs2_identity identity;
    char *authid, *authzid;   /* as the application has them; NULL: refused */
};

/* The mechanism, which the configuration must offer and our own file serve.
 * False, with an outcome. */
bool guess_find_mech(struct guess *guess, struct outcome *outcome);

/* The user of that mechanism, once libsasl is started (loopback.h): who they are,
 * and whether the plugin refuses them before it asks a rule.  False, with an
 * outcome. */
bool guess_find_user(struct guess *guess, struct outcome *outcome);

/* Once the rules are met: with gs2_tag, whether the application would have the name
 * of this user with their first role at its end.  False, with an outcome. */
bool guess_check_tag(struct guess *guess, struct outcome *outcome);

/* Frees what they have found. */
void guess_free(struct guess *guess);

/* Refuses to assume what follows from the user's name or the configuration, and
 * what does not exist. */
bool guess_check_assumptions(const struct guess *guess,
                             struct outcome *outcome);

/* The value of an assumption of this name from the *nth on, which is moved
 * behind it; NULL where there is none.  Borrows. */
const char *guess_next_assumed(const struct arguments *arguments,
                               const char *name, size_t len, size_t *nth);

/* The first role that the login has; NULL for none.  Borrows. */
const char *guess_first_role(struct guess *guess);

/* What a rule says of the login: the put of a struct verdict_judge. */
enum verdict guess_judge(const void *guess, const char *text);

#endif
