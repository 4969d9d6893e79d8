/*
 * asserted.h - authorization data of our own, which kdc-inject.c issues and
 * asserted.c reads: the name of an attribute, NUL, a value.
 */
#ifndef GS2_TESTS_ASSERTED_H
#define GS2_TESTS_ASSERTED_H

/* Negative types are for local use (RFC 4120 section 7.5.4). */
#define ASSERTED_TYPE (-77)

#endif
