/*
 * gss_error.h - a GSS failure as our struct gs2_error: major and minor status
 * in words, and the OID of the mechanism (RFC 2744 sections 3.9.2 and 5.11).
 */
#ifndef GS2_GSS_ERROR_H
#define GS2_GSS_ERROR_H

#include <gssapi/gssapi.h>

#include "common/text/error.h"

/* An OID in dotted decimal with its NUL: our longest, and "..." beyond it. */
#define GS2_OID_TEXT_MAX 128

/* Writes oid to out (GS2_OID_TEXT_MAX octets) in dotted decimal; "no OID"
 * where it is NULL or ill-formed.  Returns out. */
char *gs2_oid_text(char *out, const gss_OID_desc *oid);

/*
 * Sets err to "what: major text: minor text", and its detail to "major text;
 * mechanism OID".  Call it before any other GSS call: mechanisms keep the texts
 * of minor codes per thread.  Left out of the text is what says nothing: the
 * major text of GSS_S_FAILURE ("Unspecified GSS failure.  Minor code may
 * provide more information") and of GSS_S_NO_CRED where there is a minor one, a
 * minor status of 0, a minor text such as "Success".
 */
void gs2_gss_error_set(struct gs2_error *err, const char *what,
                       OM_uint32 major, OM_uint32 minor,
                       const gss_OID_desc *mech);

/* The same, and status comes back. */
#define gs2_fail_gss(err, status, what, major, minor, mech) \
    (gs2_gss_error_set((err), (what), (major), (minor), (mech)), (status))

/*
 * A failure of the server's, whose peer is told no more than "what; its log
 * says why": what the mechanism says may name files of the server.  That is err's
 * detail: the text and the detail of gs2_gss_error_set().
 */
void gs2_gss_error_in_log(struct gs2_error *err, const char *what,
                          OM_uint32 major, OM_uint32 minor,
                          const gss_OID_desc *mech);

#endif
