/*
 * client_step.h - a step of an attempt on the client's side (mech_step): what
 * every mechanism does alike with the challenge that came, and the answers that
 * are the same in each of them.  Which of them follows on what is in the tables
 * of the mechanism.
 */
#ifndef GS2_CLIENT_STEP_H
#define GS2_CLIENT_STEP_H

#include "client_attempt.h"

/* Where an attempt is. */
enum gs2_client_state {
    GS2_CLIENT_START,       /* nothing was sent yet */
    GS2_CLIENT_WAITING,     /* for the acceptor's next token */
    GS2_CLIENT_ESTABLISHED, /* libsasl was told OK */
    GS2_CLIENT_FAILED,      /* the reason stays */
    GS2_CLIENT_STATES       /* the first that a mechanism has of its own */
};

/* What came. */
enum gs2_client_input {
    GS2_CLIENT_ABSENT,
    GS2_CLIENT_EMPTY,
    GS2_CLIENT_SOME,
    GS2_CLIENT_TOO_LONG, /* row I14: none of it is read */
    GS2_CLIENT_INPUTS
};

/* One call of mech_step. */
struct gs2_client_step {
    sasl_client_params_t *params;
    gss_buffer_desc in;
    sasl_interact_t **prompt_need;
    const char **out;
    unsigned *out_len;
    gs2_status failure; /* where the turn has led to GS2_FAILED */
};

/* What is done with a challenge, or where a turn has led: libsasl's code. */
typedef int gs2_client_handler(struct gs2_client *c,
                               struct gs2_client_step *step);

/* A state of the table of a mechanism; where a turn has led. */
typedef gs2_client_handler *gs2_client_on_input[GS2_CLIENT_INPUTS];
typedef gs2_client_handler *gs2_client_on_progress[GS2_FAILED + 1];

/* Does what the table says of the state and the challenge.  c is NULL where the
 * attempt is no more. */
int gs2_client_take(struct gs2_client *c, struct gs2_client_step *step,
                    sasl_out_params_t *oparams,
                    const gs2_client_on_input *table);

/* The attempt is over for the reason in c->why: libsasl's code, which is code,
 * or what it has for status. */
int gs2_client_fail_code(struct gs2_client *c, struct gs2_client_step *step,
                         int code);
int gs2_client_fail(struct gs2_client *c, struct gs2_client_step *step,
                    gs2_status status);

/* Says again why the attempt is over. */
gs2_client_handler gs2_client_report_failure;

/* A turn has failed. */
gs2_client_handler gs2_client_answer_failure;

/* Challenges that are refused: before the first message; too long; none, which
 * is the server's success, before it has proved who it is. */
gs2_client_handler gs2_client_on_server_first;
gs2_client_handler gs2_client_on_too_long;
gs2_client_handler gs2_client_on_early_success;

/* The server's success. */
gs2_client_handler gs2_client_on_nothing_more;

#endif
