/*
 * t_header.c - the gs2-header codec (RFC 5801 section 4).  The vectors are
 * those of Dovecot, gsasl and WildFly Elytron, and the messages that the Cyrus
 * plugin takes and should not; the letter and number in a test's name is the
 * requirement it holds the codec to.
 */
#include "tests/lib/header_input.h"
#include "tests/lib/suite.h"

/* --- valid headers ------------------------------------------------------- */

static const struct {
    const char *wire;
    bool nonstd;
    enum gs2_cb_flag cb_flag;
    const char *cb_name, *authzid;
} valid[] = {
    /* Dovecot's. */
    { "n,,", false, GS2_CB_NONE, NULL, NULL },
    { "y,,", false, GS2_CB_OFFERED, NULL, NULL },
    { "p=frop,,", false, GS2_CB_USED, "frop", NULL },
    { "p=tls-exporter,,", false, GS2_CB_USED, "tls-exporter", NULL },
    { "p=vnd.example.com-frop,,", false, GS2_CB_USED,
      "vnd.example.com-frop", NULL },
    { "n,a=frop,", false, GS2_CB_NONE, NULL, "frop" },
    { "y,a=frop,", false, GS2_CB_OFFERED, NULL, "frop" },
    { "p=frop,a=frop,", false, GS2_CB_USED, "frop", "frop" },
    { "p=tls-exporter,a=frop,", false, GS2_CB_USED, "tls-exporter", "frop" },
    { "p=vnd.example.com-frop,a=frop,", false, GS2_CB_USED,
      "vnd.example.com-frop", "frop" },
    { "n,a=frop=2Cfriep=3Dfrml,", false, GS2_CB_NONE, NULL,
      "frop,friep=frml" },
    { "n,a==2C=3D=2C=3D,", false, GS2_CB_NONE, NULL, ",=,=" },
    /* gsasl's authzids. */
    { "n,a=foo,", false, GS2_CB_NONE, NULL, "foo" },
    { "n,a=BAB=2CABA,", false, GS2_CB_NONE, NULL, "BAB,ABA" },
    { "n,a==3D,", false, GS2_CB_NONE, NULL, "=" },
    /* Elytron's F, before a good message, and the others with it. */
    { "F,n,,", true, GS2_CB_NONE, NULL, NULL },
    { "F,y,a=frop,", true, GS2_CB_OFFERED, NULL, "frop" },
    { "F,p=tls-server-end-point,a==3D,", true, GS2_CB_USED,
      "tls-server-end-point", "=" },
    /* What the ABNF allows and one might not expect. */
    { "p=09.-azAZ,,", false, GS2_CB_USED, "09.-azAZ", NULL },
    { "n,a=bob\r\n,", false, GS2_CB_NONE, NULL, "bob\r\n" },
    { "n,a= ,", false, GS2_CB_NONE, NULL, " " },
    { "n,a=\x7f\x01,", false, GS2_CB_NONE, NULL, "\x7f\x01" },
    { "n,a=J\xc3\xbcrg\xe2\x82\xac\xf0\x9f\x94\x91,", false, GS2_CB_NONE, NULL,
      "J\xc3\xbcrg\xe2\x82\xac\xf0\x9f\x94\x91" },
    { "n,a=\xf4\x8f\xbf\xbf,", false, GS2_CB_NONE, NULL, "\xf4\x8f\xbf\xbf" },
    { "n,a=a=3D2C,", false, GS2_CB_NONE, NULL, "a=2C" },
};

static void
assert_text(const char *got, const char *wanted)
{
    if (wanted == NULL)
        ck_assert_ptr_null(got);
    else
        ck_assert_str_eq(got, wanted);
}

