/*
 * fuzz_refusal.h - what must hold where a login was refused, whatever the
 * mechanism; the harness ends (must.h) where it does not.
 */
#ifndef GS2_TESTS_FUZZ_REFUSAL_H
#define GS2_TESTS_FUZZ_REFUSAL_H

#include "tests/lib/dialogue.h"

/* Of the login nothing is left on the connection. */
void fuzz_check_nothing_left(sasl_conn_t *conn);

/* The server refused, says why, has nothing left, and goes on refusing whatever
 * it is told. */
void fuzz_check_server_refusal(struct gs2_dialogue *d);

#endif
