/*
 * t_options_offers.c - which mechanisms are offered and under which name: rows
 * N1 and N3, gs2_mechs, mech_avail with and without acceptor credentials.
 */
#include "t_options.h"

#include <stdio.h>
#include <string.h>

#include "tests/lib/clock.h"

/* --- which qualify ------------------------------------------------------- */

static const struct {
    const char *what;
    unsigned ma;
    const char *saslname; /* NULL: none */
    const char *offered;  /* NULL: not at all */
} candidates[] = {
    { "honest", GS2_MA_HONEST, "GS2-SCRIPT", "GS2-SCRIPT" },
    { "without framing", GS2_MA_HONEST & ~(unsigned)GS2_MA_ITOK_FRAMED,
      "GS2-SCRIPT", "GS2-SCRIPT" },
    { "no bindings", GS2_MA_HONEST & ~(unsigned)GS2_MA_CBINDINGS,
      "GS2-SCRIPT", NULL },
    { "no AUTH_TARG", GS2_MA_HONEST & ~(unsigned)GS2_MA_AUTH_TARG,
      "GS2-SCRIPT", NULL },
    { "no AUTH_INIT", GS2_MA_HONEST & ~(unsigned)GS2_MA_AUTH_INIT,
      "GS2-SCRIPT", NULL },
    { "negotiates", GS2_MA_HONEST | GS2_MA_MECH_NEGO, "GS2-SCRIPT", NULL },
    { "glue", GS2_MA_HONEST | GS2_MA_MECH_GLUE, "GS2-SCRIPT", NULL },
    { "no mechanism", GS2_MA_HONEST | GS2_MA_NOT_MECH, "GS2-SCRIPT", NULL },
    { "deprecated", GS2_MA_HONEST | GS2_MA_DEPRECATED, "GS2-SCRIPT", NULL },
    { "composite", GS2_MA_HONEST | GS2_MA_MECH_COMPOSITE, "GS2-SCRIPT",
      NULL },
    { "no attributes", 0, "GS2-SCRIPT", NULL },
    { "a name of 15 octets", GS2_MA_HONEST, "GS2-ABCDEFGHIJK",
      "GS2-ABCDEFGHIJK" },
    { "a name of 16 octets", GS2_MA_HONEST, "GS2-ABCDEFGHIJKL", NULL },
    { "digits, - and _", GS2_MA_HONEST, "X_0-9", "X_0-9" },
    { "a small letter", GS2_MA_HONEST, "GS2-Script", NULL },
    { "a space", GS2_MA_HONEST, "GS2 SCRIPT", NULL },
    { "an empty name", GS2_MA_HONEST, "", NULL },
};

static void
install_candidate(int i)
{
    t_options_prepare();
    script.ma = candidates[i].ma;
    script.saslname.data = candidates[i].saslname;
    script.saslname.len = strlen(candidates[i].saslname);
}

START_TEST(qualifies)
{
    install_candidate(_i);
    gs2_dialogue_open(&d);
    printf("# %s, %s: %s\n", candidates[_i].what, candidates[_i].saslname,
           candidates[_i].offered != NULL ? "offered" : "not offered");
    fflush(stdout);
    ck_assert(t_options_lists(d.server, "GS2-KRB5") == false);
    if (candidates[_i].offered == NULL) {
        ck_assert(candidates[_i].saslname[0] == '\0' ||
                  !t_options_lists(d.server, candidates[_i].saslname));
        ck_assert(!t_options_lists(d.client, "GS2-SCRIPT"));
        /* Nor is it under a name that was cut. */
        t_options_lacks(gs2_dialogue_listed(d.client), "GS2-ABC");
        d.mech = candidates[_i].saslname;
        ck_assert_int_eq(t_options_log_in(), SASL_NOTINIT);
        ck_assert_int_eq(d.client_code, SASL_NOMECH);
    } else {
        ck_assert(t_options_lists(d.server, candidates[_i].offered));
        ck_assert(t_options_lists(d.client, candidates[_i].offered));
    }
    t_options_end();
}
END_TEST

