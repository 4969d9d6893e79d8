/*
 * loopback.c - a login with both ends in this process (see loopback.h).
 */
#include "loopback.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sasl/prop.h>

#include "common/options.h"
#include "mech_name.h"
#include "print.h"

/* The strength of TLS, which is there where a channel binding is, and of the
 * layer that most servers allow: as much. */
#define TLS_SSF      256
#define LAYER_OCTETS 65536

#define PROC(function) ((int (*)(void))(void (*)(void))(function))

/* --- callbacks ------------------------------------------------------------ */

static bool
is_rule(const char *option)
{
    return strcmp(option, gs2_options_name(GS2_OPT_REQUIRE)) == 0 ||
           strcmp(option, gs2_options_name(GS2_OPT_PROXY_REQUIRE)) == 0;
}

static int
give_option(const char *value, const char **result, unsigned *len)
{
    *result = value;
    if (value != NULL && len != NULL)
        *len = (unsigned)strlen(value);
    return value != NULL ? SASL_OK : SASL_FAIL;
}

/* Of the process: the options, but for the rules. */
static int
get_global_option(void *context, const char *plugin, const char *option,
                  const char **result, unsigned *len)
{
    const struct conf_file *conf = context;

    (void)plugin;
    return give_option(is_rule(option) ? NULL : conf_file_option(conf, option),
                       result, len);
}

/* Of a connection: the rules that are wanted. */
static int
get_option(void *context, const char *plugin, const char *option,
           const char **result, unsigned *len)
{
    struct loopback *loop = context;
    const char *value = NULL;

    (void)plugin;
    if (!is_rule(option))
        return give_option(NULL, result, len);
    loop->asked = true;
    if (loop->ask.rules == LOOPBACK_CONF)
        value = conf_file_option(loop->conf, option);
    else if (loop->ask.rules == LOOPBACK_RULE &&
             strcmp(option, gs2_options_name(GS2_OPT_REQUIRE)) == 0)
        value = loop->ask.rule;
    return give_option(value, result, len);
}

static int
keep_log(void *context, int level, const char *message)
{
    struct loopback *loop = context;
    char *log;

    if (level > SASL_LOG_WARN || level == SASL_LOG_NONE)
        return SASL_OK;
    if (asprintf(&log, "%s%s\n", loop->log != NULL ? loop->log : "",
                 message) < 0)
        log = need(NULL);
    free(loop->log);
    loop->log = log;
    return SASL_OK;
}

/* What libsasl and its plugins say before there is a connection. */
static int
drop_log(void *context, int level, const char *message)
{
    (void)context;
    (void)level;
    (void)message;
    return SASL_OK;
}

/* There is no application to ask: yes. */
static int
allow_proxy(sasl_conn_t *conn, void *context, const char *requested,
            unsigned requested_len, const char *authid, unsigned authid_len,
            const char *realm, unsigned realm_len, struct propctx *props)
{
    (void)conn;
    (void)context;
    (void)requested;
    (void)requested_len;
    (void)authid;
    (void)authid_len;
    (void)realm;
    (void)realm_len;
    (void)props;
    return SASL_OK;
}

static int
give_user(void *context, int id, const char **result, unsigned *len)
{
    const struct loopback *loop = context;

    (void)id;
    *result = loop->authzid != NULL ? loop->authzid : "";
    if (len != NULL)
        *len = (unsigned)strlen(*result);
    return SASL_OK;
}

/* --- libsasl -------------------------------------------------------------- */

bool
loopback_start(const struct conf_file *conf, struct gs2_error *err)
{
    /* libsasl keeps the list until it is done. */
    static sasl_callback_t callbacks[] = {
        { SASL_CB_GETOPT, PROC(get_global_option), NULL },
        { SASL_CB_LOG, PROC(drop_log), NULL },
        { SASL_CB_LIST_END, NULL, NULL },
    };
    int code;

    callbacks[0].context = (void *)(size_t)conf;
    code = sasl_server_init(callbacks, "gs2-inspect");
    if (code == SASL_OK)
        code = sasl_client_init(callbacks + 1);
    if (code == SASL_OK)
        return true;
    gs2_error_set(err, "libsasl does not start: %s",
                  sasl_errstring(code, NULL, NULL));
    return false;
}

