/*
 * scriptmech_int.h - what the files of scriptmech.so share; not for tests.
 *
 * Every function of the mechanism begins with gs2_play_begin(), which counts
 * the call and finds its fault, and ends with gs2_play_end(), which puts it on
 * record.  Memory that runs out ends the process: a lost record would make a
 * test lie.
 */
#ifndef GS2_SCRIPTMECH_INT_H
#define GS2_SCRIPTMECH_INT_H

#include "scriptmech.h"

/* The functions that the mechanism glue looks up. */
#define EXPORT __attribute__((visibility("default")))

/* A name: one of the script's with its facts, or one that was imported. */
struct gs2_play_name {
    unsigned id;
    enum gs2_script_oid oid;
    const struct gs2_script_name *facts; /* NULL: imported */
    gss_OID type;                        /* a constant or NULL */
    struct gs2_octets text;              /* owned */
};

struct gs2_play_cred {
    unsigned id;
    enum gs2_script_oid oid;
    gss_cred_usage_t usage;
    struct gs2_play_name *name; /* owned; NULL: none */
};

/* Counts a call and looks for its fault.  Returns the script, with *major_out
 * and *minor_out as the fault says, GSS_S_COMPLETE where there is none; or
 * NULL and GSS_S_UNAVAILABLE where the mechanism has no script. */
const struct gs2_script *gs2_play_begin(const struct gs2_call *call,
                                        OM_uint32 *major_out,
                                        OM_uint32 *minor_out);

/* Puts a copy of the call on record.  Returns major. */
OM_uint32 gs2_play_end(struct gs2_call *call, OM_uint32 major,
                       OM_uint32 minor);

/* The script of a slot, or NULL; the slot of an OID, or GS2_OID_COUNT. */
const struct gs2_script *gs2_play_script(enum gs2_script_oid oid);
enum gs2_script_oid gs2_play_slot(gss_const_OID oid);

/* Objects that live: gives a new serial number, or takes one back. */
enum gs2_play_object { GS2_PLAY_CONTEXT, GS2_PLAY_CRED, GS2_PLAY_NAME };
unsigned gs2_play_born(enum gs2_play_object object);
void gs2_play_died(enum gs2_play_object object);

/* malloc() of at least one octet, that does not fail. */
void *gs2_play_alloc(size_t len);

/* A copy with a NUL after it, or NULL for NULL; freed with
 * gs2_play_octets_free(). */
struct gs2_octets gs2_play_octets_copy(struct gs2_octets octets);
void gs2_play_octets_free(struct gs2_octets *octets);
bool gs2_play_octets_equal(struct gs2_octets a, struct gs2_octets b);

/* The octets of a buffer, which may be NULL.  Borrows. */
struct gs2_octets gs2_play_octets_of(const gss_buffer_desc *buffer);

/* Fills a buffer for the caller of the mechanism; buffer may be NULL. */
void gs2_play_fill(gss_buffer_t buffer, struct gs2_octets octets);

/* Names.  NULL is no name, everywhere. */
struct gs2_play_name *gs2_play_name_new(enum gs2_script_oid oid,
                                        const struct gs2_script_name *facts,
                                        struct gs2_octets text, gss_OID type);
struct gs2_play_name *gs2_play_name_source(enum gs2_script_oid oid,
                                           const struct gs2_script *script);
struct gs2_play_name *gs2_play_name_copy(const struct gs2_play_name *name);
void gs2_play_name_free(struct gs2_play_name *name);

/* Credentials: of the script's source, or of a name, which is copied. */
struct gs2_play_cred *gs2_play_cred_new(enum gs2_script_oid oid,
                                        const struct gs2_play_name *name,
                                        gss_cred_usage_t usage);

struct gs2_play_ctx {
    unsigned id;
    enum gs2_script_oid oid;
    const struct gs2_script *script;
    bool initiator;
    unsigned leg;    /* calls so far */
    unsigned extras; /* calls of process_context_token so far */
    OM_uint32 flags; /* as the last leg said */
    bool bound;
    bool done;
    bool closed;
    bool gone;
    unsigned char wrapped, unwrapped; /* messages so far */
    struct gs2_play_name *target; /* initiator */
};

struct gs2_play_ctx *gs2_play_ctx_new(enum gs2_script_oid oid,
                                      const struct gs2_script *script,
                                      bool initiator,
                                      const struct gs2_play_name *target);
void gs2_play_ctx_free(gss_ctx_id_t *handle);

/* The OID that mech_type is given. */
gss_OID gs2_play_mech_type(const struct gs2_play_ctx *context,
                           enum gs2_script_mech_type type);

/* The script's lifetime, as time_rec gives it. */
OM_uint32 gs2_play_lifetime(const struct gs2_script *script);

/* Where the bindings that a token ends with begin; false: there are none. */
bool gs2_play_bindings_find(struct gs2_octets token, struct gs2_octets *inner,
                            struct gs2_octets *bindings);
/* Bindings as they go into a token; freed with gs2_play_octets_free(). */
struct gs2_octets gs2_play_bindings_encode(
    const struct gss_channel_bindings_struct *bindings);
/* Puts the bindings of a call into its record; borrows. */
void gs2_play_bindings_note(
    struct gs2_call *call, const struct gss_channel_bindings_struct *bindings);

/* The same for the input token; call->input says what was given. */
void gs2_play_input_note(struct gs2_call *call, const gss_buffer_desc *token);

/* Functions that no header of the GSS library declares. */
OM_uint32 gssspi_acquire_cred_with_password(
    OM_uint32 *minor, const gss_name_t name, const gss_buffer_t password,
    OM_uint32 time_req, const gss_OID_set mechs, int usage,
    gss_cred_id_t *cred_out, gss_OID_set *mechs_out, OM_uint32 *time_out);
OM_uint32 gssspi_authorize_localname(OM_uint32 *minor, const gss_name_t name,
                                     gss_const_buffer_t user,
                                     gss_const_OID type);
OM_uint32 gssspi_import_name_by_mech(OM_uint32 *minor, gss_OID mech,
                                     gss_buffer_t text, gss_OID type,
                                     gss_name_t *name_out);

/* The one symbol that a test looks up. */
const struct gs2_scriptmech *gs2_scriptmech_functions(void);

#endif
