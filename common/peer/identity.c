/*
 * identity.c - the authentication identity of a GSS name (see identity.h).
 */
#include "identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/gss/gss_error.h"
#include "common/gss/gss_name.h"

/* Row A4: copies a name that can be handed on as a string, unchanged, and that
 * an application may log and show.  It is not normalised: that would make one
 * user of two. */
static gs2_status
copy_name(const gss_buffer_desc *text, const char *who, const char *what,
          char **out, struct gs2_error *err)
{
    const unsigned char *s = text->value;
    char quoted[128];

    if (text->length == 0)
        return gs2_fail(err, GS2_BADAUTH, "%s's %s is empty", who, what);
    if (text->length > GS2_AUTHID_MAX)
        return gs2_fail(err, GS2_BADAUTH,
                        "%s's %s has %zu octets, more than %d", who, what,
                        text->length, GS2_AUTHID_MAX);
    /* MIT's gss_localname() does not check whether it got memory. */
    if (s == NULL)
        return gs2_fail_nomem(err);
    if (!gs2_attr_is_text(text))
        return gs2_fail(err, GS2_BADAUTH,
                        "%s's %s \"%s\" has a control character in it or is "
                        "not UTF-8", who, what,
                        gs2_escape(quoted, sizeof(quoted), s, text->length));
    *out = strndup(text->value, text->length);
    return *out != NULL ? GS2_OK : gs2_fail_nomem(err);
}

gs2_status
gs2_identity_display(gss_name_t name, const char *who,
                     const gss_OID_desc *mech, char **text_out,
                     bool *anonymous_out, struct gs2_error *err)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    gss_OID type = GSS_C_NO_OID;
    OM_uint32 major, minor;
    gs2_status status;
    char what[64];

    *text_out = NULL;
    *anonymous_out = false;
    if (name == GSS_C_NO_NAME)
        return gs2_fail(err, GS2_BADAUTH, "%s has no name", who);
    major = gss_display_name(&minor, name, &text, &type);
    if (GSS_ERROR(major)) {
        (void)snprintf(what, sizeof(what), "%s's name is unreadable", who);
        return gs2_fail_gss(err, GS2_BADAUTH, what, major, minor, mech);
    }
    *anonymous_out = gs2_oid_equal(type, GSS_C_NT_ANONYMOUS);
    status = copy_name(&text, who, "name", text_out, err);
    (void)gss_release_buffer(&minor, &text);
    return status;
}

size_t
gs2_identity_service_len(const char *principal)
{
    for (const char *p = principal; *p != '\0' && *p != '@'; p++) {
        if (*p == '/')
            return (size_t)(p - principal);
        if (*p == '\\' && p[1] != '\0')
            p++;
    }
    return 0;
}

/* The anonymous principal (RFC 8062 section 3), whatever its realm: krb5 gives
 * it the anonymous name type in the anonymous realm alone. */
static bool
is_krb5_anonymous(const char *principal)
{
    static const char name[] = "WELLKNOWN/ANONYMOUS@";

    return strncmp(principal, name, sizeof(name) - 1) == 0;
}

static gs2_status
from_display(const struct gs2_identity *id, struct gs2_default_realm *home,
             char **out, struct gs2_error *err)
{
    gss_buffer_desc text = { strlen(id->principal), id->principal };
    bool is_default = false;
    gs2_status status;

    if (home != NULL && id->realm != NULL) {
        status = gs2_default_realm_is(home, id->realm, &is_default, err);
        if (status != GS2_OK)
            return status;
        if (is_default)
            text.length = (size_t)(id->realm - id->principal) - 1;
    }
    return copy_name(&text, "the peer", "name", out, err);
}

/* True where a displayed principal has octet behind a backslash: krb5 quotes
 * "@" and "/" that are part of a component, and separate nothing, and writes
 * \0 for a NUL (RFC 1964 section 2.1.1). */
static bool
has_quoted(const char *principal, char octet)
{
    for (const char *p = principal; *p != '\0'; p++) {
        if (*p != '\\' || p[1] == '\0')
            continue;
        p++;
        if (*p == octet)
            return true;
    }
    return false;
}

/* A local name has no quotes, so carol\@OTHER.TEST of our own realm (an
 * enterprise name, which a user may perhaps choose) would be the foreign
 * carol@OTHER.TEST.  And it ends at a NUL: carol\0 would be carol. */
static gs2_status
check_unquoted(const struct gs2_identity *id, const char *local,
               struct gs2_error *err)
{
    char quoted[128];

    if (!has_quoted(id->principal, '0') &&
        !(strchr(local, '@') != NULL && has_quoted(id->principal, '@')) &&
        !(strchr(local, '/') != NULL && has_quoted(id->principal, '/')))
        return GS2_OK;
    return gs2_fail(err, GS2_NOAUTHZ,
                    "the peer's local name \"%s\" can be another "
                    "principal's: it lacks a backslash of the peer's "
                    "principal (an enterprise name?)",
                    gs2_escape(quoted, sizeof(quoted), local, strlen(local)));
}

