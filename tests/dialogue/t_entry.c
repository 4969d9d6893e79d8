/*
 * t_entry.c - the plugin's entry points called as libsasl's interface allows,
 * and as libsasl 2.1.28 itself never does: with an older or another interface,
 * without a service or a host, with a step of an attempt that is no more, or
 * is over, and behind another mechanism that has left its security layer.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "tests/lib/dialogue.h"
#include "tests/lib/scripted.h"
#include "tests/lib/suite.h"

static struct gs2_dialogue d;
static const sasl_utils_t *utils;
static sasl_client_plug_init_t *client_init;
static sasl_server_plug_init_t *server_init;

/* libsasl shows its functions to plugins alone. */
static int
take_utils(const sasl_utils_t *given, int max_version, int *version_out,
           sasl_client_plug_t **plugs_out, int *count_out)
{
    (void)max_version;
    *version_out = SASL_CLIENT_PLUG_VERSION;
    *plugs_out = NULL;
    *count_out = 0;
    utils = given;
    return SASL_NOMECH;
}

static void
begin(void)
{
    void *plugin = dlopen(getenv("GS2_PLUGIN"), RTLD_NOW);

    ck_assert_msg(plugin != NULL, "%s", dlerror());
    *(void **)&client_init = dlsym(plugin, "sasl_client_plug_init");
    *(void **)&server_init = dlsym(plugin, "sasl_server_plug_init");
    ck_assert(client_init != NULL && server_init != NULL);
    gs2_dialogue_init(&d);
    gs2_dialogue_begin(&d);
    ck_assert_int_eq(sasl_client_add_plugin("utils", take_utils), SASL_NOMECH);
    ck_assert_ptr_nonnull(utils);
}

START_TEST(an_older_interface_is_refused)
{
    sasl_client_plug_t *client = (void *)1;
    sasl_server_plug_t *server = (void *)1;
    int version, count = 1;

    begin();
    ck_assert_int_eq(client_init(utils, SASL_CLIENT_PLUG_VERSION - 1, &version,
                                 &client, &count), SASL_BADVERS);
    ck_assert_ptr_null(client);
    ck_assert_int_eq(count, 0);
    count = 1;
    ck_assert_int_eq(server_init(utils, SASL_SERVER_PLUG_VERSION - 1, &version,
                                 &server, &count), SASL_BADVERS);
    ck_assert_ptr_null(server);
    ck_assert_int_eq(count, 0);
    gs2_dialogue_close(&d);
}
END_TEST

/* What the plugin says to the system's log; in libc's place, by either name. */
static char said[256];
#define IN_PLACE_OF_LIBC __attribute__((visibility("default")))
IN_PLACE_OF_LIBC void syslog(int priority, const char *text, ...);
IN_PLACE_OF_LIBC void __syslog_chk(int priority, int flag, const char *text,
                                   ...);

static void
say(int priority, const char *format, va_list values)
{
    if (strncmp(format, "%s: ", 4) != 0)
        return; /* libsasl itself */
    ck_assert_int_eq(priority, 4 << 3 | 3); /* LOG_AUTH, LOG_ERR */
    vsnprintf(said, sizeof(said), format, values);
}

void
syslog(int priority, const char *text, ...)
{
    va_list values;

    va_start(values, text);
    say(priority, text, values);
    va_end(values);
}

void
__syslog_chk(int priority, int flag, const char *text, ...)
{
    va_list values;

    (void)flag;
    va_start(values, text);
    say(priority, text, values);
    va_end(values);
}

static int
encode64(const char *in, unsigned len, char *out, unsigned max,
         unsigned *len_out)
{
    return utils->encode64(in, len, out, max, len_out);
}

/* After 2.1.28 the functions of MD5 are gone, so that encode64, at the place
 * where we know it, is prop_new. */
START_TEST(another_layout_of_the_functions_is_refused)
{
    sasl_utils_t other;
    sasl_server_plug_t *server;
    sasl_client_plug_t *client = (void *)1;
    int version, count = 1;

    begin();
    other = *utils;
    *(void **)&other.encode64 = *(void *const *)&utils->prop_new;
    said[0] = '\0';
    ck_assert_int_eq(client_init(&other, SASL_CLIENT_PLUG_VERSION, &version,
                                 &client, &count), SASL_BADVERS);
    ck_assert_ptr_null(client);
    ck_assert_int_eq(count, 0);
    ck_assert_str_eq(said, "GS2: the plugin was compiled for a libsasl with "
                     "another interface than the one that loads it: no "
                     "mechanism of it is offered until it is compiled anew");
    ck_assert_int_eq(server_init(&other, SASL_SERVER_PLUG_VERSION, &version,
                                 &server, &count), SASL_BADVERS);
    gs2_dialogue_close(&d);
}
END_TEST

