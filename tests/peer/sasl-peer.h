/*
 * sasl-peer.h - the parts of sasl-peer, the test program that plays a libsasl
 * server or client over TCP: its options, its trace and its frames.
 */
#ifndef SASL_PEER_H
#define SASL_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include <sasl/sasl.h>

#define PEER_OPTIONS_MAX 32
#define PEER_PROPS_MAX 32

struct peer_setting {
    const char *key;
    const char *value;
};

/* What the command line says.  Strings borrow from argv. */
struct peer_options {
    bool server;
    unsigned short port;
    const char *mech;          /* what the client asks for, NULL: the list */
    const char *mechlist;      /* what the server offers, NULL: libsasl's */
    const char *service;
    const char *host;
    const char *user_realm;    /* NULL: none */
    const char *authname;      /* NULL: no SASL_CB_AUTHNAME */
    const char *authzid;       /* "" for none */
    const char *password;      /* NULL: no SASL_CB_PASS */
    const char *policy;        /* "allow", "deny", NULL: libsasl's own */
    bool user_callback;        /* SASL_CB_USER is there */
    bool interact;             /* callbacks have no procedure: prompts */
    bool mute;                 /* ... which nobody answers */
    bool gss_creds;            /* acquire a credential for SASL_GSS_CREDS */
    bool gss_creds_both;       /* ... one that can initiate and accept */
    unsigned short hop;        /* the port of the server's second hop, or 0 */
    void *hop_cred;            /* of a hop's client: for SASL_GSS_CREDS */
    bool probe;                /* look at the identities of a refused login */
    bool quiet;                /* trace samples and the summary only */
    unsigned new_flags;        /* SASL_SUCCESS_DATA, SASL_NEED_PROXY */
    unsigned sec_flags;        /* SASL_SEC_* */
    long count;                /* logins, 0 is for ever */
    int patience;              /* seconds without a connection or a message */
    struct sasl_channel_binding binding; /* name NULL: none */
    char *binding_storage;     /* freed with the options */
    struct sasl_secret *secret;
    size_t nsettings;
    struct peer_setting settings[PEER_OPTIONS_MAX];
    size_t nprops;
    const char *props[PEER_PROPS_MAX + 1];
    size_t nusers;             /* whose Unix groups are traced */
    const char *users[PEER_PROPS_MAX + 1];
};

/* Roles (sasl-peer-server.c, sasl-peer-client.c).  Return the number of logins
 * that were refused, or -1 where the program could not do its work. */
long peer_server_run(const struct peer_options *options);
long peer_client_run(const struct peer_options *options);

/* The second hop: the server logs in for its user, with the credential that
 * the user delegated, as the client of the server at options->hop, whose
 * service is ldap.  sasl_client_init() was called.  False if that fails. */
bool peer_client_hop(const struct peer_options *options, void *cred);

/* Callbacks that both roles have (sasl-peer.c): the log, and the getopt
 * callback where --option was given, so that else the configuration file is
 * read.  Fills at most 2 entries of list, returns how many. */
size_t peer_common_callbacks(const struct peer_options *options,
                             sasl_callback_t *list);

/* Gives conn the channel binding, the security flags, the credential and the
 * properties that the options ask for (sasl-peer.c).  *cred_out is a
 * gss_cred_id_t to be released with peer_cred_release() after conn is gone.
 * Returns a SASL code. */
int peer_conn_prepare(const struct peer_options *options, sasl_conn_t *conn,
                      void **cred_out);
void peer_cred_release(void **cred);

/*
 * Frames (sasl-peer-frame.c): 4 octets of length, most significant first, of
 * what follows; one octet of type; data.  A message of SASL may be absent (a
 * NULL pointer for libsasl) or empty: two types.
 */
enum peer_frame_type {
    FRAME_MECHS = 'M',           /* server: names with spaces between */
    FRAME_START = 'S',           /* client: name, NUL, initial response */
    FRAME_START_BARE = 's',      /* client: name */
    FRAME_CONTINUE = 'C',
    FRAME_CONTINUE_ABSENT = 'c',
    FRAME_OK = 'O',              /* server: success with data */
    FRAME_OK_ABSENT = 'o',       /* server: success */
    FRAME_FAIL = 'F',            /* server */
    FRAME_ABORT = 'A'            /* client */
};

#define FRAME_MAX (1u << 24)

struct peer_frame {
    enum peer_frame_type type;
    char *data;  /* len octets exactly, so that an over-read is seen; NULL for
                    the types without data */
    size_t len;
};

/* Listens on a loopback port (0: any), which *port says on return.  Waits for
 * a connection; connects.  Return a descriptor or -1. */
int peer_listen(unsigned short *port);
int peer_accept(int listener, int patience);
int peer_connect(unsigned short port, int patience);

/* The addresses of a connection as libsasl wants them, "127.0.0.1;4711". */
void peer_addresses(int fd, char local_out[64], char remote_out[64]);

/* Sends one frame; false if that failed. */
bool peer_send(int fd, enum peer_frame_type type, const char *name,
               const char *data, size_t len);

/* Receives one frame into *frame_out, freed with peer_frame_free().  Returns
 * 1, or 0 at the end of the stream, or -1. */
int peer_receive(int fd, struct peer_frame *frame_out);
void peer_frame_free(struct peer_frame *frame);

/*
 * Trace (sasl-peer-trace.c), one line an event on standard output:
 *
 *   EVENT key=value key="value" ...
 *
 * In quotes, any octet that is not printable ASCII, the quote and the
 * backslash are \xNN.
 */
void trace_mute(bool quiet);
void trace_begin(const char *event);
void trace_always(const char *event);
void trace_word(const char *key, const char *word);
void trace_number(const char *key, long number);
void trace_text(const char *key, const void *data, size_t len);
void trace_string(const char *key, const char *string);
void trace_end(void);

/* Whole lines: a message of SASL (name is the mechanism in the first message
 * of a client, else NULL), a result with its error text, the identities of a
 * connection, the auxiliary properties, memory and descriptors. */
void trace_message(const char *direction, enum peer_frame_type type,
                   const char *name, const char *data, size_t len);
void trace_result(const char *call, int code, sasl_conn_t *conn);
void trace_identities(sasl_conn_t *conn);
void trace_auxprops(const char *at, const struct peer_options *options,
                    struct propctx *propctx);
void trace_sample(long logins);

/* The Unix groups that libc gives the users of the options, in this thread, in
 * another one, and in a child (sasl-peer-groups.c). */
void trace_groups(const char *at, const struct peer_options *options);

const char *peer_code_name(int code);
const char *peer_callback_name(unsigned long id);

#endif
