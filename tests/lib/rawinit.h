/*
 * rawinit.h - an initiator that is no SASL client: messages of GS2 with any
 * header, flags and channel bindings, as an attacker would make them.
 */
#ifndef GS2_TESTS_RAWINIT_H
#define GS2_TESTS_RAWINIT_H

#include <stdbool.h>
#include <stddef.h>

#include <gssapi/gssapi.h>

/* What every test means unless it says otherwise. */
#define RAW_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG)

/* The header of a struct raw_ask from a literal that may hold NULs. */
#define RAW_HEADER(literal) \
    .header = (literal), .header_len = sizeof(literal) - 1

struct raw_ask {
    const char *header;   /* as it goes over the wire */
    size_t header_len;
    const char *bound;    /* what the token is bound to, if not the header
                             without "F," */
    const char *data;     /* binding data behind the header, a C string */
    OM_uint32 flags;      /* 0 for RAW_FLAGS */
    OM_uint32 addrtype;   /* of both addresses; Java's is 255 */
    bool unbound;         /* GSS_C_NO_CHANNEL_BINDINGS */
    bool keep_framing;    /* the token goes out framed */
    bool spnego;          /* it is SPNEGO's, and always framed */
};

/*
 * Makes a first message of alice's for imap@localhost: the header and the
 * token.  Gives *message_out in an allocation of its exact size, freed with
 * free().  Ends the test where GSS gives no token.
 */
void raw_message(const struct raw_ask *ask, char **message_out,
                 size_t *len_out);

/*
 * An IAKERB negotiation of alice's for imap@localhost, by her password and
 * without channel bindings: raw_iakerb_turn() takes the acceptor's token (in
 * NULL at first) and gives the next one behind header, freed with free();
 * *len_out is 0 if there is no next one.  raw_iakerb_end() frees what was left.
 */
struct raw_iakerb {
    gss_cred_id_t cred;
    gss_ctx_id_t context;
};

void raw_iakerb_turn(struct raw_iakerb *raw, const char *header,
                     const void *in, size_t in_len, char **message_out,
                     size_t *len_out);
void raw_iakerb_end(struct raw_iakerb *raw);

/*
 * Copies the credential cache of KRB5CCNAME to another file, whose header
 * says that the KDC's clock is offset seconds ahead of ours: krb5 then makes
 * tokens of that time.  The name of the copy becomes KRB5CCNAME.  The cache
 * must hold the service's ticket already: raw_message() fetches it.
 */
void raw_shift_clock(const char *copy, int offset);

#endif
