/*
 * admit.c - who and which names are refused before any rule is asked (see
 * admit.h).
 */
#include "admit.h"

#include <string.h>
#include <strings.h>

#include "common/rules/tag.h"

/* Whether libsasl makes the same name of authid as of "anonymous". */
static bool
is_called_anonymous(const char *authid, const char *user_realm)
{
    const char *rest = authid + strlen(GS2_AUTHID_ANONYMOUS);

    if (strncmp(authid, GS2_AUTHID_ANONYMOUS,
                strlen(GS2_AUTHID_ANONYMOUS)) != 0)
        return false;
    return rest[0] == '\0' || (rest[0] == '@' && user_realm != NULL &&
                               strcasecmp(rest + 1, user_realm) == 0);
}

/*
 * libsasl appends the user_realm to a name without "@".  If that is
 * OTHER.TEST, it makes carol@OTHER.TEST of our own carol, whose default realm
 * was cut.  So no foreign user of a realm with the name of the user_realm gets
 * in; letters count without their case, as in mail servers.
 */
static gs2_status
check_user_realm(const struct gs2_config *config,
                 const struct gs2_identity *id, const char *user_realm,
                 struct gs2_default_realm *home, struct gs2_error *err)
{
    bool is_default = false;
    gs2_status status;

    if (user_realm == NULL || id->realm == NULL ||
        strcasecmp(id->realm, user_realm) != 0 ||
        config->authid.source == GS2_AUTHID_FULL ||
        config->authid.source == GS2_AUTHID_ATTRIBUTE ||
        strchr(id->authid, '@') == NULL)
        return GS2_OK;
    status = gs2_default_realm_is(home, id->realm, &is_default, err);
    if (status != GS2_OK || is_default)
        return status;
    return gs2_fail(err, GS2_NOAUTHZ,
                    "the peer is of a foreign realm with the name that the "
                    "application gives to users without a realm");
}

static gs2_status
check_anonymous(const struct gs2_config *config, struct gs2_error *err)
{
    gs2_status status;

    if (config->accept_anonymous)
        return GS2_OK;
    status = gs2_fail(err, GS2_NOAUTHZ,
                      "the client is anonymous and the server does not allow "
                      "it");
    gs2_error_detail(err, "gs2_accept_anonymous is not set");
    return status;
}

gs2_status
gs2_admit_peer(const struct gs2_config *config, const struct gs2_identity *id,
               const char *user_realm, struct gs2_default_realm *home,
               struct gs2_error *err)
{
    if (id->anonymous)
        return check_anonymous(config, err);
    if (config->accept_anonymous &&
        is_called_anonymous(id->authid, user_realm))
        return gs2_fail(err, GS2_NOAUTHZ,
                        "the peer is called as those who are anonymous are");
    return check_user_realm(config, id, user_realm, home, err);
}

gs2_status
gs2_admit_untagged(const struct gs2_config *config, const char *name,
                   struct gs2_error *err)
{
    const char tag = config->tag;
    gs2_status status;
    char quoted[128];

    if (tag == '\0' || name == NULL || !gs2_tag_is_in(tag, name))
        return GS2_OK;
    status = gs2_fail(err, GS2_NOAUTHZ,
                      "the identity \"%s\" has the character that stands "
                      "between a user and a role here, or one that can pass "
                      "for it",
                      gs2_escape(quoted, sizeof(quoted), name, strlen(name)));
    gs2_error_detail(err, "gs2_tag is %c", tag);
    return status;
}

/* An escape, or a value in hexadecimal digits (RFC 4514 section 2.4), becomes the
 * tag when the application normalizes the DN. */
gs2_status
gs2_admit_unescaped(const struct gs2_config *config, const char *service,
                    const char *authzid, struct gs2_error *err)
{
    gs2_status status;
    char quoted[128];

    if (config->tag == '\0' || authzid == NULL ||
        strcmp(service, "ldap") != 0 ||
        strncasecmp(authzid, "dn:", strlen("dn:")) != 0 ||
        strpbrk(authzid, "\\#") == NULL)
        return GS2_OK;
    status = gs2_fail(err, GS2_NOAUTHZ,
                      "the identity \"%s\" is a DN with \"\\\" or \"#\" in it, "
                      "which can stand for the character between a user and a "
                      "role here; name the user with u: instead",
                      gs2_escape(quoted, sizeof(quoted), authzid,
                                 strlen(authzid)));
    gs2_error_detail(err, "gs2_tag is %c", config->tag);
    return status;
}

gs2_status
gs2_admit_name(const char *name, const char *user_realm, gs2_status bad,
               struct gs2_error *err)
{
    const gss_buffer_desc text = { strlen(name), (void *)name };
    size_t len = text.length;
    char quoted[128];

    if (user_realm != NULL && strchr(name, '@') == NULL)
        len += 1 + strlen(user_realm);
    if (len > GS2_CANON_OCTETS_MAX)
        return gs2_fail(err, bad,
                        "the identity \"%s\" has %zu octets as the application "
                        "would see it, more than %d",
                        gs2_escape(quoted, sizeof(quoted), name, text.length),
                        len, GS2_CANON_OCTETS_MAX);
    if (!gs2_attr_is_text(&text))
        return gs2_fail(err, bad,
                        "the identity \"%s\" has a control character in it",
                        gs2_escape(quoted, sizeof(quoted), name,
                                   text.length));
    return GS2_OK;
}

bool
gs2_admit_is_self(const char *service, const char *authid, size_t authid_len,
                  const char *user, size_t user_len)
{
    if (user_len == authid_len && memcmp(user, authid, user_len) == 0)
        return true;
    return strcmp(service, "ldap") == 0 && user_len > 2 &&
           memcmp(user, "u:", 2) == 0 && user_len - 2 == authid_len &&
           memcmp(user + 2, authid, authid_len) == 0;
}

/* How long a name is before the realm that svnserve appends to each, and takes
 * off again before it asks who it is. */
static size_t
len_in_svn(const char *service, const char *user_realm, const char *name)
{
    const char *at = strchr(name, '@');

    if (at != NULL && strcmp(service, "svn") == 0 && user_realm != NULL &&
        strcmp(at + 1, user_realm) == 0)
        return (size_t)(at - name);
    return strlen(name);
}

/* 389-ds makes DNs of names, each by the administrator's maps. */
static bool
is_dn(const char *service, const char *name)
{
    return strcmp(service, "ldap") == 0 &&
           strncmp(name, "dn:", strlen("dn:")) == 0;
}

bool
gs2_admit_is_tagged(const char *service, const char *user_realm,
                    const char *before, const char *now, const char *suffix)
{
    const size_t len = len_in_svn(service, user_realm, before);

    if (is_dn(service, before) && is_dn(service, now))
        return strcmp(before, now) != 0;
    return len_in_svn(service, user_realm, now) == len + strlen(suffix) &&
           memcmp(now, before, len) == 0 &&
           memcmp(now + len, suffix, strlen(suffix)) == 0;
}
