/*
 * protocol.h - how a protocol carries a SASL login: the same operations for
 * each, so that all above them is written once.
 *
 * The order: greet; with STARTTLS, starttls (TLS starts), capabilities; then
 * authenticate, and answer and respond in turns up to an answer that is no
 * challenge; leave.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

#include "common/text/error.h"

struct remote;

#define PROTOCOL_BINDINGS 4

/* What a server says to a message of the client. */
struct answer {
    enum { ANSWER_CHALLENGE, ANSWER_SUCCESS, ANSWER_REFUSAL } kind;
    void *token; /* of a challenge or a success; NULL: absent */
    size_t len;
    char text[GS2_TEXT_MAX]; /* of a refusal, as the server has it */
};

/*
 * Each operation that can fail returns false, with a reason and, where there is
 * one, what to do about it as its detail.
 */
struct protocol {
    const char *name;           /* of the command, URLs, and the service */
    const char *port, *tls_port;
    /* Types of channel bindings, the most frequent ones first. */
    const char *bindings[PROTOCOL_BINDINGS];
    /* Types are named, and their octets made, as libldap does it. */
    bool is_libldap;

    /* What the server says first; sets has_starttls, and what capabilities()
     * sets. */
    bool (*greet)(struct remote *remote, struct gs2_error *err);

    /* Asks for TLS, up to the server's yes. */
    bool (*starttls)(struct remote *remote, struct gs2_error *err);

    /* Sets offers and initial anew. */
    bool (*capabilities)(struct remote *remote, struct gs2_error *err);

    /* Whether a first message of len octets goes with the command. */
    bool (*takes_initial)(const struct remote *remote, const char *mech,
                          size_t len);

    /* Asks for a login, without a first message where initial is NULL. */
    bool (*authenticate)(struct remote *remote, const char *mech,
                         const void *initial, size_t len,
                         struct gs2_error *err);

    /* A further message; token NULL: there is none. */
    bool (*respond)(struct remote *remote, const void *token, size_t len,
                    struct gs2_error *err);

    /* Fills the caller's *answer_out; frees what is in it with
     * answer_free(). */
    bool (*answer)(struct remote *remote, struct answer *answer_out,
                   struct gs2_error *err);

    /* The end, after a login. */
    void (*leave)(struct remote *remote);
};

extern const struct protocol protocol_imap; /* RFC 9051, RFC 4959 */
extern const struct protocol protocol_ldap; /* RFC 4511, RFC 4513 */
extern const struct protocol protocol_smtp; /* RFC 5321, RFC 3207, RFC 4954 */

void answer_free(struct answer *answer);

#endif
