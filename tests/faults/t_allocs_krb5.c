/*
 * t_allocs_krb5.c - everything that can fail fails in turn, on a real realm:
 * each allocation of the plugin, each GSS call of the plugin, with GS2_FULL
 * each allocation of a login's in the GSS library (see t_allocs.c for what
 * must hold).  Runs in a realm of its own, where alice has a ticket and
 * imap@localhost has a key.
 */
#include "t_allocs.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lib/suite.h"

static const sasl_channel_binding_t binding = {
    "tls-exporter", 1, 4, (const unsigned char *)"\1\0\2\3",
};

static void
prepare(void)
{
    t_allocs_put_cache_back();
    gs2_dialogue_init(&d);
    d.service = "imap";
    d.host = "localhost";
    d.mech = "GS2-KRB5";
}

static void
rich(void)
{
    prepare();
    d.mech = "GS2-KRB5-PLUS";
    d.success_data = true;
    d.authzid = GS2_GIVEN("bob");
    d.authname = GS2_GIVEN("alice");
    d.client_binding = d.server_binding = &binding;
    d.properties[0] = "*gss-attributes-json";
    d.properties[1] = "*gss64:urn:mspac:client-info";
    gs2_dialogue_set(d.server_options, "gs2_require",
                     "\"urn:mspac:client-info\"=*");
    gs2_dialogue_set(d.server_options, "gs2_authid", "local");
}

/* A credential is delegated, and kept. */
static void
kept(void)
{
    static char pattern[4096];

    prepare();
    ck_assert_ptr_nonnull(getenv("GS2_REALM_DIR"));
    ck_assert_int_lt(snprintf(pattern, sizeof(pattern), "FILE:%s/kept_%%u",
                              getenv("GS2_REALM_DIR")), sizeof(pattern));
    gs2_dialogue_set(d.server_options, "gs2_ccache_store", pattern);
    d.properties[0] = "*gs2-ticket-service";
    d.client_security = SASL_SEC_PASS_CREDENTIALS;
}

static void
rule(void)
{
    prepare();
    gs2_dialogue_set(d.server_options, "gs2_require", "mail=bob");
}

static const struct gs2_allocs_case cases[] = {
    { "a login", prepare, true },
    { "a login with all there is", rich, true },
    { "a login whose credential is kept", kept, true },
    { "a refusal by gs2_require", rule, false },
};

START_TEST(plugin_allocations)
{
    t_allocs_run(&cases[_i], GS2_FAILING_PLUGIN);
}
END_TEST

START_TEST(gss_allocations)
{
    t_allocs_run(&cases[_i], GS2_FAILING_GSS);
}
END_TEST

START_TEST(gss_calls)
{
    t_allocs_run(&cases[_i], GS2_FAILING_CALL);
}
END_TEST

static const enum gs2_failing init_kinds[] = {
    GS2_FAILING_PLUGIN, GS2_FAILING_GSS, GS2_FAILING_CALL,
};

START_TEST(init_and_done)
{
    t_allocs_run_init(&cases[0], init_kinds[_i]);
}
END_TEST

static bool
is_yes(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && value[0] != '\0' && strcmp(value, "no") != 0;
}

static bool
begin(void)
{
    return t_allocs_begin(NULL);
}

SUITE("allocs_krb5",
      PREPARE(begin),
      TIMEOUT(7200),
      TABLE(plugin_allocations, cases),
      TABLE(gss_calls, cases),
      TABLE(init_and_done, init_kinds),
      SOMETIMES(gss_allocations, COUNT(cases),
                is_yes("GS2_FULL") && !is_yes("GS2_SANITIZERS"),
                "GSS's own allocations are too many for every day"))
