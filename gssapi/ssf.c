/*
 * ssf.c - which security layers a login may have (see ssf.h).
 */
#include "ssf.h"

#include <stddef.h>

#define SIZE_WITHOUT_OFFER 65536u
#define OVERHEAD 256u /* more than krb5 adds to a message */

/* Row KL1, in the order of strength. */
static const struct {
    unsigned layer;
    const char *word;
} layers[] = {
    { GS2_LAYER_PRIVACY, "privacy" },
    { GS2_LAYER_INTEGRITY, "integrity" },
    { GS2_LAYER_NONE, "none" },
};
#define LAYERS (sizeof(layers) / sizeof(layers[0]))

static sasl_ssf_t
less(sasl_ssf_t ssf, sasl_ssf_t external)
{
    return ssf > external ? ssf - external : 0;
}

struct gs2_ssf_range
gs2_ssf_range(const sasl_security_properties_t *props, sasl_ssf_t external)
{
    return (struct gs2_ssf_range){
        .need = less(props->min_ssf, external),
        .allowed = less(props->max_ssf, external),
        .max_buffer = props->maxbufsize < GS2_LAYER_OCTETS_MAX
                      ? props->maxbufsize : GS2_LAYER_OCTETS_MAX,
    };
}

sasl_ssf_t
gs2_ssf_of(unsigned layer, sasl_ssf_t sealed)
{
    switch (layer) {
    case GS2_LAYER_PRIVACY:
        return sealed;
    case GS2_LAYER_INTEGRITY:
        return GS2_SSF_INTEGRITY;
    default:
        return 0;
    }
}

unsigned
gs2_ssf_allowed(const struct gs2_ssf_range *range, unsigned possible,
                sasl_ssf_t sealed)
{
    unsigned allowed = 0;
    sasl_ssf_t ssf;

    if (range->max_buffer == 0)
        possible = 0;
    possible |= GS2_LAYER_NONE;
    for (size_t i = 0; i < LAYERS; i++) {
        ssf = gs2_ssf_of(layers[i].layer, sealed);
        if ((possible & layers[i].layer) != 0 && ssf >= range->need &&
            ssf <= range->allowed)
            allowed |= layers[i].layer;
    }
    return allowed;
}

unsigned
gs2_ssf_strongest(unsigned offer)
{
    for (size_t i = 0; i < LAYERS; i++) {
        if ((offer & layers[i].layer) != 0)
            return layers[i].layer;
    }
    return 0;
}

struct gs2_layer_sizes
gs2_ssf_sizes(const struct gs2_ssf_range *range, unsigned peer)
{
    return (struct gs2_layer_sizes){ peer, range->max_buffer,
                                     range->max_buffer };
}

struct gs2_layer_sizes
gs2_ssf_sizes_without_offer(const struct gs2_ssf_range *range)
{
    const unsigned max = range->max_buffer;

    return (struct gs2_layer_sizes){
        max < SIZE_WITHOUT_OFFER ? max : SIZE_WITHOUT_OFFER, max + OVERHEAD,
        max };
}

gs2_status
gs2_ssf_too_weak(const struct gs2_ssf_range *range, unsigned possible,
                 sasl_ssf_t sealed, struct gs2_error *err)
{
    return gs2_fail(err, GS2_TOOWEAK,
                    "no security layer is right: the application wants SSF %u "
                    "to %u of it and can receive %u octets, and there are "
                    "layers 0x%02x, with SSF %u at most", range->need,
                    range->allowed, range->max_buffer, possible,
                    gs2_ssf_of(gs2_ssf_strongest(possible), sealed));
}

const char *
gs2_ssf_word(unsigned layer, sasl_ssf_t sealed)
{
    if (layer == GS2_LAYER_PRIVACY && sealed <= GS2_SSF_INTEGRITY)
        layer = GS2_LAYER_INTEGRITY;
    for (size_t i = 0; i < LAYERS; i++) {
        if (layer == layers[i].layer)
            return layers[i].word;
    }
    return NULL;
}
