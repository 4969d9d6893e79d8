/*
 * dialogue_app.c - the application around a dialogue: its callbacks, options
 * and prompts, the auxprop plugin that knows every user (see dialogue.h).
 */
#include "dialogue_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"

/* libsasl's global callbacks belong to one dialogue, the one that is open. */
static struct gs2_dialogue *current;

/* --- callbacks ----------------------------------------------------------- */

static int
get_option(const struct gs2_setting *options, const char *name,
           const char **value, unsigned *len)
{
    for (; options->name != NULL; options++) {
        if (strcmp(options->name, name) == 0 && options->value != NULL) {
            *value = options->value;
            if (len != NULL)
                *len = (unsigned)strlen(*value);
            return SASL_OK;
        }
    }
    return SASL_FAIL;
}

/* What the application says where get_option() had that code. */
static int
answer_option(int code, const char **value)
{
    if (code == SASL_OK || !current->silent_getopt)
        return code;
    *value = NULL;
    return SASL_OK;
}

static int
client_option(void *context, const char *plugin, const char *name,
              const char **value, unsigned *len)
{
    int code;

    (void)context;
    (void)plugin;
    code = get_option(current->client_options, name, value, len);
    return answer_option(code, value);
}

static int
server_option(void *context, const char *plugin, const char *name,
              const char **value, unsigned *len)
{
    int code;

    (void)context;
    (void)plugin;
    code = get_option(current->server_options, name, value, len);
    return answer_option(code, value);
}

static void
keep_line(char *log, int level, const char *message)
{
    const size_t at = strlen(log);

    snprintf(log + at, GS2_LOG_MAX - at, "%d %s\n", level, message);
}

static int
client_line(void *context, int level, const char *message)
{
    (void)context;
    keep_line(current->client_log, level, message);
    return SASL_OK;
}

static int
server_line(void *context, int level, const char *message)
{
    (void)context;
    keep_line(current->server_log, level, message);
    return SASL_OK;
}

static int
simple(void *context, int id, const char **text, unsigned *len)
{
    const struct gs2_answer *answer = context;

    (void)id;
    *text = answer->text;
    if (len != NULL)
        *len = answer->text == NULL ? 0 : answer->len > 0
               ? (unsigned)answer->len : (unsigned)strlen(answer->text);
    return SASL_OK;
}

static int
secret(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret_out)
{
    struct gs2_dialogue *d = context;
    const size_t len = strlen(d->password.text);

    (void)conn;
    (void)id;
    free(d->secret);
    d->secret = malloc(sizeof(*d->secret) + len + 1);
    MUST(d->secret != NULL);
    d->secret->len = len;
    memcpy(d->secret->data, d->password.text, len + 1);
    *secret_out = d->secret;
    return SASL_OK;
}

static int
canon_user(sasl_conn_t *conn, void *context, const char *in, unsigned inlen,
           unsigned flags, const char *realm, char *out, unsigned out_max,
           unsigned *out_len)
{
    struct gs2_dialogue *d = context;
    const size_t at = strlen(d->canon_users);

    (void)realm;
    d->canon_calls++;
    snprintf(d->canon_users + at, sizeof(d->canon_users) - at, "%s=%.*s;",
             !(flags & SASL_CU_AUTHZID) ? "authid"
             : flags & SASL_CU_AUTHID ? "both" : "authzid", (int)inlen, in);
    if (d->canon_code != SASL_OK)
        return d->canon_code;
    if (d->canon != NULL) {
        in = d->canon(conn, in);
        if (in == NULL)
            return SASL_NOAUTHZ;
        inlen = (unsigned)strlen(in);
    }
    if (inlen > out_max) /* out has room for a NUL behind that */
        return SASL_BUFOVER;
    memcpy(out, in, inlen);
    out[inlen] = '\0';
    *out_len = inlen;
    return SASL_OK;
}

static int
proxy_policy(sasl_conn_t *conn, void *context, const char *user,
             unsigned user_len, const char *authid, unsigned authid_len,
             const char *realm, unsigned realm_len, struct propctx *propctx)
{
    struct gs2_dialogue *d = context;

    (void)conn;
    (void)realm;
    (void)realm_len;
    (void)propctx;
    d->proxy_calls++;
    snprintf(d->proxied, sizeof(d->proxied), "%.*s as %.*s", (int)authid_len,
             authid, (int)user_len, user);
    return d->proxy_code;
}

