/*
 * cmd_mechs.c - the command mechs: which mechanisms each side offers, and why
 * one is not offered.
 */
#include "cmd.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sasl/saslplug.h>

#include "common/options.h"
#include "conf_report.h"
#include "document.h"
#include "loopback.h"
#include "mech_name.h"
#include "print.h"
#include "report.h"
#include "server_place.h"

#define KEYS_SHOWN 3

struct side {
    struct gs2_mech mechs[GS2_MECHS_MAX];
    size_t count;
    struct gs2_config config;
    struct conf_file conf;
    struct loopback loop;
    char *server, *client; /* lists */
    struct tickets tickets;
    struct tickets_keytab keytab;
    char plugin[1024];     /* path; "" for none */
};

static bool
lists(const char *list, const char *name)
{
    return gs2_mechs_named(list, name);
}

/* Which file libsasl loads the mechanisms of GS2 from. */
static void
note_plugin(server_sasl_mechanism_t *mech, sasl_info_callback_stage_t stage,
            void *context)
{
    struct side *side = context;
    union {
        void *address;
        int (*function)(void *, sasl_server_params_t *, const char *, unsigned,
                        const char **, unsigned *, sasl_out_params_t *);
    } step;
    Dl_info info;

    if (stage != SASL_INFO_LIST_MECH || mech == NULL ||
        !mech_name_is_gs2(mech->plug->mech_name,
                        strlen(mech->plug->mech_name)))
        return;
    step.function = mech->plug->mech_step;
    if (side->plugin[0] == '\0' && dladdr(step.address, &info) != 0)
        (void)snprintf(side->plugin, sizeof(side->plugin), "%s",
                       info.dli_fname);
}

static bool
has_key(const struct side *side)
{
    const char *acceptor = side->config.acceptor;
    char name[512];
    size_t len;

    if (acceptor != NULL && strcmp(acceptor, "*") == 0)
        return side->keytab.count > 0;
    len = (size_t)snprintf(name, sizeof(name), "%s/%s@", side->loop.service,
                           side->loop.host);
    for (size_t i = 0; i < side->keytab.count; i++) {
        if (strncasecmp(side->keytab.keys[i].principal, name, len) == 0)
            return true;
    }
    return acceptor != NULL;
}

/* The server's log says why it has no credential. */
static char *
why_by_log(const struct side *side, const char *mech)
{
    const char *log = side->loop.log != NULL ? side->loop.log : "", *line;
    char *start;

    if (asprintf(&start, "%s is not available", mech) < 0)
        start = need(NULL);
    line = strstr(log, start);
    free(start);
    if (line == NULL)
        return NULL;
    return need(strndup(line, strcspn(line, "\n")));
}

/* "imap/a (kvno 3), imap/b (kvno 1) and 5 more"; "nothing".  Gives. */
static char *
list_keys(const struct tickets_keytab *keytab)
{
    size_t size, shown = keytab->count < KEYS_SHOWN ? keytab->count
                                                    : KEYS_SHOWN;
    char *text = NULL;
    FILE *out = need(open_memstream(&text, &size));

    if (keytab->count == 0)
        (void)fputs("nothing", out);
    for (size_t i = 0; i < shown; i++)
        (void)fprintf(out, "%s%s, kvno %u", i > 0 ? "; " : "",
                      keytab->keys[i].principal, keytab->keys[i].kvno);
    if (keytab->count > shown)
        (void)fprintf(out, "; and %zu more", keytab->count - shown);
    if (fclose(out) != 0)
        text = NULL;
    return need(text);
}

static char *
why_no_key(const struct side *side)
{
    char *keys = list_keys(&side->keytab), *text;
    int n;

    if (side->keytab.why != NULL)
        n = asprintf(&text, "the keytab %s cannot be read: %s",
                     side->keytab.name, side->keytab.why);
    else
        n = asprintf(&text, "no key for %s/%s in %s: has %s",
                     side->loop.service, side->loop.host, side->keytab.name,
                     keys);
    free(keys);
    return n >= 0 ? text : need(NULL);
}

