/*
 * t_loop.h - rows of the table that t_loop.c runs: a sentence of RFC 7546 or a
 * row of a step table, the script that brings it about, the exchange that must
 * be seen.
 *
 * A row begins with an honest dialogue of so many tokens (the client's are the
 * odd ones) and changes single legs of it.
 */
#ifndef GS2_TESTS_T_LOOP_H
#define GS2_TESTS_T_LOOP_H

#include "tests/lib/dialogue.h"
#include "tests/lib/scripted.h"
#include "tests/lib/suite.h"

enum side { INITIATOR = 1, ACCEPTOR };

/* Values of an edit that are not what zero means. */
#define SAYS(status) (1ULL << 32 | (status))
#define NO_TOKEN "(none)"

/* One leg that is not honest.  Zero: as it was. */
struct edit {
    enum side side;
    unsigned leg;             /* from 1; 0: no edit */
    unsigned long long major; /* SAYS() */
    unsigned long long flags; /* SAYS() */
    const char *token;        /* "" for an empty one, NO_TOKEN for none; the
                                 other side expects it */
    unsigned long long bind;  /* SAYS() */
    bool drops;
    enum gs2_script_mech_type mech_type;
};

/* An edit of a leg of a side, and what it often says. */
#define A(n, ...) { .side = ACCEPTOR, .leg = (n), __VA_ARGS__ }
#define I(n, ...) { .side = INITIATOR, .leg = (n), __VA_ARGS__ }
#define MUTUAL GSS_C_MUTUAL_FLAG
#define ALL_SUPPLEMENTARY                                                     \
    (GSS_S_DUPLICATE_TOKEN | GSS_S_OLD_TOKEN | GSS_S_UNSEQ_TOKEN |            \
     GSS_S_GAP_TOKEN)

struct row {
    const char *source; /* what it shows */
    const char *role;   /* whom it is about: "server" or "client" */
    const char *leg;
    const char *script; /* in words */
    unsigned tokens;
    struct edit edits[4];
    struct gs2_script_extra extra; /* the answer to one extra token */
    bool has_extra;
    struct gs2_setting server_option, client_option;
    struct gs2_tamper tamper;
    bool success_data;
    bool null_at_success;
    bool step_again;  /* server: one more step after the end */
    unsigned step_len; /* octets of its message */
    const char *seen; /* the exchange */
    const char *why;  /* in the error text of the role; NULL: a login */
    unsigned calls;   /* of init or accept by the role; 0: not looked at */
};

/* Plays a row and compares. */
void t_loop_row(const struct row *row);

gs2_tests t_loop_server, t_loop_client;

/* Honest messages, as they are seen. */
#define C1 "C: CONTINUE [n,,token 1+27]"
#define S2 "; S: CONTINUE [token 2]"
#define C3 "; C: CONTINUE [token 3]"
#define S4 "; S: CONTINUE [token 4]"
#define C5 "; C: CONTINUE [token 5]"
#define S6 "; S: CONTINUE [token 6]"
#define LAST_RESPONSE "; C: OK []; S: OK -"

#endif