static gs2_status
from_localname(gss_name_t name, const struct gs2_identity *id,
               struct gs2_mech *mech, char **out, struct gs2_error *err)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;
    gs2_status status;

    major = gss_localname(&minor, name, &mech->oid, &text);
    if (GSS_ERROR(major))
        return gs2_fail_gss(err, GS2_NOAUTHZ,
                            "no local name for the peer (auth_to_local)",
                            major, minor, &mech->oid);
    status = copy_name(&text, "the peer", "local name", out, err);
    (void)gss_release_buffer(&minor, &text);
    if (status == GS2_OK && mech->is_krb5)
        status = check_unquoted(id, *out, err);
    return status;
}

static gs2_status
from_values(const struct gs2_attr *attr, char **out, struct gs2_error *err)
{
    gs2_status status;

    if (attr->state != GS2_ATTR_PRESENT || attr->count != 1 ||
        !gs2_attr_is_text(&attr->values[0].value)) {
        status = gs2_fail(err, GS2_NOAUTHZ,
                          "the peer's name lacks the attribute that says who "
                          "it is");
        gs2_error_detail(err, "attribute %s is %s",
                         (const char *)attr->name.value,
                         attr->state == GS2_ATTR_PRESENT
                         ? "not one value of text" : "absent or unreadable");
        return status;
    }
    return copy_name(&attr->values[0].value, "the peer", "identity attribute",
                     out, err);
}

static gs2_status
from_attribute(struct gs2_attrs *attrs, const char *name, char **out,
               struct gs2_error *err)
{
    const struct gs2_attr *attr;
    gs2_status status;

    status = gs2_attrs_get(attrs, name, strlen(name), &attr, err);
    return status == GS2_OK ? from_values(attr, out, err) : status;
}

/* canon_user strips white space, and "bob " is not bob.  Only the blank is
 * left to check: the rest of ASCII's white space is control characters,
 * which copy_name() refuses, and no octet above 0x7f is white space in any
 * locale. */
static gs2_status
check_ends(const char *authid, struct gs2_error *err)
{
    char quoted[128];

    if (authid[0] != ' ' && authid[strlen(authid) - 1] != ' ')
        return GS2_OK;
    return gs2_fail(err, GS2_BADAUTH,
                    "the peer's name \"%s\" has white space at an end",
                    gs2_escape(quoted, sizeof(quoted), authid,
                               strlen(authid)));
}

static gs2_status
read_authid(const struct gs2_nego *nego, const struct gs2_authid *authid,
            struct gs2_attrs *attrs, struct gs2_default_realm *home,
            struct gs2_identity *id, struct gs2_error *err)
{
    switch (authid->source) {
    case GS2_AUTHID_LOCAL:
        return from_localname(nego->initiator, id, nego->mech, &id->authid,
                              err);
    case GS2_AUTHID_ATTRIBUTE:
        return from_attribute(attrs, authid->attribute, &id->authid, err);
    case GS2_AUTHID_FULL:
        return from_display(id, NULL, &id->authid, err);
    default:
        return from_display(id, home, &id->authid, err);
    }
}

/* The end of each way to an authid: no failure leaves one. */
static gs2_status
settle(struct gs2_identity *id, gs2_status status, struct gs2_error *err)
{
    if (status == GS2_OK)
        status = check_ends(id->authid, err);
    if (status != GS2_OK) {
        free(id->authid);
        id->authid = NULL;
    }
    return status;
}

gs2_status
gs2_identity_peer(const struct gs2_nego *nego, struct gs2_identity *id_out,
                  struct gs2_error *err)
{
    const bool is_krb5 = nego->mech->is_krb5;
    gs2_status status = GS2_OK;

    memset(id_out, 0, sizeof(*id_out));
    id_out->anonymous = (nego->ret_flags & GSS_C_ANON_FLAG) != 0;
    if (!id_out->anonymous)
        status = gs2_identity_display(nego->initiator, "the peer",
                                      &nego->mech->oid, &id_out->principal,
                                      &id_out->anonymous, err);
    if (status == GS2_OK && is_krb5 && id_out->principal != NULL &&
        is_krb5_anonymous(id_out->principal))
        id_out->anonymous = true;
    if (status == GS2_OK && id_out->anonymous) {
        free(id_out->principal);
        id_out->principal = NULL;
        id_out->authid = strdup(GS2_AUTHID_ANONYMOUS);
        if (id_out->authid == NULL)
            status = gs2_fail_nomem(err);
    } else if (status == GS2_OK && is_krb5) {
        id_out->realm = gs2_gss_name_realm(id_out->principal);
    }
    return status;
}

gs2_status
gs2_identity_take_attr(const struct gs2_attr *attr, struct gs2_identity *id,
                       struct gs2_error *err)
{
    return settle(id, from_values(attr, &id->authid, err), err);
}

gs2_status
gs2_identity_read(const struct gs2_nego *nego,
                  const struct gs2_authid *authid, struct gs2_attrs *attrs,
                  struct gs2_default_realm *home, struct gs2_identity *id_out,
                  struct gs2_error *err)
{
    const gs2_status status = gs2_identity_peer(nego, id_out, err);

    if (status != GS2_OK || id_out->anonymous)
        return status;
    return settle(id_out, read_authid(nego, authid, attrs, home, id_out, err),
                  err);
}

void
gs2_identity_free(struct gs2_identity *id)
{
    free(id->principal);
    free(id->authid);
    memset(id, 0, sizeof(*id));
}
