/*
 * t_attacks_identity.c - bindings, flags and identities that a server must
 * refuse, or must not (RFC 5801 sections 5 and 5.1; rows A, B and U of
 * doc/gs2.md).
 */
#include "attack.h"

#include <gssapi/gssapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/octets.h"

/* --- bound or refused (rows U1 and U4) ----------------------------------- */

START_TEST(unbound_token_with_authzid)
{
    const struct raw_ask ask = { RAW_HEADER("n,a=bob,"), .unbound = true };

    ROW("a krb5 token made without bindings, behind n,a=bob,");
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADBINDING,
                       "not bound to the GS2 header");
    CHECK(attack.policies == 0, "the proxy policy was called");
    CHECK(attack.canons == 0, "canon_user was called");
    attack_stands_alone();
}
END_TEST

START_TEST(unbound_token_as_plus)
{
    const struct raw_ask ask = { RAW_HEADER("p=tls-unique,,"),
                                 .unbound = true };

    ROW("a krb5 token made without bindings, behind p=tls-unique,,");
    attack.binding = "tls-unique";
    attack.binding_data = "the channel";
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADBINDING,
                       "not bound to the GS2 header");
    attack_stands_alone();
}
END_TEST

START_TEST(unbound_negotiation)
{
    struct raw_iakerb raw = { NULL, NULL };
    int code = SASL_CONTINUE;
    char *message;
    size_t len;

    ROW("IAKERB, several legs, without bindings, behind n,a=bob,");
    unsetenv("KRB5CCNAME");
    attack.options[0][0] = "gs2_mechs";
    attack.options[0][1] = "GS2-IAKERB";
    attack_server();
    for (int leg = 0; code == SASL_CONTINUE && leg < 8; leg++) {
        raw_iakerb_turn(&raw, leg == 0 ? "n,a=bob," : "",
                        leg == 0 ? NULL : attack.server_out,
                        attack.server_out_len, &message, &len);
        code = leg == 0 ? attack_start("GS2-IAKERB", message, len)
                        : attack_step(message, len);
        free(message);
    }
    attack_server_must(code, SASL_BADBINDING, "not bound to the GS2 header");
    CHECK(attack.policies == 0, "the proxy policy was called");
    CHECK(attack.canons == 0, "canon_user was called");
    raw_iakerb_end(&raw);
}
END_TEST

START_TEST(token_of_another_header)
{
    const struct raw_ask ask = { RAW_HEADER("n,a=bob,"), .bound = "n,," };

    ROW("a token bound to n,, behind n,a=bob,");
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADBINDING,
                       "channel bindings");
    CHECK(attack.policies == 0, "the proxy policy was called");
}
END_TEST

/* Row A3: the mechanism says GSS_S_BAD_BINDINGS. */
START_TEST(token_of_another_channel)
{
    const struct raw_ask ask = { RAW_HEADER("p=tls-unique,,"),
                                 .data = "another channel" };

    ROW("a token bound to another channel");
    attack.binding = "tls-unique";
    attack.binding_data = "the channel";
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADBINDING,
                       "channel bindings");
}
END_TEST

START_TEST(java_address_type)
{
    const struct raw_ask ask = { RAW_HEADER("n,,"),
                                 .addrtype = GSS_C_AF_NULLADDR };

    ROW("Java's GSS: bindings with address type 255");
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADBINDING, "address type");
}
END_TEST

/* --- the header against what the server has ----------------------------- */

/* Row B4. */
START_TEST(downgrade_then_start)
{
    const struct raw_ask ask = { RAW_HEADER("y,a=bob,") };

    ROW("y while the server has a binding; then another start");
    attack.binding = "tls-unique";
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADAUTH, "downgrade");
    attack_nothing_called();
    attack_stands_alone();
}
END_TEST

/* Row B5. */
START_TEST(critical_then_start)
{
    const struct raw_ask ask = { RAW_HEADER("n,a=bob,") };

    ROW("n while the binding is critical; then another start");
    attack.binding = "tls-unique";
    attack.critical = true;
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADBINDING,
                       "requires channel binding");
    attack_nothing_called();
    attack_stands_alone();
}
END_TEST

/* Row B3, twice. */
START_TEST(binding_that_the_server_lacks)
{
    const struct raw_ask ask = { RAW_HEADER("p=tls-unique,a=bob,"),
                                 .data = "some channel" };

    ROW("p=NAME and the server has none");
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADBINDING,
                       "the server has none");
    attack_nothing_called();
    attack_stands_alone();
}
END_TEST

START_TEST(binding_of_another_type)
{
    const struct raw_ask ask = { RAW_HEADER("p=tls-exporter,a=bob,"),
                                 .data = "the channel" };

    ROW("p=NAME and the server has another type");
    attack.binding = "tls-unique";
    attack.binding_data = "the channel";
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADBINDING,
                       "the server has tls-unique");
    attack_nothing_called();
    attack_stands_alone();
}
END_TEST

/* Elytron's rows of binding data. */

START_TEST(no_data_against_one_octet)
{
    const struct raw_ask ask = { RAW_HEADER("p=tls-unique,,") };

    ROW("binding data of 0 octets against 1");
    attack.binding = "tls-unique";
    attack.binding_data = "x";
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADBINDING,
                       "channel bindings");
}
END_TEST

