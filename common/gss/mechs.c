/*
 * mechs.c - which mechanisms GS2 can offer, and what it must know of each.
 */
#include "mechs.h"

#include <string.h>
#include <strings.h>

#include <gssapi/gssapi_krb5.h>

#include "gss_error.h"

/* Mechanisms that are not as their attributes (RFC 5587) say, by OID. */
static const struct exception {
    gss_OID_desc oid;
    bool is_krb5, binds_silently, on_request;
} exceptions[] = {
    /* krb5: 1.2.840.113554.1.2.2 */
    { { 9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" }, true, false, false },
    /* IAKERB: 1.3.6.1.5.2.5 (the server is asked to reach a KDC) */
    { { 6, "\x2b\x06\x01\x05\x02\x05" }, true, false, true },
    /* EAP-AES128 and EAP-AES256: 1.3.6.1.5.5.15.1.1.17 and .18 */
    { { 9, "\x2b\x06\x01\x05\x05\x0f\x01\x01\x11" }, false, true, false },
    { { 9, "\x2b\x06\x01\x05\x05\x0f\x01\x01\x12" }, false, true, false },
};

bool
gs2_oid_equal(const gss_OID_desc *a, const gss_OID_desc *b)
{
    return a != NULL && b != NULL && a->length == b->length &&
           memcmp(a->elements, b->elements, a->length) == 0;
}

static bool
has(const gss_OID_set_desc *set, const gss_OID_desc *attr)
{
    for (size_t i = 0; set != NULL && i < set->count; i++) {
        if (gs2_oid_equal(&set->elements[i], attr))
            return true;
    }
    return false;
}

/* Row N3: what GS2 needs of a mechanism, by its RFC 5587 attributes. */
static bool
qualifies(const gss_OID_set_desc *attrs)
{
    return has(attrs, GSS_C_MA_AUTH_INIT) && has(attrs, GSS_C_MA_AUTH_TARG) &&
           has(attrs, GSS_C_MA_CBINDINGS) && !has(attrs, GSS_C_MA_MECH_NEGO) &&
           !has(attrs, GSS_C_MA_NOT_MECH) && !has(attrs, GSS_C_MA_MECH_GLUE) &&
           !has(attrs, GSS_C_MA_MECH_COMPOSITE) &&
           !has(attrs, GSS_C_MA_DEPRECATED);
}

static bool
is_name_octet(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/*
 * Row N1: the mechanism's SASL name, where it is one.  The GSS library itself
 * makes "GS2-" and a hash where the mechanism names none.
 */
static bool
get_name(gss_OID oid, char name[GS2_NAME_MAX + 1])
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;
    bool ok;

    major = gss_inquire_saslname_for_mech(&minor, oid, &text, NULL, NULL);
    ok = !GSS_ERROR(major) && text.length > 0 && text.length <= GS2_NAME_MAX;
    for (size_t i = 0; ok && i < text.length; i++)
        ok = is_name_octet(((const char *)text.value)[i]);
    if (ok) {
        memcpy(name, text.value, text.length);
        name[text.length] = '\0';
    }
    (void)gss_release_buffer(&minor, &text);
    return ok;
}

static void
describe(struct gs2_mech *mech, const gss_OID_set_desc *attrs)
{
    mech->framed = has(attrs, GSS_C_MA_ITOK_FRAMED);
    mech->forward_secrecy = has(attrs, GSS_C_MA_PFS);
    mech->anonymous = has(attrs, GSS_C_MA_AUTH_INIT_ANON);
    mech->delegates = has(attrs, GSS_C_MA_DELEG_CRED);
    for (size_t i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        if (gs2_oid_equal(&mech->oid, &exceptions[i].oid)) {
            mech->is_krb5 = exceptions[i].is_krb5;
            mech->binds_silently = exceptions[i].binds_silently;
            mech->on_request = exceptions[i].on_request;
        }
    }
}

/* Fills *mech if the mechanism of this OID is one for us. */
static bool
examine(gss_OID oid, struct gs2_mech *mech)
{
    gss_OID_set attrs = GSS_C_NO_OID_SET;
    OM_uint32 major, minor;
    bool ok;

    memset(mech, 0, sizeof(*mech));
    major = gss_inquire_attrs_for_mech(&minor, oid, &attrs, NULL);
    ok = !GSS_ERROR(major) && oid->length <= sizeof(mech->oid_octets) &&
         qualifies(attrs) && get_name(oid, mech->name);
    if (ok) {
        memcpy(mech->oid_octets, oid->elements, oid->length);
        mech->oid.elements = mech->oid_octets;
        mech->oid.length = oid->length;
        describe(mech, attrs);
    }
    (void)gss_release_oid_set(&minor, &attrs);
    return ok;
}

static bool
is_listed(const struct gs2_mech *mechs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(mechs[i].name, name) == 0)
            return true;
    }
    return false;
}

