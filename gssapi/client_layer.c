/*
 * client_layer.c - what a client gives to the handshake of GSSAPI and
 * GSS-SPNEGO, and what it agrees with the server about a layer afterwards (see
 * gssapi_client.h; RFC 4752 section 3.1).
 */
#include "gssapi_client.h"

#include <stdlib.h>

#include "context.h"
#include "end_point.h"
#include "layer_message.h"

/* The strength that krb5's confidentiality may have.  GSS-SPNEGO has to ask
 * for confidentiality before the strength is known. */
#define SSF_OF_KRB5 256u

/* --- before the first token ----------------------------------------------- */

static OM_uint32
layer_flags(const struct gs2_gssapi_client *a)
{
    const bool possible = a->range.max_buffer > 0 && !a->http;
    const sasl_ssf_t allowed = possible ? a->range.allowed : 0;

    /* Row KC2. */
    if (a->c.mech->negotiated == NULL)
        return allowed > GS2_SSF_INTEGRITY ? GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG
                                           : GSS_C_INTEG_FLAG;
    /* Row KP3: a flag is a demand. */
    if (allowed >= SSF_OF_KRB5 ||
        (allowed > 0 && a->range.need > GS2_SSF_INTEGRITY))
        return GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG;
    return allowed > 0 ? GSS_C_INTEG_FLAG : 0;
}

/* Rows KX2 and KP7: the end point, which a domain controller may demand, and
 * which an acceptor without bindings takes as well.  Neither mechanism tells a
 * client whether the server has looked at it. */
static gs2_status
make_bindings(struct gs2_client *c, const sasl_client_params_t *params)
{
    const sasl_channel_binding_t *binding = params->cbinding;

    c->nego.no_bindings = !gs2_end_point_is(binding);
    if (binding == NULL)
        return GS2_OK;
    if (binding->critical)
        return gs2_fail(c->why, GS2_NOBINDING,
                        "the application requires channel binding, which %s "
                        "does not promise", c->mech->name);
    return c->nego.no_bindings
           ? GS2_OK : gs2_end_point_fill(&c->nego.bindings, binding, c->why);
}

gs2_status
gs2_gssapi_client_inputs(struct gs2_client *c,
                         const sasl_client_params_t *params)
{
    struct gs2_gssapi_client *a = gs2_gssapi_client_of(c);
    const OM_uint32 layers = GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG;

    a->http = (params->flags & SASL_NEED_HTTP) != 0;
    a->range = gs2_ssf_range(&params->props, params->external_ssf);
    c->nego.req_flags = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG |
                        GSS_C_REPLAY_FLAG | layer_flags(a);
    c->no_ci_flags = (c->nego.req_flags & layers) != layers;
    if (params->props.security_flags & SASL_SEC_PASS_CREDENTIALS)
        c->nego.req_flags |= GSS_C_DELEG_FLAG;
    return make_bindings(c, params);
}

/* --- the context is complete ---------------------------------------------- */

/* The layers that the context can have; sets a->sealed. */
static unsigned
possible_layers(struct gs2_gssapi_client *a)
{
    const OM_uint32 flags = a->c.nego.ret_flags;
    const unsigned possible = gs2_context_layers(flags);

    if (possible & GS2_LAYER_PRIVACY)
        a->sealed = gs2_context_ssf(a->c.nego.context);
    return possible;
}

static gs2_status
too_weak(struct gs2_gssapi_client *a, unsigned possible)
{
    return gs2_ssf_too_weak(&a->range, possible, a->sealed, a->c.why);
}

static gs2_status
prepare_layer(struct gs2_gssapi_client *a, const struct gs2_layer_sizes *sizes,
              gs2_status too_small)
{
    if (a->chosen == GS2_LAYER_NONE)
        return GS2_OK;
    return gs2_layer_prepare(&a->layer, a->c.nego.context,
                             a->chosen == GS2_LAYER_PRIVACY, sizes, too_small,
                             a->c.why);
}

/* --- GSSAPI --------------------------------------------------------------- */

/* Old servers of Active Directory want both bits set for confidentiality. */
static gs2_status
read_ad_compat(const sasl_utils_t *utils, bool *value_out,
               struct gs2_error *err)
{
    const char *text = NULL;
    struct gs2_error why;

