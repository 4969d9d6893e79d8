/*
 * outcome.h - what the parts of gs2-inspect share: the command line, exit
 * statuses, and how a login went.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

#include <sasl/sasl.h>

#include "common/text/error.h"

/* Exit statuses, as gs2-inspect(1) says. */
enum { INSPECT_YES = 0, INSPECT_NO = 1, INSPECT_ERROR = 2 };

struct inspect_options {
    const char *conf;    /* a file or an application; NULL for none */
    const char *service, *host, *mech, *authzid, *binding; /* or NULL */
    bool octets, json;
    double watch;        /* seconds between two logins; below 0: one login */
    const char *operand; /* a server, a configuration */
};

/* Each is a command; returns an exit status. */
int inspect_conf(const struct inspect_options *options);
int inspect_imap(const struct inspect_options *options);
int inspect_login(const struct inspect_options *options);
int inspect_mechs(const struct inspect_options *options);

#define INSPECT_BINDING_MAX 64 /* octets */

struct inspect_binding {
    char type[32]; /* "" for none */
    unsigned char octets[INSPECT_BINDING_MAX];
    size_t len;
};

/* How a login went. */
struct inspect_outcome {
    bool in;
    bool by_server;   /* not in: it was the server that said so */
    int code;         /* of libsasl, not in: the first failure */
    char text[GS2_TEXT_MAX];
    char mech[SASL_MECHNAMEMAX + 1]; /* "" where there was none to choose */
    bool bound;                      /* mech ends in -PLUS */
    unsigned messages;               /* of the exchange, to both sides */
};

/* *outcome is not in, for this reason.  Returns false. */
bool inspect_fail(struct inspect_outcome *outcome, bool by_server, int code,
                  const char *format, ...) GS2_PRINTF(4, 5);

/* inspect_fail() with what libsasl says of its connection. */
bool inspect_fail_sasl(struct inspect_outcome *outcome, bool by_server,
                       int code, sasl_conn_t *conn);

/* Notes the mechanism of a first message of len octets.  libsasl gives its name
 * without -PLUS; that a binding is used says the message itself. */
void inspect_note_mech(struct inspect_outcome *outcome, const char *mech,
                       const char *message, unsigned len);

/* Whether the len octets at name, with or without -PLUS, are a mechanism of the
 * plugin's: "GS2-..." or another of the GSS library's, such as EAP-AES128. */
bool inspect_is_gs2(const char *name, size_t len);

/* The exit status of a login: the server refused, or it was not put to one. */
int inspect_status(const struct inspect_outcome *outcome);

/* Sets a channel binding on a connection; binding stays with the caller for as
 * long as the connection.  SASL_OK or why not. */
int inspect_bind(sasl_conn_t *conn, const struct inspect_binding *binding,
                 sasl_channel_binding_t *holder);

/* Prints to standard error with the program's name in front. */
void inspect_say(const char *format, ...) GS2_PRINTF(1, 2);

/* Ends the program with INSPECT_ERROR where memory is NULL. */
void *inspect_need(void *memory);

#endif
