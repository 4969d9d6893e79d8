/*
 * t_allocs_gssapi.c - everything that can fail fails in turn, with
 * libgssapiv2.so in a realm: each allocation of the plugin, each GSS call of the
 * plugin (see t_allocs.c for what must hold).
 */
#include "t_allocs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/suite.h"

/* As libldap has a tls-server-end-point. */
static const sasl_channel_binding_t binding = {
    "ldap", 0, 25, (const unsigned char *)"tls-server-end-point:\1\2\3\4",
};

static void
prepare(void)
{
    t_allocs_put_cache_back();
    gs2_dialogue_init(&d);
    d.service = "imap";
    d.host = "localhost";
    d.mech = "GSSAPI";
}

static void
rich(void)
{
    prepare();
    d.authzid = GS2_GIVEN("bob");
    d.authname = GS2_GIVEN("alice");
    d.client_security = SASL_SEC_PASS_CREDENTIALS;
    d.properties[0] = "*gs2-layer";
    gs2_dialogue_set(d.server_options, "gs2_require", "gs2:layer=none");
    gs2_dialogue_set(d.client_options, "ad_compat", "yes");
}

static void
spnego(void)
{
    prepare();
    d.mech = "GSS-SPNEGO";
}

static void
bound(void)
{
    d.success_data = true;
    d.client_binding = d.server_binding = &binding;
    gs2_dialogue_set(d.server_options, "gs2_require",
                     "gs2:binding=tls-server-end-point");
}

static void
spnego_bound(void)
{
    spnego();
    bound();
}

static void
gssapi_bound(void)
{
    prepare();
    bound();
}

static void
rule(void)
{
    prepare();
    gs2_dialogue_set(d.server_options, "gs2_require", "mail=bob");
}

static const struct gs2_allocs_case cases[] = {
    { "a login by GSSAPI", prepare, true },
    { "a login by GSSAPI with all there is", rich, true },
    { "a login by GSS-SPNEGO", spnego, true },
    { "a login by GSS-SPNEGO that is bound", spnego_bound, true },
    { "a login by GSSAPI that is bound", gssapi_bound, true },
    { "a refusal by gs2_require", rule, false },
};

START_TEST(plugin_allocations)
{
    t_allocs_run(&cases[_i], GS2_FAILING_PLUGIN);
}
END_TEST

START_TEST(gss_calls)
{
    t_allocs_run(&cases[_i], GS2_FAILING_CALL);
}
END_TEST

static const enum gs2_failing init_kinds[] = {
    GS2_FAILING_PLUGIN, GS2_FAILING_CALL,
};

START_TEST(init_and_done)
{
    t_allocs_run_init(&cases[0], init_kinds[_i]);
}
END_TEST

static bool
begin(void)
{
    const char *build = getenv("GS2_BUILDDIR");
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/gssapi/.libs/libgssapiv2.so",
             build != NULL ? build : ".");
    return setenv("GS2_PLUGIN", path, 1) == 0 && t_allocs_begin(NULL);
}

SUITE("allocs_gssapi",
      PREPARE(begin),
      TIMEOUT(7200),
      TABLE(plugin_allocations, cases),
      TABLE(gss_calls, cases),
      TABLE(init_and_done, init_kinds))
