/*
 * t_attacks_client.c - what a client says and knows of itself: credentials,
 * names and prompts, and the reasons of their failures.
 */
#include "attack.h"

#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi.h>
#include <sasl/saslplug.h>

#include "tests/lib/octets.h"

/* Fails unless the client's first message begins with this header. */
static void
header_is(const char *header)
{
    const size_t len = strlen(header);

    attack_saw("the message begins with %.*s",
               attack.client_out_len < 12 ? (int)attack.client_out_len : 12,
               attack.client_out_len > 0 ? attack.client_out : "");
    CHECK(attack.client_out_len > len &&
          memcmp(attack.client_out, header, len) == 0,
          "another header than %s", header);
}

static gss_cred_id_t
give_credential(void)
{
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_acquire_cred(&minor, GSS_C_NO_NAME, 0,
                                       GSS_C_NO_OID_SET, GSS_C_INITIATE,
                                       &cred, NULL, NULL), GSS_S_COMPLETE);
    ck_assert_int_eq(sasl_setprop(attack.client, SASL_GSS_CREDS, cred),
                     SASL_OK);
    return cred;
}

START_TEST(no_authname_callback)
{
    ROW("no AUTHNAME callback");
    unsetenv("USER");
    attack_server();
    attack_client();
    attack_client_must(attack_dialogue(), SASL_OK, NULL);
    attack_user_must("alice");
}
END_TEST

START_TEST(callback_of_libsasl_itself)
{
    ROW("no AUTHNAME callback, and $USER is another's name");
    setenv("USER", "mallory", 1);
    attack_server();
    attack_client();
    attack_client_must(attack_dialogue(), SASL_OK, NULL);
    attack_user_must("alice");
}
END_TEST

START_TEST(credential_of_the_application)
{
    gss_cred_id_t cred;
    OM_uint32 minor;

    ROW("SASL_GSS_CREDS given, no AUTHNAME callback");
    unsetenv("USER");
    attack_server();
    attack_client();
    cred = give_credential();
    attack_client_must(attack_dialogue(), SASL_OK, NULL);
    attack_user_must("alice");
    sasl_dispose(&attack.client);
    gss_release_cred(&minor, &cred);
}
END_TEST

START_TEST(authname_of_another)
{
    const void *authid = NULL;
    gss_cred_id_t cred;
    OM_uint32 minor;

    ROW("an authname other than the credential's: AUTHUSER is the truth");
    attack.authname = "bob";
    attack_server();
    attack_client();
    cred = give_credential();
    attack_client_must(attack_dialogue(), SASL_OK, NULL);
    ck_assert_int_eq(sasl_getprop(attack.client, SASL_AUTHUSER, &authid),
                     SASL_OK);
    attack_saw("the client's AUTHUSER: %s", (const char *)authid);
    CHECK(strncmp(authid, "alice", 5) == 0, "the client's AUTHUSER: %s",
          (const char *)authid);
    sasl_dispose(&attack.client);
    gss_release_cred(&minor, &cred);
}
END_TEST

START_TEST(authzid_by_prompt)
{
    ROW("SASL_INTERACT: the authzid that the user typed");
    attack.interact = true;
    attack.authzid = "bob";
    attack.authname = "alice";
    attack_server();
    attack_client();
    attack_client_must(attack_client_start(), SASL_CONTINUE, NULL);
    header_is("n,a=bob,");
}
END_TEST

START_TEST(reason_of_no_ticket)
{
    ROW("no ticket: the reason");
    setenv("KRB5CCNAME", "FILE:/nonexistent/cache", 1);
    attack.authname = "alice";
    attack_client();
    attack_client_must(attack_client_start(), SASL_FAIL, "kinit");
    CHECK(strstr(attack_text(attack.client), "redential") != NULL,
          "the text does not speak of credentials");
    CHECK(attack.client_out_len == 0, "%u octets to send",
          attack.client_out_len);
}
END_TEST

START_TEST(reason_of_no_ticket_for_the_authname)
{
    ROW("no ticket for the authname: the reason");
    attack.authname = "bob";
    attack_client();
    attack_client_must(attack_client_start(), SASL_FAIL, "\"bob\"");
}
END_TEST

/* What is no authzid is refused before anything is sent. */
static void
never_sent(const char *authzid)
{
    attack.authzid = authzid;
    attack.authname = "alice";
    attack_client();
    attack_client_must(attack_client_start(), SASL_BADPROT, "not UTF-8");
    CHECK(attack.client_out_len == 0, "%u octets to send",
          attack.client_out_len);
}

