/*
 * t_attacks_syntax.c - first messages that are ill-formed though their token
 * is good and bound to them as they are (RFC 5801 section 4; rows H3, H4, I2
 * and I3 of doc/gs2.md).  The whole grammar is in t_header.c; here it is seen
 * that nothing of libsasl's or GSS's comes before the parser.
 */
#include "attack.h"

#include <stdlib.h>
#include <string.h>

#include "tests/lib/octets.h"

/* A good token behind this header is refused before GSS is called. */
static void
refused(struct raw_ask ask, const char *text)
{
    if (ask.header_len > 2 && ask.header[0] == 'p')
        attack.binding = "tls-unique";
    attack_server();
    attack_server_must(attack_try(&ask), SASL_BADPROT, text);
    attack_nothing_called();
    attack_stands_alone();
}

#define REFUSED(literal, text) \
    refused((struct raw_ask){ RAW_HEADER(literal) }, (text))

START_TEST(unknown_flag)
{
    ROW("x,,");
    REFUSED("x,,", "no channel binding flag (n, y or p)");
}
END_TEST

START_TEST(flag_of_an_elytron_test)
{
    ROW("b,, and a good token");
    REFUSED("b,,", "no channel binding flag (n, y or p)");
}
END_TEST

START_TEST(nul_as_flag)
{
    ROW("NUL ,,");
    REFUSED("\0,,", "no channel binding flag (n, y or p)");
}
END_TEST

START_TEST(binding_name_with_space)
{
    ROW("p=bad name!,,");
    REFUSED("p=bad name!,,", "empty or ill-formed channel binding name");
}
END_TEST

START_TEST(binding_name_with_escape)
{
    ROW("p=tls=2Cunique,,");
    REFUSED("p=tls=2Cunique,,", "empty or ill-formed channel binding name");
}
END_TEST

START_TEST(binding_name_with_nul)
{
    ROW("p=tls-unique NUL x,,");
    REFUSED("p=tls-unique\0x,,", "empty or ill-formed channel binding name");
}
END_TEST

START_TEST(authzid_with_nul)
{
    ROW("authzid bob NUL evil");
    REFUSED("n,a=bob\0evil,", "NUL in the authzid");
}
END_TEST

START_TEST(authzid_of_no_encoding)
{
    ROW("authzid ff fe");
    REFUSED("n,a=\xff\xfe,", "ill-formed UTF-8 in the authzid");
}
END_TEST

START_TEST(authzid_overlong)
{
    ROW("authzid c0 80");
    REFUSED("n,a=\xc0\x80,", "ill-formed UTF-8 in the authzid");
}
END_TEST

START_TEST(authzid_surrogate)
{
    ROW("authzid ed a0 80");
    REFUSED("n,a=\xed\xa0\x80,", "ill-formed UTF-8 in the authzid");
}
END_TEST

START_TEST(authzid_empty)
{
    ROW("n,a=,");
    REFUSED("n,a=,", "empty authzid");
}
END_TEST

START_TEST(nonstd_with_framed_token)
{
    const struct raw_ask ask = { RAW_HEADER("F,n,,"), .keep_framing = true };

    ROW("F,n,, and a framed krb5 token");
    refused(ask, "says F,");
}
END_TEST

START_TEST(nonstd_with_good_message)
{
    ROW("F, before a good message");
    REFUSED("F,n,,", "says F,");
}
END_TEST

/* Row I2. */
START_TEST(header_and_nothing_after_it)
{
    ROW("a header and no token");
    attack_server();
    attack_server_must(attack_start("GS2-KRB5", OCTETS("n,,")), SASL_BADPROT,
                       "no token after the GS2 header");
    attack_nothing_called();
}
END_TEST

/* --- an authzid of two lines -------------------------------------------- */

START_TEST(authzid_with_line_end)
{
    ROW("authzid with CR LF: no identity, though the ABNF has it");
    attack_server();
    attack_server_must(attack_login("n,a=bo\r\nb,", NULL), SASL_BADPROT,
                       "has a control character in it");
    CHECK(attack.policy_authzid[0] == '\0', "the policy saw %s",
          attack.policy_authzid);
}
END_TEST

START_TEST(authzid_with_line_end_in_log)
{
    size_t lines = 0;

    ROW("authzid with CR LF that is refused: escaped in log and error text");
    attack.deny_canon = SASL_CU_AUTHZID;
    attack_server();
    attack_server_must(attack_login("n,a=bo\r\nb,", NULL), SASL_BADPROT,
                       "\"bo\\x0d\\x0ab\"");
    CHECK(strchr(attack_text(attack.server), '\n') == NULL,
          "the text has two lines");
    for (const char *c = attack.log; *c != '\0'; c++)
        lines += *c == '\n';
    CHECK(lines == 1 && strchr(attack.log, '\r') == NULL,
          "the log has %zu lines: %s", lines, attack.log);
}
END_TEST

TESTS(attack_syntax_rows,
      CASE("syntax"),
      FIXTURE(attack_setup, attack_teardown),
      TIMEOUT(60),
      TEST(unknown_flag),
      TEST(flag_of_an_elytron_test),
      TEST(nul_as_flag),
      TEST(binding_name_with_space),
      TEST(binding_name_with_escape),
      TEST(binding_name_with_nul),
      TEST(authzid_with_nul),
      TEST(authzid_of_no_encoding),
      TEST(authzid_overlong),
      TEST(authzid_surrogate),
      TEST(authzid_empty),
      TEST(nonstd_with_framed_token),
      TEST(nonstd_with_good_message),
      TEST(header_and_nothing_after_it),
      TEST(authzid_with_line_end),
      TEST(authzid_with_line_end_in_log))
