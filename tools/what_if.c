/*
 * what_if.c - would a user get in, who is not here (see what_if.h).
 */
#include "what_if.h"

#include <string.h>

#include "document.h"
#include "guess.h"
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
    print("%s ", guess->arguments->as);
    print_styled(stdout, outcome->in ? PRINT_GOOD : PRINT_BAD, "would %sbe "
                 "let in", outcome->in ? "" : "not ");
    print("%s%s\n", outcome->in ? " as " : ": ",
          outcome->in ? guess->authzid : outcome->text);
    print("\n  %-12s %s\n  %-12s %s\n  %-12s %s\n", "service", guess->service,
          "mechanism", guess->mech.name, "identity",
          guess->authid != NULL ? guess->authid : "none");
    for (size_t i = 0; i < guess->arguments->assumed; i++)
        print("  %-12s %s\n", i == 0 ? "assumed" : "",
              guess->arguments->assumptions[i]);
    report_print_rules(verdicts);
}

static void
print_json(const struct guess *guess, const struct verdicts *verdicts,
           const struct outcome *outcome)
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
    document_set(document, "mechanism", document_text(guess->mech.name));
    document_set(document, "service", document_text(guess->service));
    document_set(document, "principal",
                 document_text(guess->identity.principal));
    document_set(document, "realm", document_text(guess->identity.realm));
    document_set(document, "authid", document_text(guess->authid));
    document_set(document, "authzid", document_text(guess->authzid));
    document_set(document, "rules", report_json_rules(verdicts));
    document_update(document, guess->said);
    document_print(document);
}

static void
tell(struct guess *guess, struct outcome *outcome_out)
{
    const struct verdict_judge by_guess = { guess_judge, guess };
    struct verdicts verdicts;
    const char *option;

    verdicts_ask(guess->conf, by_guess, guess_is_proxy(guess), &verdicts);
    option = not_met(&verdicts);
    outcome_out->in = option == NULL;
    if (option != NULL)
        outcome_fail(outcome_out, true, SASL_NOAUTHZ, "%s is not met", option);
    if (guess->arguments->format == CMD_JSON)
        print_json(guess, &verdicts, outcome_out);
    else if (guess->arguments->format == CMD_TEXT)
        print_text(guess, &verdicts, outcome_out);
    verdicts_free(&verdicts);
}

int
what_if(const struct arguments *arguments, const struct conf_file *conf,
        const struct server_place *place, json_t *said,
        struct outcome *outcome_out)
{
    struct guess guess = {
        .arguments = arguments, .conf = conf, .said = said,
        .service = place->service,
    };
    struct gs2_error err = { 0 };

    conf_file_config(conf, &guess.config);
    if (gs2_options_parse(&guess.config, &err) == GS2_OK &&
        guess_find_mech(&guess, &err) && guess_find_user(&guess, &err) &&
        guess_check_assumptions(&guess, &err)) {
        tell(&guess, outcome_out);
    } else {
        outcome_fail_because(outcome_out, &err);
        (void)report_failure(arguments, true, outcome_out);
    }
    gs2_identity_free(&guess.identity);
    gs2_options_clear(&guess.config);
    return outcome_status(outcome_out);
}
