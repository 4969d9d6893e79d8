/*
 * json.h - a writer of one JSON document (RFC 8259) on standard output.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>

/* Each but json_close() takes the name of the member, NULL in an array and for
 * the document itself. */
void json_open(const char *name, char bracket); /* '{' or '[' */
void json_close(char bracket);                  /* '}' or ']' */
void json_string(const char *name, const char *value); /* NULL: null */
void json_bool(const char *name, bool value);
void json_number(const char *name, long long value);

/* A string where the octets are UTF-8, else {"b64":"..."}. */
void json_octets(const char *name, const void *octets, size_t len);

#endif