/* It may be a program's own. */
START_TEST(a_function_of_another_file_is_taken)
{
    sasl_utils_t other;
    sasl_client_plug_t *plugs;
    int version, count;

    begin();
    other = *utils;
    other.encode64 = encode64;
    said[0] = '\0';
    ck_assert_int_eq(client_init(&other, SASL_CLIENT_PLUG_VERSION, &version,
                                 &plugs, &count), SASL_OK);
    ck_assert_str_eq(said, "");
    for (int i = 0; i < count; i++)
        plugs[i].mech_free(plugs[i].glob_context, utils);
    gs2_dialogue_close(&d);
}
END_TEST

/* Row I13, for the client. */
START_TEST(a_client_without_a_host_or_an_attempt)
{
    sasl_client_params_t params = { .utils = utils, .service = "test" };
    sasl_client_plug_t *plugs;
    sasl_out_params_t oparams;
    int version, count;
    void *context = NULL;
    const char *out;
    unsigned len;

    begin();
    params.utils = utils;
    ck_assert_int_eq(client_init(utils, SASL_CLIENT_PLUG_VERSION, &version,
                                 &plugs, &count), SASL_OK);
    memset(&oparams, 0, sizeof(oparams));
    ck_assert_int_eq(plugs->mech_step(NULL, &params, NULL, 0, NULL, &out, &len,
                                      &oparams), SASL_FAIL);
    ck_assert_ptr_null(out);
    ck_assert_int_eq(plugs->mech_new(plugs->glob_context, &params, &context),
                     SASL_OK);
    ck_assert_int_eq(plugs->mech_step(context, &params, NULL, 0, NULL, &out,
                                      &len, &oparams), SASL_FAIL);
    ck_assert_ptr_null(out);
    plugs->mech_dispose(context, utils);
    for (int i = 0; i < count; i++)
        plugs[i].mech_free(plugs[i].glob_context, utils);
    gs2_dialogue_close(&d);
}
END_TEST

/* --- another mechanism's layer -------------------------------------------- */

static int
foreign_encode(void *context, const struct iovec *in, unsigned count,
               const char **out, unsigned *out_len)
{
    (void)context;
    (void)in;
    (void)count;
    (void)out;
    (void)out_len;
    ck_abort_msg("another mechanism's function has our context");
}

static int
foreign_decode(void *context, const char *in, unsigned len, const char **out,
               unsigned *out_len)
{
    (void)len;
    return foreign_encode(context, (const struct iovec *)in, 0, out, out_len);
}

/* What another mechanism has left: as Cyrus SASL's GSSAPI does, without contexts;
 * functions of ours that refuse. */
enum { FOREIGN, REFUSAL, LEFT };

static void
leave_layer(sasl_out_params_t *oparams, int left)
{
    *oparams = (sasl_out_params_t){ .mech_ssf = 256, .maxoutbuf = 65536,
                                    .encode = foreign_encode,
                                    .decode = foreign_decode };
    if (left == REFUSAL)
        oparams->encode_context = oparams->decode_context = oparams;
}

/* A foreign function would be given our context: there is no layer then. */
static void
is_refused(sasl_out_params_t *oparams, int left)
{
    struct iovec in = { (void *)"secret", 6 };
    const char *out = "";
    unsigned len = 1;

    ck_assert_uint_eq(oparams->mech_ssf + oparams->maxoutbuf, 0);
    if (left == FOREIGN) {
        ck_assert(oparams->encode == NULL && oparams->decode == NULL);
        return;
    }
    ck_assert(oparams->encode != NULL && oparams->decode != NULL);
    ck_assert_int_eq(oparams->encode(&in, &in, 1, &out, &len), SASL_NOTDONE);
    ck_assert(out == NULL && len == 0);
    out = "";
    len = 1;
    ck_assert_int_eq(oparams->decode(&in, "secret", 6, &out, &len),
                     SASL_NOTDONE);
    ck_assert(out == NULL && len == 0);
}

