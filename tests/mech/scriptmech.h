/*
 * scriptmech.h - a GSS-API mechanism that plays a script, for the tests.
 *
 * scriptmech.so is loaded by the mechanism glue of MIT krb5 like any mechanism
 * (GSS_MECH_CONFIG).  A test program opens it with gs2_scriptmech_open(),
 * installs a script, runs a dialogue through the GSS-API or libsasl, both ends
 * in its own process if it likes, and reads back what the mechanism was called
 * with.  A script is data; zero everywhere is a valid value with the meaning
 * said at each member.
 *
 *     sm = gs2_scriptmech_open(NULL, GS2_OID_BIT(GS2_OID_A));
 *     gs2_script_honest(&script, 2);
 *     script.acceptor[0].flags = 0;        no mutual authentication
 *     sm->install(GS2_OID_A, &script);
 *     ... a dialogue ...
 *     ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 1);
 *
 * The program links scriptmech_open.c, scriptmech_oids.c and the GSS library;
 * open the mechanism before the first GSS call of the process.
 *
 * What the glue makes of a script, whatever the script says (t_scriptmech
 * shows each):
 * - an acceptor's ret_flags, mech_type, source name and delegated credential
 *   come only with exactly GSS_S_COMPLETE; gss_inquire_context() has the rest.
 * - a first call that ends in anything but exactly COMPLETE or CONTINUE_NEEDED
 *   leaves no context.
 * - a name that comes from a context is always one of the context's mechanism;
 *   the mechanism that mech_type names can be another.
 * - an acceptor's first token finds its mechanism by its framing; without it
 *   only a token that begins "NTLMSSP" NUL does, GS2_OID_NTLM, so that is the
 *   acceptor of an unframed mechanism (gs2_script_honest_unframed()).
 */
#ifndef GS2_SCRIPTMECH_H
#define GS2_SCRIPTMECH_H

#include <stdbool.h>
#include <stddef.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

/* Calls of one role that a script can say. */
#define GS2_SCRIPT_LEGS   80
#define GS2_SCRIPT_EXTRAS 4
#define GS2_SCRIPT_FAULTS 8
#define GS2_SCRIPT_TEXTS  8

/* The mechanisms.  Each has a slot for one script; one that is not opened does
 * not exist, one without a script answers every call GSS_S_UNAVAILABLE. */
enum gs2_script_oid {
    GS2_OID_A,      /* 1.3.6.1.4.1.32473.1.1 */
    GS2_OID_B,      /* 1.3.6.1.4.1.32473.1.2 */
    GS2_OID_NTLM,   /* 1.3.6.1.4.1.311.2.2.10, known without framing */
    GS2_OID_SPKM1,  /* 1.3.6.1.5.5.1.1, whose hash name is GS2-DT4PIK22T6A */
    GS2_OID_EAP128, /* 1.3.6.1.5.5.15.1.1.17, EAP-AES128 of Moonshot */
    GS2_OID_EAP256, /* 1.3.6.1.5.5.15.1.1.18, EAP-AES256 */
    GS2_OID_COUNT
};

#define GS2_OID_BIT(oid) (1U << (oid))
#define GS2_OID_ALL      (GS2_OID_BIT(GS2_OID_COUNT) - 1U)

/* Octets of a script.  data NULL: no buffer at all; data non-NULL and len 0:
 * an empty one. */
struct gs2_octets {
    const void *data;
    size_t len;
};

#define GS2_OCTETS(literal)                                                   \
    {                                                                         \
        (literal), sizeof(literal) - 1                                        \
    }

/* One value of an attribute (RFC 6680 section 7.5). */
struct gs2_script_value {
    struct gs2_octets value;
    struct gs2_octets display; /* data NULL: none */
    bool authenticated;
    bool complete;
    OM_uint32 major; /* not 0: this instead of the value */
    OM_uint32 minor;
};

/* One attribute of a name.  Without values: GSS_S_UNAVAILABLE. */
struct gs2_script_attr {
    struct gs2_octets name;
    const struct gs2_script_value *values;
    size_t count;
    bool endless;          /* after the last value comes the last again */
    bool unlisted;         /* gss_inquire_name() does not list it */
    unsigned listed_again; /* it lists it so many times more */
};

/* A name that the mechanism gives. */
struct gs2_script_name {
    struct gs2_octets text;     /* gss_display_name(); empty comes as NULL */
    gss_OID type;               /* a constant of the GSS library; NULL: that of a
                                   user's name */
    struct gs2_octets local;    /* gss_localname(); NULL: GSS_S_UNAVAILABLE */
    const char *authorized;     /* the user that gss_authorize_localname() lets
                                   in; NULL: GSS_S_UNAVAILABLE */
    struct gs2_octets exported; /* NULL: made of the text, RFC 2743 3.2 */
    struct gs2_octets composite; /* the same; imports again with attributes */
    const struct gs2_script_attr *attrs;
    size_t attr_count;
    bool null_set; /* gss_inquire_name() gives no set, not an empty one */
    bool untyped;  /* without a type, gss_display_name() says none */
};