static int
check_password(sasl_conn_t *conn, void *context, const char *user,
               const char *password, unsigned len, struct propctx *propctx)
{
    const struct gs2_dialogue *d = context;

    (void)conn;
    (void)propctx;
    for (const struct gs2_setting *p = d->passwords;
         p != NULL && p->name != NULL; p++) {
        if (strcmp(p->name, user) == 0)
            return strlen(p->value) == len &&
                   memcmp(p->value, password, len) == 0 ? SASL_OK
                                                        : SASL_BADAUTH;
    }
    return SASL_NOUSER;
}

/* --- prompts ------------------------------------------------------------- */

static const struct gs2_answer *
answer_to(const struct gs2_dialogue *d, unsigned long id, const char **name)
{
    switch (id) {
    case SASL_CB_USER:
        *name = "USER";
        return &d->authzid;
    case SASL_CB_AUTHNAME:
        *name = "AUTHNAME";
        return &d->authname;
    case SASL_CB_PASS:
        *name = "PASS";
        return &d->password;
    default:
        return NULL;
    }
}

bool
gs2_dialogue_answer_prompts(struct gs2_dialogue *d)
{
    const struct gs2_answer *answer;
    const char *name;
    size_t at;

    if (d->prompt == NULL)
        return false;
    for (sasl_interact_t *q = d->prompt; q->id != SASL_CB_LIST_END; q++) {
        answer = answer_to(d, q->id, &name);
        if (answer == NULL || answer->how != GS2_ASK_PROMPT)
            return false;
        at = strlen(d->prompts);
        snprintf(d->prompts + at, sizeof(d->prompts) - at, "%s;", name);
        q->result = answer->text;
        q->len = answer->text == NULL ? 0 : answer->len > 0
                 ? (unsigned)answer->len : (unsigned)strlen(answer->text);
    }
    return true;
}

/* --- inits and connections ----------------------------------------------- */

/* An auxprop plugin for which every user exists and has no properties. */
static int
know_user(void *context, sasl_server_params_t *params, unsigned flags,
          const char *user, unsigned len)
{
    (void)context;
    (void)params;
    (void)flags;
    (void)user;
    (void)len;
    return SASL_OK;
}

static int
auxprop_init(const sasl_utils_t *utils, int max_version, int *version_out,
             sasl_auxprop_plug_t **plug_out, const char *name)
{
    static sasl_auxprop_plug_t plug = {
        .name = (char *)"everybody",
        .auxprop_lookup = know_user,
    };

    (void)utils;
    (void)max_version;
    (void)name;
    *version_out = SASL_AUXPROP_PLUG_VERSION;
    *plug_out = &plug;
    return SASL_OK;
}

/* Any function as libsasl's lists want it. */
#define PROC(proc) ((int (*)(void))(void (*)(void))(proc))

#define CALLBACK(id, proc, context)                                           \
    { (id), PROC(proc), (context) }

static const sasl_callback_t client_globals[] = {
    CALLBACK(SASL_CB_GETOPT, client_option, NULL),
    CALLBACK(SASL_CB_LOG, client_line, NULL),
    { SASL_CB_LIST_END, NULL, NULL },
};

static const sasl_callback_t server_globals[] = {
    CALLBACK(SASL_CB_GETOPT, server_option, NULL),
    CALLBACK(SASL_CB_LOG, server_line, NULL),
    { SASL_CB_LIST_END, NULL, NULL },
};

static void
add(sasl_callback_t *list, unsigned long id, int (*proc)(void), void *context)
{
    while (list->id != SASL_CB_LIST_END)
        list++;
    *list++ = (sasl_callback_t){ id, proc, context };
    *list = (sasl_callback_t){ SASL_CB_LIST_END, NULL, NULL };
}

static void
add_answer(sasl_callback_t *list, unsigned long id, struct gs2_answer *answer,
           int (*proc)(void), void *context)
{
    if (answer->how != GS2_ASK_NONE)
        add(list, id, answer->how == GS2_ASK_GIVEN ? proc : NULL, context);
}

