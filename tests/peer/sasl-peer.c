/*
 * sasl-peer.c - plays a libsasl server or a libsasl client over TCP, with the
 * real libsasl and whatever plugins SASL_PATH has, and traces what happens.
 * The tests, the demo and valgrind run it; see usage() for its options.
 */
#include "sasl-peer.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

static void
usage(void)
{
    fputs("usage: sasl-peer server|client [options]\n"
          " --port N             0, of a server: any free one, printed\n"
          " --service S, --host H        imap and localhost if not given\n"
          " --mech LIST          what the client chooses from\n"
          " --mechlist LIST      what the server says that it offers\n"
          " --authzid Z, --authname A, --password P   of the client\n"
          " --no-user-callback   the client has no SASL_CB_USER either\n"
          " --interact           the client is asked by prompts\n"
          " --mute               the client ends at the first of them\n"
          " --gss-creds          a credential in SASL_GSS_CREDS\n"
          " --gss-creds-both     one that can initiate and accept\n"
          " --hop PORT           the server logs in at ldap there with what its\n"
          "                      client delegated\n"
          " --binding NAME:HEX[:critical]\n"
          " --success-data, --need-proxy   flags of the connection\n"
          " --user-realm R       of the server's sasl_server_new()\n"
          " --secflag FLAG       noanonymous, mutual, pass-credentials ...\n"
          " --proxy-policy allow|deny\n"
          " --props A,B          properties to request, with commas between\n"
          " --groups A,B         users whose Unix groups the server traces\n"
          " --option KEY=VALUE   through a getopt callback; may be repeated\n"
          " --count N            logins; of a server, 0 is for ever\n"
          " --patience N         seconds to wait for the other side\n"
          " --probe              also identities after a refused login\n"
          " --quiet              print samples and the summary only\n"
          "Exit status: 0 all logged in, 1 some were refused, 2 trouble\n",
          stderr);
}

static int
log_line(void *context, int level, const char *message)
{
    (void)context;
    trace_begin("log");
    trace_number("level", level);
    trace_string("text", message);
    trace_end();
    return SASL_OK;
}

static int
get_option(void *context, const char *plugin, const char *option,
           const char **result, unsigned *len)
{
    const struct peer_options *options = context;

    (void)plugin;
    for (size_t i = 0; i < options->nsettings; i++) {
        if (strcmp(options->settings[i].key, option) == 0) {
            *result = options->settings[i].value;
            if (len != NULL)
                *len = (unsigned)strlen(*result);
            return SASL_OK;
        }
    }
    return SASL_FAIL;
}

size_t
peer_common_callbacks(const struct peer_options *options,
                      sasl_callback_t *list)
{
    size_t count = 0;

    list[count].id = SASL_CB_LOG;
    list[count].proc = (int (*)(void))(void (*)(void))log_line;
    list[count++].context = NULL;
    if (options->nsettings > 0) {
        list[count].id = SASL_CB_GETOPT;
        list[count].proc = (int (*)(void))(void (*)(void))get_option;
        list[count++].context = (void *)(size_t)options;
    }
    return count;
}

static int
set_credential(const struct peer_options *options, sasl_conn_t *conn,
               void **cred_out)
{
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 major, minor;

    major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET,
                             options->gss_creds_both ? GSS_C_BOTH
                             : options->server ? GSS_C_ACCEPT : GSS_C_INITIATE,
                             &cred, NULL, NULL);
    if (GSS_ERROR(major))
        return SASL_FAIL;
    *cred_out = cred;
    return sasl_setprop(conn, SASL_GSS_CREDS, cred);
}

int
peer_conn_prepare(const struct peer_options *options, sasl_conn_t *conn,
                  void **cred_out)
{
    sasl_security_properties_t security = { .max_ssf = 256,
                                            .maxbufsize = 65536 };
    int code;

    security.security_flags = options->sec_flags;
    code = sasl_setprop(conn, SASL_SEC_PROPS, &security);
    if (code == SASL_OK && options->binding.name != NULL)
        code = sasl_setprop(conn, SASL_CHANNEL_BINDING, &options->binding);
    if (code == SASL_OK && options->hop_cred != NULL)
        code = sasl_setprop(conn, SASL_GSS_CREDS, options->hop_cred);
    if (code == SASL_OK && (options->gss_creds || options->gss_creds_both))
        code = set_credential(options, conn, cred_out);
    if (code == SASL_OK && options->nprops > 0)
        code = sasl_auxprop_request(
            conn, (const char **)(size_t)options->props);
    return code;
}

