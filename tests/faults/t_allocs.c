/*
 * t_allocs.c - everything that can fail fails in turn: each allocation of the
 * plugin, of the GSS library and of libsasl, and each GSS call of the plugin,
 * in logins of each kind and in init, listing and done (for a mechanism that
 * plays scripts; on a real realm, t_allocs_krb5.c).
 *
 * A login is run once without a fault and then again and again, each time in a
 * process of its own, until the fault comes after its end.  Each time it must
 * hold: no crash; nobody is logged in unless both ends say so and the login
 * would have been one without the fault; a failure has the right code and a
 * text; nothing of a refused attempt is left; the next login succeeds; and
 * nothing is lost.  Each test prints, as comments, what the faults came to.
 */
#include "t_allocs.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lib/scripted.h"
#include "tests/lib/suite.h"

static struct gs2_script script;

static const struct gs2_script_value mails[] = {
    { .value = GS2_OCTETS("alice@script.test"), .authenticated = true,
      .complete = true, .display = GS2_OCTETS("Alice") },
    { .value = GS2_OCTETS("a@script.test"), .authenticated = true,
      .complete = true, .display = GS2_OCTETS("A") },
};
static const struct gs2_script_attr attrs[] = {
    { .name = GS2_OCTETS("mail"), .values = mails, .count = 2 },
};
static const struct gs2_script_name alice = {
    .text = GS2_OCTETS("alice"), .local = GS2_OCTETS("alice"),
    .attrs = attrs, .attr_count = 1,
};

static const sasl_channel_binding_t binding = {
    "tls-exporter", 1, 4, (const unsigned char *)"\1\0\2\3",
};

static void
prepare(unsigned tokens)
{
    sm->reset();
    gs2_script_honest(&script, tokens);
    script.source = &alice;
    sm->install(GS2_OID_A, &script);
    gs2_dialogue_init(&d);
}

/* --- logins -------------------------------------------------------------- */

static void
simple(void)
{
    prepare(2);
}

static void
long_one(void)
{
    prepare(5);
    d.authzid = GS2_PROMPT("bob");
}

/* All that an option and an application can ask for. */
static void
rich(void)
{
    static const char *const names[] = {
        "*gss:mail", "*gss64:mail", "*gss-display:mail", "*mail",
        "*gss-attributes-json", "*gss-composite-name",
    };

    prepare(4);
    script.delegates = true;
    script.ma |= GS2_MA_DELEG_CRED;
    script.acceptor[1].flags |= GSS_C_DELEG_FLAG;
    d.mech = "GS2-SCRIPT-PLUS";
    d.success_data = true;
    d.authzid = GS2_GIVEN("bob");
    d.client_binding = d.server_binding = &binding;
    d.client_security = SASL_SEC_PASS_CREDENTIALS;
    memcpy(d.properties, names, sizeof(names));
    gs2_dialogue_set(d.server_options, "gs2_acceptor",
                     "test@other.script.test");
    gs2_dialogue_set(d.server_options, "gs2_attributes", "mail=mail");
    gs2_dialogue_set(d.server_options, "gs2_export", "yes");
    gs2_dialogue_set(d.server_options, "gs2_require",
                     "mail=a@script.test and not gs2:mech=X and "
                     "gs2:role=mailers");
    gs2_dialogue_set(d.server_options, "gs2_roles", "card mailers");
    gs2_dialogue_set(d.server_options, "gs2_tag", "/");
    gs2_dialogue_set(d.server_options, "gs2_role_card",
                     "gs2:acceptor=* and (mail=x or gs2:ticket-service=x)");
    gs2_dialogue_set(d.server_options, "gs2_role_mailers", "mail=*");
    gs2_dialogue_set(d.server_options, "gs2_proxy_require",
                     "gs2:authzid=bob or (mail:=YQ== and mail=*)");
}

static void
by_password(void)
{
    prepare(2);
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_INIT, 1, GSS_S_NO_CRED, 0 };
    script.password = "open sesame";
    d.authname = GS2_PROMPT("alice");
    d.password = GS2_PROMPT("open sesame");
}

static void
by_authname(void)
{
    prepare(3);
    d.authname = GS2_GIVEN("alice");
    gs2_dialogue_set(d.server_options, "gs2_authid", "local");
}

static void
by_attribute(void)
{
    prepare(2);
    script.source = NULL;
    sm->install(GS2_OID_A, &script);
    script.source = &alice;
    gs2_dialogue_set(d.server_options, "gs2_authid", "attribute mail");
    gs2_dialogue_set(d.server_options, "gs2_require", "mail=nobody");
}

static void
anonymous(void)
{
    static struct gs2_script_name nobody = { .text = GS2_OCTETS("nobody") };

    prepare(2);
    nobody.type = GSS_C_NT_ANONYMOUS;
    script.source = &nobody;
    gs2_dialogue_set(d.server_options, "gs2_accept_anonymous", "yes");
}

/* A rule that asks GSS for a fact of the login. */
static void
fact(void)
{
    prepare(2);
    gs2_dialogue_set(d.server_options, "gs2_require",
                     "gs2:acceptor=x or gs2:mech=GS2-SCRIPT");
}

/* A last word that is not empty, and that closes nothing. */
static void
extra_token(void)
{
    prepare(2);
    script.extra_count = 1;
    d.tampers[0] = (struct gs2_tamper){ 3, GS2_MESSAGE("extra") };
}