/* Row N1: the vector of RFC 5801 section 3.4. */
START_TEST(name_by_hash)
{
    t_options_prepare();
    script.saslname.data = NULL;
    sm->install(GS2_OID_SPKM1, &script);
    sm->install(GS2_OID_A, NULL);
    d.mech = "GS2-DT4PIK22T6A";
    gs2_dialogue_open(&d);
    ck_assert(t_options_lists(d.server, "GS2-DT4PIK22T6A"));
    ck_assert(t_options_lists(d.client, "GS2-DT4PIK22T6A"));
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    t_options_end();
}
END_TEST

/* The GSS library's own: SPNEGO negotiates, IAKERB is for who asks. */
/* RFC 5801 section 3: where the library can say no name, not even a hash, the
 * mechanism is not used; and the others are. */
START_TEST(no_name_no_use)
{
    static struct gs2_script other; /* install() keeps a pointer */

    t_options_prepare();
    other = script;
    other.saslname.data = "GS2-OTHER";
    other.saslname.len = 9;
    sm->install(GS2_OID_B, &other);
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_INQUIRE_SASLNAME, 0, GSS_S_FAILURE, 0,
    };
    gs2_dialogue_open(&d);
    t_options_lacks(gs2_dialogue_listed(d.client), "GS2-SCRIPT");
    ck_assert(t_options_lists(d.client, "GS2-OTHER"));
    ck_assert(t_options_lists(d.server, "GS2-OTHER"));
    ck_assert_int_eq(t_options_log_in(), SASL_NOTINIT);
    ck_assert_int_eq(d.client_code, SASL_NOMECH);
    t_options_end();
}
END_TEST

START_TEST(of_the_library)
{
    t_options_prepare();
    gs2_dialogue_open(&d);
    ck_assert(t_options_lists(d.client, "GS2-KRB5"));
    ck_assert(!t_options_lists(d.client, "GS2-IAKERB"));
    ck_assert(!t_options_lists(d.client, "SPNEGO"));
    ck_assert_ptr_null(strstr(gs2_dialogue_listed(d.client), "SPNEGO"));
    t_options_end();
}
END_TEST

/* Two mechanisms, one name: libsasl must not be told of it twice. */
START_TEST(same_name)
{
    const char *first;

    t_options_prepare();
    sm->install(GS2_OID_B, &script);
    t_options_server("gs2_mechs", "GS2-SCRIPT");
    gs2_dialogue_open(&d);
    first = strstr(gs2_dialogue_listed(d.server), "GS2-SCRIPT");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_null(strstr(first + 1, "GS2-SCRIPT"));
    t_options_end();
}
END_TEST

/* --- gs2_mechs ----------------------------------------------------------- */

static const struct {
    const char *value;
    bool a, b;
} lists[] = {
    { NULL, true, true },
    { "GS2-SCRIPT GS2-OTHER", true, true },
    { "GS2-SCRIPT", true, false },
    { "gs2-other", false, true },
    { "GS2-OTHER-PLUS", false, true },
    { "GS2-KRB5,GS2-SCRIPT", true, false },
    { "\tGS2-SCRIPT ", true, false },
    { "GS2-SCRIP GS2-OTHERS", false, false },
    { "GS2-SCRIPT-PLU", false, false },
    { "none", false, false },
};

static struct gs2_script other;

static void
install_two(void)
{
    t_options_prepare();
    gs2_script_honest(&other, 3);
    other.saslname.data = "GS2-OTHER";
    other.saslname.len = 9;
    sm->install(GS2_OID_B, &other);
}