/* Decodes wire followed by a token, compares, encodes again. */
static void
round_trip(int i, const char *token, size_t token_len)
{
    const size_t len = strlen(valid[i].wire);
    struct gs2_header hdr;
    char message[128], *wire;

    memcpy(message, valid[i].wire, len);
    memcpy(message + len, token, token_len);
    ck_assert_msg(decode(message, len + token_len, &hdr) == GS2_OK, "%s: %s",
                  valid[i].wire, err.text);
    ck_assert_int_eq(hdr.nonstd, valid[i].nonstd);
    ck_assert_int_eq(hdr.cb_flag, valid[i].cb_flag);
    assert_text(hdr.cb_name, valid[i].cb_name);
    assert_text(hdr.authzid, valid[i].authzid);
    ck_assert_uint_eq(hdr.length, len);
    ck_assert_uint_eq(hdr.bound_at, valid[i].nonstd ? 2 : 0);
    ck_assert_uint_eq(hdr.bound_at + hdr.bound_len, len);

    hdr.length = hdr.bound_at = hdr.bound_len = 99;
    ck_assert_int_eq(gs2_header_encode(&hdr, &wire, &err), GS2_OK);
    ck_assert_str_eq(wire, valid[i].wire);
    ck_assert_uint_eq(hdr.length, len);
    ck_assert_uint_eq(hdr.bound_at, valid[i].nonstd ? 2 : 0);
    ck_assert_uint_eq(hdr.bound_at + hdr.bound_len, len);
    free(wire);
    gs2_header_free(&hdr);
    ck_assert_ptr_null(hdr.cb_name);
    ck_assert_ptr_null(hdr.authzid);
}

START_TEST(h1_h5_valid_header_alone)
{
    round_trip(_i, OCTETS(""));
}
END_TEST

START_TEST(h1_h5_valid_header_before_a_token)
{
    round_trip(_i, OCTETS("\x01\x00token,a=eve,"));
    round_trip(_i, OCTETS("\x00"));
    round_trip(_i, OCTETS(","));
}
END_TEST

START_TEST(h4_no_prefix_of_a_valid_header_is_one)
{
    struct gs2_header hdr;

    for (size_t len = 0; len < strlen(valid[_i].wire); len++) {
        assert_refused(valid[_i].wire, len);
        /* What stands behind it in memory does not belong to it. */
        ck_assert_int_eq(gs2_header_decode(valid[_i].wire, len, &hdr, &err),
                         GS2_BADPROT);
    }
}
END_TEST

/* Puts the octets at insert into the header at each place. */
static void
refuse_inserted(const char *wire, const char *insert, size_t insert_len)
{
    const size_t len = strlen(wire);
    char message[160];

    for (size_t at = 0; at < len; at++) {
        memcpy(message, wire, at);
        memcpy(message + at, insert, insert_len);
        memcpy(message + at + insert_len, wire + at, len - at);
        assert_refused(message, len + insert_len);
    }
}

START_TEST(h4_nul_at_every_place)
{
    const size_t len = strlen(valid[_i].wire);
    char message[128];

    refuse_inserted(valid[_i].wire, OCTETS("\0"));
    for (size_t at = 0; at < len; at++) {
        memcpy(message, valid[_i].wire, len);
        message[at] = '\0';
        assert_refused(message, len);
    }
}
END_TEST

START_TEST(h4_other_escapes_at_every_place)
{
    refuse_inserted(valid[_i].wire, OCTETS("=20"));
    refuse_inserted(valid[_i].wire, OCTETS("=32"));
    refuse_inserted(valid[_i].wire, OCTETS("=00"));
}
END_TEST

/* --- malformed headers --------------------------------------------------- */

#define NO_FLAG "no channel binding flag (n, y or p) at octet "
#define NO_COMMA "no comma after the channel binding flag at octet "
#define BAD_NAME "empty or ill-formed channel binding name at octet "
#define BAD_UTF8 "ill-formed UTF-8 in the authzid at octet "
#define BAD_ESCAPE "escape in the authzid is not =2C or =3D at octet "
#define CUT_ESCAPE "escape in the authzid cut short at octet "
#define LOWER "escape in the authzid must be upper case at octet "
#define ENDS ", where the message ends"

