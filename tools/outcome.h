/*
 * outcome.h - how a login went.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include <stdbool.h>

#include <sasl/sasl.h>

#include "common/text/error.h"

struct outcome {
    bool in;
    bool by_server;                  /* not in: the server said so */
    int code;                        /* not in: of libsasl */
    char text[GS2_TEXT_MAX];         /* not in: why */
    char next[GS2_TEXT_MAX];         /* what to do about it; "": unknown */
    const char *cause;               /* the same in a word; NULL: unknown */
    char mech[SASL_MECHNAMEMAX + 1]; /* "" where there was none to choose */
    bool bound;                      /* to the channel */
    unsigned messages;               /* of the exchange, to both sides */
    double milliseconds;             /* that the login took */
};

/* *outcome is not in, for this reason.  Returns false. */
bool outcome_fail(struct outcome *outcome, bool by_server, int code,
                  const char *format, ...) GS2_PRINTF(4, 5);

/* outcome_fail() with what libsasl says of its connection, NULL for none. */
bool outcome_fail_sasl(struct outcome *outcome, bool by_server, int code,
                       sasl_conn_t *conn);

/* outcome_fail() of the client with a reason, whose detail is what to do. */
bool outcome_fail_because(struct outcome *outcome,
                          const struct gs2_error *err);

/* Notes the mechanism of a first message of len octets.  libsasl gives its
 * name without -PLUS; the message itself says whether a binding is used. */
void outcome_note_mech(struct outcome *outcome, const char *mech,
                       const char *message, unsigned len);

/* The exit status of a login: yes, refused by the server, or not found out. */
int outcome_status(const struct outcome *outcome);

/* Milliseconds of a clock that is never set. */
double outcome_clock(void);

#endif
