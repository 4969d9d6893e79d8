/*
 * guess_user.c - the mechanism and the names of a login that is assumed (see
 * guess.h).
 */
#include "guess.h"

#include <string.h>

#include <gssapi/gssapi_krb5.h>

#include "common/gss/gss_error.h"
#include "common/gss/gss_name.h"
#include "served.h"

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

bool
guess_find_mech(struct guess *guess, struct gs2_error *err)
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
    guess->authid = by_attribute ? guess_assumed(guess, authid.attribute)
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

bool
guess_find_user(struct guess *guess, struct gs2_error *err)
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

/* To act as oneself is not a proxy login; in LDAP "u:" may stand in front. */
bool
guess_is_proxy(const struct guess *guess)
{
    const char *user = guess->authzid;

    if (strcmp(guess->service, "ldap") == 0 && strncmp(user, "u:", 2) == 0 &&
        strcmp(user + 2, guess->authid) == 0)
        return false;
    return strcmp(user, guess->authid) != 0;
}
