/*
 * t_entry.c - the plugin's entry points called as libsasl's interface allows,
 * and as libsasl 2.1.28 itself never does: with an older interface, without a
 * service or a host, and with a step of an attempt that is no more.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/dialogue.h"
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

int
main(void)
{
    Suite *suite = suite_create("entry");
    TCase *tcase = tcase_create("entry");

    if (!gs2_dialogue_plugins(NULL))
        return 1;
    tcase_add_test(tcase, an_older_interface_is_refused);
    tcase_add_test(tcase, a_client_without_a_host_or_an_attempt);
    tcase_add_loop_test(tcase, a_server_without_a_service_or_a_host, 0, 2);
    suite_add_tcase(suite, tcase);
    return gs2_suite_run(suite);
}
