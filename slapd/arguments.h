/*
 * arguments.h - the arguments of a `plugin' line: pairs of a group's DN and a
 * role.
 */
#ifndef GS2_SLAPD_ARGUMENTS_H
#define GS2_SLAPD_ARGUMENTS_H

#include <stdbool.h>

#include "groups.h"

/*
 * Gives *groups_out, freed with gs2_slapd_groups_free(): the groups that the
 * count arguments name.
 *
 * False, with the reason in slapd's log, if they are not pairs, or one of the
 * DNs is not a DN or has a role already.
 */
bool gs2_slapd_arguments_read(int count, char *const *arguments,
                              struct gs2_slapd_group **groups_out);

#endif
