/*
 * oparams.c - what libsasl was told of an attempt, taken back (see oparams.h).
 */
#include "oparams.h"

void
gs2_oparams_no_layer(sasl_out_params_t *oparams)
{
    oparams->mech_ssf = 0;
    if (oparams->encode != NULL && oparams->encode_context == NULL)
        return;
    oparams->maxoutbuf = 0;
    oparams->encode_context = NULL;
    oparams->encode = NULL;
    oparams->decode_context = NULL;
    oparams->decode = NULL;
}

void
gs2_oparams_no_login(sasl_out_params_t *oparams)
{
    oparams->doneflag = 0;
    oparams->user = oparams->authid = NULL;
    oparams->ulen = oparams->alen = 0;
    oparams->gss_peer_name = NULL;
    oparams->gss_local_name = NULL;
    oparams->client_creds = NULL;
    oparams->cbindingname = NULL;
    oparams->cbindingdisp = SASL_CB_DISP_NONE;
}
