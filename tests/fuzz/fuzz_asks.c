/*
 * fuzz_asks.c - settings and changes out of any octets (see fuzz_asks.h).
 */
#include "fuzz_asks.h"

#include <string.h>

#include <gssapi/gssapi_ext.h>

#include "fuzz_input.h"
#include "tests/lib/must.h"

static void
take_who(uint8_t a, struct fuzz_asks *asks)
{
    asks->spnego = (a & 1) != 0;
    asks->raw_client = (a & 6) == 2;
    asks->raw_server = (a & 6) == 4;
    asks->success_data = (a & 8) != 0;
    asks->null_for_empty = (a & 16) != 0;
    asks->authzid = (a & 64) != 0;
    asks->refused = (a & 128) != 0;
}

/* libsasl itself refuses a layer that must be there without a buffer. */
static void
take_range(unsigned which, unsigned buffer, bool tls, struct fuzz_range *range)
{
    static const sasl_ssf_t limits[][2] = {
        { 0, 256 }, { 0, 0 }, { 0, 1 }, { 1, 256 }, { 2, 256 }, { 256, 256 },
        { 0, 128 }, { 1, 1 },
    };
    static const unsigned buffers[] = { 65536, 1000, FUZZ_BUFFER_SMALL, 0 };

    *range = (struct fuzz_range){ limits[which][0], limits[which][1],
                                  tls ? 256 : 0, buffers[buffer] };
    if (range->buffer == 0 && range->min > 0)
        range->buffer = 1000;
}

static const sasl_channel_binding_t *
take_binding(unsigned which)
{
    static const sasl_channel_binding_t bindings[] = {
        { "ldap", 0, 25, (const unsigned char *)"tls-server-end-point:abcd" },
        { "ldap", 0, 25, (const unsigned char *)"tls-server-end-point:abce" },
        { "tls-unique", 0, 4, (const unsigned char *)"\1\0\2\3" },
    };

    return which > 0 ? &bindings[which - 1] : NULL;
}

static OM_uint32
take_flags(uint8_t a)
{
    static const OM_uint32 flags[] = {
        GSS_C_MUTUAL_FLAG, GSS_C_SEQUENCE_FLAG, GSS_C_INTEG_FLAG,
        GSS_C_CONF_FLAG, GSS_C_REPLAY_FLAG, GSS_C_DCE_STYLE,
    };
    OM_uint32 all = 0;

    for (size_t i = 0; i < COUNT(flags); i++)
        all |= (a >> i & 1) != 0 ? flags[i] : 0;
    return all;
}

static void
take_changes(struct input *in, struct fuzz_asks *asks)
{
    struct fuzz_change *change = asks->changes;

    for (; in->len > 0 && *in->at != 0xff; change++) {
        if (change == asks->changes + FUZZ_CHANGES)
            return;
        change->number = 1 + take(in) % 10U;
        change->kind = take(in) % FUZZ_KINDS;
        change->a = take(in);
        change->b = take(in);
        asks->honest = false;
    }
    (void)take(in);
}

void
fuzz_asks_take(const uint8_t *data, size_t size, struct fuzz_asks *asks)
{
    struct input in = { data, size };
    const uint8_t who = take(&in), ranges = take(&in), more = take(&in),
                  flags = take(&in), how = take(&in);

    memset(asks, 0, sizeof(*asks));
    take_who(who, asks);
    take_range(ranges & 7, more & 3, (ranges & 64) != 0, &asks->server);
    take_range(ranges >> 3 & 7, more >> 2 & 3, (ranges & 128) != 0,
               &asks->client);
    asks->server_binding = take_binding(more >> 4 & 3);
    asks->client_binding = take_binding(more >> 6 & 3);
    asks->flags = take_flags(flags);
    asks->ad_compat = (flags & 64) != 0;
    asks->rule = (flags & 128) != 0;
    asks->how = (how & 15) % FUZZ_HOWS;
    asks->lies = (how & 16) != 0;
    asks->honest = (who & 6) % 6 == 0 && !asks->refused && ranges == 0 &&
                   more == 0 && !asks->rule;
    take_changes(&in, asks);
    asks->text = in.at;
    asks->text_len = in.len;
}
