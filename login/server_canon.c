/*
 * server_canon.c - the names of a login, as the application has them (see
 * server_canon.h; row A4 of doc/gs2.md).
 */
#include "server_canon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/admit.h"
#include "sasl_error.h"
#include "server_props.h"
#include "server_rules.h"

static int
canonicalize(struct gs2_server *s, const sasl_server_params_t *params,
             const char *name, unsigned which)
{
    const sasl_out_params_t *o = s->oparams;
    const gs2_status bad = which & SASL_CU_AUTHID ? GS2_NOAUTHZ : GS2_BADPROT;
    gs2_status status;
    int code;

    /* An authzid is what the client wrote, and need not be anybody's name. */
    status = gs2_admit_name(name, params->user_realm, bad, s->why);
    if (status != GS2_OK)
        return gs2_sasl_error_code(GS2_ACCEPTOR, status);
    /* A user whom no auxprop plugin knows is authenticated all the same. */
    code = params->canon_user(params->utils->conn, name,
                              (unsigned)strlen(name),
                              which | SASL_CU_EXTERNALLY_VERIFIED, s->oparams);
    /* White space alone comes back as "", for which libsasl's own proxy policy
     * answers yes. */
    if (code == SASL_OK && ((which & SASL_CU_AUTHID && o->alen == 0) ||
                            (which & SASL_CU_AUTHZID && o->ulen == 0)))
        code = SASL_BADPROT;
    return gs2_sasl_error_canon(code, name, which, s->why);
}

static int
canonicalize_both(struct gs2_server *s, const sasl_server_params_t *params,
                  const char *authid, const char *authzid)
{
    int code;

    if (authzid == NULL)
        return canonicalize(s, params, authid,
                            SASL_CU_AUTHID | SASL_CU_AUTHZID);
    code = canonicalize(s, params, authid, SASL_CU_AUTHID);
    return code == SASL_OK ? canonicalize(s, params, authzid, SASL_CU_AUTHZID)
                           : code;
}

/* --- gs2_tag -------------------------------------------------------------- */

static gs2_status
keep_names(struct gs2_server *s)
{
    s->authid = strdup(s->oparams->authid);
    s->authzid = strdup(s->oparams->user);
    return s->authid != NULL && s->authzid != NULL ? GS2_OK
                                                   : gs2_fail_nomem(s->why);
}

int
gs2_server_canon_names(struct gs2_server *s, const sasl_server_params_t *params)
{
    const char *authid = s->identity.authid, *authzid = s->requested;
    gs2_status status = gs2_admit_untagged(s->config, authid, s->why);
    int code = SASL_OK;

    if (authzid != NULL && strcmp(authzid, authid) == 0)
        authzid = NULL;
    if (status == GS2_OK)
        status = gs2_admit_untagged(s->config, authzid, s->why);
    if (status == GS2_OK)
        status = gs2_admit_unescaped(s->config, params->service, authzid,
                                     s->why);
    if (status == GS2_OK)
        code = canonicalize_both(s, params, authid, authzid);
    if (code != SASL_OK)
        return code;
    if (status == GS2_OK)
        status = keep_names(s);
    if (status == GS2_OK)
        status = gs2_admit_untagged(s->config, s->authid, s->why);
    if (status == GS2_OK)
        status = gs2_admit_untagged(s->config, s->authzid, s->why);
    return gs2_sasl_error_code(GS2_ACCEPTOR, status);
}

/* The name of the first role that the login has, or NULL. */
static const char *
first_role(const struct gs2_server *s)
{
    for (size_t n = 0; n < s->config->roles.count; n++) {
        if ((s->roles >> n & 1) != 0)
            return s->config->roles.list[n].name;
    }
    return NULL;
}

const char *
gs2_server_canon_suffix(const struct gs2_server *s)
{
    return s->tagged != NULL ? s->tagged + strlen(s->identity.authid) : NULL;
}

/* Whether the name is now the first one with tag and role at its end. */
static bool
is_tagged(const struct gs2_server *s, const sasl_server_params_t *params)
{
    return gs2_admit_is_tagged(params->service, params->user_realm, s->authid,
                               s->oparams->authid, gs2_server_canon_suffix(s));
}

/* The names with the tag must be those that the rules were asked about. */
static gs2_status
check_tagged(struct gs2_server *s, const sasl_server_params_t *params,
             bool is_self)
{
    char tagged[128], made[128];

    if (is_tagged(s, params) &&
        (is_self || strcmp(s->authzid, s->oparams->user) == 0))
        return GS2_OK;
    return gs2_fail(s->why, GS2_NOAUTHZ,
                    "of the identity \"%s\" the application makes \"%s\", "
                    "and not its own name of the user with the role at the "
                    "end",
                    gs2_escape(tagged, sizeof(tagged), s->tagged,
                               strlen(s->tagged)),
                    gs2_escape(made, sizeof(made), s->oparams->authid,
                               strlen(s->oparams->authid)));
}

static gs2_status
add_tag(struct gs2_server *s, const char *role)
{
    const size_t size = strlen(s->identity.authid) + 1 + strlen(role) + 1;

    s->tagged = malloc(size);
    if (s->tagged == NULL)
        return gs2_fail_nomem(s->why);
    (void)snprintf(s->tagged, size, "%s%c%s", s->identity.authid,
                   s->config->tag, role);
    return GS2_OK;
}

int
gs2_server_canon_tag(struct gs2_server *s, const sasl_server_params_t *params)
{
    const bool is_self = gs2_server_rules_is_self(s->oparams, params->service);
    const char *role = first_role(s);
    gs2_status status;
    int code;

    if (s->config->tag == '\0' || role == NULL)
        return SASL_OK;
    status = add_tag(s, role);
    if (status == GS2_OK)
        status = gs2_server_props_renew(s);
    if (status != GS2_OK)
        return gs2_sasl_error_code(GS2_ACCEPTOR, status);
    code = canonicalize_both(s, params, s->tagged,
                             is_self ? NULL : s->requested);
    return code != SASL_OK
           ? code : gs2_sasl_error_code(GS2_ACCEPTOR,
                                        check_tagged(s, params, is_self));
}

void
gs2_server_canon_forget(struct gs2_server *s)
{
    free(s->authid);
    free(s->authzid);
    free(s->tagged);
    s->authid = s->authzid = s->tagged = NULL;
}
