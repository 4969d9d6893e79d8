/*
 * dialogue.h - a client and a server of libsasl in one process, led through a
 * login step by step (RFC 4422 section 3), and what was seen, as a text.
 *
 *     static struct gs2_dialogue d;
 *     gs2_dialogue_init(&d);
 *     d.authzid = GS2_GIVEN("bob");
 *     gs2_dialogue_open(&d);
 *     gs2_dialogue_run(&d);
 *     ck_assert_str_eq(d.exchange, "C: CONTINUE [n,a=bob,token 1+56]; "
 *                                  "S: CONTINUE [token 2]; C: OK -; S: OK -");
 *     gs2_dialogue_close(&d);
 *
 * The exchange has an entry for each call of a step: who took it, libsasl's
 * code, and what it gave to send: "-" for nothing (NULL), "[]" for a message
 * of no octets, else the message up to its first octet that is not printable
 * ASCII, and "+N" for the N octets from there on; "?" for a message with a
 * failure, which is no message.
 *
 * Either side can be a list of messages instead (raw_client, raw_server): then
 * the other one alone is libsasl's.  The test decides about the mechanism: a
 * real one, or scriptmech.h's.
 *
 * All functions end the process (must.h) where libsasl cannot even begin.
 */
#ifndef GS2_TESTS_DIALOGUE_H
#define GS2_TESTS_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <gssapi/gssapi.h>

/* What the application answers to a callback of libsasl's. */
struct gs2_answer {
    enum {
        GS2_ASK_NONE,   /* no such callback */
        GS2_ASK_GIVEN,  /* a callback that answers text (NULL: an empty one) */
        GS2_ASK_PROMPT  /* SASL_INTERACT, and text as the user's answer */
    } how;
    const char *text;
    size_t len;         /* 0: strlen(text) */
};

#define GS2_GIVEN(s) ((struct gs2_answer){ GS2_ASK_GIVEN, (s), 0 })
#define GS2_PROMPT(s) ((struct gs2_answer){ GS2_ASK_PROMPT, (s), 0 })

/* An option of sasl.conf. */
struct gs2_setting {
    const char *name; /* NULL: end of the list */
    const char *value;
};

/* A message; data NULL: none at all (libsasl is called with NULL). */
struct gs2_message {
    const void *data;
    size_t len;
};

#define GS2_MESSAGE(literal) { (literal), sizeof(literal) - 1 }

#define GS2_SETTINGS 48
#define GS2_TAMPERS 4
#define GS2_MESSAGES 80
#define GS2_EXCHANGE_MAX 16384
#define GS2_LOG_MAX 32768
#define GS2_PROPERTIES 8

/* The message of that number, from 1, client's and server's together, is
 * delivered as another. */
struct gs2_tamper {
    unsigned number; /* 0: none */
    struct gs2_message by;
};

struct gs2_dialogue {
    /* --- to be set before gs2_dialogue_open() ---------------------------- */
    const char *service, *host; /* "test", "host.script.test" */
    const char *appname;        /* of both inits; "gs2-test" */
    const char *user_realm;     /* of sasl_server_new() */
    struct gs2_setting server_options[GS2_SETTINGS];
    struct gs2_setting client_options[GS2_SETTINGS];
    struct gs2_answer authzid, authname, password; /* client's callbacks */
    bool success_data;          /* server: SASL_SUCCESS_DATA */
    bool need_proxy;            /* server: SASL_NEED_PROXY */
    bool client_need_proxy;
    unsigned client_security, server_security; /* SASL_SEC_ flags */
    unsigned max_ssf;           /* of both sides; 0: no security layer */
    const sasl_channel_binding_t *client_binding, *server_binding;
    gss_cred_id_t client_creds, server_creds;  /* SASL_GSS_CREDS */
    const char *properties[GS2_PROPERTIES + 1]; /* requested of the server */
    const struct gs2_setting *passwords; /* PLAIN's users */
    int canon_code, proxy_code; /* what these callbacks answer; SASL_OK */
    const char *(*canon)(sasl_conn_t *server, const char *name); /* NULL, or
                                   what canon_user makes of one; a NULL of its
                                   own is SASL_NOAUTHZ */
    bool no_auxprop;            /* no auxprop plugin in the process */
    bool silent_getopt;         /* SASL_OK and no value to all options that are
                                   not set, as 389-ds does */

    /* --- to be set before gs2_dialogue_run() ----------------------------- */
    const char *mech;           /* "GS2-SCRIPT" */
    bool null_for_empty;        /* deliver NULL for an empty challenge */
    bool null_at_success;       /* as libldap: a client step with NULL where
                                   the server's success came without data */
    struct gs2_tamper tampers[GS2_TAMPERS];
    void (*change)(struct gs2_dialogue *d, bool to_client,
                   struct gs2_message *message); /* NULL, or sees each message
                                   before it is delivered; may set another,
                                   which is copied; d->messages counts it */
    struct gs2_message raw_client[GS2_MESSAGES], raw_server[GS2_MESSAGES];
    unsigned raw_client_count, raw_server_count; /* 0: libsasl */

