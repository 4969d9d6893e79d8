/*
 * ends.h - two ends of a dialogue that talk through the GSS-API with nothing
 * between them.
 */
#ifndef GS2_TESTS_ENDS_H
#define GS2_TESTS_ENDS_H

#include "scripted.h"
#include "suite.h"

/* One end, and what its last call gave. */
struct gs2_end {
    gss_ctx_id_t context;
    gss_channel_bindings_t bindings;
    OM_uint32 major;
    OM_uint32 minor;
    OM_uint32 flags;
    gss_buffer_desc token;
    gss_OID mech_type;
    gss_name_t source;
    gss_cred_id_t delegated;
};

struct gs2_ends {
    struct gs2_end initiator;
    struct gs2_end acceptor;
    gss_OID mech; /* that the initiator asks for */
    gss_name_t target;
};

/* The ends of the test that runs. */
extern struct gs2_ends gs2_ends;

/* The bindings that both ends have at first: "n,,xx". */
extern struct gss_channel_bindings_struct gs2_ends_bindings;

/* Fixture.  The initiator asks for GS2_OID_A and test@host, with
 * GSS_C_MUTUAL_FLAG and a time of 77.  At the end of a test nothing that the
 * mechanism gave may be left. */
void gs2_ends_set_up(void);
void gs2_ends_tear_down(void);

/* Releases what an end has. */
void gs2_ends_drop(struct gs2_end *end);

/* One call of each. */
void gs2_ends_initiate(gss_buffer_t input);
void gs2_ends_accept(gss_buffer_t input);

/* Runs the dialogue until a side fails or nobody has anything to say.  Returns
 * the tokens that went over. */
unsigned gs2_ends_run(void);

/* The nth call of a kind; asserts that there is one. */
const struct gs2_call *gs2_ends_call(enum gs2_call_kind kind, unsigned nth);

/* Asserts that nothing of the mechanism lives, then forgets its scripts. */
void gs2_ends_check_live(void);

/* Asserts that a minor status of GS2_OID_A has this one text. */
void gs2_ends_check_text(OM_uint32 minor, const char *expected);

/* Asserts that octets are those; the second form releases the buffer. */
void gs2_ends_check_octets(struct gs2_octets octets, const void *data,
                           size_t len);
void gs2_ends_check_buffer(gss_buffer_t buffer, const void *data, size_t len);

#endif
