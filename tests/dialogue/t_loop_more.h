/*
 * t_loop_more.h - what t_loop.c shares with t_loop_more.c,
 * t_loop_first.c and t_loop_size.c.
 */
#ifndef GS2_TESTS_T_LOOP_MORE_H
#define GS2_TESTS_T_LOOP_MORE_H

#include "t_loop.h"

extern struct gs2_script script;
extern struct gs2_dialogue d;

/* An honest script of so many tokens, and a dialogue not yet opened. */
void t_loop_start(unsigned tokens);

/* Changes a leg of it. */
void t_loop_edit(const struct edit *e);

/* Prints the row. */
void t_loop_print(const char *source, const char *role, const char *leg,
                  const char *what, const char *seen);

/* Closes the dialogue; checks what holds at the end of any. */
void t_loop_end(void);

/* That a call had bindings of the form of RFC 5801 section 5.1 with these
 * octets. */
void t_loop_check_bindings(const struct gs2_call *call, const char *bound);

gs2_tests t_loop_more, t_loop_first, t_loop_size;

#endif
