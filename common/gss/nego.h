/*
 * nego.h - the negotiation loop of RFC 7546, one turn a call.
 *
 * It knows GSS and no SASL: it is given a token and says what the mechanism
 * said, COMPLETE only after everything was verified that RFC 7546 section 3
 * asks for, before the last token goes out.  Who sends what when is in the step
 * tables of plugin/client.c and plugin/server.c.
 */
#ifndef GS2_NEGO_H
#define GS2_NEGO_H

#include <time.h>

#include "bindings.h"
#include "mechs.h"

/* A negotiation of more turns, or of more time, is no honest one. */
#define GS2_LEGS_MAX 64
#define GS2_SECONDS_MAX 300

enum gs2_side { GS2_INITIATOR, GS2_ACCEPTOR };

enum gs2_progress { GS2_COMPLETE, GS2_CONTINUE, GS2_FAILED };

struct gs2_nego {
    enum gs2_side side;

    /* The inputs that stay the same in every turn (RFC 7546 section 2); set
     * by the caller before the first. */
    struct gs2_mech *mech; /* borrowed */
    gss_cred_id_t cred;          /* borrowed; GSS_C_NO_CREDENTIAL is one */
    gss_name_t target;           /* borrowed; initiator alone */
    OM_uint32 req_flags;         /* initiator; those needed are verified */
    bool binds_silently;         /* acceptor: CHANNEL_BOUND is not needed */
    bool one_sided;              /* MUTUAL is not needed */
    bool no_bindings;            /* the mechanism is given none */
    struct gss_channel_bindings_struct bindings; /* freed by gs2_nego_clear() */

    /* The loop's own. */
    gss_ctx_id_t context;
    unsigned legs;
    struct timespec first;

    /* What it came to; GSS_C_NO_NAME and so on before GS2_COMPLETE. */
    OM_uint32 ret_flags;
    bool expired;              /* initiator: the context has no time left */
    gss_name_t initiator;      /* acceptor: the peer's name */
    gss_cred_id_t delegated;   /* acceptor */
};

/* Frees what nego holds and empties it.  Emits no deletion token (RFC 7546
 * section 3.2). */
void gs2_nego_clear(struct gs2_nego *nego);

/*
 * One turn: in is the peer's token (GSS_C_NO_BUFFER in the initiator's first
 * turn alone; one of no octets is handed to the mechanism).  Gives *out, to be
 * freed with gss_release_buffer().
 *
 * GS2_CONTINUE or GS2_COMPLETE: send *out where it has octets, and with
 * GS2_CONTINUE even if it has none (RFC 7546 sections 2.2 and 2.5).
 *
 * GS2_FAILED: err says why; err_status_out says GS2_BADBINDING, GS2_NOCRED or
 * GS2_BADAUTH.  The context is destroyed.  *out is the mechanism's error
 * token, if it made one; a token that was made before one of our checks failed
 * is dropped.
 */
enum gs2_progress gs2_nego_turn(struct gs2_nego *nego, gss_buffer_t in,
                                gss_buffer_t out, gs2_status *err_status_out,
                                struct gs2_error *err);

/* Whether the first turn was at most GS2_SECONDS_MAX ago (RFC 7546 sections 2.4
 * and 2.7): GS2_OK, or GS2_BADAUTH.  gs2_nego_turn() asks by itself. */
GS2_MUST_USE gs2_status gs2_nego_in_time(const struct gs2_nego *nego,
                                         struct gs2_error *err);

/*
 * A token of at least one octet that came after GS2_COMPLETE: handed to
 * gss_process_context_token(), and the context looked at anew (RFC 7546
 * section 3.2).  GS2_OK where it is still open with all we need; else the
 * reason, and the context is destroyed.
 */
GS2_MUST_USE gs2_status gs2_nego_extra(struct gs2_nego *nego, gss_buffer_t in,
                                       struct gs2_error *err);

#endif
