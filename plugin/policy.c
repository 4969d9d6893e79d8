/*
 * policy.c - rules on logins (see policy.h).
 */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "server.h"

/* Configurations that are kept; a server has one, or one a virtual host. */
#define POLICIES_MAX 64

enum { REQUIRE, PROXY_REQUIRE, ATTRIBUTES, TEXTS };

static const char *const option_names[TEXTS] = {
    "gs2_require", "gs2_proxy_require", "gs2_attributes",
};

static void
free_policy(struct gs2_policy *policy)
{
    gs2_rule_free(policy->require);
    gs2_rule_free(policy->proxy_require);
    gs2_attrmap_free(policy->map);
    for (size_t i = 0; i < TEXTS; i++)
        free(policy->texts[i]);
    free(policy);
}

/* One holder less: the list, or an attempt at a login; the lock is held. */
static void
let_go(struct gs2_policy *policy)
{
    if (--policy->holders == 0)
        free_policy(policy);
}

void
gs2_policy_free_all(struct gs2_roster *roster)
{
    struct gs2_policy *policy;

    while ((policy = roster->policies) != NULL) {
        roster->policies = policy->next;
        let_go(policy);
    }
}

void
gs2_policy_release(struct gs2_roster *roster, const struct gs2_policy *policy)
{
    if (policy == NULL)
        return;
    pthread_mutex_lock(&roster->lock);
    let_go((struct gs2_policy *)policy);
    pthread_mutex_unlock(&roster->lock);
}

static gs2_status
parse(struct gs2_policy *policy, size_t which, struct gs2_error *err)
{
    const char *text = policy->texts[which];

    if (text == NULL)
        return GS2_OK;
    switch (which) {
    case REQUIRE:
        return gs2_rule_parse(text, &policy->require, err);
    case PROXY_REQUIRE:
        return gs2_rule_parse(text, &policy->proxy_require, err);
    default:
        return gs2_attrmap_parse(text, &policy->map, err);
    }
}

static gs2_status
make_policy(const char *const texts[TEXTS], struct gs2_policy **policy_out,
            struct gs2_error *err)
{
    struct gs2_policy *policy = calloc(1, sizeof(*policy));
    struct gs2_error why;

    if (policy == NULL)
        return gs2_fail_nomem(err);
    for (size_t i = 0; i < TEXTS && policy->status == GS2_OK; i++) {
        if (texts[i] != NULL && (policy->texts[i] = strdup(texts[i])) == NULL)
            policy->status = gs2_fail_nomem(&why);
        else
            policy->status = parse(policy, i, &why);
        if (policy->status != GS2_OK)
            (void)gs2_fail(&policy->why, policy->status, "option %s: %.*s",
                           option_names[i], GS2_TEXT_MAX / 2, why.text);
    }
    if (policy->status == GS2_NOMEM) {
        free_policy(policy);
        return gs2_fail_nomem(err);
    }
    *policy_out = policy;
    return GS2_OK;
}

static bool
same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
announce(const struct gs2_policy *policy, const sasl_utils_t *utils)
{
    if (policy->status != GS2_OK) {
        utils->log(utils->conn, SASL_LOG_ERR,
                   "GS2: %s; no GS2 mechanism is offered",
                   policy->why.text);
        return;
    }
    for (size_t i = 0; i < TEXTS; i++)
        utils->log(utils->conn, SASL_LOG_NOTE, "GS2: %s is %s",
                   option_names[i],
                   policy->texts[i] != NULL ? policy->texts[i] : "not set");
}

/* Takes the policy of these texts out of the list; the lock is held. */
static struct gs2_policy *
take_out(struct gs2_roster *roster, const char *const texts[TEXTS])
{
    struct gs2_policy **at, *policy;

    for (at = &roster->policies; (policy = *at) != NULL; at = &policy->next) {
        if (same(policy->texts[REQUIRE], texts[REQUIRE]) &&
            same(policy->texts[PROXY_REQUIRE], texts[PROXY_REQUIRE]) &&
            same(policy->texts[ATTRIBUTES], texts[ATTRIBUTES])) {
            *at = policy->next;
            return policy;
        }
    }
    return NULL;
}

