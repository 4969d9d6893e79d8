/*
 * fuzz_script.h - a login as the octets of a fuzzer say it.
 *
 *   octets 0, 1  settings: success data, authzid, bindings, refusals
 *   octet 2      tokens of the honest script, less one
 *   octet 3      which message is replaced; from 0x80 on, by none
 *   6 octets     a change to the script: where, what, and its values
 *   ...          more of them
 *   0xff         the end of the changes; the rest is the message
 *
 * What is missing counts as zero.
 */
#ifndef GS2_TESTS_FUZZ_SCRIPT_H
#define GS2_TESTS_FUZZ_SCRIPT_H

#include <stdint.h>

#include "tests/lib/dialogue.h"
#include "tests/mech/scriptmech.h"

/* Whom the mechanism names, if anybody. */
#define FUZZ_NAME "scripted@SCRIPT.TEST"

/* Fills the caller's script, and sets what it means in d, which was emptied.
 * Borrows data, as long as d is in use. */
void fuzz_script_take(const uint8_t *data, size_t size,
                      struct gs2_script *script, struct gs2_dialogue *d);

#endif