/* Framing of RFC 2743 section 3.1 around a token that goes out. */
enum gs2_script_framing {
    GS2_FRAME_AUTO, /* the initiator's first, unless script.unframed */
    GS2_FRAME_NEVER,
    GS2_FRAME_ALWAYS
};

/* What a call does with its channel bindings.  Where neither side has any,
 * no comparison fails and none gives the flag. */
enum gs2_script_bind {
    GS2_BIND_IGNORE,
    GS2_BIND_SEND,      /* initiator: append them to the token */
    GS2_BIND_SEND_NONE, /* initiator: append that there were none */
    GS2_BIND_CHECK,     /* acceptor: compare with those that the token ends
                           with: GSS_C_CHANNEL_BOUND_FLAG from here on, or
                           GSS_S_BAD_BINDINGS, also where one side has none */
    GS2_BIND_LAX,       /* as krb5: neither where one side has none */
    GS2_BIND_SILENT     /* as EAP-AES128: as CHECK, but never the flag */
};

/* Which OID mech_type is given. */
enum gs2_script_mech_type {
    GS2_MECH_OWN,
    GS2_MECH_OTHER, /* script.other_oid */
    GS2_MECH_NULL
};

/* The answer to one gss_init_sec_context() or gss_accept_sec_context(). */
struct gs2_script_leg {
    OM_uint32 major; /* any bits; returned as they are */
    OM_uint32 minor;
    struct gs2_octets token; /* also with an error */
    enum gs2_script_framing framing;
    enum gs2_script_bind bind;
    OM_uint32 flags; /* ret_flags, and gss_inquire_context()'s after it */
    OM_uint32 grant; /* initiator: requested flags to add to them */
    enum gs2_script_mech_type mech_type;
    bool drops_context;       /* the context is gone after the call */
    struct gs2_octets expect; /* NULL: any input; else GSS_S_DEFECTIVE_TOKEN
                                 where it is not these octets (taken without
                                 framing, and without bindings that the leg
                                 looks at) */
};

/* The answer to one gss_process_context_token(). */
struct gs2_script_extra {
    OM_uint32 major;
    OM_uint32 minor;
    bool closes;           /* gss_inquire_context(): no longer open */
    bool drops_context;    /* gss_inquire_context(): GSS_S_NO_CONTEXT */
    OM_uint32 clear_flags; /* and these flags are gone */
};

/* The functions of the mechanism, for faults and records. */
enum gs2_call_kind {
    GS2_CALL_NONE,
    GS2_CALL_INIT,
    GS2_CALL_ACCEPT,
    GS2_CALL_DELETE_CONTEXT,
    GS2_CALL_INQUIRE_CONTEXT,
    GS2_CALL_CONTEXT_TIME,
    GS2_CALL_PROCESS_TOKEN,
    GS2_CALL_WRAP,
    GS2_CALL_UNWRAP,
    GS2_CALL_WRAP_SIZE_LIMIT,
    GS2_CALL_ACQUIRE_CRED, /* also _from */
    GS2_CALL_ACQUIRE_PASSWORD,
    GS2_CALL_INQUIRE_CRED, /* also _by_mech */
    GS2_CALL_STORE_CRED,
    GS2_CALL_RELEASE_CRED,
    GS2_CALL_IMPORT_NAME,
    GS2_CALL_DISPLAY_NAME, /* the glue's own is the first of a name */
    GS2_CALL_COMPARE_NAME,
    GS2_CALL_DUPLICATE_NAME,
    GS2_CALL_EXPORT_NAME,
    GS2_CALL_EXPORT_COMPOSITE,
    GS2_CALL_RELEASE_NAME,
    GS2_CALL_LOCALNAME,
    GS2_CALL_AUTHORIZE_LOCALNAME,
    GS2_CALL_INQUIRE_NAME,
    GS2_CALL_GET_ATTRIBUTE,
    GS2_CALL_INQUIRE_ATTRS, /* of the mechanism, RFC 5587 */
    GS2_CALL_INQUIRE_SASLNAME,
    GS2_CALL_MECH_FOR_SASLNAME,
    GS2_CALL_DISPLAY_STATUS,
    GS2_CALL_KINDS
};

/* Minor statuses of the mechanism's own, with the texts that belong to them.
 * The glue maps minor statuses: compare the text, or the record. */