gs2_status
gs2_mechs_list(struct gs2_mech *mechs, size_t *count_out,
               struct gs2_error *err)
{
    gss_OID_set all = GSS_C_NO_OID_SET;
    OM_uint32 major, minor;

    *count_out = 0;
    major = gss_indicate_mechs(&minor, &all);
    if (GSS_ERROR(major))
        return gs2_fail_gss(err, GS2_FAIL, "cannot list the GSS mechanisms",
                            major, minor, GSS_C_NO_OID);
    for (size_t i = 0; i < all->count && *count_out < GS2_MECHS_MAX; i++) {
        struct gs2_mech *mech = &mechs[*count_out];

        if (examine(&all->elements[i], mech) &&
            !is_listed(mechs, *count_out, mech->name))
            (*count_out)++;
    }
    (void)gss_release_oid_set(&minor, &all);
    return GS2_OK;
}

const gss_OID_desc *
gs2_mechs_result(const struct gs2_mech *mech)
{
    return mech->negotiated != NULL ? mech->negotiated : &mech->oid;
}

/* Octets of a word without its -PLUS. */
static size_t
bare_length(const char *word, size_t len)
{
    static const char plus[] = "-PLUS";
    const size_t n = sizeof(plus) - 1;

    return len > n && strncasecmp(word + len - n, plus, n) == 0 ? len - n
                                                                : len;
}

bool
gs2_mechs_named(const char *list, const char *name)
{
    const size_t name_len = strlen(name);
    size_t len;

    for (const char *word = list; *word != '\0'; word += len) {
        word += strspn(word, " ,\t");
        len = strcspn(word, " ,\t");
        if (bare_length(word, len) == name_len &&
            strncasecmp(word, name, name_len) == 0)
            return true;
    }
    return false;
}

/* --- of RFC 4752, not of GS2 ---------------------------------------------- */

/* SPNEGO: 1.3.6.1.5.5.2 */
static const gss_OID_desc spnego = { 6, "\x2b\x06\x01\x05\x05\x02" };

static void
describe_standalone(struct gs2_mech *mech, const char *name,
                    const gss_OID_desc *oid, const gss_OID_desc *negotiated)
{
    *mech = (struct gs2_mech){ .is_krb5 = true, .delegates = true,
                               .standalone = true, .negotiated = negotiated };
    (void)stpcpy(mech->name, name);
    memcpy(mech->oid_octets, oid->elements, oid->length);
    mech->oid.elements = mech->oid_octets;
    mech->oid.length = oid->length;
}

size_t
gs2_mechs_list_gssapi(struct gs2_mech *mechs)
{
    describe_standalone(&mechs[0], "GSSAPI", gss_mech_krb5, NULL);
    describe_standalone(&mechs[1], "GSS-SPNEGO", &spnego, gss_mech_krb5);
    return GS2_MECHS_GSSAPI;
}
