/*
 * guess_mech.c - the mechanism of a login that is assumed (see guess.h): does
 * the server offer it, and is it ours?
 */
#include "guess.h"

#include <stdio.h>
#include <string.h>

#include "mech_list.h"
#include "served.h"

/* The one that most people have. */
#define USUAL "GS2-KRB5"

#define MECHS (GS2_MECHS_MAX + GS2_MECHS_GSSAPI)

/* Another's plugin asks no rule, and without any nobody logs in. */
static bool
check_file(const char *mech, struct outcome *outcome)
{
    struct served served;

    served_find(mech, &served);
    if (served.by == SERVED_BY_NONE)
        outcome_fail(outcome, false, SASL_FAIL, "libsasl has no plugin for %s",
                     mech);
    else if (served.by == SERVED_UNKNOWN)
        outcome_fail(outcome, false, SASL_FAIL, "libsasl may have %s from %s, "
                     "%s", mech, served.path, served.why);
    else if (served.by == SERVED_BY_OTHER)
        outcome_fail(outcome, false, SASL_FAIL, "libsasl has %s from %s, which "
                     "is not of cyrus-sasl-gs2: no rule is asked, and whoever "
                     "has a ticket gets in", mech, served.path);
    return served.by == SERVED_BY_US;
}

/* The option that keeps the server from offering a mechanism; NULL: it offers
 * it, as login/server_cred.c and libsasl see it. */
static const char *
why_not_offered(const struct guess *guess, const struct gs2_mech *mech)
{
    if (!mech->standalone && !gs2_options_offers(&guess->config, mech))
        return gs2_options_name(GS2_OPT_MECHS);
    return mech_list_has(conf_file_option(guess->conf, "mech_list"),
                         mech->name) ? NULL : "mech_list";
}

/* How well a mechanism will do for a login that names none; 0: not at all. */
static int
rank(const struct guess *guess, const struct gs2_mech *mech)
{
    struct served served;

    if (why_not_offered(guess, mech) != NULL)
        return 0;
    served_find(mech->name, &served);
    if (served.by == SERVED_BY_NONE)
        return mech->standalone ? 0 : 1;
    return strcmp(mech->name, USUAL) == 0 ? 3 : 2;
}

/* The mechanism with that name; without a name the best one that the server
 * offers, of equals the first.  NULL for none. */
static const struct gs2_mech *
choose(const struct guess *guess, const struct gs2_mech *mechs, size_t count)
{
    const char *name = guess->arguments->mech;
    const struct gs2_mech *best = NULL;
    int highest = 0, one;

    for (size_t i = 0; i < count; i++) {
        one = name == NULL ? rank(guess, &mechs[i])
              : gs2_mechs_named(name, mechs[i].name) ? 1 : 0;
        if (one > highest) {
            highest = one;
            best = &mechs[i];
        }
    }
    return best;
}

static bool
fail_without(const struct guess *guess, struct outcome *outcome)
{
    if (guess->arguments->mech != NULL)
        return outcome_fail(outcome, false, SASL_FAIL,
                            "there is no mechanism %s", guess->arguments->mech);
    (void)outcome_fail(outcome, true, SASL_NOMECH, "nobody gets in, because "
                       "the server offers no mechanism of GS2");
    (void)snprintf(outcome->next, sizeof(outcome->next),
                   "mech_list must name a mechanism that gs2_mechs lets the "
                   "server offer");
    return false;
}

static bool
check_offer(const struct guess *guess, struct outcome *outcome)
{
    const char *option = why_not_offered(guess, &guess->mech);

    if (option == NULL)
        return true;
    (void)outcome_fail(outcome, true, SASL_NOMECH, "nobody gets in by %s, "
                       "because the server does not offer it",
                       guess->mech.name);
    (void)snprintf(outcome->next, sizeof(outcome->next), "%s must name %s",
                   option, guess->mech.name);
    return false;
}

bool
guess_find_mech(struct guess *guess, struct outcome *outcome)
{
    struct gs2_mech mechs[MECHS];
    const struct gs2_mech *mech;
    struct gs2_error err;
    size_t count;

    if (gs2_mechs_list(mechs, &count, &err) != GS2_OK)
        return outcome_fail_because(outcome, &err);
    count += gs2_mechs_list_gssapi(mechs + count);
    mech = choose(guess, mechs, count);
    if (mech == NULL)
        return fail_without(guess, outcome);
    guess->mech = *mech;
    guess->mech.oid.elements = guess->mech.oid_octets;
    guess->mech_name = guess->mech.name;
    return check_offer(guess, outcome) && check_file(mech->name, outcome);
}