    *value_out = false;
    if (utils->getopt(utils->getopt_context, "GSSAPI", "ad_compat", &text,
                      NULL) != SASL_OK ||
        gs2_options_parse_bool(text, false, value_out, &why) == GS2_OK)
        return GS2_OK;
    return gs2_fail(err, GS2_BADCONFIG, "option ad_compat: %.*s",
                    GS2_TEXT_MAX / 2, why.text);
}

static gs2_status
make_answer(struct gs2_gssapi_client *a, const sasl_utils_t *utils,
            unsigned offered)
{
    const unsigned both = GS2_LAYER_INTEGRITY | GS2_LAYER_PRIVACY;
    struct gs2_layer_message choice = {
        .layers = a->chosen,
        .size = a->chosen == GS2_LAYER_NONE ? 0 : a->range.max_buffer };
    bool ad_compat;
    char *octets = NULL;
    size_t len = 0;
    gs2_status status = read_ad_compat(utils, &ad_compat, a->c.why);

    if (ad_compat && a->chosen == GS2_LAYER_PRIVACY &&
        (offered & both) == both)
        choice.layers = both;
    if (status == GS2_OK)
        status = gs2_layer_message_encode_choice(&choice, a->c.prompts.authzid,
                                                 &octets, &len, a->c.why);
    if (status == GS2_OK)
        status = gs2_context_wrap(&a->c.nego, octets, len, &a->c.out,
                                  a->c.why);
    free(octets);
    return status;
}

gs2_status
gs2_gssapi_client_choose(struct gs2_gssapi_client *a,
                         const sasl_utils_t *utils, gss_buffer_t message)
{
    unsigned possible = possible_layers(a);
    struct gs2_layer_message offer;
    struct gs2_layer_sizes sizes;
    gss_buffer_desc plain;
    gs2_status status;

    status = gs2_context_unwrap(&a->c.nego, message, &plain, a->c.why);
    if (status == GS2_OK)
        status = gs2_layer_message_decode_offer(plain.value, plain.length,
                                                &offer, a->c.why);
    gs2_context_release(&plain);
    if (status != GS2_OK)
        return status;
    if (!(a->c.nego.ret_flags & GSS_C_SEQUENCE_FLAG))
        possible = GS2_LAYER_NONE;
    possible &= offer.layers;
    a->chosen = gs2_ssf_strongest(
        gs2_ssf_allowed(&a->range, possible, a->sealed) & possible);
    if (a->chosen == 0)
        return too_weak(a, possible);
    sizes = gs2_ssf_sizes(&a->range, offer.size);
    status = prepare_layer(a, &sizes, GS2_BADPROT);
    return status == GS2_OK ? make_answer(a, utils, offer.layers) : status;
}

/* --- GSS-SPNEGO ----------------------------------------------------------- */

gs2_status
gs2_gssapi_client_layer_of_flags(struct gs2_gssapi_client *a)
{
    const struct gs2_layer_sizes sizes =
        gs2_ssf_sizes_without_offer(&a->range);
    const unsigned possible = possible_layers(a);

    if (!a->http &&
        gs2_context_check_seal(a->c.nego.ret_flags, a->c.why) != GS2_OK)
        return GS2_BADAUTH;
    a->chosen = a->http ? GS2_LAYER_NONE : gs2_ssf_strongest(possible);
    if (gs2_ssf_of(a->chosen, a->sealed) < a->range.need)
        return too_weak(a, a->chosen);
    if (a->chosen == GS2_LAYER_NONE)
        return GS2_OK;
    /* The server has this layer in any case, so the client cannot leave it out
     * (row KP2). */
    if (a->range.max_buffer == 0 ||
        gs2_ssf_of(a->chosen, a->sealed) > a->range.allowed)
        return too_weak(a, a->chosen);
    if (!(a->c.nego.ret_flags & GSS_C_SEQUENCE_FLAG))
        return gs2_fail(a->c.why, GS2_BADAUTH,
                        "the security layer would let messages be replayed");
    return prepare_layer(a, &sizes, GS2_FAIL);
}