/* Hidden and shown again on the same connection: nothing is banished. */
START_TEST(mechs_of_a_server)
{
    install_two();
    t_options_server("gs2_mechs", "none");
    gs2_dialogue_open(&d);
    ck_assert(!t_options_lists(d.server, "GS2-SCRIPT"));
    gs2_dialogue_say(&d, "n,,x", 4);
    ck_assert_int_lt(gs2_dialogue_server_start(&d), SASL_OK);
    t_options_has(d.server_error, "GS2-SCRIPT is not offered");
    t_options_server("gs2_mechs", lists[_i].value);
    ck_assert(t_options_lists(d.server, "GS2-SCRIPT") == lists[_i].a);
    ck_assert(t_options_lists(d.server, "GS2-OTHER") == lists[_i].b);
    ck_assert_int_eq(t_options_log_in() == SASL_OK, lists[_i].a);
    d.mech = "GS2-OTHER";
    ck_assert_int_eq(t_options_log_in() == SASL_OK, lists[_i].b);
    t_options_end();
}
END_TEST

START_TEST(mechs_of_a_client)
{
    install_two();
    t_options_client("gs2_mechs", lists[_i].value);
    gs2_dialogue_open(&d);
    ck_assert(t_options_lists(d.client, "GS2-SCRIPT") == lists[_i].a);
    ck_assert(t_options_lists(d.client, "GS2-OTHER") == lists[_i].b);
    t_options_end();
}
END_TEST

/* --- mech_avail ---------------------------------------------------------- */

/* No credential: not listed, refused with a text, one line in the log however
 * often it is asked; then there is one, and the log says so once. */
START_TEST(credential_comes)
{
    t_options_prepare();
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_ACQUIRE_CRED, 1, GSS_S_NO_CRED, GS2_MINOR_NO_CRED };
    t_options_server("gs2_mechs", "GS2-SCRIPT");
    gs2_dialogue_open(&d);
    for (int i = 0; i < 5; i++)
        ck_assert(!t_options_lists(d.server, "GS2-SCRIPT"));
    gs2_dialogue_say(&d, "n,,x", 4);
    ck_assert_int_lt(gs2_dialogue_server_start(&d), SASL_OK);
    t_options_has(d.server_error,
                  "no GS2-SCRIPT credential for test@host.script.test");
    ck_assert_uint_eq(sm->count(GS2_CALL_ACQUIRE_CRED), 1);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "is not available"),
                      1);
    t_options_has(d.server_log, "no scripted credential of that name");
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "is available"), 0);
    clock_ahead = 4;
    ck_assert(t_options_lists(d.server, "GS2-SCRIPT"));
    ck_assert(t_options_lists(d.server, "GS2-SCRIPT"));
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    clock_ahead = 0;
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "is available"), 1);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "is not available"),
                      1);
    t_options_end();
}
END_TEST

static const struct {
    const char *option, *value;
    int level;
} wants[] = {
    { "mech_list", NULL, SASL_LOG_WARN },
    { "keytab", "FILE:/nowhere", SASL_LOG_WARN }, /* the GSSAPI plugin's */
    { "mech_list", "PLAIN gs2-script", SASL_LOG_ERR },
    { "gs2_authid", "full", SASL_LOG_ERR },
};

/* No credential is an error where somebody wants the mechanism. */
START_TEST(missing_where_wanted)
{
    char line[64];

    t_options_prepare();
    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_ACQUIRE_CRED, 1, GSS_S_NO_CRED, GS2_MINOR_NO_CRED };
    t_options_server(wants[_i].option, wants[_i].value);
    gs2_dialogue_open(&d);
    ck_assert(!t_options_lists(d.server, "GS2-SCRIPT"));
    snprintf(line, sizeof(line), "%d GS2-SCRIPT is not available for ",
             wants[_i].level);
    t_options_has(d.server_log, line);
    t_options_end();
}
END_TEST

static gss_cred_id_t
acquire(gss_cred_usage_t usage)
{
    gss_OID_set_desc mechs = { 1, gs2_script_oid(GS2_OID_A) };
    gss_cred_id_t cred;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_acquire_cred(&minor, GSS_C_NO_NAME,
                                       GSS_C_INDEFINITE, &mechs, usage, &cred,
                                       NULL, NULL), GSS_S_COMPLETE);
    return cred;
}

