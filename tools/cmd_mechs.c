/*
 * cmd_mechs.c - the command mechs: which mechanisms each side offers, and why one
 * is not offered.
 */
#include "outcome.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sasl/saslplug.h>

#include "conf_check.h"
#include "common/options.h"
#include "json.h"
#include "loopback.h"
#include "tickets.h"

#define KEYS_SHOWN 3

struct side {
    struct gs2_mech mechs[GS2_MECHS_MAX];
    size_t count;
    struct gs2_config config;
    struct conffile conf;
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
        !inspect_is_gs2(mech->plug->mech_name,
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
        start = inspect_need(NULL);
    line = strstr(log, start);
    free(start);
    if (line == NULL)
        return NULL;
    return inspect_need(strndup(line, strcspn(line, "\n")));
}

/* "imap/a (kvno 3), imap/b (kvno 1) and 5 more"; "nothing".  Gives. */
static char *
list_keys(const struct tickets_keytab *keytab)
{
    size_t size, shown = keytab->count < KEYS_SHOWN ? keytab->count
                                                    : KEYS_SHOWN;
    char *text = NULL;
    FILE *out = inspect_need(open_memstream(&text, &size));

    if (keytab->count == 0)
        (void)fputs("nothing", out);
    for (size_t i = 0; i < shown; i++)
        (void)fprintf(out, "%s%s, kvno %u", i > 0 ? "; " : "",
                      keytab->keys[i].principal, keytab->keys[i].kvno);
    if (keytab->count > shown)
        (void)fprintf(out, "; and %zu more", keytab->count - shown);
    if (fclose(out) != 0)
        text = NULL;
    return inspect_need(text);
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
    return n >= 0 ? text : inspect_need(NULL);
}

/* Why the server does not offer a mechanism.  Gives. */
static char *
explain(const struct side *side, const struct gs2_mech *mech)
{
    const char *list = conffile_option(&side->conf, "mech_list");
    char *text;

    if (side->plugin[0] == '\0')
        return inspect_need(strdup(
            "libsasl loads no GS2 plugin: is libgs2.so where libsasl looks, "
            "or in SASL_PATH?"));
    if (!gs2_options_offers(&side->config, mech))
        return inspect_need(strdup(
            side->config.texts[GS2_OPT_MECHS] != NULL
            ? "gs2_mechs does not name it"
            : "offered only where gs2_mechs names it"));
    if (list != NULL && !lists(list, mech->name))
        return inspect_need(strdup("mech_list does not name it"));
    if (mech->is_krb5 && (side->keytab.why != NULL || !has_key(side)))
        return why_no_key(side);
    text = why_by_log(side, mech->name);
    return text != NULL ? text : inspect_need(strdup("libsasl does not list "
                                                     "it"));
}

/* --- what is said --------------------------------------------------------- */

static void
print_mech(const struct side *side, const struct gs2_mech *mech)
{
    const bool offered = lists(side->server, mech->name);
    char *why = offered ? NULL : explain(side, mech);

    printf("  %-14s %-7s %-*s%s\n", mech->name, offered ? "yes" : "no",
           why != NULL ? 7 : 0,
           lists(side->client, mech->name) ? "yes" : "no",
           why != NULL ? why : "");
    free(why);
}

static void
print_keytab(const struct tickets_keytab *keytab)
{
    printf("  %-9s %s\n", "keytab", keytab->name);
    if (keytab->why != NULL)
        printf("  %-9s %s\n", "", keytab->why);
    for (size_t i = 0; i < keytab->count; i++)
        printf("  %-9s %s, kvno %u\n", "", keytab->keys[i].principal,
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
    printf("\nnext: kadmin -q \"ktadd -k %s %s/%s\", or name another keytab "
           "(-k) or host (-n)\n", name, side->loop.service, side->loop.host);
}

static void
print(const struct side *side)
{
    char *ticket = tickets_describe(&side->tickets);

    printf("  %-14s %-7s %s\n", "mechanism", "server", "client");
    for (size_t i = 0; i < side->count; i++)
        print_mech(side, &side->mechs[i]);
    printf("\n  %-9s %s@%s\n", "service", side->loop.service,
           side->loop.host);
    printf("  %-9s %s%s\n", "plugin",
           side->plugin[0] != '\0' ? side->plugin : "none",
           side->loop.asked || side->plugin[0] == '\0'
           ? "" : ", which is not of cyrus-sasl-gs2: it knows no rules");
    print_keytab(&side->keytab);
    printf("  %-9s %s\n", "ticket", ticket);
    free(ticket);
    print_next(side);
    if (side->tickets.principal == NULL)
        puts("\nno ticket: a client cannot log in\nnext: kinit");
    else if (side->tickets.expired)
        puts("\nthe ticket has expired\nnext: kinit");
}

static void
put_mech(const struct side *side, const struct gs2_mech *mech)
{
    const bool offered = lists(side->server, mech->name);
    char *why = offered ? NULL : explain(side, mech);

    json_open(NULL, '{');
    json_string("name", mech->name);
    json_bool("server", offered);
    json_bool("client", lists(side->client, mech->name));
    json_string("why", why);
    json_close('}');
    free(why);
}

static void
print_json(const struct side *side)
{
    json_open(NULL, '{');
    json_number("v", 1);
    json_string("service", side->loop.service);
    json_string("host", side->loop.host);
    json_string("plugin", side->plugin[0] != '\0' ? side->plugin : NULL);
    json_open("mechanisms", '[');
    for (size_t i = 0; i < side->count; i++)
        put_mech(side, &side->mechs[i]);
    json_close(']');
    json_open("keytab", '{');
    json_string("name", side->keytab.name);
    json_string("error", side->keytab.why);
    json_open("keys", '[');
    for (size_t i = 0; i < side->keytab.count; i++) {
        json_open(NULL, '{');
        json_string("principal", side->keytab.keys[i].principal);
        json_number("kvno", side->keytab.keys[i].kvno);
        json_close('}');
    }
    json_close(']');
    json_close('}');
    json_open("ticket", '{');
    json_string("principal", side->tickets.principal);
    json_number("until", side->tickets.until);
    json_string("cache", side->tickets.cache);
    json_close('}');
    json_close('}');
    putchar('\n');
}

/* --- the command ---------------------------------------------------------- */

/* The exit status: does the server offer what both have? */
static int
look(const struct inspect_options *options, struct side *side)
{
    struct gs2_error err;
    int status = INSPECT_NO;

    if (gs2_mechs_list(side->mechs, &side->count, &err) != GS2_OK) {
        inspect_say("%s", err.text);
        return INSPECT_ERROR;
    }
    conffile_config(&side->conf, &side->config);
    /* What is wrong with it was said before. */
    (void)!gs2_options_parse(&side->config, &err);
    tickets_read(&side->tickets);
    tickets_keytab_read(side->config.keytab, &side->keytab);
    (void)sasl_server_plugin_info(NULL, note_plugin, side);
    if (!loopback_open(&side->loop)) {
        inspect_say("%s", side->loop.outcome.text);
        return INSPECT_ERROR;
    }
    side->server = loopback_offered(side->loop.server);
    side->client = loopback_offered(side->loop.client);
    for (size_t i = 0; i < side->count; i++) {
        if (lists(side->server, side->mechs[i].name) &&
            lists(side->client, side->mechs[i].name))
            status = INSPECT_YES;
    }
    if (options->json)
        print_json(side);
    else
        print(side);
    return status;
}

int
inspect_mechs(const struct inspect_options *options)
{
    struct side *side = inspect_need(calloc(1, sizeof(*side)));
    int status = INSPECT_ERROR;

    side->loop.conf = &side->conf;
    side->loop.service = options->service;
    side->loop.host = options->host;
    side->loop.rules = LOOPBACK_CONF;
    if (options->conf == NULL || conffile_read(options->conf, &side->conf)) {
        if (checkconf_report(&side->conf) > 0) {
            inspect_say("with this configuration no mechanism is offered");
            status = INSPECT_NO;
        } else if (loopback_start(&side->conf)) {
            status = look(options, side);
            loopback_end(&side->loop);
            loopback_stop();
        }
    }
    free(side->server);
    free(side->client);
    tickets_free(&side->tickets);
    tickets_keytab_free(&side->keytab);
    gs2_options_clear(&side->config);
    conffile_free(&side->conf);
    free(side);
    return status;
}
