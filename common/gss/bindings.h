/*
 * bindings.h - the channel bindings that both gss_init_sec_context() and
 * gss_accept_sec_context() are given, always (RFC 5801 section 5.1).
 */
#ifndef GS2_BINDINGS_H
#define GS2_BINDINGS_H

#include <gssapi/gssapi.h>

#include "common/wire/header.h"

/*
 * Fills the caller's *bindings: address types 0 and both addresses empty;
 * application data is the part of the gs2-header on the wire that hdr says is
 * bound, followed, where its flag is GS2_CB_USED alone, by the data_len octets
 * at data (RFC 5056: the binding's data without a prefix).  wire is the whole
 * header.  Free with gs2_bindings_free().
 *
 * GS2_OK or GS2_NOMEM; *bindings is then empty.
 */
GS2_MUST_USE gs2_status
gs2_bindings_fill(struct gss_channel_bindings_struct *bindings,
                  const struct gs2_header *hdr, const char *wire,
                  const void *data, size_t data_len, struct gs2_error *err);

/* Frees what gs2_bindings_fill() put there. */
void gs2_bindings_free(struct gss_channel_bindings_struct *bindings);

#endif
