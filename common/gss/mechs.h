/*
 * mechs.h - the GSS mechanisms that GS2 can offer (RFC 5801 section 3 and rows
 * N1 to N3 of doc/gs2.md): concrete, able to authenticate both sides
 * and to bind to a channel.
 */
#ifndef GS2_MECHS_H
#define GS2_MECHS_H

#include <stdbool.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include "common/text/error.h"

/* A SASL name without -PLUS, which must fit SASL's 20 characters with it. */
#define GS2_NAME_MAX 15
#define GS2_MECHS_MAX 64

struct gs2_mech {
    char name[GS2_NAME_MAX + 1]; /* SASL name: "GS2-KRB5" */
    gss_OID_desc oid;            /* points at oid_octets: do not copy */
    unsigned char oid_octets[64];
    bool framed;          /* its initial token has RFC 2743 framing */
    bool forward_secrecy; /* GSS_C_MA_PFS */
    bool anonymous;       /* GSS_C_MA_AUTH_INIT_ANON */
    bool delegates;       /* GSS_C_MA_DELEG_CRED */
    bool is_krb5;         /* krb5 or IAKERB: keytab, realms, 1964 names */
    bool binds_silently;  /* verifies bindings, never sets CHANNEL_BOUND */
    bool on_request;      /* offered only where gs2_mechs names it */
    bool standalone;      /* not of GS2: gs2_mechs does not speak of it */
    const gss_OID_desc *negotiated; /* the mechanism that must come of it;
                                       NULL: itself */
};

/*
 * Fills the caller's array of GS2_MECHS_MAX with the mechanisms of this
 * process that qualify, in the order of the GSS library, and sets *count_out.
 * GS2_OK (none is no failure), or GS2_FAIL where GSS cannot list them.
 */
GS2_MUST_USE gs2_status
gs2_mechs_list(struct gs2_mech *mechs, size_t *count_out,
               struct gs2_error *err);

/* Fills the caller's array of GS2_MECHS_GSSAPI with GSSAPI (row KG1 of
 * doc/gssapi.md) and GSS-SPNEGO, which are not of GS2; how many. */
#define GS2_MECHS_GSSAPI 2
size_t gs2_mechs_list_gssapi(struct gs2_mech *mechs);

/* True where name is one of the words of list, which are separated by spaces
 * or commas; a -PLUS at the end of a word is no part of it, and case does not
 * matter. */
bool gs2_mechs_named(const char *list, const char *name);

/* The mechanism of a context that mech has made. */
const gss_OID_desc *gs2_mechs_result(const struct gs2_mech *mech);

bool gs2_oid_equal(const gss_OID_desc *a, const gss_OID_desc *b);

#endif
