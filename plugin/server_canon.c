/*
 * server_canon.c - the names of a login, as the application has them (see
 * server_canon.h; row A4 of doc/gs2.md).
 */
#include "server_canon.h"

#include <string.h>

#include "sasl_error.h"

/* That canon_user has room for the name and the user_realm, where it appends
 * that, and that an application can show it: an authzid is what the client
 * wrote, and need not be anybody's. */
static gs2_status
check_name(struct gs2_server *s, const char *user_realm,
           const char *name, unsigned which)
{
    const gs2_status bad = which & SASL_CU_AUTHID ? GS2_NOAUTHZ : GS2_BADPROT;
    const gss_buffer_desc text = { strlen(name), (void *)name };
    size_t len = text.length;
    char quoted[128];

    if (user_realm != NULL && strchr(name, '@') == NULL)
        len += 1 + strlen(user_realm);
    if (len > GS2_CANON_OCTETS_MAX)
        return gs2_fail(&s->why, bad,
                        "the identity \"%s\" has %zu octets as the application "
                        "would see it, more than %d",
                        gs2_escape(quoted, sizeof(quoted), name, text.length),
                        len, GS2_CANON_OCTETS_MAX);
    if (!gs2_attr_is_text(&text))
        return gs2_fail(&s->why, bad,
                        "the identity \"%s\" has a control character in it",
                        gs2_escape(quoted, sizeof(quoted), name,
                                   text.length));
    return GS2_OK;
}

static int
canonicalize(struct gs2_server *s, const sasl_server_params_t *params,
             const char *name, unsigned which)
{
    const sasl_out_params_t *o = s->oparams;
    gs2_status status;
    int code;

    status = check_name(s, params->user_realm, name, which);
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
    return gs2_plugin_canonicalized(code, name, which, &s->why);
}

int
gs2_server_canon_names(struct gs2_server *s, const sasl_server_params_t *params)
{
    const char *authid = s->identity.authid, *authzid = s->header.authzid;
    int code;

    if (authzid == NULL || strcmp(authzid, authid) == 0)
        return canonicalize(s, params, authid,
                            SASL_CU_AUTHID | SASL_CU_AUTHZID);
    code = canonicalize(s, params, authid, SASL_CU_AUTHID);
    return code == SASL_OK ? canonicalize(s, params, authzid, SASL_CU_AUTHZID)
                           : code;
}
