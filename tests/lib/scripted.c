/*
 * scripted.c - opens the scriptable mechanism (see scripted.h).
 */
#include "scripted.h"

#include "dialogue.h"

const struct gs2_scriptmech *sm;

static bool
open_with_plugin(unsigned mask)
{
    sm = gs2_scriptmech_open(NULL, mask);
    return sm != NULL && gs2_dialogue_plugins(NULL);
}

bool
scripted_one(void)
{
    return open_with_plugin(GS2_OID_BIT(GS2_OID_A));
}

bool
scripted_all(void)
{
    return open_with_plugin(GS2_OID_ALL);
}

bool
scripted_without_plugin(void)
{
    sm = gs2_scriptmech_open(NULL, GS2_OID_ALL);
    return sm != NULL;
}