void
peer_cred_release(void **cred)
{
    OM_uint32 minor;

    gss_release_cred(&minor, (gss_cred_id_t *)cred);
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* NAME:HEX[:critical]; name and data are kept in one exact allocation. */
static bool
parse_binding(struct peer_options *options, const char *text)
{
    const char *hex = strchr(text, ':');
    size_t name_len, digits;
    unsigned char *data;

    if (hex == NULL || options->binding_storage != NULL)
        return false;
    name_len = (size_t)(hex - text);
    digits = strspn(++hex, "0123456789abcdef");
    if (digits % 2 != 0 ||
        (hex[digits] != '\0' && strcmp(hex + digits, ":critical") != 0))
        return false;
    options->binding_storage = calloc(1, name_len + 1 + digits / 2);
    if (options->binding_storage == NULL)
        return false;
    memcpy(options->binding_storage, text, name_len);
    data = (unsigned char *)options->binding_storage + name_len + 1;
    for (size_t i = 0; i < digits / 2; i++)
        data[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 |
                                  hex_digit(hex[2 * i + 1]));
    options->binding.name = options->binding_storage;
    options->binding.critical = hex[digits] == ':';
    options->binding.data = data;
    options->binding.len = digits / 2;
    return true;
}

static bool
parse_secflag(struct peer_options *options, const char *text)
{
    static const struct { const char *name; unsigned flag; } flags[] = {
        { "noplaintext", SASL_SEC_NOPLAINTEXT },
        { "noactive", SASL_SEC_NOACTIVE },
        { "nodictionary", SASL_SEC_NODICTIONARY },
        { "forward-secrecy", SASL_SEC_FORWARD_SECRECY },
        { "noanonymous", SASL_SEC_NOANONYMOUS },
        { "pass-credentials", SASL_SEC_PASS_CREDENTIALS },
        { "mutual", SASL_SEC_MUTUAL_AUTH },
    };

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (strcmp(flags[i].name, text) == 0) {
            options->sec_flags |= flags[i].flag;
            return true;
        }
    }
    return false;
}

static bool
parse_setting(struct peer_options *options, char *text)
{
    char *equals = strchr(text, '=');
    struct peer_setting *setting;

    if (equals == NULL || options->nsettings == PEER_OPTIONS_MAX)
        return false;
    *equals = '\0';
    setting = &options->settings[options->nsettings++];
    setting->key = text;
    setting->value = equals + 1;
    return true;
}

/* Names with commas between, added to a list of at most PEER_PROPS_MAX. */
static bool
parse_list(const char **list, size_t *count, char *text)
{
    for (char *name = strtok(text, ","); name != NULL;
         name = strtok(NULL, ",")) {
        if (*count == PEER_PROPS_MAX)
            return false;
        list[(*count)++] = name;
    }
    return true;
}

static bool
parse_password(struct peer_options *options, const char *text)
{
    size_t len = strlen(text);

    if (options->secret != NULL)
        return false;
    options->password = text;
    options->secret = calloc(1, sizeof(*options->secret) + len);
    if (options->secret == NULL)
        return false;
    options->secret->len = len;
    memcpy(options->secret->data, text, len);
    return true;
}

static bool
parse_number(const char *text, long most, long *number_out)
{
    char *end;

    *number_out = strtol(text, &end, 10);
    return isdigit((unsigned char)*text) && *end == '\0' &&
           *number_out <= most;
}

/* What getopt_long() returns for each. */
enum { OPT_PORT = 256, OPT_SERVICE, OPT_HOST, OPT_MECH, OPT_MECHLIST,
       OPT_AUTHZID, OPT_AUTHNAME, OPT_PASSWORD, OPT_NO_USER, OPT_INTERACT,
       OPT_MUTE, OPT_GSS_CREDS, OPT_BINDING, OPT_SUCCESS_DATA, OPT_NEED_PROXY,
       OPT_SECFLAG, OPT_POLICY, OPT_PROPS, OPT_OPTION, OPT_COUNT,
       OPT_PATIENCE, OPT_PROBE, OPT_QUIET, OPT_GSS_BOTH, OPT_HOP,
       OPT_USER_REALM, OPT_GROUPS };

