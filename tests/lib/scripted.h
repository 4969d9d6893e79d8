/*
 * scripted.h - the scriptable mechanism and the plugin under test in one
 * process: what most suites PREPARE().
 */
#ifndef GS2_TESTS_SCRIPTED_H
#define GS2_TESTS_SCRIPTED_H

#include <stdbool.h>

#include "tests/mech/scriptmech.h"

/* The mechanism; NULL before it was opened. */
extern const struct gs2_scriptmech *sm;

/* Open it with GS2_OID_A alone, or with all OIDs, and make the plugins known
 * to libsasl (gs2_dialogue_plugins()).  False, with a line on stderr, where
 * that does not work. */
bool scripted_one(void);
bool scripted_all(void);

/* All OIDs, and no plugin. */
bool scripted_without_plugin(void);

#endif
