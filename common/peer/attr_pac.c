/*
 * attr_pac.c - making one of our own attributes (see attr_pac.h).
 */
#include "attr_pac.h"

#include <stdlib.h>
#include <string.h>

/* One attribute being made. */
struct making {
    struct gs2_attr_login *login;
    struct gs2_attr_values *values;
    enum gs2_pac_kind kind;
    gs2_status status;
    struct gs2_error *err;
};

/* Keeps a copy of a text, unless it meets a bound.  All are in one piece of
 * memory, because a PAC may have hundreds. */
static gs2_status
add(struct making *m, const char *text, size_t len)
{
    struct gs2_attr_values *values = m->values;
    const size_t at = values->octets + values->attr.count;
    gs2_status status = gs2_attr_values_make_room(m->login, values, m->err);
    gss_buffer_desc *value;

    if (status != GS2_OK || values->settled ||
        !gs2_attr_values_count(m->login, values, len, 0))
        return status;
    value = &values->attr.values[values->attr.count++].value;
    value->value = memcpy(values->texts + at, text, len);
    value->length = len;
    values->texts[at + len] = '\0';
    return GS2_OK;
}

/* gs2_pac_take(): a text that the decoder has found. */
static int
take(void *context, enum gs2_pac_kind kind, const char *text, size_t len)
{
    struct making *m = context;

    if (kind == m->kind)
        m->status = add(m, text, len);
    return m->status != GS2_OK || m->values->settled;
}

/* Makes the values of the source, or notes the reason why there are none. */
static gs2_status
decode(struct making *m, const struct gs2_pac_decoder *decoder,
       const gss_buffer_desc *source)
{
    gs2_pac_decode *const call = m->kind == GS2_PAC_UPN
                                     ? decoder->upn_dns_info
                                     : decoder->logon_info;
    enum gs2_pac_result result = call(source->value, source->length, take, m);

    if (m->status != GS2_OK || m->values->settled)
        return m->status;
    if (result == GS2_PAC_NOMEM)
        return gs2_fail_nomem(m->err);
    if (result != GS2_PAC_OK)
        return gs2_attr_values_give_up(m->login, m->values, GS2_ATTR_UNKNOWN,
                                       "it cannot be decoded", NULL);
    return GS2_OK;
}

gs2_status
gs2_attr_pac_make(struct gs2_attr_login *login,
                  const struct gs2_pac_decoder *decoder,
                  enum gs2_pac_kind kind, const struct gs2_attr *source,
                  struct gs2_attr_values *values, struct gs2_error *err)
{
    struct making m = { login, values, kind, GS2_OK, err };
    gs2_status status;

    if (source->state != GS2_ATTR_PRESENT) {
        values->attr.state = source->state;
        values->attr.why = source->why;
        values->settled = true;
        return GS2_OK;
    }
    if (source->count != 1)
        return gs2_attr_values_give_up(login, values, GS2_ATTR_UNKNOWN,
                                       "its source has more than one value",
                                       NULL);
    values->texts = malloc(GS2_ATTR_OCTETS_MAX + GS2_ATTR_VALUES_MAX);
    if (values->texts == NULL)
        return gs2_fail_nomem(err);
    status = decode(&m, decoder, &source->values[0].value);
    if (status != GS2_OK)
        gs2_attr_values_release(values);
    else if (values->attr.count > 0)
        gs2_attr_values_keep(login, values, source->complete);
    values->settled = status == GS2_OK;
    return status;
}
