/*
 * server_facts.c - the facts of a login (see server_facts.h).
 */
#include "server_facts.h"

#include <stdlib.h>
#include <string.h>

#include "common/gss/gss_error.h"

/* The acceptor's name as the mechanism has it. */
static gs2_status
read_acceptor(struct gs2_server *s, struct gs2_error *err)
{
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 major, minor;
    bool anonymous;
    gs2_status status;

    if (s->acceptor_text != NULL)
        return GS2_OK;
    major = gss_inquire_context(&minor, s->nego.context, NULL, &name, NULL,
                                NULL, NULL, NULL, NULL);
    if (!GSS_ERROR(major) && name == GSS_C_NO_NAME)
        return GS2_OK; /* absent, as other facts may be */
    if (GSS_ERROR(major))
        return gs2_fail_gss(err, GS2_FAIL, "the mechanism does not tell the "
                            "name of the acceptor", major, minor,
                            &s->mech->oid);
    status = gs2_identity_display(name, "the acceptor", &s->mech->oid,
                                  &s->acceptor_text, &anonymous, err);
    (void)gss_release_name(&minor, &name);
    return status == GS2_OK || status == GS2_NOMEM ? status : GS2_FAIL;
}

/* The first component of the acceptor's name, if that is a principal of two or
 * more. */
static gs2_status
read_ticket_service(struct gs2_server *s, struct gs2_error *err)
{
    gs2_status status = read_acceptor(s, err);
    size_t len;

    if (status != GS2_OK || s->acceptor_text == NULL || !s->mech->is_krb5 ||
        s->ticket_service != NULL)
        return status;
    len = gs2_identity_service_len(s->acceptor_text);
    if (len == 0)
        return GS2_OK;
    s->ticket_service = strndup(s->acceptor_text, len);
    return s->ticket_service != NULL ? GS2_OK : gs2_fail_nomem(err);
}

gs2_status
gs2_server_facts_get(struct gs2_server *s, const sasl_server_params_t *params,
                     enum gs2_fact fact, const char **text_out,
                     struct gs2_error *err)
{
    gs2_status status = GS2_OK;

    *text_out = NULL;
    /* Without a default, the compiler names a fact that lacks a line here. */
    switch (fact) {
    case GS2_FACT_MECH:
        *text_out = s->mech->name;
        break;
    case GS2_FACT_BINDING:
        *text_out = s->binding;
        break;
    case GS2_FACT_LAYER:
        *text_out = s->layer;
        break;
    case GS2_FACT_PRINCIPAL:
        *text_out = s->identity.principal;
        break;
    case GS2_FACT_REALM:
        *text_out = s->identity.realm;
        break;
    case GS2_FACT_ACCEPTOR:
        status = read_acceptor(s, err);
        *text_out = s->acceptor_text;
        break;
    case GS2_FACT_TICKET_SERVICE:
        status = read_ticket_service(s, err);
        *text_out = s->ticket_service;
        break;
    case GS2_FACT_SERVICE:
        *text_out = params->service;
        break;
    case GS2_FACT_AUTHID:
        *text_out = s->authid;
        break;
    case GS2_FACT_AUTHZID:
        *text_out = s->authzid;
        break;
    case GS2_FACT_ROLE: /* it has many values: s->roles */
    case GS2_FACT_NONE:
        break;
    }
    return status;
}

void
gs2_server_facts_forget(struct gs2_server *s)
{
    free(s->acceptor_text);
    free(s->ticket_service);
    s->acceptor_text = s->ticket_service = NULL;
}
