/*
 * server_step.h - a step of an attempt on the server's side (mech_step): what
 * every mechanism does alike with the message that came, and the answers that
 * are the same in each of them.  Which of them follows on what is in the tables
 * of the mechanism.
 */
#ifndef GS2_SERVER_STEP_H
#define GS2_SERVER_STEP_H

#include "server_attempt.h"

/* Where an attempt is. */
enum gs2_server_state {
    GS2_SERVER_START,         /* no message yet */
    GS2_SERVER_WAITING,       /* for the initiator's next token */
    GS2_SERVER_LAST_RESPONSE, /* context complete; the response to our last
                                 token is to come */
    GS2_SERVER_ESTABLISHED,   /* libsasl was told OK */
    GS2_SERVER_FAILED,        /* the reason stays */
    GS2_SERVER_STATES         /* the first that a mechanism has of its own */
};

/* What came, or goes out. */
enum gs2_server_input {
    GS2_SERVER_NOTHING,
    GS2_SERVER_SOME,
    GS2_SERVER_TOO_LONG, /* row I14: none of it is read */
    GS2_SERVER_INPUTS
};

/* One call of mech_step. */
struct gs2_server_step {
    sasl_server_params_t *params;
    gss_buffer_desc in;
    const char **out;
    unsigned *out_len;
    gs2_status failure; /* where the turn has led to GS2_FAILED */
};

/* What is done with a message, or where a turn has led: libsasl's code. */
typedef int gs2_server_handler(struct gs2_server *s,
                               struct gs2_server_step *step);

/* A state of the table of a mechanism; where a turn has led. */
typedef gs2_server_handler *gs2_server_on_input[GS2_SERVER_INPUTS];
typedef gs2_server_handler *gs2_server_on_progress[GS2_SERVER_SOME + 1];

/* Does what the table says of the state and the message.  s is NULL where the
 * attempt is no more. */
int gs2_server_take(struct gs2_server *s, struct gs2_server_step *step,
                    sasl_out_params_t *oparams,
                    const gs2_server_on_input *table);

/* One turn of the loop with this token: GS2_FAILED with the reason in
 * step->failure and s->why.  What goes out is in s->out. */
enum gs2_progress gs2_server_turn(struct gs2_server *s,
                                  struct gs2_server_step *step,
                                  gss_buffer_t token);

/* Gives libsasl the message in s->out, which stays ours. */
int gs2_server_send(const struct gs2_server *s, struct gs2_server_step *step,
                    int code);

/* The attempt is over for the reason in s->why: libsasl's code. */
int gs2_server_fail_step(struct gs2_server *s, struct gs2_server_step *step,
                         gs2_status status);

/* Tells libsasl who is logged in: SASL_OK, or the attempt is over. */
gs2_server_handler gs2_server_finish;

/* Says again why the attempt is over. */
gs2_server_handler gs2_server_report_failure;

/* A turn has led there. */
gs2_server_handler gs2_server_answer_continue;
gs2_server_handler gs2_server_answer_failure;
gs2_server_handler gs2_server_answer_error_token;

/* Messages that are refused. */
gs2_server_handler gs2_server_on_too_long;
gs2_server_handler gs2_server_on_established;

#endif
