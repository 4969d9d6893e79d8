/*
 * context.h - what RFC 4752 asks of a context that is complete: its flags, its
 * strength, and the two messages that are wrapped before any layer is there.
 */
#ifndef GS2_CONTEXT_H
#define GS2_CONTEXT_H

#include "common/gss/nego.h"
#include "ssf.h"

/* A context with these flags can have a layer that notices what is replayed or
 * left out; krb5 reports it only where the initiator asked for SEQUENCE. */
#define GS2_CONTEXT_LAYER_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG)

/* The layers, as bits, that a context with these flags has of itself (rows KC5
 * and KS6): NONE, and what INTEG and CONF give. */
unsigned gs2_context_layers(OM_uint32 ret_flags);

/* Row KP2: whoever speaks GSS-SPNEGO has the layer that the flags say, so one
 * that seals without integrity cannot be left out.  GS2_OK, or GS2_BADAUTH. */
GS2_MUST_USE gs2_status gs2_context_check_seal(OM_uint32 ret_flags,
                                               struct gs2_error *err);

/* The strength of its confidentiality: by GSS_C_SEC_CONTEXT_SASL_SSF, or 56
 * where GSS does not tell. */
sasl_ssf_t gs2_context_ssf(gss_ctx_id_t context);

/* Rows KS8 and KC11: wraps the octets, conf_flag FALSE.  Gives *out, freed with
 * gss_release_buffer().  GS2_OK, or GS2_FAIL. */
GS2_MUST_USE gs2_status gs2_context_wrap(const struct gs2_nego *nego,
                                         const void *data, size_t len,
                                         gss_buffer_t out,
                                         struct gs2_error *err);

/* Rows KC7 and KS9: unwraps a message of the peer's, sealed or not.  Gives
 * *out, freed with gs2_context_release(). GS2_OK, or GS2_BADAUTH for all but
 * exactly GSS_S_COMPLETE (row KG3). */
GS2_MUST_USE gs2_status gs2_context_unwrap(const struct gs2_nego *nego,
                                           gss_buffer_t in, gss_buffer_t out,
                                           struct gs2_error *err);

/* Frees what gss_unwrap() has given.  krb5 allocates memory for an empty
 * message as well, which gss_release_buffer() does not free: a peer could make
 * the process grow with empty messages. */
void gs2_context_release(gss_buffer_t plain);

#endif
