/*
 * gss_name.c - names made from text (see gss_name.h).
 */
#include "gss_name.h"

#include <stdlib.h>
#include <string.h>

OM_uint32
gs2_gss_name_import(OM_uint32 *minor, const char *text, gss_OID type,
                    gss_name_t *name_out)
{
    gss_buffer_desc buffer = { strlen(text), (void *)text };

    *name_out = GSS_C_NO_NAME;
    return gss_import_name(minor, &buffer, type, name_out);
}

OM_uint32
gs2_gss_name_canonical(OM_uint32 *minor, const char *text, gss_OID type,
                       gss_OID mech, gss_name_t *name_out,
                       gss_name_t *canonical_out)
{
    OM_uint32 major = gs2_gss_name_import(minor, text, type, name_out);

    *canonical_out = GSS_C_NO_NAME;
    if (GSS_ERROR(major))
        return major;
    return gss_canonicalize_name(minor, *name_out, mech, canonical_out);
}

gs2_status
gs2_gss_name_compose(const char *service, const char *host, char **text_out,
                     struct gs2_error *err)
{
    *text_out = NULL;
    if (service == NULL || host == NULL)
        return gs2_fail(err, GS2_FAIL,
                        "the application named no service or no host");
    *text_out = malloc(strlen(service) + strlen(host) + 2);
    if (*text_out == NULL)
        return gs2_fail_nomem(err);
    stpcpy(stpcpy(stpcpy(*text_out, service), "@"), host);
    return GS2_OK;
}

const char *
gs2_gss_name_realm(const char *principal)
{
    const char *at = NULL;

    for (const char *p = principal; *p != '\0'; p++) {
        if (*p == '\\' && p[1] != '\0')
            p++;
        else if (*p == '@')
            at = p;
    }
    return at != NULL ? at + 1 : NULL;
}