enum {
    GS2_MINOR_NO_SCRIPT = 90001, /* "no script for this mechanism" */
    GS2_MINOR_NO_LEG,            /* "no such leg in the script" */
    GS2_MINOR_INPUT,             /* "not the token that the script expects" */
    GS2_MINOR_BINDINGS,          /* "the channel bindings differ" */
    GS2_MINOR_NO_CRED,           /* "no scripted credential of that name" */
    GS2_MINOR_PASSWORD,          /* "not the scripted password" */
    GS2_MINOR_STORE              /* "no credential stores in this script" */
};

/*
 * The nth call of a kind, counted for the mechanism since install(), answers
 * major and minor.  Where major has an error bit the call does nothing else;
 * without one it does what it would, and returns major instead of COMPLETE.
 * Not for GS2_CALL_MECH_FOR_SASLNAME, which is not told its mechanism.
 */
struct gs2_script_fault {
    enum gs2_call_kind kind; /* GS2_CALL_NONE: no fault */
    unsigned nth;            /* from 1; 0: each */
    OM_uint32 major;
    OM_uint32 minor;
};

/* A text of gss_display_status().  Several for one minor status come one after
 * the other (message_context); none: "scripted minor status N". */
struct gs2_script_text {
    OM_uint32 minor; /* 0: end of the list */
    struct gs2_octets text;
};

/* Attributes of a mechanism (RFC 5587), as bits. */
enum {
    GS2_MA_CONCRETE = 1U << 0,
    GS2_MA_AUTH_INIT = 1U << 1,
    GS2_MA_AUTH_TARG = 1U << 2,
    GS2_MA_AUTH_INIT_ANON = 1U << 3,
    GS2_MA_CBINDINGS = 1U << 4,
    GS2_MA_ITOK_FRAMED = 1U << 5,
    GS2_MA_DELEG_CRED = 1U << 6,
    GS2_MA_PFS = 1U << 7,
    GS2_MA_MECH_NEGO = 1U << 8,
    GS2_MA_MECH_GLUE = 1U << 9,
    GS2_MA_NOT_MECH = 1U << 10,
    GS2_MA_DEPRECATED = 1U << 11,
    GS2_MA_NOT_DFLT_MECH = 1U << 12,
    GS2_MA_MECH_PSEUDO = 1U << 13,
    GS2_MA_MECH_COMPOSITE = 1U << 14
};

/* What an honest mechanism claims that GS2 offers. */
#define GS2_MA_HONEST                                                         \
    (GS2_MA_CONCRETE | GS2_MA_AUTH_INIT | GS2_MA_AUTH_TARG |                  \
     GS2_MA_CBINDINGS | GS2_MA_ITOK_FRAMED)

struct gs2_script {
    /* The mechanism. */
    unsigned ma;                /* GS2_MA_ bits */
    bool ma_null;               /* no set: the mechanism knows no RFC 5587 */
    struct gs2_octets saslname; /* NULL: GSS_S_UNAVAILABLE, hence the hash */
    bool unframed;              /* for GS2_FRAME_AUTO */
    enum gs2_script_oid other_oid; /* for GS2_MECH_OTHER */
    struct gs2_script_text texts[GS2_SCRIPT_TEXTS];
    bool texts_endless; /* message_context never comes back to 0 */

    /* The dialogue.  A call after the last leg: GSS_S_FAILURE, or that leg
     * again where repeat is set. */
    struct gs2_script_leg initiator[GS2_SCRIPT_LEGS];
    unsigned initiator_legs;
    struct gs2_script_leg acceptor[GS2_SCRIPT_LEGS];
    unsigned acceptor_legs;
    bool repeat;
    /* Tokens after it; after the last: GSS_S_DEFECTIVE_TOKEN, as krb5. */
    struct gs2_script_extra extras[GS2_SCRIPT_EXTRAS];
    unsigned extra_count;

    /* Who it is about.  source is the initiator, on both sides; NULL: no
     * name. */
    const struct gs2_script_name *source;
    bool delegates;     /* a delegated credential, with GSS_C_DELEG_FLAG */
    OM_uint32 lifetime; /* of contexts and credentials; 0: indefinite */
    bool expired;       /* contexts end with their last leg, as krb5's do where
                           the ticket does */

    /* gss_inquire_context(). */
    bool inquire_flags_set; /* inquire_flags, not the flags of the last leg */
    OM_uint32 inquire_flags;
    bool inquire_closed; /* never open */
    bool inquire_no_source;
    enum gs2_script_mech_type inquire_mech_type;

    /* Credentials.  Failures are faults. */
    const char *holder;   /* the one initiator name that has a credential
                             without a password; NULL: any */
    const char *password; /* NULL: no credential by password */
    bool no_store;        /* GSS_S_UNAVAILABLE where a store is named */
    unsigned store_mode;  /* a credential is stored as a file of that mode; 0:
                             nothing is written */

    struct gs2_script_fault faults[GS2_SCRIPT_FAULTS];
};

