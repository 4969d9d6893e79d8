/*
 * cmd_login.c - the command login: what a server sees of the caller, and whether
 * its rules let the caller in.
 *
 * One login without rules shows who the caller is, one more fills the
 * properties, one for each comparison tells which are met, and one with the
 * configuration as it is has the last word.
 */
#include "outcome.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sys/random.h>

#include "conf_check.h"
#include "report.h"
#include "watch.h"

/* Both ends are given the same octets, as if they were on one channel. */
static bool
make_binding(const char *type, struct inspect_binding *binding)
{
    if (type == NULL || strcmp(type, "none") == 0)
        return true;
    if (strlen(type) >= sizeof(binding->type)) {
        inspect_say("the name of the channel binding is too long");
        return false;
    }
    memcpy(binding->type, type, strlen(type) + 1);
    binding->len = 32;
    return getrandom(binding->octets, binding->len, 0) ==
           (ssize_t)binding->len;
}

static bool
again(void *context, struct inspect_outcome *outcome)
{
    struct loopback *loop = context;

    loopback_login(loop);
    *outcome = loop->outcome;
    loopback_end(loop);
    return outcome->in;
}

/* With the configuration as it is: the last word. */
static void
have_last_word(const struct loopback *survey, struct loopback *last)
{
    *last = (struct loopback){
        .conf = survey->conf, .service = survey->service,
        .host = survey->host, .mech = survey->mech,
        .authzid = survey->authzid, .binding = survey->binding,
        .rules = LOOPBACK_CONF,
    };
    loopback_login(last);
}

static int
inspect(const struct inspect_options *options, struct loopback *survey)
{
    struct report report = {
        .options = options, .service = survey->service,
        .host = survey->host, .binding = &survey->binding,
    };
    struct verdicts verdicts = { 0 };
    struct seen seen = { 0 };
    struct loopback last;

    tickets_read(&report.tickets);
    loopback_login(survey);
    if (survey->outcome.in) {
        seen_read(survey, &seen);
        seen_ask_properties(survey, &seen);
        report.seen = &seen;
        if (options->conf != NULL) {
            verdicts_ask(survey, strcmp(seen.authid, seen.authzid) != 0,
                         &verdicts);
            report.verdicts = &verdicts;
        }
    }
    if (!survey->asked && survey->outcome.mech[0] != '\0')
        inspect_say("libsasl loads another plugin for %s, which knows neither "
                    "rules nor attributes; gs2-inspect mechs says which",
                    survey->outcome.mech);
    have_last_word(survey, &last);
    report.outcome = &last.outcome;
    /* What is not available is logged when it is found out. */
    report.log = last.log != NULL ? last.log : survey->log;
    report_print(&report);
    loopback_end(&last);
    loopback_end(survey);
    verdicts_free(&verdicts);
    seen_free(&seen);
    tickets_free(&report.tickets);
    return inspect_status(&last.outcome);
}

int
inspect_login(const struct inspect_options *options)
{
    struct loopback survey = {
        .service = options->service, .host = options->host,
        .mech = options->mech, .authzid = options->authzid,
        .rules = LOOPBACK_NONE,
    };
    struct conffile conf = { 0 };
    int status = INSPECT_ERROR;

    if (options->conf != NULL && !conffile_read(options->conf, &conf))
        return INSPECT_ERROR;
    survey.conf = &conf;
    if (checkconf_report(&conf) > 0) {
        inspect_say("with this configuration nobody gets in");
        status = INSPECT_NO;
    } else if (make_binding(options->binding, &survey.binding) &&
               loopback_start(&conf)) {
        if (options->watch >= 0) {
            survey.rules = LOOPBACK_CONF;
            status = watch(options->watch, again, &survey);
        } else {
            status = inspect(options, &survey);
        }
        loopback_stop();
    }
    conffile_free(&conf);
    return status;
}