void
loopback_stop(void)
{
    sasl_client_done();
    sasl_server_done();
}

static void
set_callbacks(struct loopback *loop)
{
    const sasl_callback_t server[] = {
        { SASL_CB_GETOPT, PROC(get_option), loop },
        { SASL_CB_LOG, PROC(keep_log), loop },
        { SASL_CB_PROXY_POLICY, PROC(allow_proxy), loop },
        { SASL_CB_LIST_END, NULL, NULL },
    };
    const sasl_callback_t client[] = {
        { SASL_CB_USER, PROC(give_user), loop },
        { SASL_CB_LIST_END, NULL, NULL },
    };

    memcpy(loop->server_callbacks, server, sizeof(server));
    memcpy(loop->client_callbacks, client, sizeof(client));
}

/* What an end has of the channel, and which layers of its own: of a server that
 * allows none the clients want none. */
static int
set_channel(struct loopback *loop, sasl_conn_t *conn)
{
    static const sasl_security_properties_t layers[] = {
        [SERVER_LAYERS_OUTSIDE_TLS] = { .max_ssf = TLS_SSF,
                                        .maxbufsize = LAYER_OCTETS },
        [SERVER_LAYERS] = { .max_ssf = INT_MAX, .maxbufsize = LAYER_OCTETS },
        [SERVER_NO_LAYERS] = { .max_ssf = 0 },
    };
    const struct server_row *server = loop->conf->server;
    const sasl_ssf_t tls = TLS_SSF;
    int code;

    code = sasl_setprop(conn, SASL_SEC_PROPS,
                        &layers[server != NULL ? server->layers
                                : SERVER_LAYERS_OUTSIDE_TLS]);
    if (code == SASL_OK && loop->binding.len > 0)
        code = sasl_setprop(conn, SASL_SSF_EXTERNAL, &tls);
    if (code == SASL_OK)
        code = channel_binding_set(conn, &loop->binding, &loop->holder);
    return code;
}

static const char *binding_property[] = { "*gs2-binding", NULL };

bool
loopback_open(struct loopback *loop)
{
    int code;

    set_callbacks(loop);
    code = sasl_server_new(loop->service, loop->host, loop->realm, NULL, NULL,
                           loop->server_callbacks, SASL_SUCCESS_DATA,
                           &loop->server);
    if (code == SASL_OK)
        code = sasl_auxprop_request(loop->server, loop->ask.properties != NULL
                                    ? loop->ask.properties : binding_property);
    if (code == SASL_OK)
        code = set_channel(loop, loop->server);
    if (code == SASL_OK)
        code = sasl_client_new(loop->service, loop->host, NULL, NULL,
                               loop->client_callbacks, SASL_SUCCESS_DATA,
                               &loop->client);
    if (code == SASL_OK)
        code = set_channel(loop, loop->client);
    return code == SASL_OK ||
           outcome_fail_sasl(&loop->outcome, false, code, NULL);
}

const char *
loopback_listed(sasl_conn_t *conn)
{
    const char *list = "";

    if (sasl_listmech(conn, NULL, "", " ", "", &list, NULL, NULL) != SASL_OK)
        list = "";
    return list;
}

char *
loopback_offered(sasl_conn_t *conn)
{
    const char *list = loopback_listed(conn);
    char *gs2, *end;
    size_t len;

    end = gs2 = need(calloc(1, strlen(list) + 2));
    for (; *list != '\0'; list += len) {
        list += strspn(list, " ");
        len = strcspn(list, " ");
        if (mech_name_is_gs2(list, len)) {
            end = mempcpy(end, list, len);
            *end++ = ' ';
        }
    }
    if (end > gs2)
        end--;
    *end = '\0';
    return gs2;
}

