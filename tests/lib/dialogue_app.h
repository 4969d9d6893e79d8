/*
 * dialogue_app.h - between dialogue.c and dialogue_app.c; not for tests.
 */
#ifndef GS2_TESTS_DIALOGUE_APP_H
#define GS2_TESTS_DIALOGUE_APP_H

#include "dialogue.h"

/* Gives the user's answers to the prompts that wait.  True where all of them
 * are the kind that the test foresaw. */
bool gs2_dialogue_answer_prompts(struct gs2_dialogue *d);

#endif
