/*
 * t_allocs_pac.c - each allocation of the plugin fails in turn in a login
 * under a rule about groups of Active Directory, and in the init that loads
 * the decoder (see t_allocs.c for what must hold).
 */
#include "t_allocs.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "tests/lib/pac_sample.h"
#include "tests/lib/scripted.h"
#include "tests/lib/suite.h"

static struct gs2_script script;
static char decoder[4096];
static struct gs2_script_value values[2];
static const struct gs2_script_attr attrs[] = {
    { .name = GS2_OCTETS("urn:mspac:logon-info"), .values = &values[0],
      .count = 1 },
    { .name = GS2_OCTETS("urn:mspac:upn-dns-info"), .values = &values[1],
      .count = 1 },
};
static const struct gs2_script_name alice = {
    .text = GS2_OCTETS("alice"), .attrs = attrs, .attr_count = 2,
};

static void
read_sample(const char *name, struct gs2_script_value *value)
{
    struct pac_octets octets;

    if (value->value.data != NULL)
        return;
    octets = pac_sample_read(name);
    *value = (struct gs2_script_value){
        .value = { octets.data, octets.len }, .authenticated = true,
        .complete = true,
    };
}

static void
groups(void)
{
    read_sample("logon-info-alice", &values[0]);
    read_sample("upn-dns-info-alice", &values[1]);
    sm->reset();
    gs2_script_honest(&script, 2);
    script.source = &alice;
    sm->install(GS2_OID_A, &script);
    gs2_dialogue_init(&d);
    d.properties[0] = "*gss-ad-groups";
    d.properties[1] = "*gss-ad-upn";
    gs2_dialogue_set(d.server_options, "gs2_pac_decoder", decoder);
    gs2_dialogue_set(d.server_options, "gs2_require",
                     "gs2:ad-groups=\"" SAMPLE_DOMAIN "-1106\"");
}

static const struct gs2_allocs_case login = {
    "a login under a rule about groups", groups, true,
};

START_TEST(plugin_allocations)
{
    t_allocs_run(&login, GS2_FAILING_PLUGIN);
}
END_TEST

START_TEST(init_and_done)
{
    t_allocs_run_init(&login, GS2_FAILING_PLUGIN);
}
END_TEST

/* The decoder stays loaded, since it takes long with all its libraries. */
static bool
prepare(void)
{
    const char *build = getenv("GS2_BUILDDIR");

    snprintf(decoder, sizeof(decoder), "%s/pac/.libs/libgs2-pac.so",
             build != NULL ? build : ".");
    sm = gs2_scriptmech_open(NULL, GS2_OID_BIT(GS2_OID_A));
    return sm != NULL && dlopen(decoder, RTLD_NOW | RTLD_LOCAL) != NULL &&
           t_allocs_begin(NULL);
}

SUITE("allocs_pac",
      PREPARE(prepare),
      TIMEOUT(600),
      TEST(plugin_allocations),
      TEST(init_and_done))
