/*
 * oparams.c - what libsasl was told of an attempt, taken back (see oparams.h).
 */
#include "oparams.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

static int
refuse_to_encode(void *context, const struct iovec *in, unsigned count,
                 const char **out, unsigned *out_len)
{
    (void)context;
    (void)in;
    (void)count;
    *out = NULL;
    *out_len = 0;
    return SASL_NOTDONE;
}

static int
refuse_to_decode(void *context, const char *in, unsigned len, const char **out,
                 unsigned *out_len)
{
    (void)context;
    (void)in;
    (void)len;
    *out = NULL;
    *out_len = 0;
    return SASL_NOTDONE;
}

/* encode_context of functions that refuse, by which those of our other plugin
 * are known as well, whose addresses we do not know.  libsasl never uses it,
 * and no mechanism sets it to this. */
static void *
refusal(sasl_out_params_t *oparams)
{
    return oparams;
}

/* Another mechanism's layer does not count, because it may never have been in
 * force: DIGEST-MD5 sets its layer before a login that may fail. */
static bool
is_refusing(sasl_out_params_t *oparams)
{
    return oparams->encode != NULL &&
           oparams->encode_context == refusal(oparams);
}

void
gs2_oparams_refuse(sasl_out_params_t *oparams)
{
    oparams->mech_ssf = 0;
    oparams->maxoutbuf = 0;
    oparams->encode_context = oparams->decode_context = refusal(oparams);
    oparams->encode = refuse_to_encode;
    oparams->decode = refuse_to_decode;
}

void
gs2_oparams_no_layer(sasl_out_params_t *oparams)
{
    if (is_refusing(oparams)) {
        gs2_oparams_refuse(oparams);
        return;
    }
    oparams->mech_ssf = 0;
    oparams->maxoutbuf = 0;
    oparams->encode_context = oparams->decode_context = NULL;
    oparams->encode = NULL;
    oparams->decode = NULL;
}

void
gs2_oparams_no_login(sasl_out_params_t *oparams)
{
    oparams->doneflag = 0;
    oparams->user = oparams->authid = NULL;
    oparams->ulen = oparams->alen = 0;
    oparams->maxoutbuf = 0;
    oparams->gss_peer_name = NULL;
    oparams->gss_local_name = NULL;
    oparams->client_creds = NULL;
    oparams->cbindingname = NULL;
    oparams->cbindingdisp = SASL_CB_DISP_NONE;
}