    /* --- what was seen --------------------------------------------------- */
    char exchange[GS2_EXCHANGE_MAX];
    int client_code, server_code; /* of the last step; SASL_NOTINIT for none */
    char client_error[2048], server_error[2048]; /* sasl_errdetail() then */
    char client_log[GS2_LOG_MAX], server_log[GS2_LOG_MAX]; /* "LEVEL text\n" */
    unsigned client_steps, server_steps;
    unsigned canon_calls, proxy_calls;
    char canon_users[512];  /* what canon_user was called with, ";" after each:
                               "authid=", "authzid=" or "both=", the name */
    char proxied[512];      /* the last call: "authid as authzid" */
    char prompts[256];      /* "USER", "AUTHNAME", "PASS", ";" after each */
    sasl_conn_t *client, *server;

    /* --- its own --------------------------------------------------------- */
    const char *out;        /* the message that waits for its delivery */
    unsigned out_len;
    unsigned messages;
    void *copy;             /* of it, of its exact size */
    sasl_interact_t *prompt;
    sasl_secret_t *secret;
    sasl_callback_t client_callbacks[8], server_callbacks[8];
};

/* Makes the plugins known to libsasl (SASL_PATH): $GS2_PLUGIN, or
 * plugin/.libs/libgs2.so under $GS2_BUILDDIR or the current directory, and the
 * PLAIN plugin of libsasl's own directory where it has one.  Once, before the
 * suite runs; what it makes is removed at the process's end.  plugin: another
 * file than that, or NULL. */
bool gs2_dialogue_plugins(const char *plugin);

/* Then one more file, of which libsasl learns at the next init. */
bool gs2_dialogue_plugin_too(const char *path);

/* Empties *d and sets what has a default. */
void gs2_dialogue_init(struct gs2_dialogue *d);

/* sasl_client_init(), sasl_server_init(), a connection on either side. */
void gs2_dialogue_open(struct gs2_dialogue *d);

/* The two halves of it, for tests of init and done themselves. */
void gs2_dialogue_begin(struct gs2_dialogue *d);
void gs2_dialogue_connect(struct gs2_dialogue *d);

/* Takes the connections away and keeps what was seen; new ones can follow. */
void gs2_dialogue_disconnect(struct gs2_dialogue *d);

/* Another connection for the client alone: libsasl 2.1.28 forgets the old
 * attempt, and what it holds, where a client starts anew on the same one. */
void gs2_dialogue_renew_client(struct gs2_dialogue *d);

/* Disconnects; sasl_client_done() and sasl_server_done(). */
void gs2_dialogue_close(struct gs2_dialogue *d);

/* One attempt on the connections from its start to its end: both said OK, one
 * said neither OK nor CONTINUE, or nobody has anything to say.  Appends to the
 * exchange. */
void gs2_dialogue_run(struct gs2_dialogue *d);

/* Single steps.  Each takes the message that the other side gave last (or a
 * tampered one), and returns libsasl's code. */
int gs2_dialogue_client_start(struct gs2_dialogue *d);
int gs2_dialogue_client_step(struct gs2_dialogue *d);
int gs2_dialogue_server_start(struct gs2_dialogue *d);
int gs2_dialogue_server_step(struct gs2_dialogue *d);

/* Puts a message in the place of the one that waits. */
void gs2_dialogue_say(struct gs2_dialogue *d, const void *data, size_t len);

/* A PLAIN attempt on the server's connection.  Returns libsasl's code. */
int gs2_dialogue_plain(struct gs2_dialogue *d, const char *user,
                       const char *password);

/* A string property of a connection, or "-" where there is none. */
const char *gs2_dialogue_property(sasl_conn_t *conn, int which);

/* True where the pointer that sasl_getprop() gives is not NULL. */
bool gs2_dialogue_has(sasl_conn_t *conn, int which);

/* The first value of an auxiliary property of the server's, or NULL. */
const char *gs2_dialogue_auxprop(struct gs2_dialogue *d, const char *name);

/* The mechanisms that a side lists, separated by spaces; "-" for none. */
const char *gs2_dialogue_listed(sasl_conn_t *conn);

/* Sets an option of a list; a NULL value takes it away. */
void gs2_dialogue_set(struct gs2_setting *options, const char *name,
                      const char *value);

/* Name of a code of libsasl's, without "SASL_". */
const char *gs2_dialogue_code(int code);

/* How often text occurs in a log. */
unsigned gs2_dialogue_logged(const char *log, const char *text);

#endif