/* Why the server does not offer a mechanism.  Gives. */
static char *
explain(const struct side *side, const struct gs2_mech *mech)
{
    const char *list = conf_file_option(&side->conf, "mech_list");
    char *text;

    if (side->plugin[0] == '\0')
        return need(strdup(
            "libsasl loads no GS2 plugin: is libgs2.so where libsasl looks, "
            "or in SASL_PATH?"));
    if (!gs2_options_offers(&side->config, mech))
        return need(strdup(
            side->config.texts[GS2_OPT_MECHS] != NULL
            ? "gs2_mechs does not name it"
            : "offered only where gs2_mechs names it"));
    if (gs2_options_needs_binding(&side->config))
        return need(strdup(
            "gs2_require demands a channel binding, and there is none here: "
            "offered under TLS, by servers that bind"));
    if (list != NULL && !lists(list, mech->name))
        return need(strdup("mech_list does not name it"));
    if (mech->is_krb5 && (side->keytab.why != NULL || !has_key(side)))
        return why_no_key(side);
    text = why_by_log(side, mech->name);
    return text != NULL ? text : need(strdup("libsasl does not list "
                                                     "it"));
}

/* --- what is said --------------------------------------------------------- */

static void
print_mech(const struct side *side, const struct gs2_mech *mech)
{
    const bool offered = lists(side->server, mech->name);
    char *why = offered ? NULL : explain(side, mech);

    print("  %-14s %-7s %-*s%s\n", mech->name, offered ? "yes" : "no",
           why != NULL ? 7 : 0,
           lists(side->client, mech->name) ? "yes" : "no",
           why != NULL ? why : "");
    free(why);
}

static void
print_keytab(const struct tickets_keytab *keytab)
{
    print("  %-9s %s\n", "keytab", keytab->name);
    if (keytab->why != NULL)
        print("  %-9s %s\n", "", keytab->why);
    for (size_t i = 0; i < keytab->count; i++)
        print("  %-9s %s, kvno %u\n", "", keytab->keys[i].principal,
               keytab->keys[i].kvno);
}

/* The service's own key is missing: how it comes into the keytab. */
static void
print_next(const struct side *side)
{
    const char *name = side->keytab.name;

    if (side->keytab.why == NULL && has_key(side))
        return;
    if (strncmp(name, "FILE:", 5) == 0)
        name += 5;
    print("\nnext: kadmin -q \"ktadd -k %s %s/%s\", or name another keytab "
           "(-k) or host (-n)\n", name, side->loop.service, side->loop.host);
}

static void
print_text(const struct side *side)
{
    char *ticket = tickets_describe(&side->tickets);

    print("  %-14s %-7s %s\n", "mechanism", "server", "client");
    for (size_t i = 0; i < side->count; i++)
        print_mech(side, &side->mechs[i]);
    print("\n  %-9s %s@%s\n", "service", side->loop.service,
           side->loop.host);
    print("  %-9s %s%s\n", "plugin",
           side->plugin[0] != '\0' ? side->plugin : "none",
           side->loop.asked || side->plugin[0] == '\0'
           ? "" : ", which is not of cyrus-sasl-gs2: it knows no rules");
    print_keytab(&side->keytab);
    print("  %-9s %s\n", "ticket", ticket);
    free(ticket);
    print_next(side);
    if (side->tickets.principal == NULL)
        puts("\nno ticket: a client cannot log in\nnext: kinit");
    else if (side->tickets.expired)
        puts("\nthe ticket has expired\nnext: kinit");
}

static json_t *
make_mechs(const struct side *side)
{
    json_t *mechs = need(json_array());

    for (size_t i = 0; i < side->count; i++) {
        const struct gs2_mech *mech = &side->mechs[i];
        const bool offered = lists(side->server, mech->name);
        char *why = offered ? NULL : explain(side, mech);

        document_add(mechs, json_pack("{s:s, s:b, s:b, s:o}",
                                      "name", mech->name, "server", offered,
                                      "client", lists(side->client,
                                                      mech->name),
                                      "why", document_text(why)));
        free(why);
    }
    return mechs;
}