/* The initiator's input token, by what was given. */
enum gs2_call_input {
    GS2_INPUT_NONE,  /* GSS_C_NO_BUFFER */
    GS2_INPUT_NULL,  /* a buffer with value NULL */
    GS2_INPUT_EMPTY, /* length 0, value not NULL */
    GS2_INPUT_SOME
};

/* One call, as the mechanism saw it.  Octets are copies that end in a NUL. */
struct gs2_call {
    enum gs2_call_kind kind;
    enum gs2_script_oid oid; /* GS2_OID_COUNT: the call does not tell */
    unsigned context;        /* serial number of the context from 1; 0: none */
    unsigned leg;            /* call number in that context, from 1 */
    unsigned cred;           /* serial number of the credential; 0: none */
    unsigned name; /* of the name: target, desired, asked about; 0: none */
    enum gs2_call_input input;
    struct gs2_octets token;  /* input: token, name, attribute, SASL name */
    struct gs2_octets target; /* text of the name, NULL: none */
    struct gs2_octets store;  /* credential store as "key=value;key=value" */
    gss_OID name_type;        /* of import; a constant or NULL */
    OM_uint32 req_flags;
    OM_uint32 time_req;
    int usage;     /* of credentials */
    int more;      /* of get_name_attribute, on entry */
    bool bindings; /* were any given */
    OM_uint32 initiator_addrtype;
    OM_uint32 acceptor_addrtype;
    struct gs2_octets initiator_address;
    struct gs2_octets acceptor_address;
    struct gs2_octets application_data;
    bool output_token; /* delete_context: a token was asked for */
    OM_uint32 major;   /* what it answered */
    OM_uint32 minor;
    size_t sent; /* octets of the output token */
};

/* Objects that the mechanism gave and that are not yet released. */
struct gs2_script_live {
    unsigned contexts;
    unsigned creds;
    unsigned names;
};

/* What scriptmech.so offers to a test.  State is the process's; install() and
 * reset() only when no GSS call is under way in another thread. */
struct gs2_scriptmech {
    /* Borrows the script until the next install() or reset(), and as long as
     * contexts, credentials and names of it live.  Call counts of faults begin
     * anew.  NULL: no script. */
    void (*install)(enum gs2_script_oid oid, const struct gs2_script *script);

    /* Takes all scripts away and forgets all records. */
    void (*reset)(void);

    /* Forgets the records, keeps the scripts and the counts of faults. */
    void (*forget)(void);

    /* Calls of a kind on record, of all mechanisms; GS2_CALL_NONE: all. */
    unsigned (*count)(enum gs2_call_kind kind);

    /* The nth of them, from 1, or NULL.  Borrows until reset() or forget(). */
    const struct gs2_call *(*call)(enum gs2_call_kind kind, unsigned nth);

    /* Compares the inputs of all init or accept calls of the context: its
     * credential, target, mechanism, flags, time and bindings.  NULL where
     * they are the same in each, else the name of the first that is not. */
    const char *(*varied_input)(unsigned context);

    struct gs2_script_live (*live)(void);
};

/* Name of a call kind, "init_sec_context" and so on; never NULL. */
const char *gs2_call_name(enum gs2_call_kind kind);

/*
 * Makes the mechanisms of the mask (GS2_OID_BIT) known to the GSS library and
 * loads the module: path, or, where it is NULL, $GS2_SCRIPTMECH, or
 * tests/mech/.libs/scriptmech.so under $GS2_BUILDDIR or the current directory.
 * Before the first GSS call of the process.  Sets GSS_MECH_CONFIG; no file is
 * left behind.  The process keeps what is opened until its end.
 *
 * NULL with a line on stderr where that does not work.
 */
const struct gs2_scriptmech *gs2_scriptmech_open(const char *path,
                                                 unsigned mask);

/* The OID, a constant. */
gss_OID gs2_script_oid(enum gs2_script_oid oid);

/*
 * Fills the caller's *script with an honest dialogue of so many tokens, 1 to
 * 2 * GS2_SCRIPT_LEGS - 1, the initiator's first: each side completes as soon
 * as no further token of the other is due; each token is expected exactly;
 * bindings go with the first token and are checked; at the end both sides have
 * GSS_C_MUTUAL_FLAG, and the acceptor knows "scripted@SCRIPT.TEST", without
 * attributes.  SASL name "GS2-SCRIPT", GS2_MA_HONEST.
 */
void gs2_script_honest(struct gs2_script *script, unsigned tokens);

/* gs2_script_honest() for GS2_OID_NTLM: tokens without framing, the first
 * begins with "NTLMSSP" NUL, no GS2_MA_ITOK_FRAMED, "GS2-UNFRAMED". */
void gs2_script_honest_unframed(struct gs2_script *script, unsigned tokens);

/* The token of that number (from 1) of an honest dialogue, without framing and
 * bindings. */
struct gs2_octets gs2_script_token(unsigned number);

#endif
