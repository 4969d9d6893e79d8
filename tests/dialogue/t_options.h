/*
 * t_options.h - what the files of t_options share.
 */
#ifndef GS2_TESTS_T_OPTIONS_H
#define GS2_TESTS_T_OPTIONS_H

#include "tests/lib/dialogue.h"
#include "tests/lib/scripted.h"
#include "tests/lib/suite.h"

extern struct gs2_script script;
extern struct gs2_dialogue d;

/* An honest script of three tokens and a dialogue not yet opened. */
void t_options_prepare(void);

/* Sets an option of the server, or of the client. */
void t_options_server(const char *name, const char *value);
void t_options_client(const char *name, const char *value);

/* One attempt from its start; the client's connection is new for each but the
 * first.  Returns the server's code. */
int t_options_log_in(void);

/* Closes the dialogue; nothing of the mechanism is left. */
void t_options_end(void);

/* Is this one of the words of the list of mechanisms? */
bool t_options_lists(sasl_conn_t *conn, const char *mech);

/* "text is in log (or not)", with both in the message. */
void t_options_has(const char *log, const char *text);
void t_options_lacks(const char *log, const char *text);

gs2_tests t_options_offers;
gs2_tests t_options_file;
gs2_tests t_options_flags;
gs2_tests t_options_ends; /* t_options_client.c */
gs2_tests t_options_logs;
gs2_tests t_options_pool;

#endif
