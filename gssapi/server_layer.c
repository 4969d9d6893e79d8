/*
 * server_layer.c - what a server gives to the handshake of GSSAPI and
 * GSS-SPNEGO, and what it agrees with the client about a layer afterwards (see
 * gssapi_server.h; RFC 4752 section 3.2).
 */
#include "gssapi_server.h"

#include <string.h>

#include "common/wire/framing.h"
#include "context.h"
#include "end_point.h"
#include "layer_message.h"
#include "login/server_cred.h"

static bool
is_spnego(const struct gs2_gssapi_server *a)
{
    return a->s.mech->negotiated != NULL;
}

/* --- before the first token ----------------------------------------------- */

/*
 * Row KX2: no bindings, save for an end point.  GSS-SPNEGO has no leg in which
 * a client proves anything behind its first token, so outside of TLS, where no
 * honest client binds, GSS is given empty bindings: krb5 then refuses a token
 * that was made with bindings for another protocol, such as GS2.
 */
static gs2_status
make_bindings(struct gs2_gssapi_server *a, const sasl_server_params_t *params)
{
    struct gs2_nego *nego = &a->s.nego;

    if (gs2_end_point_is(params->cbinding)) {
        a->end_point = strdup(params->cbinding->name);
        if (a->end_point == NULL)
            return gs2_fail_nomem(a->s.why);
        return gs2_end_point_fill(&nego->bindings, params->cbinding,
                                  a->s.why);
    }
    nego->no_bindings = !is_spnego(a) || params->external_ssf > 0;
    return GS2_OK;
}

/* A credential of our own is of one mechanism, so GSS refuses another's token.
 * The application's may have several, and SPNEGO's context is of Kerberos V5 in
 * the end, as GSSAPI's is. */
static gs2_status
check_first_token(struct gs2_server *s, const gss_buffer_desc *token)
{
    const gss_OID_desc *oid = &s->mech->oid;
    const void *inner;
    size_t len;

    return gs2_framing_strip(token->value, token->length, oid->elements,
                             oid->length, &inner, &len, s->why);
}

gs2_status
gs2_gssapi_server_begin(struct gs2_gssapi_server *a,
                        const sasl_server_params_t *params,
                        const gss_buffer_desc *token)
{
    struct gs2_server *s = &a->s;
    gs2_status status;

    a->http = (params->flags & SASL_NEED_HTTP) != 0;
    a->range = gs2_ssf_range(&params->props, params->external_ssf);
    if (a->http)
        a->range.max_buffer = 0;
    status = gs2_config_cache_hold(&s->plugin->configs, s->utils, &s->config,
                                   s->why);
    if (status == GS2_OK)
        status = make_bindings(a, params);
    if (status == GS2_OK && params->gss_creds != NULL)
        status = check_first_token(s, token);
    if (status == GS2_OK)
        status = gs2_server_cred_take(s, params);
    s->nego.side = GS2_ACCEPTOR;
    s->nego.mech = s->mech;
    s->nego.binds_silently = true; /* nothing has to be bound */
    s->nego.one_sided = true;      /* gs2_gssapi_server_check() asks */
    return status;
}

/* --- the context is complete ---------------------------------------------- */

/* Was the token bound, and did it have to be? */
static gs2_status
check_binding(struct gs2_gssapi_server *a, const sasl_server_params_t *params)
{
    struct gs2_server *s = &a->s;

    if (a->end_point != NULL &&
        (s->nego.ret_flags & GSS_C_CHANNEL_BOUND_FLAG)) {
        s->binding = strdup(GS2_END_POINT_NAME);
        s->binding_name = a->end_point;
        s->binding_disp = SASL_CB_DISP_USED;
        return s->binding != NULL ? GS2_OK : gs2_fail_nomem(s->why);
    }
    if (params->cbinding != NULL && params->cbinding->critical)
        return gs2_fail(s->why, GS2_NOBINDING,
                        "the server requires channel binding and the client "
                        "used none");
    return GS2_OK;
}

/* GSS-SPNEGO's layer, by the flags of the context.  No layer is taken in which
 * messages can be repeated or left out unnoticed. */
static gs2_status
choose_of_flags(struct gs2_gssapi_server *a, unsigned possible)
{
    struct gs2_server *s = &a->s;
    const OM_uint32 flags = s->nego.ret_flags;

    a->chosen = a->http ? GS2_LAYER_NONE : gs2_ssf_strongest(possible);
    if (!a->http && !(flags & GSS_C_MUTUAL_FLAG))
        return gs2_fail(s->why, GS2_BADAUTH,
                        "the security context has no mutual authentication");
    if (!a->http && gs2_context_check_seal(flags, s->why) != GS2_OK)
        return GS2_BADAUTH;
    if (a->chosen != GS2_LAYER_NONE && !(flags & GSS_C_SEQUENCE_FLAG))
        return gs2_fail(s->why, GS2_BADAUTH,
                        "the client asks for a security layer in which "
                        "messages can be replayed");
    if (gs2_ssf_of(a->chosen, a->sealed) < a->range.need)
        return gs2_ssf_too_weak(&a->range, a->chosen, a->sealed, s->why);
    if (a->chosen == GS2_LAYER_NONE)
        return GS2_OK;
    if (a->range.max_buffer == 0)
        return gs2_fail(s->why, GS2_REFUSED,
                        "the client asks for a security layer and the "
                        "application can have none");
    if (gs2_ssf_of(a->chosen, a->sealed) > a->range.allowed)
        s->utils->log(s->utils->conn, SASL_LOG_DEBUG,
                      "%s: the client's layer is stronger than the application "
                      "asks for", s->mech->name);
    return GS2_OK;
}

