/*
 * t_model.h - what the files of t_model share: names that are hard to tell
 * apart, and who was seen to have which identity.
 */
#ifndef GS2_TESTS_T_MODEL_H
#define GS2_TESTS_T_MODEL_H

#include <check.h>

#include "tests/lib/dialogue.h"
#include "tests/lib/suite.h"
#include "tests/mech/scriptmech.h"

/* What a component of a principal can be.  The first model_pairs of them are
 * combined with each other. */
extern const struct gs2_octets model_words[];
extern const size_t model_words_count, model_pairs;

/* The realms that sasl_server_new() is told in turn; NULL: none. */
extern const char *const model_user_realms[];
extern const size_t model_user_realms_count;

/* A dialogue of a server alone, whose client sends first and then an empty
 * message. */
void model_begin(struct gs2_dialogue *d, const char *mech,
                 const char *user_realm);

/* One login on connections of its own.  Gives SASL_USERNAME, freed with
 * free(); NULL where it was refused.  A name that an application must not see
 * ends the test. */
char *model_log_in(struct gs2_dialogue *d);

/*
 * Notes that owner, any octets without a NUL, logged in as identity.  Returns
 * another owner of it, or NULL where there is none.  Where exact is false case
 * does not count behind the first "@", and who claims it so is of another set.
 */
const char *model_claim(const char *identity, const char *owner, bool exact);

/* Forgets all of them; returns how many identities there were. */
size_t model_forget(void);

gs2_tests t_model_krb5;

#endif
