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
#include "keytab.h"
#include "loopback.h"
#include "mech_name.h"
#include "mechs_text.h"
#include "print.h"
#include "report.h"
#include "served.h"
#include "server_place.h"

#define KEYS_SHOWN 3

struct side {
    struct gs2_mech mechs[GS2_MECHS_MAX + GS2_MECHS_GSSAPI];
    size_t count;
    struct gs2_config config;
    struct conf_file conf;
    struct loopback loop;
    const char *server, *client; /* lists */
    struct tickets tickets;
    struct server_place place;
    json_t *keytab;        /* keytab.h */
    json_t *said;          /* of the configuration; NULL for nothing */
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

static const char *
key_name(const json_t *key)
{
    return document_get(key, "principal");
}

static unsigned
key_kvno(const json_t *key)
{
    return (unsigned)json_integer_value(json_object_get(key, "kvno"));
}

static bool
has_key(const struct side *side)
{
    const json_t *keys = json_object_get(side->keytab, "keys"), *key;
    const char *acceptor = side->config.acceptor;
    char name[512];
    size_t len, i;

    if (acceptor != NULL && strcmp(acceptor, "*") == 0)
        return json_array_size(keys) > 0;
    len = (size_t)snprintf(name, sizeof(name), "%s/%s@", side->loop.service,
                           side->loop.host);
    json_array_foreach(keys, i, key) {
        if (strncasecmp(key_name(key), name, len) == 0)
            return true;
    }
    return acceptor != NULL;
}

/* Finds in the server's log why it has no credential. */
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

/* "imap/a, kvno 3; imap/b, kvno 1; and 5 more"; "nothing".  Gives. */
static char *
list_keys(const json_t *keys)
{
    const size_t count = json_array_size(keys);
    const json_t *key;
    char *text = NULL;
    size_t size, i;
    FILE *out = need(open_memstream(&text, &size));

    if (count == 0)
        (void)fputs("nothing", out);
    json_array_foreach(keys, i, key) {
        if (i == KEYS_SHOWN)
            break;
        (void)fprintf(out, "%s%s, kvno %u", i > 0 ? "; " : "", key_name(key),
                      key_kvno(key));
    }
    if (count > KEYS_SHOWN)
        (void)fprintf(out, "; and %zu more", count - KEYS_SHOWN);
    if (fclose(out) != 0)
        text = NULL;
    return need(text);
}

static char *
why_no_key(const struct side *side)
{
    char *keys = list_keys(json_object_get(side->keytab, "keys")), *text;
    const char *name = document_get(side->keytab, "name");
    const char *error = document_get(side->keytab, "error");
    int n;

    if (!keytab_is_readable(side->keytab))
        n = asprintf(&text, "%s cannot read the keytab: %s", side->place.user,
                     document_get(json_object_get(side->keytab, "reader"),
                                  "why"));
    else if (error != NULL)
        n = asprintf(&text, "the keytab %s cannot be read: %s", name, error);
    else
        n = asprintf(&text, "no key for %s/%s in %s: has %s",
                     side->loop.service, side->loop.host, name, keys);
    free(keys);
    return n >= 0 ? text : need(NULL);
}

/* Why the server does not offer a mechanism.  Gives. */
static char *
explain(const struct side *side, const struct gs2_mech *mech)
{
    const char *list = conf_file_option(&side->conf, "mech_list");
    char *text;

    if (side->plugin[0] == '\0' && !mech->standalone)
        return need(strdup(
            "libsasl loads no GS2 plugin: is libgs2.so where libsasl looks, "
            "or in SASL_PATH (SASL_PLUGINDIR after libsasl 2.1.28)?"));
    if (!mech->standalone && !gs2_options_offers(&side->config, mech))
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
    if (mech->is_krb5 &&
        (document_get(side->keytab, "error") != NULL || !has_key(side)))
        return why_no_key(side);
    text = why_by_log(side, mech->name);
    return text != NULL ? text : need(strdup("libsasl does not list "
                                                     "it"));
}

/* Whether the server offers a mechanism: as it does here, unless it runs as a
 * user who cannot read the key. */
static bool
offers(const struct side *side, const struct gs2_mech *mech)
{
    return lists(side->server, mech->name) &&
           (!mech->is_krb5 || keytab_is_readable(side->keytab));
}

/* --- what is said --------------------------------------------------------- */

/* How to get a key into the keytab, or to let the server read it.  Null if
 * neither is the problem. */
static json_t *
find_next(const struct side *side)
{
    const json_t *reader = json_object_get(side->keytab, "reader");
    const char *name = document_get(side->keytab, "name");
    const char *cure = document_get(reader, "cure");

    if (cure != NULL)
        return document_text(cure);
    if (document_get(side->keytab, "error") == NULL && has_key(side))
        return json_null();
    if (strncmp(name, "FILE:", 5) == 0)
        name += 5;
    return need(json_sprintf(
        "kadmin -q \"ktadd -k %s %s/%s\", which makes a new key: other keytabs "
        "with this service then need it also; or name another keytab (-k) or "
        "host (-n)", name, side->loop.service, side->loop.host));
}

static json_t *
make_mechs(const struct side *side)
{
    json_t *mechs = need(json_array());

    for (size_t i = 0; i < side->count; i++) {
        const struct gs2_mech *mech = &side->mechs[i];
        const bool offered = offers(side, mech);
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
make_document(const struct side *side)
{
    const char *plugin = side->plugin[0] != '\0' ? side->plugin : NULL;
    const struct server_row *server = side->conf.server;

    return need(json_pack(
        "{s:i, s:o, s:o, s:o, s:b, s:o, s:O, s:o, s:o, s:o}", "v", 1,
        "service", document_text(side->loop.service),
        "host", document_text(side->loop.host),
        "plugin", document_text(plugin),
        "ours", plugin != NULL && side->loop.asked,
        "mechanisms", make_mechs(side),
        "keytab", side->keytab,
        "ticket", document_tickets(&side->tickets),
        "log", document_text(server != NULL ? server->log : NULL),
        "next", find_next(side)));
}

static void
tell(const struct side *side, enum cmd_format format)
{
    json_t *document = make_document(side);

    document_update(document, side->said);
    if (format == CMD_JSON) {
        document_print(document);
        return;
    }
    mechs_text_print(&side->tickets, document);
    json_decref(document);
}

/* --- the command ---------------------------------------------------------- */

/* Which mechanisms there are to be looked at, before libsasl starts. */
static bool
list_mechs(struct side *side, struct gs2_error *err)
{
    const bool listed = gs2_mechs_list(side->mechs, &side->count,
                                       err) == GS2_OK;

    if (listed && served_by_us("GSSAPI"))
        side->count += gs2_mechs_list_gssapi(side->mechs + side->count);
    return listed;
}

/* Fills in all that is said. */
static bool
look(struct side *side, struct gs2_error *err)
{
    struct gs2_error ignored; /* what is wrong with it was said before */

    conf_file_config(&side->conf, &side->config);
    (void)!gs2_options_parse(&side->config, &ignored);
    tickets_read(&side->tickets);
    side->keytab = keytab_read(&side->place, side->config.keytab);
    (void)sasl_server_plugin_info(NULL, note_plugin, side);
    if (!loopback_open(&side->loop)) {
        gs2_error_set(err, "%s", side->loop.outcome.text);
        return false;
    }
    side->server = loopback_listed(side->loop.server);
    side->client = loopback_listed(side->loop.client);
    return true;
}

/* Does the server offer what both have? */
static bool
is_any_offered(const struct side *side)
{
    for (size_t i = 0; i < side->count; i++) {
        if (offers(side, &side->mechs[i]) &&
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

    if (!list_mechs(side, &err) || !loopback_start(&side->conf, &err)) {
        outcome_fail_because(outcome, &err);
        return report_failure(arguments, false, outcome);
    }
    if (!look(side, &err)) {
        outcome_fail_because(outcome, &err);
        (void)report_failure(arguments, false, outcome);
    } else {
        status = is_any_offered(side) ? CMD_YES : CMD_NO;
        tell(side, arguments->format);
    }
    loopback_end(&side->loop);
    loopback_stop();
    return status;
}

int
cmd_mechs(const struct arguments *arguments, struct outcome *outcome)
{
    struct side *side = need(calloc(1, sizeof(*side)));
    int status;

    side->loop.conf = &side->conf;
    if (conf_report_open(arguments, false, "no mechanism of GS2 is offered",
                         &side->conf, &side->said, outcome)) {
        server_place_find(arguments, &side->conf, &side->place);
        side->loop.service = side->place.service;
        side->loop.host = side->place.host;
        status = run(arguments, side, outcome);
    } else {
        status = outcome_status(outcome);
    }
    server_place_free(&side->place);
    tickets_free(&side->tickets);
    json_decref(side->keytab);
    json_decref(side->said);
    gs2_options_clear(&side->config);
    conf_file_free(&side->conf);
    free(side);
    return status;
}