START_TEST(a_foreign_layer_before_a_client)
{
    sasl_client_params_t params = { .service = "test" };
    sasl_out_params_t oparams;
    sasl_client_plug_t *plugs;
    int version, count;
    void *context = NULL;
    const char *out;
    unsigned len;

    begin();
    params.utils = utils;
    ck_assert_int_eq(client_init(utils, SASL_CLIENT_PLUG_VERSION, &version,
                                 &plugs, &count), SASL_OK);
    ck_assert_int_eq(plugs->mech_new(plugs->glob_context, &params, &context),
                     SASL_OK);
    leave_layer(&oparams, _i);
    for (int i = 0; i < 2; i++) {
        (void)plugs->mech_step(context, &params, NULL, 0, NULL, &out, &len,
                               &oparams);
        is_refused(&oparams, _i);
    }
    plugs->mech_dispose(context, utils);
    for (int i = 0; i < count; i++)
        plugs[i].mech_free(plugs[i].glob_context, utils);
    gs2_dialogue_close(&d);
}
END_TEST

START_TEST(a_foreign_layer_before_a_server)
{
    sasl_server_params_t params = { .service = "test", .serverFQDN = "host" };
    sasl_out_params_t oparams;
    sasl_server_plug_t *plugs;
    int version, count;
    void *context = NULL;
    const char *out;
    unsigned len;

    begin();
    params.utils = utils;
    ck_assert_int_eq(server_init(utils, SASL_SERVER_PLUG_VERSION, &version,
                                 &plugs, &count), SASL_OK);
    ck_assert_int_eq(plugs->mech_new(plugs->glob_context, &params, NULL, 0,
                                     &context), SASL_OK);
    leave_layer(&oparams, _i);
    for (int i = 0; i < 2; i++) {
        (void)plugs->mech_step(context, &params, "x", 1, &out, &len, &oparams);
        is_refused(&oparams, _i);
    }
    plugs->mech_dispose(context, utils);
    for (int i = 0; i < count; i++)
        plugs[i].mech_free(plugs[i].glob_context, utils);
    gs2_dialogue_close(&d);
}
END_TEST

START_TEST(a_server_without_a_service_or_a_host)
{
    sasl_server_params_t params = { .service = _i == 0 ? "test" : NULL,
                                    .serverFQDN = _i == 0 ? NULL : "host" };
    sasl_server_plug_t *plugs;
    int version, count;

    begin();
    params.utils = utils;
    ck_assert_int_eq(server_init(utils, SASL_SERVER_PLUG_VERSION, &version,
                                 &plugs, &count), SASL_OK);
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(plugs[i].mech_avail(plugs[i].glob_context, &params,
                                             NULL), SASL_NOTDONE);
        plugs[i].mech_free(plugs[i].glob_context, utils);
    }
    gs2_dialogue_close(&d);
}
END_TEST

/* The application's, which takes any name. */
static int
take_name(sasl_conn_t *conn, const char *name, unsigned len, unsigned which,
          sasl_out_params_t *oparams)
{
    (void)conn;
    (void)which;
    oparams->user = oparams->authid = name;
    oparams->ulen = oparams->alen = len;
    return SASL_OK;
}

/* The application takes its binding away in the middle of a login: the one that
 * was verified is said. */
START_TEST(a_binding_that_is_taken_away)
{
    static const sasl_channel_binding_t binding = {
        "tls-unique", 0, 4, (const unsigned char *)"\1\2\3\4" };
    sasl_server_params_t params = { .service = "test", .serverFQDN = "host",
                                    .cbinding = &binding };
    static const char first[] = "p=tls-unique,,token 1";
    sasl_out_params_t oparams = { .doneflag = 0 };
    sasl_server_plug_t *plugs, *plug;
    struct gs2_script script;
    int version, count;
    void *context = NULL;
    const char *out;
    unsigned len;

    gs2_script_honest(&script, 2);
    script.acceptor[0].bind = GS2_BIND_IGNORE;
    script.acceptor[0].flags |= GSS_C_CHANNEL_BOUND_FLAG;
    sm->install(GS2_OID_A, &script);
    begin();
    params.utils = utils;
    params.canon_user = take_name;
    ck_assert_int_eq(server_init(utils, SASL_SERVER_PLUG_VERSION, &version,
                                 &plugs, &count), SASL_OK);
    for (plug = plugs; strcmp(plug->mech_name, "GS2-SCRIPT") != 0; plug++)
        ck_assert_int_lt(plug - plugs, count - 1);
    ck_assert_int_eq(plug->mech_new(plug->glob_context, &params, NULL, 0,
                                    &context), SASL_OK);
    ck_assert_int_eq(plug->mech_step(context, &params, first,
                                     sizeof(first) - 1, &out, &len, &oparams),
                     SASL_CONTINUE);
    params.cbinding = NULL;
    ck_assert_int_eq(plug->mech_step(context, &params, "", 0, &out, &len,
                                     &oparams), SASL_OK);
    ck_assert_int_eq(oparams.cbindingdisp, SASL_CB_DISP_USED);
    ck_assert_str_eq(oparams.cbindingname, "tls-unique");
    plug->mech_dispose(context, utils);
    for (int i = 0; i < count; i++)
        plugs[i].mech_free(plugs[i].glob_context, utils);
    gs2_dialogue_close(&d);
}
END_TEST

