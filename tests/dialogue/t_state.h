/*
 * t_state.h - what t_state.c and t_state_memory.c share.
 */
#ifndef GS2_TESTS_T_STATE_H
#define GS2_TESTS_T_STATE_H

#include "tests/lib/dialogue.h"
#include "tests/lib/scripted.h"
#include "tests/lib/suite.h"

extern struct gs2_script script;
extern struct gs2_dialogue d;

/* A way to be refused. */
struct failure {
    const char *what;
    void (*arrange)(void); /* changes script and dialogue before they begin */
    int code;              /* libsasl's, of the server's last step */
};

extern const struct failure failures[];
extern const int failure_count;

/* A script of alice's, who delegates and has an attribute that is asked for;
 * a dialogue that is not open yet. */
void t_state_prepare(void);

/* Prints what it was and the exchange. */
void t_state_say(const char *what);

/* Runs such a login to its refusal; the dialogue is open then. */
void t_state_be_refused(const struct failure *failure);

/* After the close: all that the mechanism gave was released. */
void t_state_released(void);

gs2_tests t_state_memory;

#endif
