/*
 * octets.h - inputs for parsers in allocations of their exact size, so that
 * AddressSanitizer sees a read of one octet too many.
 */
#ifndef GS2_TESTS_OCTETS_H
#define GS2_TESTS_OCTETS_H

#include <stdlib.h>
#include <string.h>

/* The octets and the length of a literal that may hold NULs. */
#define OCTETS(literal) (literal), (sizeof(literal) - 1)

/* Gives a copy of the len octets at data, freed with free(). */
static inline void *
exact_copy(const void *data, size_t len)
{
    void *copy = malloc(len);

    if (copy == NULL && len > 0)
        abort();
    if (len > 0)
        memcpy(copy, data, len);
    return copy;
}

#endif
