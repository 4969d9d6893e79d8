/*
 * fuzz_peer.h - an end of GSSAPI or GSS-SPNEGO that is no libsasl's: alice's
 * client, or the service itself, with a real context, who keeps to the
 * handshake and then says of layers whatever it was told to say.
 */
#ifndef GS2_TESTS_FUZZ_PEER_H
#define GS2_TESTS_FUZZ_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gssapi/gssapi.h>

#include "tests/lib/dialogue.h"

/* How the message about layers goes out. */
enum fuzz_how {
    FUZZ_WRAPPED,   /* as RFC 4752 wants it */
    FUZZ_SEALED,    /* with confidentiality, which changes nothing */
    FUZZ_SKIPPED,   /* behind a message that was made and not sent */
    FUZZ_BARE,      /* as it is */
    FUZZ_MIC,       /* a MIC of it */
    FUZZ_REFLECTED, /* the peer's own, as it came */
    FUZZ_HOWS
};

struct fuzz_peer {
    /* --- set before the first turn; the rest is zero */
    bool initiator, spnego;
    OM_uint32 flags;  /* that an initiator asks for */
    gss_channel_bindings_t bindings;
    const uint8_t *layers; /* the message about layers: an offer or a choice */
    size_t layers_len;
    enum fuzz_how how;

    /* --- what it came to */
    gss_ctx_id_t context;
    bool complete;
    OM_uint32 got_flags;
    bool has_layers;        /* the peer's message about layers was unwrapped */
    uint8_t theirs[4];
    bool is_over;           /* nothing more to say */

    /* --- its own */
    gss_buffer_desc out;
    bool awaits_response, said_layers;
};

/* One turn: takes what came (data NULL: nothing), and gives what goes out,
 * which lives until the next turn.  False where it has nothing to say: the
 * handshake failed, or the login is over. */
bool fuzz_peer_turn(struct fuzz_peer *peer, const struct gs2_message *in,
                    struct gs2_message *out);

/* Frees what it holds. */
void fuzz_peer_clear(struct fuzz_peer *peer);

#endif
