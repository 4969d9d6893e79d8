/*
 * what_if.c - would a user get in, who is not here (see what_if.h).
 */
#include "what_if.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_krb5.h>

#include "common/gss/gss_error.h"
#include "common/gss/gss_name.h"
#include "common/options.h"
#include "common/rules/names.h"
#include "document.h"
#include "print.h"
#include "report.h"
#include "report_json.h"
#include "rule_verdict.h"
#include "served.h"

/* The one that GSSAPI can have (doc/gssapi.md). */
#define END_POINT "tls-server-end-point"

struct guess {
    const struct arguments *arguments;
    const struct conf_file *conf;
    json_t *said;
    struct gs2_config config;
    struct gs2_mech mech;
    struct gs2_identity identity;
    const char *mech_name, *service, *authid, *authzid;
};

/* --- what is assumed ------------------------------------------------------ */

/* The value of an assumption of this name from the *nth on, which is moved
 * behind it; NULL where there is none. */
static const char *
next_assumed(const struct arguments *arguments, const char *name, size_t len,
             size_t *nth)
{
    while (*nth < arguments->assumed) {
        const char *one = arguments->assumptions[(*nth)++];

        if (strncmp(one, name, len) == 0 && one[len] == '=')
            return one + len + 1;
    }
    return NULL;
}

/* The one value that is assumed; NULL for none. */
static const char *
assumed(const struct guess *guess, const char *name)
{
    size_t nth = 0;

    return next_assumed(guess->arguments, name, strlen(name), &nth);
}

/* A fact that follows from the user's name or the configuration. */
static const char *
known_fact(const struct guess *guess, enum gs2_fact fact)
{
    switch (fact) {
    case GS2_FACT_MECH: return guess->mech_name;
    case GS2_FACT_PRINCIPAL: return guess->identity.principal;
    case GS2_FACT_REALM: return guess->identity.realm;
    case GS2_FACT_SERVICE: return guess->service;
    case GS2_FACT_AUTHID: return guess->authid;
    case GS2_FACT_AUTHZID: return guess->authzid;
    case GS2_FACT_LAYER: return guess->mech.standalone ? NULL : "none";
    default: return NULL;
    }
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
    const char *value = known_fact(guess, c->fact);
    size_t nth = 0;

    if (c->fact == GS2_FACT_ROLE)
        return look_up_role(guess, c, answer_out, err);
    if (value != NULL) {
        *answer_out = compare(c, value);
        return GS2_OK;
    }
    while (*answer_out != GS2_RULE_YES &&
           (value = next_assumed(guess->arguments, c->name, c->name_len,
                                 &nth)) != NULL)
        *answer_out = compare(c, value);
    return GS2_OK;
}

static enum verdict
judge(const void *context, const char *text)
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

/* Refuses to assume what follows from the user's name, and what does not
 * exist. */
static bool
check_assumptions(const struct guess *guess, struct gs2_error *err)
{
    const struct arguments *arguments = guess->arguments;

    for (size_t i = 0; i < arguments->assumed; i++) {
        const char *one = arguments->assumptions[i];
        const size_t len = strcspn(one, "=");
        const enum gs2_fact fact = gs2_names_find_fact(one, len);
        const bool ours = gs2_names_is_ours(one, len);

        if (known_fact(guess, fact) != NULL || fact == GS2_FACT_ROLE)
            gs2_error_set(err, "%.*s follows from the rest and cannot be "
                          "assumed", (int)len, one);
        else if (fact == GS2_FACT_BINDING && guess->mech.standalone &&
                 strcmp(one + len + 1, END_POINT) != 0)
            gs2_error_set(err, "%s has no channel binding but " END_POINT,
                          guess->mech.name);
        else if (ours && fact == GS2_FACT_NONE &&
                 gs2_names_find_attr(one, len) == NULL)
            gs2_error_set(err, "there is no fact and no attribute %.*s",
                          (int)len, one);
        else
            continue;
        return false;
    }
    return true;
}

/* --- who it is ------------------------------------------------------------ */