/* In an Active Directory domain: attributes that a decoder makes. */
#ifdef HAVE_PAC
static void
domain(void)
{
    static const char *const names[] = {
        "*gss-ad-groups", "gss-ad-user-sid", "*gss-ad-upn", "*group",
    };
    static char decoder[4096];
    static unsigned char logon[1024];
    static struct gs2_script_value value;
    static const struct gs2_script_attr pac = {
        .name = GS2_OCTETS("urn:mspac:logon-info"), .values = &value,
        .count = 1,
    };
    static struct gs2_script_name member = {
        .text = GS2_OCTETS("alice"), .attrs = &pac, .attr_count = 1,
    };
    FILE *file;

    prepare(2);
    snprintf(decoder, sizeof(decoder), "%s/pac/.libs/libgs2-pac.so",
             getenv("GS2_BUILDDIR"));
    snprintf((char *)logon, sizeof(logon), "%s/tests/fuzz/corpus/pac/"
             "logon-info-alice", getenv("GS2_SRCDIR"));
    file = fopen((char *)logon, "rb");
    ck_assert(file != NULL);
    value.value.len = fread(logon, 1, sizeof(logon), file) - 1;
    fclose(file);
    value.value.data = logon + 1; /* the first octet says what it is */
    value.authenticated = value.complete = true;
    script.source = &member;
    memcpy(d.properties, names, sizeof(names));
    gs2_dialogue_set(d.server_options, "gs2_pac_decoder", decoder);
    gs2_dialogue_set(d.server_options, "gs2_attributes",
                     "group=gs2:ad-groups");
    gs2_dialogue_set(d.server_options, "gs2_require",
                     "gs2:ad-groups=S-1-18-1 and gs2:ad-user-sid=*");
}
#endif

/* --- refusals ------------------------------------------------------------ */

static void
error_token(void)
{
    prepare(3);
    script.acceptor[0].major = GSS_S_FAILURE;
}

static void
rule(void)
{
    prepare(2);
    gs2_dialogue_set(d.server_options, "gs2_require", "mail=bob");
}

static void
not_bound(void)
{
    prepare(2);
    script.initiator[0].bind = GS2_BIND_SEND_NONE;
    script.acceptor[0].bind = GS2_BIND_LAX;
}

static void
bad_option(void)
{
    prepare(2);
    gs2_dialogue_set(d.server_options, "gs2_require", "mail=\"");
}

static const struct gs2_allocs_case cases[] = {
    { "a login", simple, true },
#ifdef HAVE_PAC
    { "a login in an Active Directory domain", domain, true },
#define INIT_CASES 2
#else
#define INIT_CASES 1
#endif
    { "a login of five tokens, an authzid by prompt", long_one, true },
    { "a login with all there is", rich, true },
    { "a login by password", by_password, true },
    { "a login by authname, gs2_authid local", by_authname, true },
    { "an anonymous login", anonymous, true },
    { "a login under a rule about the acceptor", fact, true },
    { "a login that ends with an extra token", extra_token, true },
    { "a refusal: two values for gs2_authid", by_attribute, false },
    { "a refusal with an error token", error_token, false },
    { "a refusal by gs2_require", rule, false },
    { "a refusal: not bound", not_bound, false },
    { "a refusal: an option that does not parse", bad_option, false },
};

/* --- the tests ----------------------------------------------------------- */

/* All that the mechanism gave was released; so are its records, then. */
static bool
released(void)
{
    const struct gs2_script_live live = sm->live();

    sm->reset();
    if (live.contexts + live.creds + live.names > 0)
        printf("# alive: %u contexts, %u credentials, %u names\n",
               live.contexts, live.creds, live.names);
    return live.contexts == 0 && live.creds == 0 && live.names == 0;
}

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

START_TEST(libc_allocations)
{
    t_allocs_run(&cases[_i], GS2_FAILING_LIBC);
}
END_TEST

START_TEST(sasl_allocations)
{
    t_allocs_run(&cases[_i], GS2_FAILING_SASL);
}
END_TEST

START_TEST(gss_calls)
{
    t_allocs_run(&cases[_i], GS2_FAILING_CALL);
}
END_TEST

static const enum gs2_failing init_kinds[] = {
    GS2_FAILING_PLUGIN, GS2_FAILING_GSS, GS2_FAILING_LIBC, GS2_FAILING_SASL,
    GS2_FAILING_CALL,
};

#define INIT_KINDS ((int)COUNT(init_kinds))

START_TEST(init_and_done)
{
    t_allocs_run_init(&cases[_i / INIT_KINDS], init_kinds[_i % INIT_KINDS]);
}
END_TEST

static bool
begin(void)
{
    sm = gs2_scriptmech_open(NULL, GS2_OID_BIT(GS2_OID_A));
    return sm != NULL && t_allocs_begin(released);
}

SUITE("allocs",
      PREPARE(begin),
      TIMEOUT(600),
      TABLE(plugin_allocations, cases),
      TABLE(gss_allocations, cases),
      TABLE(libc_allocations, cases),
      TABLE(sasl_allocations, cases),
      TABLE(gss_calls, cases),
      TIMES(init_and_done, INIT_CASES * INIT_KINDS))
