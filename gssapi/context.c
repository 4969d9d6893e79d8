/*
 * context.c - what RFC 4752 asks of a complete context (see context.h).
 */
#include "context.h"

#include <stdlib.h>
#include <string.h>

#include "common/gss/gss_error.h"

/* The strength where GSS does not tell it: that of DES, as in the first
 * implementations. */
#define SSF_UNKNOWN 56u

unsigned
gs2_context_layers(OM_uint32 ret_flags)
{
    unsigned layers = GS2_LAYER_NONE;

    if (!(ret_flags & GSS_C_INTEG_FLAG))
        return layers;
    layers |= GS2_LAYER_INTEGRITY;
    if (ret_flags & GSS_C_CONF_FLAG)
        layers |= GS2_LAYER_PRIVACY;
    return layers;
}

gs2_status
gs2_context_check_seal(OM_uint32 ret_flags, struct gs2_error *err)
{
    if ((ret_flags & (GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)) != GSS_C_CONF_FLAG)
        return GS2_OK;
    return gs2_fail(err, GS2_BADAUTH,
                    "the security context has confidentiality without "
                    "integrity");
}

sasl_ssf_t
gs2_context_ssf(gss_ctx_id_t context)
{
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    sasl_ssf_t ssf = SSF_UNKNOWN;
    const unsigned char *octets;
    OM_uint32 major, minor;

    major = gss_inquire_sec_context_by_oid(&minor, context,
                                           GSS_C_SEC_CONTEXT_SASL_SSF, &set);
    if (!GSS_ERROR(major) && set != GSS_C_NO_BUFFER_SET && set->count == 1 &&
        set->elements[0].length == 4) {
        octets = set->elements[0].value;
        ssf = (sasl_ssf_t)octets[0] << 24 | (sasl_ssf_t)octets[1] << 16 |
              (sasl_ssf_t)octets[2] << 8 | octets[3];
    }
    (void)gss_release_buffer_set(&minor, &set);
    return ssf;
}

gs2_status
gs2_context_wrap(const struct gs2_nego *nego, const void *data, size_t len,
                 gss_buffer_t out, struct gs2_error *err)
{
    gss_buffer_desc in = { len, (void *)data };
    OM_uint32 major, minor;

    *out = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    major = gss_wrap(&minor, nego->context, 0, GSS_C_QOP_DEFAULT, &in, NULL,
                     out);
    if (major == GSS_S_COMPLETE)
        return GS2_OK;
    gs2_gss_error_set(err, "cannot wrap the choice of a security layer", major,
                      minor, &nego->mech->oid);
    (void)gss_release_buffer(&minor, out);
    return GS2_FAIL;
}

gs2_status
gs2_context_unwrap(const struct gs2_nego *nego, gss_buffer_t in,
                   gss_buffer_t out, struct gs2_error *err)
{
    gss_buffer_desc message = { in->length, malloc(in->length + 1) };
    OM_uint32 major, minor;

    *out = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (message.value == NULL)
        return gs2_fail_nomem(err);
    memcpy(message.value, in->value, in->length);
    major = gss_unwrap(&minor, nego->context, &message, out, NULL, NULL);
    free(message.value);
    if (major == GSS_S_COMPLETE)
        return GS2_OK;
    gs2_gss_error_set(err, "the peer's message about security layers is not "
                      "the next one of its context", major, minor,
                      &nego->mech->oid);
    gs2_context_release(out);
    return GS2_BADAUTH;
}

void
gs2_context_release(gss_buffer_t plain)
{
    OM_uint32 minor;

    if (plain->length == 0 && plain->value != NULL)
        plain->length = 1;
    (void)gss_release_buffer(&minor, plain);
}
