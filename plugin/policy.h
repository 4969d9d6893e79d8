/*
 * policy.h - the rules and the attribute map of a server's configuration:
 * parsed once for each distinct text, and put to a login.
 *
 * A configuration that does not parse lets nobody in.  The first use of each
 * logs the rules in force, or that there are none, since libsasl never says
 * that an option was misspelt.
 */
#ifndef GS2_POLICY_H
#define GS2_POLICY_H

#include "common/attrmap.h"
#include "common/rules.h"
#include "plugin.h"

struct gs2_server;

struct gs2_policy {
    char *texts[3];             /* gs2_require, gs2_proxy_require and
                                   gs2_attributes; NULL where not set */
    struct gs2_rule *require, *proxy_require; /* NULL for none */
    struct gs2_attrmap *map;    /* NULL for none */
    gs2_status status;          /* not GS2_OK: something does not parse */
    struct gs2_error why;
    size_t holders;             /* under the roster's lock */
    struct gs2_policy *next;
};

/*
 * The policy of the configuration that utils sees.  Gives *policy_out, which is
 * immutable, to be returned with gs2_policy_release().
 *
 * GS2_OK, GS2_NOMEM, or GS2_BADCONFIG with option, line and column in err's
 * detail.
 */
GS2_MUST_USE gs2_status gs2_policy_get(struct gs2_roster *roster,
                                       const sasl_utils_t *utils,
                                       const struct gs2_policy **policy_out,
                                       struct gs2_error *err);

/* policy may be NULL. */
void gs2_policy_release(struct gs2_roster *roster,
                        const struct gs2_policy *policy);

/* When the roster goes. */
void gs2_policy_free_all(struct gs2_roster *roster);

/* Puts the rules to a login after canon_user: gs2_require, and where authzid
 * is not authid gs2_proxy_require.  GS2_OK or GS2_NOAUTHZ, or another failure,
 * with the reason in s->why. */
GS2_MUST_USE gs2_status gs2_policy_check(struct gs2_server *s,
                                         const sasl_server_params_t *params);

/* True where the canonical authzid is the canonical authid, octet by octet. */
bool gs2_policy_is_self(const sasl_out_params_t *oparams);

#endif
