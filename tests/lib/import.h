/*
 * import.h - names for GSS calls.
 */
#ifndef GS2_TESTS_IMPORT_H
#define GS2_TESTS_IMPORT_H

#include <gssapi/gssapi.h>
#include <string.h>

#include "must.h"

/* Gives the name, freed with gss_release_name(). */
static inline gss_name_t
import(const char *text, gss_OID type)
{
    gss_buffer_desc buffer = { strlen(text), (char *)text };
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    MUST(gss_import_name(&minor, &buffer, type, &name) == GSS_S_COMPLETE);
    return name;
}

#endif
