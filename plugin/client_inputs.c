/*
 * client_inputs.c - what GS2 gives to each turn of a client (see
 * client_inputs.h; RFC 5801 section 5).
 */
#include "client_inputs.h"

#include "login/sasl_options.h"

/* Row B2: libsasl has decided what the header says of channel bindings. */
static gs2_status
make_header(struct gs2_client *c, const sasl_client_params_t *params)
{
    const sasl_channel_binding_t *binding = params->cbinding;
    struct gs2_header header = { .nonstd = !c->mech->framed,
                                 .cb_flag = GS2_CB_NONE,
                                 .authzid = c->prompts.authzid };
    gs2_status status;

    if (binding != NULL && params->cbindingdisp == SASL_CB_DISP_WANT)
        header.cb_flag = GS2_CB_OFFERED;
    if (binding != NULL && params->cbindingdisp == SASL_CB_DISP_USED) {
        header.cb_flag = GS2_CB_USED;
        header.cb_name = (char *)binding->name;
    }
    status = gs2_header_encode(&header, &c->header, c->why);
    if (status != GS2_OK)
        return status;
    c->header_len = header.length;
    return gs2_bindings_fill(&c->nego.bindings, &header, c->header,
                             binding != NULL ? binding->data : NULL,
                             binding != NULL ? binding->len : 0, c->why);
}

static gs2_status
read_anonymous(const sasl_utils_t *utils, bool *anonymous_out,
               struct gs2_error *err)
{
    struct gs2_error why;

    if (gs2_options_parse_bool(
            gs2_sasl_options_text(utils, GS2_OPT_ANONYMOUS), false,
            anonymous_out, &why) == GS2_OK)
        return GS2_OK;
    return gs2_fail(err, GS2_BADCONFIG, "option %s: %.*s",
                    gs2_options_name(GS2_OPT_ANONYMOUS), GS2_TEXT_MAX / 2,
                    why.text);
}

gs2_status
gs2_client_inputs(struct gs2_client *c, const sasl_client_params_t *params)
{
    bool anonymous = false;
    gs2_status status;

    status = read_anonymous(params->utils, &anonymous, c->why);
    if (status == GS2_OK)
        status = make_header(c, params);
    /* SEQUENCE is of no use to us; the server of Cyrus SASL demands it. */
    c->nego.req_flags = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG;
    if (params->props.security_flags & SASL_SEC_PASS_CREDENTIALS)
        c->nego.req_flags |= GSS_C_DELEG_FLAG;
    if (anonymous)
        c->nego.req_flags |= GSS_C_ANON_FLAG;
    return status;
}
