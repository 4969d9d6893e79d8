/*
 * guess_rules.c - the rules of a configuration, put to what is assumed of a
 * login (see guess.h).
 */
#include "guess.h"

#include <string.h>

#include "common/rules/names.h"

/* The one that GSSAPI can have (doc/gssapi.md). */
#define END_POINT "tls-server-end-point"

const char *
guess_next_assumed(const struct arguments *arguments, const char *name,
                   size_t len, size_t *nth)
{
    while (*nth < arguments->assumed) {
        const char *one = arguments->assumptions[(*nth)++];

        if (strncmp(one, name, len) == 0 && one[len] == '=')
            return one + len + 1;
    }
    return NULL;
}

/* Whether a fact follows from the user's name or the configuration: then it is
 * *value_out, NULL where the login has none. */
static bool
follows(const struct guess *guess, enum gs2_fact fact, const char **value_out)
{
    const char *value = NULL;
    bool known = true;

    switch (fact) {
    case GS2_FACT_MECH: value = guess->mech_name; break;
    case GS2_FACT_PRINCIPAL: value = guess->identity.principal; break;
    case GS2_FACT_REALM: value = guess->identity.realm; break;
    case GS2_FACT_SERVICE: value = guess->service; break;
    case GS2_FACT_AUTHID: value = guess->authid; break;
    case GS2_FACT_AUTHZID: value = guess->authzid; break;
    case GS2_FACT_LAYER:
        known = !guess->mech.standalone;
        value = known ? "none" : NULL;
        break;
    default: known = false;
    }
    *value_out = value;
    return known;
}

static enum gs2_rule_answer
compare(const struct gs2_comparison *c, const char *value)
{
    const size_t len = strlen(value);

    return c->value == NULL || (len == c->value_len &&
                                memcmp(value, c->value, len) == 0)
           ? GS2_RULE_YES : GS2_RULE_NO;
}

static gs2_status look_up(void *context, const struct gs2_comparison *c,
                          enum gs2_rule_answer *answer_out,
                          struct gs2_error *err);

static gs2_status
look_up_role(struct guess *guess, const struct gs2_comparison *c,
             enum gs2_rule_answer *answer_out, struct gs2_error *err)
{
    const struct gs2_roles *roles = &guess->config.roles;
    gs2_status status;

    *answer_out = GS2_RULE_NO;
    for (size_t n = 0; n < roles->count; n++) {
        if (compare(c, roles->list[n].name) == GS2_RULE_NO)
            continue;
        status = gs2_rule_check(roles->list[n].rule, look_up, guess, err);
        if (status == GS2_OK)
            *answer_out = GS2_RULE_YES;
        else if (status != GS2_NOAUTHZ)
            return status;
    }
    return GS2_OK;
}

/* The plugin's answers (login/server_rules.c), of what is assumed. */
static gs2_status
look_up(void *context, const struct gs2_comparison *c,
        enum gs2_rule_answer *answer_out, struct gs2_error *err)
{
    struct guess *guess = context;
    const char *value;
    size_t nth = 0;

    if (c->fact == GS2_FACT_ROLE)
        return look_up_role(guess, c, answer_out, err);
    if (follows(guess, c->fact, &value)) {
        if (value != NULL)
            *answer_out = compare(c, value);
        return GS2_OK;
    }
    while (*answer_out != GS2_RULE_YES &&
           (value = guess_next_assumed(guess->arguments, c->name, c->name_len,
                                       &nth)) != NULL)
        *answer_out = compare(c, value);
    return GS2_OK;
}

const char *
guess_first_role(struct guess *guess)
{
    const struct gs2_roles *roles = &guess->config.roles;
    struct gs2_error ignored;

    for (size_t n = 0; n < roles->count; n++) {
        if (gs2_rule_check(roles->list[n].rule, look_up, guess,
                           &ignored) == GS2_OK)
            return roles->list[n].name;
    }
    return NULL;
}

enum verdict
guess_judge(const void *context, const char *text)
{
    struct guess guess = *(const struct guess *)context;
    enum verdict met = VERDICT_UNKNOWN;
    struct gs2_rule *rule;
    struct gs2_error err;
    gs2_status status;

    if (gs2_rule_parse(text, &guess.config.roles, &rule, &err) != GS2_OK)
        return VERDICT_UNKNOWN;
    status = gs2_rule_check(rule, look_up, &guess, &err);
    if (status == GS2_OK)
        met = VERDICT_TRUE;
    else if (status == GS2_NOAUTHZ)
        met = VERDICT_FALSE;
    gs2_rule_free(rule);
    return met;
}

bool
guess_check_assumptions(const struct guess *guess, struct outcome *outcome)
{
    const struct arguments *arguments = guess->arguments;
    struct gs2_error err;
    const char *value;

    for (size_t i = 0; i < arguments->assumed; i++) {
        const char *one = arguments->assumptions[i];
        const size_t len = strcspn(one, "=");
        const enum gs2_fact fact = gs2_names_find_fact(one, len);
        const bool ours = gs2_names_is_ours(one, len);

        if (follows(guess, fact, &value) || fact == GS2_FACT_ROLE)
            gs2_error_set(&err, "%.*s follows from the rest and cannot be "
                          "assumed", (int)len, one);
        else if (fact == GS2_FACT_BINDING && guess->mech.standalone &&
                 strcmp(one + len + 1, END_POINT) != 0)
            gs2_error_set(&err, "%s has no channel binding but " END_POINT,
                          guess->mech.name);
        else if (ours && fact == GS2_FACT_NONE &&
                 gs2_names_find_attr(one, len) == NULL)
            gs2_error_set(&err, "there is no fact and no attribute %.*s",
                          (int)len, one);
        else
            continue;
        return outcome_fail_because(outcome, &err);
    }
    return true;
}
