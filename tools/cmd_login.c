/*
 * cmd_login.c - the command login: what a server sees of the caller, and
 * whether its rules let the caller in.
 *
 * One login without rules shows who the caller is, one more fills the
 * properties, one for each comparison tells which are met, and one with the
 * configuration as it is has the last word.
 */
#include "cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_report.h"
#include "document.h"
#include "keytab.h"
#include "print.h"
#include "report.h"
#include "server_place.h"
#include "user_realm.h"
#include "what_if.h"

/* Whether the plugin asks rules: nobody can meet this one, but Cyrus SASL's
 * own plugin for GS2 or GSSAPI lets everybody in all the same. */
static bool
asks_rules(const struct loopback *loop)
{
    const struct verdict_judge judge = verdict_by_login(loop);

    return judge.put(judge.context, "gs2:mech=-") != VERDICT_TRUE;
}

/* What the server sees without rules, and each comparison of them. */
static void
survey(struct report *report, struct loopback *loop,
       struct server_view *view, struct verdicts *verdicts)
{
    const struct loopback_ask unruled = { LOOPBACK_NONE, NULL, NULL };

    loop->ask = unruled;
    loopback_login(loop);
    if (!loop->outcome.in)
        return;
    view_read(loop, view);
    view_ask_properties(loop, view);
    report->view = view;
    loop->asked = asks_rules(loop);
    if (report->arguments->conf == NULL || !loop->asked)
        return;
    verdicts_ask(loop->conf, verdict_by_login(loop),
                 strcmp(view->authid, view->authzid) != 0, verdicts);
    report->verdicts = verdicts;
}

/* Logs in, asks about everything, and prints it. */
static void
look(const struct arguments *arguments, struct loopback *loop, json_t *said,
     struct outcome *outcome)
{
    const struct loopback_ask ruled = { LOOPBACK_CONF, NULL, NULL };
    struct report report = {
        .arguments = arguments, .service = loop->service,
        .host = loop->host, .binding = &loop->binding, .conf = said,
    };
    struct verdicts verdicts = { 0 };
    struct server_view view = { 0 };
    struct loopback last;

    tickets_read(&report.tickets);
    survey(&report, loop, &view, &verdicts);
    if (!loop->asked && loop->outcome.mech[0] != '\0')
        complain("libsasl loads another plugin for %s, which knows neither "
                 "rules nor attributes; gs2-inspect mechs says which",
                 loop->outcome.mech);
    loopback_again(loop, ruled, &last);
    *outcome = last.outcome;
    report.outcome = outcome;
    /* That a mechanism is not available is logged at the login that finds it
     * out. */
    report.log = last.log != NULL ? last.log : loop->log;
    report_print(&report);
    loopback_end(&last);
    loopback_end(loop);
    verdicts_free(&verdicts);
    view_free(&view);
    tickets_free(&report.tickets);
}

/* The login alone, where nothing is printed. */
static void
log_in(struct loopback *loop, struct outcome *outcome)
{
    loopback_login(loop);
    *outcome = loop->outcome;
    loopback_end(loop);
}

/* Whether names need their realm: without a default realm a server knows whole
 * names alone. */
static bool
needs_realm(const struct gs2_config *config)
{
    return config->authid.source == GS2_AUTHID_AUTO ||
           config->authid.source == GS2_AUTHID_LOCAL;
}

/* False, with an outcome, where the server runs as a user who is known not to
 * read its keytab or the default realm: nobody gets in, whatever is seen from
 * here. */
static bool
can_log_in(const struct conf_file *conf, const struct server_place *place,
           struct outcome *outcome)
{
    struct gs2_config config;
    struct gs2_error ignored;
    const char *why, *cure;
    const json_t *reader;
    json_t *keytab;
    bool good, reads;

    if (place->user == NULL)
        return true;
    conf_file_config(conf, &config);
    (void)!gs2_options_parse(&config, &ignored);
    keytab = keytab_read(place, config.keytab);
    reader = json_object_get(keytab, "reader");
    reads = keytab_is_readable(keytab);
    why = document_get(reader, "why");
    cure = document_get(reader, "cure");
    good = reads && (cure == NULL || !needs_realm(&config));
    if (!reads)
        outcome_fail(outcome, true, SASL_NOMECH, "%s cannot read the keytab, "
                     "%s: %s", place->user, document_get(keytab, "name"), why);
    else if (!good)
        outcome_fail(outcome, true, SASL_FAIL, "%s", why);
    if (!good && cure != NULL)
        (void)snprintf(outcome->next, sizeof(outcome->next), "%s", cure);
    json_decref(keytab);
    gs2_options_clear(&config);
    return good;
}

/* With a configuration that has no error. */
static int
run(const struct arguments *arguments, const struct conf_file *conf,
    const struct server_place *place, const char *realm, json_t *said,
    struct outcome *outcome)
{
    struct loopback loop = {
        .conf = conf, .service = place->service, .host = place->host,
        .realm = realm, .mech = arguments->mech, .authzid = arguments->authzid,
    };
    struct gs2_error err;

    if (!can_log_in(conf, place, outcome))
        return report_failure(arguments, true, outcome);
    if (!channel_binding_make(arguments->binding, &loop.binding, &err) ||
        !loopback_start(conf, &err)) {
        outcome_fail_because(outcome, &err);
        return report_failure(arguments, true, outcome);
    }
    if (arguments->format == CMD_NOTHING)
        log_in(&loop, outcome);
    else
        look(arguments, &loop, said, outcome);
    loopback_stop();
    return outcome_status(outcome);
}

int
cmd_login(const struct arguments *arguments, struct outcome *outcome)
{
    struct server_place place = { 0 };
    struct conf_file conf = { 0 };
    struct gs2_error err;
    char *realm = NULL;
    json_t *said;
    int status;

    if (!conf_report_open(arguments, true, "nobody gets in by GS2", &conf,
                          &said, outcome)) {
        status = outcome_status(outcome);
    } else if (!user_realm_find(&conf, &realm, &err)) {
        outcome_fail_because(outcome, &err);
        status = report_failure(arguments, true, outcome);
    } else {
        server_place_find(arguments, &conf, &place);
        status = arguments->as != NULL
                 ? what_if(arguments, &conf, &place, realm, said, outcome)
                 : run(arguments, &conf, &place, realm, said, outcome);
    }
    json_decref(said);
    free(realm);
    server_place_free(&place);
    conf_file_free(&conf);
    return status;
}