/* By GSSAPI no message says whether it is bound: the server's plugin does. */
static bool
says_bound(sasl_conn_t *server)
{
    struct propctx *props = sasl_auxprop_getctx(server);
    struct propval found[2];

    return props != NULL &&
           prop_getnames(props, binding_property, found) == 1 &&
           found[0].values != NULL;
}

/* Message after message, from one to the other, until one of them fails or both
 * are done. */
static void
exchange(struct loopback *loop, const char *mechs)
{
    struct outcome *outcome = &loop->outcome;
    const char *in = NULL, *out = NULL, *mech = NULL;
    unsigned in_len = 0, out_len = 0;
    int client, server = SASL_CONTINUE;

    client = sasl_client_start(loop->client, mechs, NULL, &out, &out_len,
                               &mech);
    outcome_note_mech(outcome, mech, out, out_len);
    while (client == SASL_OK || client == SASL_CONTINUE) {
        outcome->messages++;
        server = outcome->messages == 1
                 ? sasl_server_start(loop->server, mech, out, out_len, &in,
                                     &in_len)
                 : sasl_server_step(loop->server, out, out_len, &in, &in_len);
        if (server != SASL_OK && server != SASL_CONTINUE) {
            outcome_fail_sasl(outcome, true, server, loop->server);
            return;
        }
        if (in != NULL)
            outcome->messages++;
        if (client == SASL_CONTINUE || in_len > 0)
            client = sasl_client_step(loop->client, in, in_len, NULL, &out,
                                      &out_len);
        if (server == SASL_OK)
            break;
    }
    outcome->in = client == SASL_OK;
    if (!outcome->in)
        outcome_fail_sasl(outcome, false, client, loop->client);
    else if (!outcome->bound)
        outcome->bound = says_bound(loop->server);
}

/* Whether the rule that is asked for hides the mechanisms where there is no
 * channel binding. */
static bool
needs_binding(const struct loopback *loop)
{
    const char *text = loop->ask.rule;
    struct gs2_config config;
    struct gs2_error err;
    bool needs;

    if (loop->ask.rules == LOOPBACK_NONE || loop->binding.len > 0)
        return false;
    conf_file_config(loop->conf, &config);
    if (loop->ask.rules == LOOPBACK_RULE) {
        free(config.texts[GS2_OPT_REQUIRE]);
        config.texts[GS2_OPT_REQUIRE] = need(strdup(text));
    }
    needs = gs2_options_parse(&config, &err) == GS2_OK &&
            gs2_options_needs_binding(&config);
    gs2_options_clear(&config);
    return needs;
}

/* If the server's rule hides its mechanisms, that is the reason; otherwise the
 * command mechs tells it. */
static void
fail_unoffered(struct loopback *loop)
{
    if (needs_binding(loop))
        (void)outcome_fail_sasl(&loop->outcome, true, SASL_NOMECH,
                                loop->server);
    else
        (void)outcome_fail(&loop->outcome, false, SASL_NOMECH,
                           "the server offers no mechanism of GS2");
}

void
loopback_login(struct loopback *loop)
{
    const double started = outcome_clock();
    char *mechs;

    memset(&loop->outcome, 0, sizeof(loop->outcome));
    if (loop->server == NULL && !loopback_open(loop))
        return;
    mechs = loopback_offered(loop->server);
    if (mechs[0] == '\0' &&
        (loop->mech == NULL || mech_name_is_gs2(loop->mech,
                                                strlen(loop->mech))))
        fail_unoffered(loop);
    else
        exchange(loop, loop->mech != NULL ? loop->mech : mechs);
    free(mechs);
    loop->outcome.milliseconds = outcome_clock() - started;
}

void
loopback_again(const struct loopback *first, struct loopback_ask ask,
               struct loopback *again_out)
{
    *again_out = (struct loopback){
        .conf = first->conf, .service = first->service, .host = first->host,
        .realm = first->realm, .mech = first->mech,
        .authzid = first->authzid,
        .binding = first->binding, .ask = ask,
    };
    loopback_login(again_out);
}

void
loopback_end(struct loopback *loop)
{
    sasl_dispose(&loop->client);
    sasl_dispose(&loop->server);
    free(loop->log);
    loop->log = NULL;
}