static gs2_status
prepare_layer(struct gs2_gssapi_server *a, const struct gs2_layer_sizes *sizes,
              gs2_status too_small)
{
    if (a->chosen == GS2_LAYER_NONE)
        return GS2_OK;
    return gs2_layer_prepare(&a->layer, a->s.nego.context,
                             a->chosen == GS2_LAYER_PRIVACY, sizes, too_small,
                             a->s.why);
}

static gs2_status
check_spnego(struct gs2_gssapi_server *a, unsigned possible)
{
    const struct gs2_layer_sizes sizes =
        gs2_ssf_sizes_without_offer(&a->range);
    const gs2_status status = choose_of_flags(a, possible);

    a->s.layer = gs2_ssf_word(a->chosen, a->sealed);
    return status == GS2_OK ? prepare_layer(a, &sizes, GS2_FAIL) : status;
}

gs2_status
gs2_gssapi_server_check(struct gs2_gssapi_server *a,
                        const sasl_server_params_t *params)
{
    const OM_uint32 flags = a->s.nego.ret_flags;
    unsigned possible = gs2_context_layers(flags);
    gs2_status status = check_binding(a, params);

    if (status != GS2_OK)
        return status;
    if ((params->props.security_flags & SASL_SEC_MUTUAL_AUTH) &&
        !(flags & GSS_C_MUTUAL_FLAG))
        return gs2_fail(a->s.why, GS2_BADAUTH,
                        "the application requires mutual authentication and "
                        "the client asked for none");
    if (possible & GS2_LAYER_PRIVACY)
        a->sealed = gs2_context_ssf(a->s.nego.context);
    if (is_spnego(a))
        return check_spnego(a, possible);
    if ((flags & GS2_CONTEXT_LAYER_FLAGS) != GS2_CONTEXT_LAYER_FLAGS)
        possible = GS2_LAYER_NONE;
    a->offered = gs2_ssf_allowed(&a->range, possible, a->sealed);
    return a->offered != 0
           ? GS2_OK : gs2_ssf_too_weak(&a->range, possible, a->sealed,
                                       a->s.why);
}

/* --- offer and choice ----------------------------------------------------- */

gs2_status
gs2_gssapi_server_offer(struct gs2_gssapi_server *a)
{
    const struct gs2_layer_message offer = {
        .layers = a->offered,
        .size = a->offered == GS2_LAYER_NONE ? 0 : a->range.max_buffer };
    unsigned char octets[GS2_LAYER_MESSAGE_OCTETS];

    gs2_layer_message_encode(&offer, octets);
    return gs2_context_wrap(&a->s.nego, octets, sizeof(octets), &a->s.out,
                            a->s.why);
}

/* Row KS10.  Some clients set the bits of both protecting layers, as Active
 * Directory wants it, and mean the stronger one. */
static gs2_status
check_choice(struct gs2_gssapi_server *a, unsigned choice)
{
    if (choice == (GS2_LAYER_INTEGRITY | GS2_LAYER_PRIVACY) &&
        (a->offered & GS2_LAYER_PRIVACY))
        choice = GS2_LAYER_PRIVACY;
    if ((choice & a->offered) == 0 || (choice & (choice - 1)) != 0)
        return gs2_fail(a->s.why, GS2_BADPROT,
                        "the client chose security layer 0x%02x, and 0x%02x "
                        "was offered", choice, a->offered);
    a->chosen = choice;
    a->s.layer = gs2_ssf_word(choice, a->sealed);
    return GS2_OK;
}

gs2_status
gs2_gssapi_server_choose(struct gs2_gssapi_server *a, gss_buffer_t message)
{
    gss_buffer_desc plain;
    struct gs2_layer_message choice;
    struct gs2_layer_sizes sizes;
    gs2_status status;

    status = gs2_context_unwrap(&a->s.nego, message, &plain, a->s.why);
    if (status != GS2_OK)
        return status;
    status = gs2_layer_message_decode_choice(plain.value, plain.length,
                                             &choice, &a->s.requested,
                                             a->s.why);
    gs2_context_release(&plain);
    if (status == GS2_OK)
        status = check_choice(a, choice.layers);
    /* Row KS11 is not enforced: clients send a size without a layer. */
    sizes = gs2_ssf_sizes(&a->range, choice.size);
    return status == GS2_OK ? prepare_layer(a, &sizes, GS2_BADPROT) : status;
}
