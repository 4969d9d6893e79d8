/*
 * what_if.h - would a user get in, who is not here: the rules of a
 * configuration, put to what is assumed of a login, without a ticket and a key.
 * Identities and rules are judged by the code of common/, as in the plugin.
 */
#ifndef WHAT_IF_H
#define WHAT_IF_H

#include <jansson.h>

#include "cmd.h"
#include "conf_file.h"
#include "server_place.h"

/* Judges arguments->as, prints what came of it, with what is said of the
 * configuration, NULL for nothing, and fills the caller's *outcome_out.  Returns
 * an exit status. */
int what_if(const struct arguments *arguments, const struct conf_file *conf,
            const struct server_place *place, json_t *said,
            struct outcome *outcome_out);

#endif
