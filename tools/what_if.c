/*
 * what_if.c - would a user get in, who is not here (see what_if.h).
 */
#include "what_if.h"

#include <string.h>

#include "common/admit.h"
#include "document.h"
#include "guess.h"
#include "loopback.h"
#include "print.h"
#include "report.h"
#include "report_json.h"

/* The first rule that is not met; NULL for none. */
static const char *
not_met(const struct verdicts *verdicts)
{
    const char *option;

    for (size_t i = 0; i < verdicts->count; i++) {
        option = verdicts->rules[i].option;
        if (verdicts->rules[i].text != NULL && verdicts->rules[i].applies &&
            verdicts->rules[i].met != VERDICT_TRUE &&
            (strcmp(option, gs2_options_name(GS2_OPT_REQUIRE)) == 0 ||
             strcmp(option, gs2_options_name(GS2_OPT_PROXY_REQUIRE)) == 0))
            return option;
    }
    return NULL;
}

static void
print_text(const struct guess *guess, const struct verdicts *verdicts,
           const struct outcome *outcome)
{
    const char *mech = guess->mech_name, *identity = guess->authid;

    if (identity == NULL)
        identity = guess->identity.authid;
    print("%s ", guess->arguments->as);
    print_styled(stdout, outcome->in ? PRINT_GOOD : PRINT_BAD, "would %sbe "
                 "let in", outcome->in ? "" : "not ");
    print_folded(stdout, "%s%s\n", outcome->in ? " as " : ": ",
                 outcome->in ? guess->authzid : outcome->text);
    if (outcome->next[0] != '\0')
        print_folded(stdout, "next: %s\n", outcome->next);
    print("\n  %-12s %s\n  %-12s %s\n  %-12s %s\n", "service", guess->service,
          "mechanism", mech != NULL ? mech : "none",
          "identity", identity != NULL ? identity : "none");
    for (size_t i = 0; i < guess->arguments->assumed; i++)
        print("  %-12s %s\n", i == 0 ? "assumed" : "",
              guess->arguments->assumptions[i]);
    report_print_rules(verdicts);
}

static void
print_json(const struct guess *guess, const struct verdicts *verdicts,
           const struct outcome *outcome, json_t *said)
{
    json_t *document = outcome->in
                       ? need(json_pack("{s:i, s:b}", "v", 1, "login", 1))
                       : report_json_begin_failure(true, outcome);
    json_t *assumptions = need(json_array());

    for (size_t i = 0; i < guess->arguments->assumed; i++)
        document_add(assumptions,
                     document_text(guess->arguments->assumptions[i]));
    document_set(document, "as", document_text(guess->arguments->as));
    document_set(document, "assumed", assumptions);
    document_set(document, "mechanism", document_text(guess->mech_name));
    document_set(document, "service", document_text(guess->service));
    document_set(document, "principal",
                 document_text(guess->identity.principal));
    document_set(document, "realm", document_text(guess->identity.realm));
    document_set(document, "authid", document_text(guess->authid));
    document_set(document, "authzid", document_text(guess->authzid));
    document_set(document, "rules", report_json_rules(verdicts));
    document_update(document, said);
    document_print(document);
}

/* To act as oneself is not a proxy login. */
static bool
is_proxy(const struct guess *guess)
{
    return !gs2_admit_is_self(guess->service, guess->authid,
                              strlen(guess->authid), guess->authzid,
                              strlen(guess->authzid));
}

/* Puts the rules to a user whom nothing else refuses.  False, with an outcome,
 * where one is not met. */
static bool
ask(struct guess *guess, struct verdicts *verdicts_out,
    struct outcome *outcome)
{
    const struct verdict_judge by_guess = { guess_judge, guess };
    const char *option;

    verdicts_ask(guess->conf, by_guess, is_proxy(guess), verdicts_out);
    option = not_met(verdicts_out);
    return option == NULL || outcome_fail(outcome, true, SASL_NOAUTHZ,
                                          "%s is not met", option);
}

/* Would they get in?  Else there is an outcome. */
static bool
find_out(struct guess *guess, struct verdicts *verdicts_out,
         struct outcome *outcome)
{
    struct gs2_error err;
    bool good;

    if (gs2_options_parse(&guess->config, &err) != GS2_OK)
        return outcome_fail_because(outcome, &err);
    if (!guess_find_mech(guess, outcome) ||
        !guess_check_assumptions(guess, outcome))
        return false;
    if (!loopback_start(guess->conf, &err))
        return outcome_fail_because(outcome, &err);
    good = guess_find_user(guess, outcome) &&
           ask(guess, verdicts_out, outcome) && guess_check_tag(guess, outcome);
    loopback_stop();
    return good;
}

int
what_if(const struct arguments *arguments, const struct conf_file *conf,
        const struct server_place *place, const char *realm, json_t *said,
        struct outcome *outcome_out)
{
    struct guess guess = {
        .arguments = arguments, .conf = conf, .service = place->service,
        .host = place->host, .realm = realm,
    };
    struct verdicts verdicts = { 0 };

    conf_file_config(conf, &guess.config);
    outcome_out->in = find_out(&guess, &verdicts, outcome_out);
    if (!outcome_out->in && !outcome_out->by_server)
        (void)report_failure(arguments, true, outcome_out);
    else if (arguments->format == CMD_JSON)
        print_json(&guess, &verdicts, outcome_out, said);
    else if (arguments->format == CMD_TEXT)
        print_text(&guess, &verdicts, outcome_out);
    verdicts_free(&verdicts);
    guess_free(&guess);
    gs2_options_clear(&guess.config);
    return outcome_status(outcome_out);
}
