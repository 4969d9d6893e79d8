/*
 * fuzz_asks.h - a login by GSSAPI or GSS-SPNEGO as the octets of a fuzzer say it.
 *
 *   octet 0     1: GSS-SPNEGO; 6: who is no libsasl, 2 the client, 4 the server;
 *               8: success data; 16: NULL for an empty challenge; 64: another
 *               authorization identity; 128: which is refused
 *   octet 1     the server's range of SSF, 8: the client's; 64, 128: TLS below
 *   octet 2     the server's buffer, 4: the client's; 16, 64: their bindings
 *   octet 3     which flags the one who is no libsasl asks for; 64: ad_compat;
 *               128: a rule that wants privacy
 *   octet 4     how that one says their layers; 16: afterwards, a message of
 *               the layer is wrong
 *   4 octets    a change: which message, what is done, and two numbers
 *   ...         more of them
 *   0xff        the end of the changes; the rest is what that one says of
 *               layers, and a message that may stand for another
 *
 * What is missing counts as zero.
 */
#ifndef GS2_TESTS_FUZZ_ASKS_H
#define GS2_TESTS_FUZZ_ASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gssapi/gssapi.h>
#include <sasl/sasl.h>

#include "fuzz_peer.h"

#define FUZZ_CHANGES 8
#define FUZZ_BUFFER_SMALL 64u

/* What one side wants of a layer. */
struct fuzz_range {
    sasl_ssf_t min, max, external;
    unsigned buffer;
};

/* A change to a message on its way. */
struct fuzz_change {
    unsigned number; /* of the message, from 1; 0: none */
    enum { FUZZ_FLIP, FUZZ_CUT, FUZZ_LENGTHEN, FUZZ_EMPTY, FUZZ_NOTHING,
           FUZZ_BACK, FUZZ_AGAIN, FUZZ_TEXT, FUZZ_KINDS } kind;
    uint8_t a, b;
};

struct fuzz_asks {
    bool spnego, raw_client, raw_server;
    bool success_data, null_for_empty;
    bool authzid, refused, ad_compat, rule, lies;
    struct fuzz_range server, client;
    const sasl_channel_binding_t *server_binding, *client_binding;
    OM_uint32 flags;
    enum fuzz_how how;
    struct fuzz_change changes[FUZZ_CHANGES];
    const uint8_t *text;
    size_t text_len;
    bool honest; /* nothing of it keeps anybody from a login */
};

/* Fills the caller's.  Borrows data. */
void fuzz_asks_take(const uint8_t *data, size_t size, struct fuzz_asks *asks);

#endif
