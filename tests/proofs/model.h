/*
 * model.h - what the proofs (t_proofs.py) share: inputs of which cbmc tries
 * every one, and the memory that the code under proof gets.
 */
#ifndef GS2_PROOFS_MODEL_H
#define GS2_PROOFS_MODEL_H

#include <stdbool.h>
#include <stddef.h>

/* What holds for all inputs that the assumptions leave. */
#define prove(condition, what) __CPROVER_assert(condition, what)
#define assume(condition) __CPROVER_assume(condition)

/* Any value at all: cbmc knows what is named so. */
bool nondet_bool(void);
size_t nondet_size(void);
unsigned nondet_unsigned(void);

/* Any number up to max. */
size_t any_up_to(size_t max);

/* Any len octets, which end where their memory ends: what reads past them is
 * found.  len is at most MODEL_OBJECT_MAX. */
char *any_octets(size_t len);

/* Any text of len octets and a NUL behind them, likewise. */
char *any_text(size_t len);

/* Whether the first len octets are the same; for the proofs' own use. */
bool is_same(const void *one, const void *other, size_t len);

/* Whether both are the same text, or both NULL; likewise. */
bool is_same_text(const char *one, const char *other);

/* Octets of the largest object, terminator included. */
#define MODEL_OBJECT_MAX 24

#endif
