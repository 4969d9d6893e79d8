/*
 * fuzz.h - what the fuzz harnesses (fuzz_*.c) share.  Each is libFuzzer's
 * LLVMFuzzerTestOneInput(), which holds an input against properties of the
 * parser, not only against a crash.  With fuzz_replay.c it is a program that
 * plays inputs back, under any compiler.
 */
#ifndef GS2_TESTS_FUZZ_H
#define GS2_TESTS_FUZZ_H

#include <stdint.h>

#include "tests/lib/must.h"

/* libFuzzer's names.  data has exactly size octets. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* True where text is one line of printable octets, and not empty. */
static inline int
fuzz_is_line(const char *text)
{
    if (*text == '\0')
        return 0;
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return 0;
    }
    return 1;
}

#endif
