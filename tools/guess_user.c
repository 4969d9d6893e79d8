/*
 * guess_user.c - the names of a login that is assumed (see guess.h), as
 * login/server_login.c and login/server_canon.c make them of a real one's.
 */
#include "guess.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_krb5.h>

#include "canon.h"
#include "common/admit.h"
#include "common/gss/gss_error.h"
#include "common/gss/gss_name.h"
#include "print.h"

/* An outcome where the plugin would fail; false. */
static bool
fail(struct outcome *outcome, gs2_status status, const struct gs2_error *err)
{
    const bool has_detail = err->detail[0] != '\0';
    int code;

    switch (status) {
    case GS2_BADAUTH: code = SASL_BADAUTH; break;
    case GS2_BADPROT: code = SASL_BADPROT; break;
    case GS2_NOAUTHZ: code = SASL_NOAUTHZ; break;
    default: return outcome_fail_because(outcome, err);
    }
    return outcome_fail(outcome, true, code, "%s%s%s%s", err->text,
                        has_detail ? " (" : "", err->detail,
                        has_detail ? ")" : "");
}

/* --- the identity --------------------------------------------------------- */

/* The attribute that gs2_authid names, with the values that are assumed of
 * it. */
static gs2_status
take_attribute(struct guess *guess, struct gs2_error *err)
{
    const char *name = guess->config.authid.attribute, *value;
    struct gs2_attr attr = {
        .name = { strlen(name), (void *)name }, .state = GS2_ATTR_PRESENT,
        .values = need(calloc(guess->arguments->assumed + 1,
                              sizeof(struct gs2_attr_value))),
    };
    gs2_status status;
    size_t nth = 0;

    while ((value = guess_next_assumed(guess->arguments, name,
                                       attr.name.length, &nth)) != NULL)
        attr.values[attr.count++].value = (gss_buffer_desc){
            strlen(value), (void *)value };
    if (attr.count > 0)
        status = gs2_identity_take_attr(&attr, &guess->identity, err);
    else
        status = gs2_fail(err, GS2_FAIL, "gs2_authid wants the attribute %s, "
                          "which is not assumed", name);
    free(attr.values);
    return status;
}

static gs2_status
read_identity(struct guess *guess, gss_name_t name,
              struct gs2_default_realm *home, struct gs2_error *err)
{
    const struct gs2_authid *authid = &guess->config.authid;
    struct gs2_nego nego = { .mech = &guess->mech, .initiator = name };
    gs2_status status;

    if (authid->source != GS2_AUTHID_ATTRIBUTE)
        return gs2_identity_read(&nego, authid, NULL, home, &guess->identity,
                                 err);
    status = gs2_identity_peer(&nego, &guess->identity, err);
    return status != GS2_OK || guess->identity.anonymous
           ? status : take_attribute(guess, err);
}

/* Who it is, and may they come? */
static gs2_status
identify(struct guess *guess, gss_name_t name, struct gs2_error *err)
{
    struct gs2_default_realm home;
    gs2_status status;

    gs2_cache_init(&home.cache, &gs2_default_realm_kind);
    status = read_identity(guess, name, &home, err);
    if (status == GS2_OK)
        status = gs2_admit_peer(&guess->config, &guess->identity, guess->realm,
                                &home, err);
    gs2_cache_clear(&home.cache);
    return status;
}

static bool
find_identity(struct guess *guess, struct outcome *outcome)
{
    const gss_OID mech = (gss_OID)(size_t)gs2_mechs_result(&guess->mech);
    gss_name_t name = GSS_C_NO_NAME, canonical = GSS_C_NO_NAME;
    OM_uint32 major, minor, ignored;
    struct gs2_error err = { 0 };
    gs2_status status;

    major = gs2_gss_name_canonical(
        &minor, guess->arguments->as, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, mech,
        &name, &canonical);
    if (GSS_ERROR(major))
        status = gs2_fail_gss(&err, GS2_FAIL, "not a name of a user", major,
                              minor, mech);
    else
        status = identify(guess, canonical, &err);
    (void)gss_release_name(&ignored, &canonical);
    (void)gss_release_name(&ignored, &name);
    return status == GS2_OK || fail(outcome, status, &err);
}

/* --- the names that the application has ----------------------------------- */

/* Gives *made_out, the name that libsasl makes of name.  The refusal of a name
 * that cannot be had is bad. */
static gs2_status
make_name(const struct guess *guess, const char *name, gs2_status bad,
          char **made_out, struct gs2_error *err)
{
    gs2_status status = gs2_admit_name(name, guess->realm, bad, err);

    if (status != GS2_OK)
        return status;
    *made_out = canon_name(guess->service, guess->host, guess->realm, name);
    if (*made_out == NULL)
        return gs2_fail(err, bad, "libsasl makes no name of \"%s\"", name);
    return gs2_admit_untagged(&guess->config, *made_out, err);
}

static bool
find_names(struct guess *guess, struct outcome *outcome)
{
    const struct gs2_config *config = &guess->config;
    const char *authid = guess->identity.authid;
    const char *authzid = guess->arguments->authzid;
    struct gs2_error err = { 0 };
    gs2_status status;

    if (authzid != NULL && authzid[0] == '\0')
        authzid = NULL;
    status = gs2_admit_untagged(config, authid, &err);
    if (status == GS2_OK)
        status = gs2_admit_untagged(config, authzid, &err);
    if (status == GS2_OK)
        status = gs2_admit_unescaped(config, guess->service, authzid, &err);
    if (status == GS2_OK)
        status = make_name(guess, authid, GS2_NOAUTHZ, &guess->authid, &err);
    if (status == GS2_OK)
        status = make_name(guess, authzid != NULL ? authzid : authid,
                           GS2_BADPROT, &guess->authzid, &err);
    return status == GS2_OK || fail(outcome, status, &err);
}

bool
guess_find_user(struct guess *guess, struct outcome *outcome)
{
    return find_identity(guess, outcome) && find_names(guess, outcome);
}

bool
guess_check_tag(struct guess *guess, struct outcome *outcome)
{
    const char *authid = guess->identity.authid;
    const char *role = guess->config.tag != '\0' ? guess_first_role(guess)
                                                 : NULL;
    char *tagged, *made;
    bool good;

    if (role == NULL)
        return true;
    if (asprintf(&tagged, "%s%c%s", authid, guess->config.tag, role) < 0)
        tagged = need(NULL);
    made = canon_name(guess->service, guess->host, guess->realm, tagged);
    good = made != NULL &&
           gs2_admit_is_tagged(guess->service, guess->realm, guess->authid,
                               made, tagged + strlen(authid));
    if (!good)
        outcome_fail(outcome, true, SASL_NOAUTHZ, "of the identity \"%s\" the "
                     "application makes \"%s\", and not its own name of the "
                     "user with the role at the end", tagged,
                     made != NULL ? made : "");
    free(made);
    free(tagged);
    return good;
}

void
guess_free(struct guess *guess)
{
    gs2_identity_free(&guess->identity);
    free(guess->authid);
    free(guess->authzid);
    guess->authid = guess->authzid = NULL;
}