static const struct {
    const char *message;
    size_t len;
    const char *text;
} malformed[] = {
    /* Dovecot's. */
    { OCTETS(""), "empty message" },
    { OCTETS(","), NO_FLAG "0, found ','" },
    { OCTETS(",,"), NO_FLAG "0, found ','" },
    { OCTETS("F"), "no comma after F at octet 1" ENDS },
    { OCTETS("F,"), NO_FLAG "2" ENDS },
    { OCTETS("F,n"), NO_COMMA "3" ENDS },
    { OCTETS("F,n,"), "no authzid and no comma at octet 4" ENDS },
    { OCTETS("Fn,,"), "no comma after F at octet 1, found 'n'" },
    { OCTETS("q,,"), NO_FLAG "0, found 'q'" },
    { OCTETS("F,q,,"), NO_FLAG "2, found 'q'" },
    { OCTETS("nn,"), NO_COMMA "1, found 'n'" },
    { OCTETS("p,,"),
      "no '=' after the channel binding flag p at octet 1, found ','" },
    { OCTETS("p=,,"), BAD_NAME "2, found ','" },
    { OCTETS("p=_frop,,"), BAD_NAME "2, found '_'" },
    { OCTETS("p=fr_p,,"), BAD_NAME "4, found '_'" },
    { OCTETS("p=frop"), NO_COMMA "6" ENDS },
    { OCTETS("p=frop,"), "no authzid and no comma at octet 7" ENDS },
    { OCTETS("n,a"), "no '=' after a at octet 3" ENDS },
    { OCTETS("n,a,"), "no '=' after a at octet 3, found ','" },
    { OCTETS("n,a="), "empty authzid at octet 4" ENDS },
    { OCTETS("n,a=,"), "empty authzid at octet 4, found ','" },
    { OCTETS("n,a=fr=p,"), BAD_ESCAPE "6, found '='" },
    { OCTETS("n,a==rop,"), BAD_ESCAPE "4, found '='" },
    { OCTETS("n,a=fro=,"), CUT_ESCAPE "7, found '='" },
    { OCTETS("n,a=fr=20p,"), BAD_ESCAPE "6, found '='" },
    { OCTETS("n,a==32,"), BAD_ESCAPE "4, found '='" },
    { OCTETS("n,a=frop"), "no comma after the authzid at octet 8" ENDS },
    /* Elytron's. */
    { OCTETS("b,,`\x0b\x06\x09token"), NO_FLAG "0, found 'b'" },
    /* What the Cyrus plugin takes. */
    { OCTETS("x,,"), NO_FLAG "0, found 'x'" },
    { OCTETS("\0,,"), NO_FLAG "0, found '\\x00'" },
    { OCTETS("p=bad name!,,"), BAD_NAME "5, found ' '" },
    { OCTETS("p=tls=2Cunique,,"), BAD_NAME "5, found '='" },
    { OCTETS("p=tls-unique\0x,,"), BAD_NAME "12, found '\\x00'" },
    { OCTETS("n,a=bob\0evil,"),
      "NUL in the authzid at octet 7, found '\\x00'" },
    { OCTETS("n,a=\xff\xfe,"), BAD_UTF8 "4, found '\\xff'" },
    { OCTETS("n,a=\xc0\x80,"), BAD_UTF8 "4, found '\\xc0'" },
    { OCTETS("n,a=\xed\xa0\x80,"), BAD_UTF8 "4, found '\\xed'" },
    /* The rest of requirement H4. */
    { OCTETS("n,a=x\xf4\x90\x80\x80,"), BAD_UTF8 "5, found '\\xf4'" },
    { OCTETS("n,a=\xe0\x9f\xbf,"), BAD_UTF8 "4, found '\\xe0'" },
    { OCTETS("n,a=\xf0\x8f\xbf\xbf,"), BAD_UTF8 "4, found '\\xf0'" },
    { OCTETS("n,a=\xc3,"), BAD_UTF8 "4, found '\\xc3'" },
    { OCTETS("n,a=\xe2\x82"), BAD_UTF8 "4, found '\\xe2'" },
    { OCTETS("n,a=\x80,"), BAD_UTF8 "4, found '\\x80'" },
    { OCTETS("n,a=x=2c,"), LOWER "5, found '='" },
    { OCTETS("n,a==3d,"), LOWER "4, found '='" },
    { OCTETS("n,a=x="), CUT_ESCAPE "5, found '='" },
    { OCTETS("n,a=x=2"), CUT_ESCAPE "5, found '='" },
    { OCTETS("n,a=x=2,,"), BAD_ESCAPE "5, found '='" },
    { OCTETS("N,,"), NO_FLAG "0, found 'N'" },
    { OCTETS("Y,,"), NO_FLAG "0, found 'Y'" },
    { OCTETS("P=frop,,"), NO_FLAG "0, found 'P'" },
    { OCTETS("f,n,,"), NO_FLAG "0, found 'f'" },
    { OCTETS("n,A=frop,"), "no authzid and no comma at octet 2, found 'A'" },
    { OCTETS("F,F,n,,"), NO_FLAG "2, found 'F'" },
    { OCTETS(" n,,"), NO_FLAG "0, found ' '" },
    { OCTETS("n ,,"), NO_COMMA "1, found ' '" },
    { OCTETS("n=frop,,"), NO_COMMA "1, found '='" },
    { OCTETS("y=frop,,"), NO_COMMA "1, found '='" },
    { OCTETS("n,frop,"), "no authzid and no comma at octet 2, found 'f'" },
    { OCTETS("n"), NO_COMMA "1" ENDS },
    { OCTETS("p"), "no '=' after the channel binding flag p at octet 1" ENDS },
    { OCTETS("p="), BAD_NAME "2" ENDS },
    { OCTETS("n,a=\"\\"), "no comma after the authzid at octet 6" ENDS },
};