/* Row I11: one message more after SASL_OK takes the login back. */
START_TEST(a_server_after_the_end)
{
    static const sasl_channel_binding_t binding = {
        "tls-unique", 0, 4, (const unsigned char *)"\1\2\3\4" };
    sasl_server_params_t params = { .service = "test", .serverFQDN = "host",
                                    .cbinding = &binding };
    sasl_out_params_t oparams;
    sasl_server_plug_t *plugs, *plug;
    static const char first[] = "p=tls-unique,,token 1";
    struct gs2_script script;
    int version, count;
    void *context = NULL;
    const char *out;
    unsigned len;

    gs2_script_honest(&script, 1);
    script.acceptor[0].bind = GS2_BIND_IGNORE;
    script.acceptor[0].flags |= GSS_C_CHANNEL_BOUND_FLAG | GSS_C_DELEG_FLAG;
    script.delegates = true;
    sm->install(GS2_OID_A, &script);
    begin();
    params.utils = utils;
    params.canon_user = take_name;
    memset(&oparams, 0, sizeof(oparams));
    ck_assert_int_eq(server_init(utils, SASL_SERVER_PLUG_VERSION, &version,
                                 &plugs, &count), SASL_OK);
    for (plug = plugs; strcmp(plug->mech_name, "GS2-SCRIPT") != 0; plug++)
        ck_assert_int_lt(plug - plugs, count - 1);
    ck_assert_int_eq(plug->mech_new(plug->glob_context, &params, NULL, 0,
                                    &context), SASL_OK);
    ck_assert_int_eq(plug->mech_step(context, &params, first,
                                     sizeof(first) - 1, &out, &len, &oparams),
                     SASL_OK);
    ck_assert_int_eq(oparams.doneflag, 1);
    ck_assert_ptr_nonnull(oparams.authid);
    ck_assert_ptr_nonnull(oparams.gss_local_name);
    ck_assert_ptr_nonnull(oparams.client_creds);
    ck_assert_str_eq(oparams.cbindingname, "tls-unique");
    ck_assert_int_eq(plug->mech_step(context, &params, _i == 0 ? "" : "more",
                                     _i == 0 ? 0 : 4, &out, &len, &oparams),
                     SASL_BADPROT);
    ck_assert_ptr_null(out);
    ck_assert_int_eq(oparams.doneflag, 0);
    ck_assert_ptr_null(oparams.authid);
    ck_assert_ptr_null(oparams.user);
    ck_assert_uint_eq(oparams.alen + oparams.ulen, 0);
    ck_assert_ptr_null(oparams.gss_peer_name);
    ck_assert_ptr_null(oparams.gss_local_name);
    ck_assert_ptr_null(oparams.client_creds);
    ck_assert_ptr_null(oparams.cbindingname);
    ck_assert_int_eq(oparams.cbindingdisp, SASL_CB_DISP_NONE);
    plug->mech_dispose(context, utils);
    for (int i = 0; i < count; i++)
        plugs[i].mech_free(plugs[i].glob_context, utils);
    gs2_dialogue_close(&d);
}
END_TEST

SUITE("entry",
      PREPARE(scripted_one),
      TEST(an_older_interface_is_refused),
      TEST(another_layout_of_the_functions_is_refused),
      TEST(a_function_of_another_file_is_taken),
      TEST(a_client_without_a_host_or_an_attempt),
      TIMES(a_foreign_layer_before_a_client, LEFT),
      TIMES(a_foreign_layer_before_a_server, LEFT),
      TIMES(a_server_without_a_service_or_a_host, 2),
      TEST(a_binding_that_is_taken_away),
      TIMES(a_server_after_the_end, 2))
