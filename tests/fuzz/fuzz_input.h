/*
 * fuzz_input.h - the octets of an input, taken one by one.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *at;
    size_t len;
};

/* The next octet; 0 behind the last one. */
static inline uint8_t
take(struct input *in)
{
    if (in->len == 0)
        return 0;
    in->len--;
    return *in->at++;
}

#endif