static void
make_callbacks(struct gs2_dialogue *d)
{
    d->client_callbacks[0].id = SASL_CB_LIST_END;
    d->server_callbacks[0].id = SASL_CB_LIST_END;
    add_answer(d->client_callbacks, SASL_CB_USER, &d->authzid,
               PROC(simple), &d->authzid);
    add_answer(d->client_callbacks, SASL_CB_AUTHNAME, &d->authname,
               PROC(simple), &d->authname);
    add_answer(d->client_callbacks, SASL_CB_PASS, &d->password,
               PROC(secret), d);
    add(d->server_callbacks, SASL_CB_CANON_USER, PROC(canon_user), d);
    add(d->server_callbacks, SASL_CB_PROXY_POLICY,
        PROC(proxy_policy), d);
    add(d->server_callbacks, SASL_CB_SERVER_USERDB_CHECKPASS,
        PROC(check_password), d);
}

static void
must_do(const char *what, int code)
{
    if (code != SASL_OK)
        fprintf(stderr, "%s: %s\n", what, gs2_dialogue_code(code));
    MUST(code == SASL_OK);
}

void
gs2_dialogue_begin(struct gs2_dialogue *d)
{
    current = d;
    must_do("sasl_client_init", sasl_client_init(client_globals));
    must_do("sasl_server_init",
            sasl_server_init(server_globals, d->appname));
    if (!d->no_auxprop)
        must_do("sasl_auxprop_add_plugin",
                sasl_auxprop_add_plugin("everybody", auxprop_init));
}

static void
set_properties(sasl_conn_t *conn, unsigned security, unsigned max_ssf,
               const sasl_channel_binding_t *binding, gss_cred_id_t creds)
{
    sasl_security_properties_t props = { 0 };

    props.security_flags = security;
    props.max_ssf = max_ssf;
    props.maxbufsize = 8192;
    must_do("sasl_setprop", sasl_setprop(conn, SASL_SEC_PROPS, &props));
    if (binding != NULL)
        must_do("sasl_setprop",
                sasl_setprop(conn, SASL_CHANNEL_BINDING, binding));
    if (creds != GSS_C_NO_CREDENTIAL)
        must_do("sasl_setprop", sasl_setprop(conn, SASL_GSS_CREDS, creds));
}

static void
connect_client(struct gs2_dialogue *d)
{
    must_do("sasl_client_new",
            sasl_client_new(d->service, d->host, NULL, NULL,
                            d->client_callbacks,
                            d->client_need_proxy ? SASL_NEED_PROXY : 0,
                            &d->client));
    set_properties(d->client, d->client_security, d->max_ssf,
                   d->client_binding, d->client_creds);
}

void
gs2_dialogue_connect(struct gs2_dialogue *d)
{
    current = d;
    make_callbacks(d);
    connect_client(d);
    must_do("sasl_server_new",
            sasl_server_new(d->service, d->host, d->user_realm, NULL,
                            "192.0.2.7;4711", d->server_callbacks,
                            (d->success_data ? SASL_SUCCESS_DATA : 0) |
                            (d->need_proxy ? SASL_NEED_PROXY : 0),
                            &d->server));
    set_properties(d->server, d->server_security, d->max_ssf,
                   d->server_binding, d->server_creds);
    if (d->properties[0] != NULL)
        must_do("sasl_auxprop_request",
                sasl_auxprop_request(d->server, d->properties));
}

void
gs2_dialogue_renew_client(struct gs2_dialogue *d)
{
    sasl_dispose(&d->client);
    connect_client(d);
}

void
gs2_dialogue_open(struct gs2_dialogue *d)
{
    gs2_dialogue_begin(d);
    gs2_dialogue_connect(d);
}

void
gs2_dialogue_disconnect(struct gs2_dialogue *d)
{
    sasl_dispose(&d->client);
    sasl_dispose(&d->server);
    free(d->copy);
    free(d->secret);
    d->copy = NULL;
    d->secret = NULL;
    d->out = NULL;
    d->out_len = 0;
}

void
gs2_dialogue_close(struct gs2_dialogue *d)
{
    gs2_dialogue_disconnect(d);
    sasl_client_done();
    sasl_server_done();
}
