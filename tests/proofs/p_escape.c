/*
 * p_escape.c - any DATA octets in a buffer of any size up to SIZE: what
 * gs2_escape() writes is terminated, printable, and within the buffer.
 */
#include "common/text/error.h"

#include "model.h"

#define DATA 5
#define SIZE 16

void
proof(void)
{
    const size_t len = any_up_to(DATA), size = any_up_to(SIZE);
    const char *data = any_octets(len);
    char *out = any_octets(size);
    size_t end = 0;

    assume(size >= 8);
    prove(gs2_escape(out, size, data, len) == out, "its buffer comes back");
    while (end < size && out[end] != '\0') {
        prove(out[end] >= 0x20 && out[end] < 0x7f && out[end] != '"',
              "each octet is printable");
        end++;
    }
    prove(end < size, "the text is terminated");
}
