/*
 * bindings.c - channel bindings of GS2 (RFC 5801 section 5.1, RFC 5056).
 */
#include "bindings.h"

#include <stdlib.h>
#include <string.h>

gs2_status
gs2_bindings_fill(struct gss_channel_bindings_struct *bindings,
                  const struct gs2_header *hdr, const char *wire,
                  const void *data, size_t data_len, struct gs2_error *err)
{
    gss_buffer_desc *bound = &bindings->application_data;

    /* Type 0, not GSS_C_AF_NULLADDR (255): they hash differently. */
    memset(bindings, 0, sizeof(*bindings));
    if (hdr->cb_flag != GS2_CB_USED)
        data_len = 0;
    bound->value = malloc(hdr->bound_len + data_len);
    if (bound->value == NULL)
        return gs2_fail_nomem(err);
    bound->length = hdr->bound_len + data_len;
    memcpy(bound->value, wire + hdr->bound_at, hdr->bound_len);
    if (data_len > 0)
        memcpy((char *)bound->value + hdr->bound_len, data, data_len);
    return GS2_OK;
}

void
gs2_bindings_free(struct gss_channel_bindings_struct *bindings)
{
    free(bindings->application_data.value);
    memset(bindings, 0, sizeof(*bindings));
}