/* Puts a policy in front of the list, and forgets the one that was used
 * longest ago where there are too many; the lock is held. */
static void
put_in_front(struct gs2_roster *roster, struct gs2_policy *policy)
{
    struct gs2_policy **last = &roster->policies;
    size_t count = 1;

    policy->next = roster->policies;
    roster->policies = policy;
    while ((*last)->next != NULL) {
        last = &(*last)->next;
        count++;
    }
    if (count > POLICIES_MAX) {
        policy = *last;
        *last = NULL;
        let_go(policy);
    }
}

/* Finds or makes the policy of these texts; the lock is held. */
static gs2_status
find(struct gs2_roster *roster, const char *const texts[TEXTS],
     struct gs2_policy **policy_out, bool *news_out, struct gs2_error *err)
{
    struct gs2_policy *policy = take_out(roster, texts);
    gs2_status status;

    *news_out = policy == NULL;
    if (policy == NULL) {
        status = make_policy(texts, &policy, err);
        if (status != GS2_OK)
            return status;
        policy->holders = 1; /* the list */
    }
    policy->holders++;
    put_in_front(roster, policy);
    *policy_out = policy;
    return GS2_OK;
}

gs2_status
gs2_policy_get(struct gs2_roster *roster, const sasl_utils_t *utils,
               const struct gs2_policy **policy_out, struct gs2_error *err)
{
    struct gs2_policy *policy = NULL;
    const char *texts[TEXTS];
    gs2_status status;
    bool news = false;

    *policy_out = NULL;
    for (size_t i = 0; i < TEXTS; i++)
        texts[i] = gs2_option_text(utils, option_names[i]);
    pthread_mutex_lock(&roster->lock);
    status = find(roster, texts, &policy, &news, err);
    pthread_mutex_unlock(&roster->lock);
    if (status != GS2_OK)
        return status;
    if (news)
        announce(policy, utils);
    if (policy->status != GS2_OK) {
        *err = policy->why;
        gs2_policy_release(roster, policy);
        return gs2_options_refuse(err);
    }
    *policy_out = policy;
    return GS2_OK;
}

/* --- a login before the rules --------------------------------------------- */

struct login {
    struct gs2_server *s;
    const sasl_server_params_t *params;
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
    if (GSS_ERROR(major) || name == GSS_C_NO_NAME)
        return GS2_OK; /* unknown: matches nothing */
    status = gs2_identity_display(name, &s->mech->oid, &text, &anonymous, err);
    (void)gss_release_name(&minor, &name);
    if (status != GS2_OK)
        return status == GS2_NOMEM ? status : GS2_OK;
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
    const struct login *login = context;
    const struct gs2_attr *attr;
    gs2_status status;

    *match_out = false;
    if (strncmp(name, "gs2:", 4) == 0) {
        if (strcmp(name + 4, "acceptor") == 0)
            return match_acceptor(login, value, value_len, match_out, err);
        *match_out = matches(fact_of(login, name + 4), value, value_len);
        return GS2_OK;
    }
    status = gs2_attrs_get(login->s->attrs, name, len, &attr, err);
    if (status != GS2_OK)
        return status;
    for (size_t i = 0; i < attr->count && !*match_out; i++) {
        const gss_buffer_desc *v = &attr->values[i].value;

        *match_out = value == NULL || (v->length == value_len &&
                                       (value_len == 0 ||
                                        memcmp(v->value, value,
                                               value_len) == 0));
    }
    return GS2_OK;
}

bool
gs2_policy_is_self(const sasl_out_params_t *oparams)
{
    return oparams->ulen == oparams->alen &&
           memcmp(oparams->user, oparams->authid, oparams->alen) == 0;
}

gs2_status
gs2_policy_check(struct gs2_server *s, const sasl_server_params_t *params)
{
    struct login login = { s, params };
    gs2_status status = GS2_OK;

    if (s->policy->require != NULL)
        status = gs2_rule_check(s->policy->require, look_up, &login, &s->why);
    if (status == GS2_OK && s->policy->proxy_require != NULL &&
        !gs2_policy_is_self(s->oparams))
        status = gs2_rule_check(s->policy->proxy_require, look_up, &login,
                                &s->why);
    return status;
}
