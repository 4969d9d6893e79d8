/*
 * every.h - walks all scripts: up to three legs a side, each with each answer
 * of a list, both ends through libsasl.
 *
 * A script is a list of choices, one for each call that a side makes.  What a
 * call after the last one would answer does not matter, so the scripts are
 * walked as a tree: the last choice that a dialogue came to is taken to its
 * next value, and where it has none, the one before.  No dialogue is played
 * twice and none is left out.
 *
 * Nothing here knows how the plugin does its work.  What must hold of each
 * dialogue, the test says.  The records of the mechanism say what each call was
 * given and what it answered.
 */
#ifndef GS2_TESTS_EVERY_H
#define GS2_TESTS_EVERY_H

#include <check.h>
#include <stdbool.h>

#include "dialogue.h"
#include "scripted.h"

#define LEGS 3

enum { INITIATOR, ACCEPTOR, SIDES };

/* What a leg answers. */
struct answer {
    OM_uint32 major;
    OM_uint32 flags;
    int token; /* 0: none, 1: an empty one, 2: octets */
};

/* A status with each kind of token. */
#define EACH_TOKEN(major, flags) \
    { major, flags, 0 }, { major, flags, 1 }, { major, flags, 2 }

struct every {
    const struct answer *answers;
    unsigned count;
    OM_uint32 initiator_flags; /* those that an initiator has as well */
    void (*arrange)(void);     /* sets d, before it begins; NULL */
    void (*check)(void);       /* what must hold of the dialogue d */
    bool (*is_other)(const char *message); /* one that no leg has made; NULL */
};

/* The dialogue that is played, and how many were. */
extern struct gs2_dialogue d;
extern unsigned long every_played;

/* All scripts in which the initiator's first call has that answer. */
void every_walk(const struct every *every, unsigned first);

/* The calls of a side in this dialogue, and the answer to the last of them;
 * NULL where it made none, or more than the script has. */
unsigned every_calls(unsigned side);
const struct answer *every_last(unsigned side);

/* For the reader of a failure: the script, and what was said. */
void every_say_where(void);

/* An invariant, and its name. */
#define EXPECT(condition, what)                                               \
    do {                                                                      \
        if (!(condition)) {                                                   \
            every_say_where();                                                \
            ck_abort_msg("%s", (what));                                       \
        }                                                                     \
    } while (0)

/* True where the tests run with sanitizers, which make everything slow. */
bool every_is_slow(void);

#endif