static json_t *
make_keytab(const struct tickets_keytab *keytab)
{
    json_t *keys = need(json_array());

    for (size_t i = 0; i < keytab->count; i++)
        document_add(keys, json_pack(
                         "{s:o, s:I}", "principal",
                         document_text(keytab->keys[i].principal), "kvno",
                         (json_int_t)keytab->keys[i].kvno));
    return need(json_pack("{s:o, s:o, s:o}",
                          "name", document_text(keytab->name),
                          "error", document_text(keytab->why),
                          "keys", keys));
}

static void
print_json(const struct side *side)
{
    document_print(need(json_pack(
        "{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "v", 1,
        "service", document_text(side->loop.service),
        "host", document_text(side->loop.host),
        "plugin", document_text(side->plugin[0] != '\0' ? side->plugin
                                                        : NULL),
        "mechanisms", make_mechs(side),
        "keytab", make_keytab(&side->keytab),
        "ticket", document_tickets(&side->tickets))));
}

/* --- the command ---------------------------------------------------------- */

/* Fills in all that is said. */
static bool
look(struct side *side, struct gs2_error *err)
{
    struct gs2_error ignored; /* what is wrong with it was said before */

    if (gs2_mechs_list(side->mechs, &side->count, err) != GS2_OK)
        return false;
    conf_file_config(&side->conf, &side->config);
    (void)!gs2_options_parse(&side->config, &ignored);
    tickets_read(&side->tickets);
    tickets_keytab_read(side->config.keytab, &side->keytab);
    (void)sasl_server_plugin_info(NULL, note_plugin, side);
    if (!loopback_open(&side->loop)) {
        gs2_error_set(err, "%s", side->loop.outcome.text);
        return false;
    }
    side->server = loopback_offered(side->loop.server);
    side->client = loopback_offered(side->loop.client);
    return true;
}

/* Does the server offer what both have? */
static bool
is_any_offered(const struct side *side)
{
    for (size_t i = 0; i < side->count; i++) {
        if (lists(side->server, side->mechs[i].name) &&
            lists(side->client, side->mechs[i].name))
            return true;
    }
    return false;
}

/* With a configuration that has no error. */
static int
run(const struct arguments *arguments, struct side *side,
    struct outcome *outcome)
{
    struct gs2_error err;
    int status = CMD_ERROR;

    if (!loopback_start(&side->conf, &err)) {
        outcome_fail_because(outcome, &err);
        return report_failure(arguments, false, outcome);
    }
    if (!look(side, &err)) {
        outcome_fail_because(outcome, &err);
        (void)report_failure(arguments, false, outcome);
    } else {
        status = is_any_offered(side) ? CMD_YES : CMD_NO;
        if (arguments->format == CMD_JSON)
            print_json(side);
        else
            print_text(side);
    }
    loopback_end(&side->loop);
    loopback_stop();
    return status;
}

int
cmd_mechs(const struct arguments *arguments, struct outcome *outcome)
{
    struct side *side = need(calloc(1, sizeof(*side)));
    struct server_place place = { 0 };
    int status;

    side->loop.conf = &side->conf;
    if (conf_report_open(arguments, false, "no mechanism is offered",
                         &side->conf, outcome)) {
        server_place_find(arguments, &side->conf, &place);
        side->loop.service = place.service;
        side->loop.host = place.host;
        status = run(arguments, side, outcome);
    } else {
        status = outcome_status(outcome);
    }
    server_place_free(&place);
    free(side->server);
    free(side->client);
    tickets_free(&side->tickets);
    tickets_keytab_free(&side->keytab);
    gs2_options_clear(&side->config);
    conf_file_free(&side->conf);
    free(side);
    return status;
}