START_TEST(h4_malformed_header_and_its_text)
{
    assert_refused(malformed[_i].message, malformed[_i].len);
    ck_assert_str_eq(err.text + strlen(MALFORMED), malformed[_i].text);
    ck_assert_str_eq(err.detail, "");
}
END_TEST

/* --- encoding ------------------------------------------------------------ */

static const struct {
    enum gs2_cb_flag cb_flag;
    const char *cb_name, *authzid;
    const char *text;
} unsayable[] = {
    { (enum gs2_cb_flag)0, NULL, NULL, "no channel binding flag" },
    { GS2_CB_USED, NULL, NULL, "empty or ill-formed channel binding name" },
    { GS2_CB_USED, "", NULL, "empty or ill-formed channel binding name" },
    { GS2_CB_USED, "bad name!", NULL,
      "empty or ill-formed channel binding name" },
    { GS2_CB_USED, "a,b", "x", "empty or ill-formed channel binding name" },
    { GS2_CB_NONE, NULL, "", "authzid \"\" is empty or not UTF-8" },
    { GS2_CB_NONE, NULL, "\xff\xfe",
      "authzid \"\\xff\\xfe\" is empty or not UTF-8" },
    { GS2_CB_NONE, NULL, "b\xc0\x80",
      "authzid \"b\\xc0\\x80\" is empty or not UTF-8" },
    { GS2_CB_NONE, NULL, "\xed\xa0\x80",
      "authzid \"\\xed\\xa0\\x80\" is empty or not UTF-8" },
    { GS2_CB_NONE, NULL, "bob\xe2\x82",
      "authzid \"bob\\xe2\\x82\" is empty or not UTF-8" },
};

START_TEST(h4_h5_what_cannot_be_said_is_not_encoded)
{
    struct gs2_header hdr = { .cb_flag = unsayable[_i].cb_flag };
    char *wire = (char *)"";

    if (unsayable[_i].cb_name != NULL)
        hdr.cb_name = strdup(unsayable[_i].cb_name);
    if (unsayable[_i].authzid != NULL)
        hdr.authzid = strdup(unsayable[_i].authzid);
    ck_assert_int_eq(gs2_header_encode(&hdr, &wire, &err), GS2_BADPROT);
    ck_assert_ptr_null(wire);
    ck_assert_str_eq(err.text, unsayable[_i].text);
    ck_assert_int_eq(gs2_header_encode(&hdr, &wire, NULL), GS2_BADPROT);
    gs2_header_free(&hdr);
}
END_TEST

SUITE("header",
      TABLE(h1_h5_valid_header_alone, valid),
      TABLE(h1_h5_valid_header_before_a_token, valid),
      TABLE(h4_no_prefix_of_a_valid_header_is_one, valid),
      TABLE(h4_nul_at_every_place, valid),
      TABLE(h4_other_escapes_at_every_place, valid),
      TABLE(h4_malformed_header_and_its_text, malformed),
      TABLE(h4_h5_what_cannot_be_said_is_not_encoded, unsayable))