/* Another's plugin asks no rule, and without any nobody logs in. */
static bool
check_file(const char *mech, struct gs2_error *err)
{
    struct served served;

    served_find(mech, &served);
    if (served.by == SERVED_BY_NONE)
        gs2_error_set(err, "libsasl has no plugin for %s", mech);
    else if (served.by == SERVED_UNKNOWN)
        gs2_error_set(err, "libsasl may have %s from %s, %s", mech, served.path,
                      served.why);
    else if (served.by == SERVED_BY_OTHER)
        gs2_error_set(err, "libsasl has %s from %s, which is not of "
                      "cyrus-sasl-gs2: no rule is asked, and whoever has a "
                      "ticket gets in", mech, served.path);
    return served.by == SERVED_BY_US;
}

static bool
find_mech(struct guess *guess, struct gs2_error *err)
{
    const char *name = guess->arguments->mech != NULL
                       ? guess->arguments->mech : "GS2-KRB5";
    struct gs2_mech mechs[GS2_MECHS_MAX + GS2_MECHS_GSSAPI];
    size_t count;

    if (gs2_mechs_list(mechs, &count, err) != GS2_OK)
        return false;
    count += gs2_mechs_list_gssapi(mechs + count);
    for (size_t i = 0; i < count; i++) {
        if (!gs2_mechs_named(name, mechs[i].name))
            continue;
        guess->mech = mechs[i];
        guess->mech.oid.elements = guess->mech.oid_octets;
        guess->mech_name = guess->mech.name;
        return check_file(guess->mech.name, err);
    }
    gs2_error_set(err, "there is no mechanism %s", name);
    return false;
}

/* As common/peer/identity.c makes an identity of a name; of an attribute it is
 * the value that is assumed. */
static bool
read_identity(struct guess *guess, gss_name_t name, struct gs2_error *err)
{
    struct gs2_nego nego = { .mech = &guess->mech, .initiator = name };
    struct gs2_authid authid = guess->config.authid;
    const bool by_attribute = authid.source == GS2_AUTHID_ATTRIBUTE;
    struct gs2_default_realm home;
    gs2_status status;

    gs2_cache_init(&home.cache, &gs2_default_realm_kind);
    if (by_attribute)
        authid.source = GS2_AUTHID_FULL;
    status = gs2_identity_read(&nego, &authid, NULL, &home, &guess->identity,
                               err);
    gs2_cache_clear(&home.cache);
    guess->authid = by_attribute ? assumed(guess, authid.attribute)
                                 : guess->identity.authid;
    if (status == GS2_OK && guess->authid == NULL) {
        gs2_error_set(err, "gs2_authid wants the attribute %s, which is not "
                      "assumed", authid.attribute);
        return false;
    }
    guess->authzid = guess->arguments->authzid != NULL
                     ? guess->arguments->authzid : guess->authid;
    return status == GS2_OK;
}

static bool
find_identity(struct guess *guess, struct gs2_error *err)
{
    const gss_OID mech = (gss_OID)(size_t)gs2_mechs_result(&guess->mech);
    gss_name_t name = GSS_C_NO_NAME, canonical = GSS_C_NO_NAME;
    OM_uint32 major, minor, ignored;
    bool good;

    major = gs2_gss_name_canonical(
        &minor, guess->arguments->as, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, mech,
        &name, &canonical);
    if (GSS_ERROR(major)) {
        (void)gs2_fail_gss(err, GS2_FAIL, "not a name of a user", major, minor,
                           mech);
        good = false;
    } else {
        good = read_identity(guess, canonical, err);
    }
    (void)gss_release_name(&ignored, &canonical);
    (void)gss_release_name(&ignored, &name);
    return good;
}

/* --- what came of it ------------------------------------------------------ */

/* The first rule that is not met; NULL for none. */
static const char *
not_met(const struct verdicts *verdicts)
{
    const char *option;

    for (size_t i = 0; i < verdicts->count; i++) {
        option = verdicts->rules[i].option;
        if (verdicts->rules[i].text != NULL && verdicts->rules[i].applies &&
            verdicts->rules[i].met != VERDICT_TRUE &&
            (strcmp(option, gs2_options_name(GS2_OPT_REQUIRE)) == 0 ||
             strcmp(option, gs2_options_name(GS2_OPT_PROXY_REQUIRE)) == 0))
            return option;
    }
    return NULL;
}

