/*
 * fuzz_peer.c - an end of GSSAPI or GSS-SPNEGO that says what it was told to say
 * (see fuzz_peer.h; RFC 4752 sections 3.1 and 3.2).
 */
#include "fuzz_peer.h"

#include <string.h>

#include <gssapi/gssapi_krb5.h>

#include "fuzz_krb5.h"
#include "tests/lib/must.h"

/* 1.3.6.1.5.5.2 */
static gss_OID_desc spnego = { 6, (void *)"\x2b\x06\x01\x05\x05\x02" };

static void
drop_out(struct fuzz_peer *peer)
{
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &peer->out);
}

/* A turn of the handshake.  False where it failed. */
static bool
shake(struct fuzz_peer *peer, const struct gs2_message *in)
{
    gss_buffer_desc token = { in->len, (void *)in->data };
    OM_uint32 major, minor;

    if (peer->initiator)
        major = gss_init_sec_context(
            &minor, GSS_C_NO_CREDENTIAL, &peer->context, fuzz_krb5_target(),
            peer->spnego ? &spnego : (gss_OID)gss_mech_krb5, peer->flags, 0,
            peer->bindings,
            peer->context != GSS_C_NO_CONTEXT ? &token : GSS_C_NO_BUFFER, NULL,
            &peer->out, &peer->got_flags, NULL);
    else
        major = gss_accept_sec_context(
            &minor, &peer->context, GSS_C_NO_CREDENTIAL, &token,
            peer->bindings, NULL, NULL, &peer->out, &peer->got_flags, NULL,
            NULL);
    peer->complete = major == GSS_S_COMPLETE;
    return peer->complete || major == GSS_S_CONTINUE_NEEDED;
}

/* The peer's message about layers. */
static void
read_layers(struct fuzz_peer *peer, const struct gs2_message *in)
{
    gss_buffer_desc wrapped = { in->len, (void *)in->data }, plain;
    OM_uint32 minor;

    if (in->len == 0 ||
        gss_unwrap(&minor, peer->context, &wrapped, &plain, NULL, NULL) !=
            GSS_S_COMPLETE)
        return;
    peer->has_layers = plain.length >= sizeof(peer->theirs);
    if (peer->has_layers)
        memcpy(peer->theirs, plain.value, sizeof(peer->theirs));
    (void)gss_release_buffer(&minor, &plain);
}

static void
copy_out(struct fuzz_peer *peer, const void *octets, size_t len)
{
    if (len == 0)
        return; /* gss_release_buffer() would not free it */
    peer->out.value = malloc(len);
    MUST(peer->out.value != NULL);
    memcpy(peer->out.value, octets, len);
    peer->out.length = len;
}

static void
say_layers(struct fuzz_peer *peer, const struct gs2_message *in)
{
    gss_buffer_desc message = { peer->layers_len, (void *)peer->layers };
    OM_uint32 minor;

    if (peer->how == FUZZ_SKIPPED) {
        (void)gss_wrap(&minor, peer->context, 0, GSS_C_QOP_DEFAULT, &message,
                       NULL, &peer->out);
        drop_out(peer);
    }
    if (peer->how == FUZZ_BARE)
        copy_out(peer, peer->layers, peer->layers_len);
    else if (peer->how == FUZZ_REFLECTED)
        copy_out(peer, in->data, in->len);
    else if (peer->how == FUZZ_MIC)
        (void)gss_get_mic(&minor, peer->context, GSS_C_QOP_DEFAULT, &message,
                          &peer->out);
    else
        (void)gss_wrap(&minor, peer->context, peer->how == FUZZ_SEALED,
                       GSS_C_QOP_DEFAULT, &message, NULL, &peer->out);
    peer->said_layers = true;
}

/* The context is complete. */
static bool
go_on(struct fuzz_peer *peer, const struct gs2_message *in)
{
    if (peer->spnego || (peer->said_layers && peer->initiator)) {
        peer->is_over = true;
        return false;
    }
    if (!peer->initiator && peer->said_layers) {
        read_layers(peer, in);
        peer->is_over = true;
        return false;
    }
    if (peer->initiator)
        read_layers(peer, in);
    say_layers(peer, in);
    return true;
}

bool
fuzz_peer_turn(struct fuzz_peer *peer, const struct gs2_message *in,
               struct gs2_message *out)
{
    /* What came may be what went out last. */
    gss_buffer_desc before = peer->out;
    OM_uint32 minor;
    bool done;

    peer->out = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    done = peer->complete ? go_on(peer, in) : shake(peer, in);
    /* An acceptor without a last token offers at once (row KS8). */
    if (done && peer->complete && peer->out.length == 0 &&
        !peer->initiator && !peer->spnego && !peer->said_layers)
        say_layers(peer, in);
    (void)gss_release_buffer(&minor, &before);
    out->data = peer->out.length > 0 ? peer->out.value : "";
    out->len = peer->out.length;
    return done;
}

void
fuzz_peer_clear(struct fuzz_peer *peer)
{
    OM_uint32 minor;

    drop_out(peer);
    (void)gss_delete_sec_context(&minor, &peer->context, GSS_C_NO_BUFFER);
}
