/*
 * identity.h - who the peer is: from its GSS name to an authentication identity
 * (RFC 4422 section 2, RFC 5801 section 9, RFC 6680 section 9).
 */
#ifndef GS2_IDENTITY_H
#define GS2_IDENTITY_H

#include "attrs.h"
#include "common/gss/default_realm.h"
#include "common/gss/nego.h"

/* The longest authid, in octets; libsasl has room for 1,024. */
#define GS2_AUTHID_MAX 1000

/* The name of anonymous users, as in libsasl's ANONYMOUS. */
#define GS2_AUTHID_ANONYMOUS "anonymous"

enum gs2_authid_source {
    GS2_AUTHID_AUTO,     /* displayed name, less the default realm of krb5 */
    GS2_AUTHID_FULL,     /* displayed name */
    GS2_AUTHID_LOCAL,    /* gss_localname(): auth_to_local */
    GS2_AUTHID_ATTRIBUTE /* the one value of an attribute */
};

struct gs2_authid {
    enum gs2_authid_source source;
    const char *attribute; /* its name, with GS2_AUTHID_ATTRIBUTE */
};

struct gs2_identity {
    char *principal;  /* the displayed name in full; NULL where anonymous */
    const char *realm; /* in principal; NULL where the mechanism has none */
    char *authid;
    bool anonymous;
};

/*
 * Gives *id_out, freed with gs2_identity_free(), for the initiator of a
 * negotiation that is complete, as authid says; attrs are those of the
 * initiator's name.  An anonymous initiator is "anonymous", whatever authid
 * says.
 *
 * GS2_OK, GS2_NOMEM; GS2_BADAUTH if there is no name, or if it cannot be
 * passed on unchanged (it is empty, over GS2_AUTHID_MAX, not one line of text
 * as gs2_attr_is_text() says, or has a blank at an end, which libsasl would
 * remove); GS2_NOAUTHZ if authid gives no identity, or a local name that can
 * be another principal's.  *id_out must be freed after a failure as well: it
 * may have the principal, for the log, but has no authid.
 */
GS2_MUST_USE gs2_status
gs2_identity_read(const struct gs2_nego *nego,
                  const struct gs2_authid *authid, struct gs2_attrs *attrs,
                  struct gs2_default_realm *home, struct gs2_identity *id_out,
                  struct gs2_error *err);

/*
 * The two parts of that for those who have no attributes of the name.  Gives
 * *id_out, freed likewise, without an authid unless the initiator is anonymous.
 * GS2_OK, GS2_NOMEM or GS2_BADAUTH.
 */
GS2_MUST_USE gs2_status gs2_identity_peer(const struct gs2_nego *nego,
                                          struct gs2_identity *id_out,
                                          struct gs2_error *err);

/* The authid of an identity that has none, from an attribute as it was read, of
 * whatever state.  As gs2_identity_read(). */
GS2_MUST_USE gs2_status gs2_identity_take_attr(const struct gs2_attr *attr,
                                               struct gs2_identity *id,
                                               struct gs2_error *err);

void gs2_identity_free(struct gs2_identity *id);

/* The length of the first component of a displayed Kerberos principal; 0 if
 * there is no other component. */
size_t gs2_identity_service_len(const char *principal);

/* The displayed name of a party whom texts call who ("the peer").
 * Gives *text_out, freed with free(). */
GS2_MUST_USE gs2_status gs2_identity_display(gss_name_t name,
                                             const char *who,
                                             const gss_OID_desc *mech,
                                             char **text_out,
                                             bool *anonymous_out,
                                             struct gs2_error *err);

#endif