START_TEST(no_data_on_both_sides)
{
    ROW("empty binding data on both sides succeeds");
    attack.binding = "tls-unique";
    attack_server();
    attack_server_must(attack_login("p=tls-unique,,", NULL), SASL_OK, NULL);
    attack_user_must("alice");
}
END_TEST

/* --- flags and mechanisms ----------------------------------------------- */

START_TEST(mutual_without_sequence)
{
    const struct raw_ask ask = { RAW_HEADER("n,,"),
                                 .flags = GSS_C_MUTUAL_FLAG };

    ROW("initiator with MUTUAL only (gsasl, mutt)");
    attack_server();
    attack_server_must(attack_try(&ask), SASL_OK, NULL);
    attack_user_must("alice");
}
END_TEST

/* Row A2. */
START_TEST(sequence_without_mutual)
{
    const struct raw_ask ask = { RAW_HEADER("n,,"),
                                 .flags = GSS_C_SEQUENCE_FLAG };

    ROW("initiator with SEQUENCE only");
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADAUTH,
                       "no mutual authentication");
}
END_TEST

START_TEST(spnego_behind_nonstd)
{
    const struct raw_ask ask = { RAW_HEADER("F,n,,"), .spnego = true };
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;

    ROW("F, and a SPNEGO token with application-supplied credentials");
    ck_assert_uint_eq(gss_acquire_cred(&minor, GSS_C_NO_NAME, 0,
                                       GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred,
                                       NULL, NULL), GSS_S_COMPLETE);
    attack_server();
    ck_assert_int_eq(sasl_setprop(attack.server, SASL_GSS_CREDS, cred),
                     SASL_OK);
    attack_server_must(attack_try(&ask), SASL_BADPROT, "says F,");
    attack_nothing_called();
    sasl_dispose(&attack.server);
    gss_release_cred(&minor, &cred);
}
END_TEST

/* --- who logs in -------------------------------------------------------- */

START_TEST(no_auxprop_plugin)
{
    ROW("no auxprop plugin loaded");
    attack.alone = true;
    attack_server();
    attack_server_must(attack_login("n,,", NULL), SASL_OK, NULL);
    attack_user_must("alice");
}
END_TEST

START_TEST(unknown_property)
{
    const char *names[] = { "mail", "*mail", NULL };

    ROW("a requested property that sasldb does not have");
    attack_server();
    ck_assert_int_eq(sasl_auxprop_request(attack.server, names), SASL_OK);
    attack_server_must(attack_login("n,,", NULL), SASL_OK, NULL);
    attack_user_must("alice");
}
END_TEST

START_TEST(need_proxy)
{
    const char *list = NULL;

    ROW("SASL_NEED_PROXY");
    attack.flags = SASL_NEED_PROXY;
    attack_server();
    sasl_listmech(attack.server, NULL, "", " ", "", &list, NULL, NULL);
    attack_saw("offered: %s", list != NULL ? list : "nothing");
    CHECK(list != NULL && strstr(list, "GS2-KRB5") != NULL,
          "GS2-KRB5 is not offered");
    attack_server_must(attack_login("n,a=bob,", NULL), SASL_OK, NULL);
    attack_user_must("bob");
    CHECK(strcmp(attack.policy_authid, "alice") == 0, "the policy saw %s",
          attack.policy_authid);
}
END_TEST

/* krb5 reads a second file of configuration before the realm's. */
static void
map_alice_to(const char *local)
{
    char path[512], list[1024];
    FILE *out;

    snprintf(path, sizeof(path), "%s/map.conf", getenv("GS2_REALM_DIR"));
    out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    fprintf(out, "[realms]\n EXAMPLE.TEST = {\n"
            "  auth_to_local = RULE:[1:$1](alice)s/alice/%s/\n }\n", local);
    fclose(out);
    snprintf(list, sizeof(list), "%s:%s", path, getenv("KRB5_CONFIG"));
    setenv("KRB5_CONFIG", list, 1);
}

START_TEST(auth_to_local)
{
    ROW("auth_to_local rules, on request");
    map_alice_to("wonderland");
    attack.options[0][0] = "gs2_authid";
    attack.options[0][1] = "local";
    attack_server();
    attack_server_must(attack_login("n,,", NULL), SASL_OK, NULL);
    attack_user_must("wonderland");
}
END_TEST

TESTS(attack_identity_rows,
      CASE("identity"),
      FIXTURE(attack_setup, attack_teardown),
      TIMEOUT(60),
      TEST(unbound_token_with_authzid),
      TEST(unbound_token_as_plus),
      TEST(unbound_negotiation),
      TEST(token_of_another_header),
      TEST(token_of_another_channel),
      TEST(java_address_type),
      TEST(downgrade_then_start),
      TEST(critical_then_start),
      TEST(binding_that_the_server_lacks),
      TEST(binding_of_another_type),
      TEST(no_data_against_one_octet),
      TEST(no_data_on_both_sides),
      TEST(mutual_without_sequence),
      TEST(sequence_without_mutual),
      TEST(spnego_behind_nonstd),
      TEST(no_auxprop_plugin),
      TEST(unknown_property),
      TEST(need_proxy),
      TEST(auth_to_local))
