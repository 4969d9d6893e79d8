/*
 * server_rules.c - rules on logins (see server_rules.h; the language is in
 * common/rules/rules.h).
 */
#include "server_rules.h"

#include <stdlib.h>
#include <string.h>

#include "common/rules/names.h"

struct login {
    struct gs2_server *s;
    const sasl_server_params_t *params;
    const struct gs2_attr *not_used; /* the first that there is a reason for */
};

static bool
matches(const char *fact, const void *value, size_t value_len)
{
    if (fact == NULL)
        return false;
    return value == NULL || (strlen(fact) == value_len &&
                             memcmp(fact, value, value_len) == 0);
}

/* The acceptor's name as the mechanism has it. */
static gs2_status
match_acceptor(const struct login *login, const void *value, size_t value_len,
               bool *match_out, struct gs2_error *err)
{
    struct gs2_server *s = login->s;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 major, minor;
    bool anonymous;
    gs2_status status;
    char *text;

    major = gss_inquire_context(&minor, s->nego.context, NULL, &name, NULL,
                                NULL, NULL, NULL, NULL);
    if (!GSS_ERROR(major) && name == GSS_C_NO_NAME)
        return GS2_OK; /* absent, as other facts may be */
    if (GSS_ERROR(major))
        status = GS2_FAIL;
    else
        status = gs2_identity_display(name, "the acceptor",
                                      &s->mech->oid, &text, &anonymous, err);
    (void)gss_release_name(&minor, &name);
    /* Unknown is no answer: "not gs2:acceptor=..." would be met by it. */
    if (status != GS2_OK)
        return gs2_fail(err, GS2_NOAUTHZ,
                        "the login cannot be held against the requirements "
                        "of the server");
    *match_out = matches(text, value, value_len);
    free(text);
    return GS2_OK;
}

/* The facts of rules.h, from what the handshake and canon_user have said. */
static const char *
fact_of(const struct login *login, const char *fact)
{
    const struct gs2_server *s = login->s;

    if (strcmp(fact, "mech") == 0)
        return s->mech->name;
    if (strcmp(fact, "binding") == 0)
        return s->header.cb_name;
    if (strcmp(fact, "principal") == 0)
        return s->identity.principal;
    if (strcmp(fact, "realm") == 0)
        return s->identity.realm;
    if (strcmp(fact, "service") == 0)
        return login->params->service;
    if (strcmp(fact, "authid") == 0)
        return s->oparams->authid;
    if (strcmp(fact, "authzid") == 0)
        return s->oparams->user;
    return NULL;
}

/* Whole values, octet by octet, any of them (rules.h). */
static gs2_status
look_up(void *context, const char *name, size_t len, const void *value,
        size_t value_len, bool *match_out, struct gs2_error *err)
{
    struct login *login = context;
    const struct gs2_attr *attr;
    gs2_status status;

    *match_out = false;
    if (strncmp(name, "gs2:", 4) == 0 &&
        gs2_names_find_attr(name, len) == NULL) {
        if (strcmp(name + 4, "acceptor") == 0)
            return match_acceptor(login, value, value_len, match_out, err);
        *match_out = matches(fact_of(login, name + 4), value, value_len);
        return GS2_OK;
    }
    status = gs2_attrs_get(login->s->attrs, name, len, &attr, err);
    if (status != GS2_OK)
        return status;
    if (attr->why != NULL && login->not_used == NULL)
        login->not_used = attr;
    for (size_t i = 0; i < attr->count && !*match_out; i++) {
        const gss_buffer_desc *v = &attr->values[i].value;

        *match_out = value == NULL || (v->length == value_len &&
                                       (value_len == 0 ||
                                        memcmp(v->value, value,
                                               value_len) == 0));
    }
    return GS2_OK;
}

/* True where text is the canonical authid, octet by octet. */
static bool
is_authid(const sasl_out_params_t *oparams, const char *text, size_t len)
{
    return len == oparams->alen && memcmp(text, oparams->authid, len) == 0;
}

bool
gs2_server_rules_is_self(const sasl_out_params_t *oparams, const char *service)
{
    const char *user = oparams->user;
    const size_t len = oparams->ulen;

    if (is_authid(oparams, user, len))
        return true;
    return strcmp(service, "ldap") == 0 && len > 2 &&
           memcmp(user, "u:", 2) == 0 && is_authid(oparams, user + 2, len - 2);
}

/* Puts a rule to the login.  Why an attribute is not used stands before what is
 * not met, since a long rule is cut. */
static gs2_status
check(struct gs2_server *s, const sasl_server_params_t *params,
      const struct gs2_rule *rule)
{
    struct login login = { s, params, NULL };
    gs2_status status = gs2_rule_check(rule, look_up, &login, &s->why);
    struct gs2_error not_met;
    char name[128];

    if (status != GS2_NOAUTHZ || login.not_used == NULL)
        return status;
    not_met = s->why;
    gs2_error_detail(&s->why, "attribute \"%s\" is not used: %s; %s",
                     gs2_escape(name, sizeof(name),
                                login.not_used->name.value,
                                login.not_used->name.length),
                     login.not_used->why, not_met.detail);
    return status;
}

gs2_status
gs2_server_rules_check(struct gs2_server *s,
                       const sasl_server_params_t *params)
{
    const struct gs2_rule *require = s->config->require;
    const struct gs2_rule *proxy_require = s->config->proxy_require;
    gs2_status status = GS2_OK;

    if (gs2_server_rules_is_self(s->oparams, params->service))
        proxy_require = NULL;
    if (require != NULL)
        status = check(s, params, require);
    if (status == GS2_OK && proxy_require != NULL)
        status = check(s, params, proxy_require);
    if (status == GS2_OK)
        s->rules = require != NULL || proxy_require != NULL ? GS2_RULES_MET
                                                            : GS2_RULES_NONE;
    else if (status == GS2_NOAUTHZ)
        s->rules = GS2_RULES_NOT_MET;
    return status;
}
