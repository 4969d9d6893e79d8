/*
 * server_first.c - the client's first message, before GSS sees its token (see
 * server_first.h; RFC 5801 sections 4 and 5).
 *
 * What the header says of channel bindings is judged here: libsasl does so only
 * after canon_user and the proxy policy callback ran.  Whether the token is
 * bound to it, nego.c sees.
 */
#include "server_first.h"

#include <string.h>

#include "login/server_cred.h"

/* SASL_CB_SERVER_CHANNEL_BINDING, which 2.1.28's headers do not have. */
#define CB_SERVER_CHANNEL_BINDING 0x8008
typedef int binding_callback(sasl_conn_t *conn, void *context,
                             const char *plugin, const char *name);

/* Rows B3, B4 and B5: a type that we cannot produce, a downgrade, none where
 * one is required. */
static gs2_status
check_binding(struct gs2_server *s, const sasl_server_params_t *params,
              const struct gs2_header *header)
{
    const sasl_utils_t *utils = s->utils;
    binding_callback *select;
    void *context;

    if (header->cb_flag == GS2_CB_USED &&
        utils->getcallback(utils->conn, CB_SERVER_CHANNEL_BINDING,
                           (sasl_callback_ft *)&select, &context) == SASL_OK)
        (void)select(utils->conn, context, s->mech->name, header->cb_name);

    const sasl_channel_binding_t *ours = params->cbinding;

    if (header->cb_flag == GS2_CB_OFFERED && ours != NULL)
        return gs2_fail(s->why, GS2_REFUSED,
                        "the client believes that the server has no channel "
                        "binding, though it offers one: a downgrade attack?");
    if (header->cb_flag != GS2_CB_USED) {
        if (ours != NULL && ours->critical)
            return gs2_fail(s->why, GS2_NOBINDING,
                            "the server requires channel binding and the "
                            "client used none");
        return GS2_OK;
    }
    if (ours == NULL)
        return gs2_fail(s->why, GS2_NOBINDING,
                        "the client used channel binding %.64s and the server "
                        "has none", header->cb_name);
    if (strcmp(ours->name, header->cb_name) != 0)
        return gs2_fail(s->why, GS2_NOBINDING,
                        "the client used channel binding %.64s, the server "
                        "has %.64s", header->cb_name, ours->name);
    return GS2_OK;
}

/* Row H3: "F," says that the token has no framing, and must be true. */
static gs2_status
check_framing(struct gs2_server *s, const struct gs2_header *header,
              size_t token_len)
{
    if (header->nonstd && s->mech->framed)
        return gs2_fail(s->why, GS2_BADPROT,
                        "the GS2 header says F, though the tokens of %s are "
                        "framed", s->mech->name);
    if (!header->nonstd && !s->mech->framed)
        return gs2_fail(s->why, GS2_BADPROT,
                        "the GS2 header does not say F, though the tokens of "
                        "%s are not framed", s->mech->name);
    if (token_len == 0)
        return gs2_fail(s->why, GS2_BADPROT, "no token after the GS2 header");
    return GS2_OK;
}

/* What the client says of itself.  Takes the strings out of *header. */
static void
keep_header(struct gs2_server *s, struct gs2_header *header)
{
    s->requested = header->authzid;
    s->binding = header->cb_name;
    s->binding_disp = header->cb_flag == GS2_CB_USED ? SASL_CB_DISP_USED
                      : header->cb_flag == GS2_CB_OFFERED ? SASL_CB_DISP_WANT
                                                          : SASL_CB_DISP_NONE;
}

gs2_status
gs2_server_first_read(struct gs2_server *s, const sasl_server_params_t *params,
                      const gss_buffer_desc *message, size_t *header_len_out)
{
    const sasl_channel_binding_t *binding;
    struct gs2_header header;
    gs2_status status;

    status = gs2_header_decode(message->value, message->length, &header,
                               s->why);
    keep_header(s, &header);
    *header_len_out = header.length;
    if (status == GS2_OK)
        status = check_framing(s, &header, message->length - header.length);
    if (status == GS2_OK)
        status = check_binding(s, params, &header);
    if (status == GS2_OK)
        status = gs2_config_cache_hold(&s->plugin->configs, s->utils,
                                       &s->config, s->why);
    binding = params->cbinding;
    if (status == GS2_OK)
        status = gs2_bindings_fill(&s->nego.bindings, &header, message->value,
                                   binding != NULL ? binding->data : NULL,
                                   binding != NULL ? binding->len : 0,
                                   s->why);
    if (status == GS2_OK)
        status = gs2_server_cred_take(s, params);
    if (status != GS2_OK)
        return status;
    s->nego.side = GS2_ACCEPTOR;
    s->nego.mech = s->mech;
    s->nego.binds_silently = gs2_options_binds_silently(s->config, s->mech);
    return GS2_OK;
}