START_TEST(authzid_of_no_encoding_sent)
{
    ROW("authzid ff fe, sent by the client");
    never_sent("\xff\xfe");
}
END_TEST

START_TEST(authzid_overlong_sent)
{
    ROW("authzid c0 80, sent by the client");
    never_sent("\xc0\x80");
}
END_TEST

START_TEST(authzid_surrogate_sent)
{
    ROW("authzid ed a0 80, sent by the client");
    never_sent("\xed\xa0\x80");
}
END_TEST

START_TEST(authzids_both_ways)
{
    static const char *const authzids[] = { "foo", "BAB,ABA", ",=,=", "=" };

    ROW("gsasl's authzids, both ways through libsasl");
    attack.authname = "alice";
    for (size_t i = 0; i < COUNT(authzids); i++) {
        attack.authzid = authzids[i];
        attack_server();
        attack_client();
        attack_server_must(attack_dialogue(), SASL_OK, NULL);
        attack_user_must(authzids[i]);
        CHECK(strcmp(attack.policy_authzid, authzids[i]) == 0,
              "the policy saw %s", attack.policy_authzid);
        attack_end();
    }
}
END_TEST

/* --- another mechanism before ------------------------------------------- */

static int
never_encode(void *context, const struct iovec *in, unsigned count,
             const char **out, unsigned *out_len)
{
    (void)context;
    (void)in;
    (void)count;
    (void)out;
    (void)out_len;
    abort();
}

static int
layer_new(void *glob_context, sasl_client_params_t *params,
          void **conn_context)
{
    (void)glob_context;
    (void)params;
    *conn_context = NULL; /* libsasl 2.1.28 forgets a client's */
    return SASL_OK;
}

/* As DIGEST-MD5 does, which has its layer before the server has answered. */
static int
layer_step(void *conn_context, sasl_client_params_t *params,
           const char *serverin, unsigned serverinlen,
           sasl_interact_t **prompt_need, const char **out,
           unsigned *out_len, sasl_out_params_t *oparams)
{
    (void)conn_context;
    (void)params;
    (void)serverin;
    (void)serverinlen;
    (void)prompt_need;
    oparams->mech_ssf = 128;
    oparams->encode = never_encode;
    *out = "";
    *out_len = 0;
    return SASL_CONTINUE;
}

static int
layer_init(const sasl_utils_t *utils, int max_version, int *version_out,
           sasl_client_plug_t **plugs_out, int *count_out)
{
    static const unsigned long no_prompts[] = { SASL_CB_LIST_END };
    static sasl_client_plug_t plug = {
        .mech_name = "LAYER", .max_ssf = 128, .mech_new = layer_new,
        .mech_step = layer_step, .required_prompts = no_prompts
    };

    (void)utils;
    (void)max_version;
    *version_out = SASL_CLIENT_PLUG_VERSION;
    *plugs_out = &plug;
    *count_out = 1;
    return SASL_OK;
}

START_TEST(layer_of_another_mechanism)
{
    const char *mech, *out;
    unsigned len;

    ROW("a client that tried a mechanism with a security layer, then GS2");
    attack.authname = "alice";
    attack_server();
    attack_client();
    sasl_dispose(&attack.client);
    ck_assert_int_eq(sasl_client_add_plugin("layer", layer_init), SASL_OK);
    attack_client();
    ck_assert_int_eq(sasl_client_start(attack.client, "LAYER", NULL, &out,
                                       &len, &mech), SASL_CONTINUE);
    attack_server_must(attack_dialogue(), SASL_OK, NULL);
    attack_no_layer(attack.client);
    ck_assert_int_eq(sasl_encode(attack.client, OCTETS("hello"), &out, &len),
                     SASL_OK);
    CHECK(len == 5 && memcmp(out, "hello", 5) == 0, "sent as %u octets", len);
    sasl_dispose(&attack.client);
    sasl_client_done(); /* of two inits */
}
END_TEST

TESTS(attack_client_rows,
      CASE("client"),
      FIXTURE(attack_setup, attack_teardown),
      TIMEOUT(60),
      TEST(no_authname_callback),
      TEST(callback_of_libsasl_itself),
      TEST(credential_of_the_application),
      TEST(authname_of_another),
      TEST(authzid_by_prompt),
      TEST(reason_of_no_ticket),
      TEST(reason_of_no_ticket_for_the_authname),
      TEST(authzid_of_no_encoding_sent),
      TEST(authzid_overlong_sent),
      TEST(authzid_surrogate_sent),
      TEST(authzids_both_ways),
      TEST(layer_of_another_mechanism))
