/*
 * mechs_text.h - what the command mechs says to people.
 */
#ifndef MECHS_TEXT_H
#define MECHS_TEXT_H

#include <jansson.h>

#include "tickets.h"

/* Prints what its document has, and what to do. */
void mechs_text_print(const struct tickets *tickets, const json_t *document);

#endif
