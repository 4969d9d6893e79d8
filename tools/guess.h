/*
 * guess.h - a login that does not take place: who it would be, and what a
 * server's rules say of what is assumed.  Identities and rules are judged by the
 * code of common/, as in the plugin.
 */
#ifndef GUESS_H
#define GUESS_H

#include <jansson.h>

#include "cmd.h"
#include "common/options.h"
#include "conf_file.h"
#include "rule_verdict.h"

struct guess {
    /* Set by the caller; borrowed. */
    const struct arguments *arguments;
    const struct conf_file *conf;
    const char *service;
    json_t *said;
    struct gs2_config config; /* parsed */

    /* Found. */
    struct gs2_mech mech;
    struct gs2_identity identity;
    const char *mech_name, *authid, *authzid; /* borrowed of the rest */
};

/* The mechanism, which our own file must serve.  False, with a reason. */
bool guess_find_mech(struct guess *guess, struct gs2_error *err);

/* The user of that mechanism: identity is to be freed with
 * gs2_identity_free().  False, with a reason. */
bool guess_find_user(struct guess *guess, struct gs2_error *err);

/* Refuses to assume what follows from the user's name, and what does not
 * exist. */
bool guess_check_assumptions(const struct guess *guess, struct gs2_error *err);

/* Whether the user acts as somebody else. */
bool guess_is_proxy(const struct guess *guess);

/* The first value that is assumed of an attribute; NULL for none.  Borrows. */
const char *guess_assumed(const struct guess *guess, const char *name);

/* What a rule says of the login: the put of a struct verdict_judge. */
enum verdict guess_judge(const void *guess, const char *text);

#endif
