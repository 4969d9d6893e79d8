/*
 * end_point.c - tls-server-end-point as Active Directory knows it (see
 * end_point.h).
 */
#include "end_point.h"

#include <stdlib.h>
#include <string.h>

static const char prefix[] = GS2_END_POINT_NAME ":";
#define PREFIX_LEN (sizeof(prefix) - 1)

static bool
has_prefix(const sasl_channel_binding_t *binding)
{
    return binding->len > PREFIX_LEN &&
           memcmp(binding->data, prefix, PREFIX_LEN) == 0;
}

bool
gs2_end_point_is(const sasl_channel_binding_t *binding)
{
    return binding != NULL && binding->name != NULL &&
           (strcmp(binding->name, GS2_END_POINT_NAME) == 0 ||
            has_prefix(binding));
}

gs2_status
gs2_end_point_fill(struct gss_channel_bindings_struct *bindings,
                   const sasl_channel_binding_t *binding,
                   struct gs2_error *err)
{
    const size_t before = has_prefix(binding) ? 0 : PREFIX_LEN;
    gss_buffer_desc *bound = &bindings->application_data;

    memset(bindings, 0, sizeof(*bindings));
    bound->value = malloc(before + binding->len);
    if (bound->value == NULL)
        return gs2_fail_nomem(err);
    bound->length = before + binding->len;
    memcpy(bound->value, prefix, before);
    if (binding->len > 0)
        memcpy((char *)bound->value + before, binding->data, binding->len);
    return GS2_OK;
}