/* A rule, and whether what it says of bindings is offered without one. */
static const struct {
    const char *rule;
    bool offered;
} bound_rules[] = {
    { "gs2:binding=*", false },
    { "not gs2:binding=tls-unique", false },
    { "gs2:binding=tls-exporter and mail=a or gs2:binding=x", false },
    { "gs2:binding=* or mail=a", true },
    { "mail=a", true },
};

START_TEST(rule_that_needs_a_binding)
{
    static const sasl_channel_binding_t binding = {
        .name = "tls-exporter", .len = 4, .data = (const unsigned char *)"data"
    };

    t_options_prepare();
    t_options_server("gs2_require", bound_rules[_i].rule);
    gs2_dialogue_open(&d);
    ck_assert_int_eq(t_options_lists(d.server, "GS2-SCRIPT"),
                     bound_rules[_i].offered);
    if (!bound_rules[_i].offered) {
        ck_assert_int_lt(t_options_log_in(), SASL_OK);
        ck_assert_uint_eq(sm->count(GS2_CALL_ACCEPT), 0);
        t_options_has(d.server_error, "only where there is a channel binding");
    }
    ck_assert_int_eq(sasl_setprop(d.server, SASL_CHANNEL_BINDING, &binding),
                     SASL_OK);
    ck_assert(t_options_lists(d.server, "GS2-SCRIPT"));
    t_options_end();
}
END_TEST


/* The application's credential counts, and nothing else is acquired. */
START_TEST(credential_of_the_application)
{
    gss_cred_id_t cred;
    OM_uint32 minor;

    t_options_prepare();
    cred = acquire(GSS_C_ACCEPT);
    d.server_creds = cred;
    t_options_server("gs2_mechs", "GS2-SCRIPT");
    gs2_dialogue_open(&d);
    ck_assert(t_options_lists(d.server, "GS2-SCRIPT"));
    ck_assert_int_eq(t_options_log_in(), SASL_OK);
    ck_assert_uint_eq(sm->count(GS2_CALL_ACQUIRE_CRED), 1);
    ck_assert_uint_ne(sm->call(GS2_CALL_ACCEPT, 1)->cred, 0);
    ck_assert_uint_eq(sm->call(GS2_CALL_ACCEPT, 1)->cred,
                      sm->call(GS2_CALL_ACQUIRE_CRED, 1)->cred);
    gs2_dialogue_disconnect(&d);
    ck_assert_uint_eq(sm->live().creds, 1); /* it is not ours to release */
    gss_release_cred(&minor, &cred);
    t_options_end();
}
END_TEST

START_TEST(credential_of_a_client)
{
    gss_cred_id_t cred;
    OM_uint32 minor;

    t_options_prepare();
    cred = acquire(GSS_C_INITIATE);
    d.server_creds = cred;
    gs2_dialogue_open(&d);
    ck_assert(!t_options_lists(d.server, "GS2-SCRIPT"));
    gs2_dialogue_say(&d, "n,,x", 4);
    ck_assert_int_lt(gs2_dialogue_server_start(&d), SASL_OK);
    t_options_has(d.server_error, "credential is a client's");
    gs2_dialogue_disconnect(&d);
    gss_release_cred(&minor, &cred);
    t_options_end();
}
END_TEST

TESTS(t_options_offers,
      TABLE(qualifies, candidates),
      TEST(name_by_hash),
      TEST(no_name_no_use),
      TEST(of_the_library),
      TEST(same_name),
      TABLE(mechs_of_a_server, lists),
      TABLE(mechs_of_a_client, lists),
      TEST(credential_comes),
      TABLE(missing_where_wanted, wants),
      TABLE(rule_that_needs_a_binding, bound_rules),
      TEST(credential_of_the_application),
      TEST(credential_of_a_client))
