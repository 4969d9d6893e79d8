/*
 * server_rules.c - rules on logins (see server_rules.h; the language is in
 * common/rules/rules.h).
 */
#include "server_rules.h"

#include <string.h>

#include "common/admit.h"
#include "server_facts.h"

struct login {
    struct gs2_server *s;
    const sasl_server_params_t *params;
    const struct gs2_attr *not_used; /* the first that there is a reason for */
};

/* Whether len octets at a and at b are the same.  The last octets are compared
 * first, because the SIDs of one domain, of which a PAC has hundreds, differ
 * there. */
static bool
same(const char *a, const char *b, size_t len)
{
    return len == 0 || (a[len - 1] == b[len - 1] && memcmp(a, b, len) == 0);
}

/* Whether len octets at text are what c asks for: the whole, octet by octet
 * (rules.h). */
static bool
is_asked_for(const struct gs2_comparison *c, const void *text, size_t len)
{
    return c->value == NULL ||
           (len == c->value_len && same(text, c->value, len));
}

/* The parser has checked that the role exists, and that it is not negated. */
static enum gs2_rule_answer
look_up_role(const struct gs2_server *s, const struct gs2_comparison *c)
{
    const struct gs2_roles *roles = &s->config->roles;

    for (size_t n = 0; n < roles->count; n++) {
        if ((s->roles >> n & 1) != 0 &&
            is_asked_for(c, roles->list[n].name, strlen(roles->list[n].name)))
            return GS2_RULE_YES;
    }
    return GS2_RULE_NO;
}

static gs2_status
look_up_fact(struct login *login, const struct gs2_comparison *c,
             enum gs2_rule_answer *answer_out, struct gs2_error *err)
{
    const char *text;
    gs2_status status = gs2_server_facts_get(login->s, login->params, c->fact,
                                             &text, err);

    if (c->fact == GS2_FACT_ROLE)
        *answer_out = look_up_role(login->s, c);
    if (status == GS2_OK && text != NULL)
        *answer_out = is_asked_for(c, text, strlen(text)) ? GS2_RULE_YES
                                                          : GS2_RULE_NO;
    return status;
}

static enum gs2_rule_answer
answer_of_any(const struct gs2_comparison *c, const struct gs2_attr *attr)
{
    for (size_t i = 0; i < attr->count; i++) {
        if (is_asked_for(c, attr->values[i].value.value,
                         attr->values[i].value.length))
            return GS2_RULE_YES;
    }
    return attr->count > 0 ? GS2_RULE_NO : GS2_RULE_UNKNOWN;
}

static gs2_status
look_up(void *context, const struct gs2_comparison *c,
        enum gs2_rule_answer *answer_out, struct gs2_error *err)
{
    struct login *login = context;
    const struct gs2_attr *attr;
    gs2_status status;

    if (c->fact != GS2_FACT_NONE)
        return look_up_fact(login, c, answer_out, err);
    status = gs2_attrs_get(login->s->attrs, c->name, c->name_len, &attr, err);
    if (status != GS2_OK)
        return status;
    if (attr->why != NULL && login->not_used == NULL)
        login->not_used = attr;
    *answer_out = answer_of_any(c, attr);
    return GS2_OK;
}

bool
gs2_server_rules_is_self(const sasl_out_params_t *oparams, const char *service)
{
    return gs2_admit_is_self(service, oparams->authid, oparams->alen,
                             oparams->user, oparams->ulen);
}

/* Puts a rule to the login.  The reason why an attribute is not used stands
 * before the rule that is not met, because a long rule is cut. */
static gs2_status
check(struct login *login, const struct gs2_rule *rule)
{
    struct gs2_error *why = login->s->why, not_met;
    const struct gs2_attr *attr;
    gs2_status status;
    char name[128];

    login->not_used = NULL;
    status = gs2_rule_check(rule, look_up, login, why);
    if (status == GS2_FAIL) {
        not_met = *why;
        status = gs2_fail(why, GS2_NOAUTHZ,
                          "the login cannot be held against the requirements "
                          "of the server");
        gs2_error_detail(why, "%s", not_met.text);
    }
    attr = login->not_used;
    if (status != GS2_NOAUTHZ || attr == NULL)
        return status;
    not_met = *why;
    gs2_error_detail(why, "attribute \"%s\" is not used: %s%s%s",
                     gs2_escape(name, sizeof(name), attr->name.value,
                                attr->name.length), attr->why,
                     not_met.detail[0] != '\0' ? "; " : "", not_met.detail);
    return status;
}

/* If its rule cannot be decided, the login does not get the role. */
static gs2_status
assign_role(struct login *login, size_t n)
{
    const struct gs2_role *role = &login->s->config->roles.list[n];
    const sasl_utils_t *utils = login->params->utils;
    struct gs2_error why;

    switch (gs2_rule_check(role->rule, look_up, login, &why)) {
    case GS2_OK:
        login->s->roles |= (gs2_role_set)1 << n;
        return GS2_OK;
    case GS2_NOAUTHZ:
        return GS2_OK;
    case GS2_NOMEM:
        return gs2_fail_nomem(login->s->why);
    default:
        utils->log(utils->conn, SASL_LOG_WARN,
                   "%s: the login has not the role %s: %s",
                   login->s->plugin->configs.family, role->name, why.text);
        return GS2_OK;
    }
}

gs2_status
gs2_server_rules_assign(struct gs2_server *s,
                        const sasl_server_params_t *params)
{
    struct login login = { .s = s, .params = params };
    gs2_status status = GS2_OK;

    s->roles = 0;
    for (size_t n = 0; n < s->config->roles.count && status == GS2_OK; n++)
        status = assign_role(&login, n);
    return status;
}

gs2_status
gs2_server_rules_check(struct gs2_server *s,
                       const sasl_server_params_t *params)
{
    const struct gs2_rule *require = s->config->require;
    const struct gs2_rule *proxy_require = s->config->proxy_require;
    struct login login = { .s = s, .params = params };
    gs2_status status = GS2_OK;

    if (gs2_server_rules_is_self(s->oparams, params->service))
        proxy_require = NULL;
    if (require != NULL)
        status = check(&login, require);
    if (status == GS2_OK && proxy_require != NULL)
        status = check(&login, proxy_require);
    if (status == GS2_OK)
        s->rules = require != NULL || proxy_require != NULL ? GS2_RULES_MET
                                                            : GS2_RULES_NONE;
    else if (status == GS2_NOAUTHZ)
        s->rules = GS2_RULES_NOT_MET;
    return status;
}