static const struct option long_options[] = {
    { "port", required_argument, NULL, OPT_PORT },
    { "service", required_argument, NULL, OPT_SERVICE },
    { "host", required_argument, NULL, OPT_HOST },
    { "user-realm", required_argument, NULL, OPT_USER_REALM },
    { "mech", required_argument, NULL, OPT_MECH },
    { "mechlist", required_argument, NULL, OPT_MECHLIST },
    { "authzid", required_argument, NULL, OPT_AUTHZID },
    { "authname", required_argument, NULL, OPT_AUTHNAME },
    { "password", required_argument, NULL, OPT_PASSWORD },
    { "no-user-callback", no_argument, NULL, OPT_NO_USER },
    { "interact", no_argument, NULL, OPT_INTERACT },
    { "mute", no_argument, NULL, OPT_MUTE },
    { "gss-creds", no_argument, NULL, OPT_GSS_CREDS },
    { "gss-creds-both", no_argument, NULL, OPT_GSS_BOTH },
    { "hop", required_argument, NULL, OPT_HOP },
    { "binding", required_argument, NULL, OPT_BINDING },
    { "success-data", no_argument, NULL, OPT_SUCCESS_DATA },
    { "need-proxy", no_argument, NULL, OPT_NEED_PROXY },
    { "secflag", required_argument, NULL, OPT_SECFLAG },
    { "proxy-policy", required_argument, NULL, OPT_POLICY },
    { "props", required_argument, NULL, OPT_PROPS },
    { "groups", required_argument, NULL, OPT_GROUPS },
    { "option", required_argument, NULL, OPT_OPTION },
    { "count", required_argument, NULL, OPT_COUNT },
    { "patience", required_argument, NULL, OPT_PATIENCE },
    { "probe", no_argument, NULL, OPT_PROBE },
    { "quiet", no_argument, NULL, OPT_QUIET },
    { NULL, 0, NULL, 0 }
};

/* Those that take a number or have a syntax of their own. */
static bool
parse_value(struct peer_options *options, int option, char *value)
{
    long number = 0;

    switch (option) {
    case OPT_PORT:
        if (!parse_number(value, 65535, &number))
            return false;
        options->port = (unsigned short)number;
        return true;
    case OPT_HOP:
        if (!parse_number(value, 65535, &number))
            return false;
        options->hop = (unsigned short)number;
        return true;
    case OPT_COUNT: return parse_number(value, 100000000, &options->count);
    case OPT_PATIENCE:
        if (!parse_number(value, 86400, &number))
            return false;
        options->patience = (int)number;
        return true;
    case OPT_BINDING: return parse_binding(options, value);
    case OPT_SECFLAG: return parse_secflag(options, value);
    case OPT_PASSWORD: return parse_password(options, value);
    case OPT_PROPS: return parse_list(options->props, &options->nprops, value);
    case OPT_GROUPS:
        return parse_list(options->users, &options->nusers, value);
    case OPT_OPTION: return parse_setting(options, value);
    case OPT_POLICY:
        options->policy = value;
        return strcmp(value, "allow") == 0 || strcmp(value, "deny") == 0;
    default: return false;
    }
}

static bool
parse_option(struct peer_options *options, int option, char *value)
{
    switch (option) {
    case OPT_SERVICE: options->service = value; return true;
    case OPT_HOST: options->host = value; return true;
    case OPT_USER_REALM: options->user_realm = value; return true;
    case OPT_MECH: options->mech = value; return true;
    case OPT_MECHLIST: options->mechlist = value; return true;
    case OPT_AUTHZID: options->authzid = value; return true;
    case OPT_AUTHNAME: options->authname = value; return true;
    case OPT_NO_USER: options->user_callback = false; return true;
    case OPT_INTERACT: options->interact = true; return true;
    case OPT_MUTE: options->mute = true; return true;
    case OPT_GSS_CREDS: options->gss_creds = true; return true;
    case OPT_GSS_BOTH: options->gss_creds_both = true; return true;
    case OPT_SUCCESS_DATA:
        options->new_flags |= SASL_SUCCESS_DATA;
        return true;
    case OPT_NEED_PROXY: options->new_flags |= SASL_NEED_PROXY; return true;
    case OPT_PROBE: options->probe = true; return true;
    case OPT_QUIET: options->quiet = true; return true;
    default: return parse_value(options, option, value);
    }
}

static bool
parse_command_line(struct peer_options *options, int argc, char **argv)
{
    int option;

    if (argc < 2)
        return false;
    options->server = strcmp(argv[1], "server") == 0;
    if (!options->server && strcmp(argv[1], "client") != 0)
        return false;
    while ((option = getopt_long(argc - 1, argv + 1, "", long_options,
                                 NULL)) != -1)
        if (!parse_option(options, option, optarg))
            return false;
    return optind == argc - 1 && (options->server || options->port != 0);
}

int
main(int argc, char **argv)
{
    struct peer_options options = {
        .service = "imap", .host = "localhost", .authzid = "",
        .user_callback = true, .count = 1, .patience = 60
    };
    long refused = -1;

    if (!parse_command_line(&options, argc, argv)) {
        usage();
        goto cleanup;
    }
    trace_mute(options.quiet);
    refused = options.server ? peer_server_run(&options)
                             : peer_client_run(&options);

cleanup:
    free(options.binding_storage);
    free(options.secret);
    return refused < 0 ? 2 : refused > 0 ? 1 : 0;
}
