/*
 * document.h - the pieces that JSON documents of several commands have, made
 * by jansson.  If there is no memory, the program ends.
 */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <jansson.h>

#include "outcome.h"
#include "tickets.h"

/* A string where the octets are UTF-8, else {"b64":"..."}.  Gives. */
json_t *document_octets(const void *octets, size_t len);

/* The octets of text, null where it is NULL.  Gives. */
json_t *document_text(const char *text);

/* The text of a member of an object (in base64 if it is not text); NULL if
 * there is none.  Borrows. */
const char *document_get(const json_t *object, const char *name);

json_t *document_tickets(const struct tickets *tickets);

/* Why a login or a command failed; log and next may be NULL.  Gives. */
json_t *document_failure(const struct outcome *outcome, const char *log,
                         const char *next);

/* Sets a member; takes value. */
void document_set(json_t *document, const char *name, json_t *value);

/* Adds the members of another, which may be NULL. */
void document_update(json_t *document, json_t *other);

/* Adds to an array; takes value. */
void document_add(json_t *array, json_t *value);

/* Prints one line, in ASCII, so that no terminal can be commanded by it; takes
 * document. */
void document_print(json_t *document);

#endif