static void
print_text(const struct guess *guess, const struct verdicts *verdicts,
           const struct outcome *outcome)
{
    print("%s ", guess->arguments->as);
    print_styled(stdout, outcome->in ? PRINT_GOOD : PRINT_BAD, "would %sbe "
                 "let in", outcome->in ? "" : "not ");
    print("%s%s\n", outcome->in ? " as " : ": ",
          outcome->in ? guess->authzid : outcome->text);
    print("\n  %-12s %s\n  %-12s %s\n  %-12s %s\n", "service", guess->service,
          "mechanism", guess->mech.name, "identity",
          guess->authid != NULL ? guess->authid : "none");
    for (size_t i = 0; i < guess->arguments->assumed; i++)
        print("  %-12s %s\n", i == 0 ? "assumed" : "",
              guess->arguments->assumptions[i]);
    report_print_rules(verdicts);
}

static void
print_json(const struct guess *guess, const struct verdicts *verdicts,
           const struct outcome *outcome)
{
    json_t *document = outcome->in
                       ? need(json_pack("{s:i, s:b}", "v", 1, "login", 1))
                       : report_json_begin_failure(true, outcome);
    json_t *assumptions = need(json_array());

    for (size_t i = 0; i < guess->arguments->assumed; i++)
        document_add(assumptions,
                     document_text(guess->arguments->assumptions[i]));
    document_set(document, "as", document_text(guess->arguments->as));
    document_set(document, "assumed", assumptions);
    document_set(document, "mechanism", document_text(guess->mech.name));
    document_set(document, "service", document_text(guess->service));
    document_set(document, "principal",
                 document_text(guess->identity.principal));
    document_set(document, "realm", document_text(guess->identity.realm));
    document_set(document, "authid", document_text(guess->authid));
    document_set(document, "authzid", document_text(guess->authzid));
    document_set(document, "rules", report_json_rules(verdicts));
    document_update(document, guess->said);
    document_print(document);
}

/* To act as oneself is not a proxy login; in LDAP "u:" may stand in front. */
static bool
is_proxy(const struct guess *guess)
{
    const char *user = guess->authzid;

    if (strcmp(guess->service, "ldap") == 0 && strncmp(user, "u:", 2) == 0 &&
        strcmp(user + 2, guess->authid) == 0)
        return false;
    return strcmp(user, guess->authid) != 0;
}

static void
tell(struct guess *guess, struct outcome *outcome_out)
{
    const struct verdict_judge by_guess = { judge, guess };
    struct verdicts verdicts;
    const char *option;

    verdicts_ask(guess->conf, by_guess, is_proxy(guess), &verdicts);
    option = not_met(&verdicts);
    outcome_out->in = option == NULL;
    if (option != NULL)
        outcome_fail(outcome_out, true, SASL_NOAUTHZ, "%s is not met", option);
    if (guess->arguments->format == CMD_JSON)
        print_json(guess, &verdicts, outcome_out);
    else if (guess->arguments->format == CMD_TEXT)
        print_text(guess, &verdicts, outcome_out);
    verdicts_free(&verdicts);
}

int
what_if(const struct arguments *arguments, const struct conf_file *conf,
        const struct server_place *place, json_t *said,
        struct outcome *outcome_out)
{
    struct guess guess = {
        .arguments = arguments, .conf = conf, .said = said,
        .service = place->service,
    };
    struct gs2_error err = { 0 };

    conf_file_config(conf, &guess.config);
    if (gs2_options_parse(&guess.config, &err) == GS2_OK &&
        find_mech(&guess, &err) && find_identity(&guess, &err) &&
        check_assumptions(&guess, &err)) {
        tell(&guess, outcome_out);
    } else {
        outcome_fail_because(outcome_out, &err);
        (void)report_failure(arguments, true, outcome_out);
    }
    gs2_identity_free(&guess.identity);
    gs2_options_clear(&guess.config);
    return outcome_status(outcome_out);
}
