/*
 * t_attrmap.c - the option gs2_attributes: what parses, what is refused and
 * with which words, each text in an allocation of its exact size.
 */
#include <stdio.h>

#include "common/rules/attrmap.h"
#include "tests/lib/octets.h"
#include "tests/lib/suite.h"

static struct gs2_error err;

static gs2_status
parse(const char *text, struct gs2_attrmap **map_out)
{
    char *copy = exact_copy(text, strlen(text) + 1);
    gs2_status status;

    memset(&err, 0, sizeof(err));
    *map_out = (struct gs2_attrmap *)&err;
    status = gs2_attrmap_parse(copy, map_out, &err);
    free(copy);
    return status;
}

#define ENTRIES 3

static const struct {
    const char *text;
    struct {
        const char *property, *attr;
        bool base64;
    } entries[ENTRIES];
} valid[] = {
    { "mail=urn:oid:0.9.2342.19200300.100.1.3",
      { { "mail", "urn:oid:0.9.2342.19200300.100.1.3", false } } },
    { "PROP=ATTR PROP2=\"ATTR WITH SPACES\" PROP3:base64=ATTR",
      { { "PROP", "ATTR", false },
        { "PROP2", "ATTR WITH SPACES", false },
        { "PROP3", "ATTR", true } } },
    { " \t\r\na=b\n\tc=d ", { { "a", "b", false }, { "c", "d", false } } },
    { "a=urn:mspac: b=x@y/z_1-2.3",
      { { "a", "urn:mspac:", false }, { "b", "x@y/z_1-2.3", false } } },
    { "a=\"say \\\"hi\\\" \\\\ \xc3\xa9\t=()\"",
      { { "a", "say \"hi\" \\ \xc3\xa9\t=()", false } } },
    { "A.b_c-9=x", { { "A.b_c-9", "x", false } } },
    /* One attribute may feed several properties. */
    { "a=x b:base64=x c=\"x\"",
      { { "a", "x", false }, { "b", "x", true }, { "c", "x", false } } },
    /* Near to what is reserved. */
    { "gs=x userPasswords=x cmusaslsecre=x",
      { { "gs", "x", false },
        { "userPasswords", "x", false },
        { "cmusaslsecre", "x", false } } },
    { "mailing=x mail=y ma=z",
      { { "mailing", "x", false },
        { "mail", "y", false },
        { "ma", "z", false } } },
    { "a=gs2 b=gs2-x c=\" gs2:x\"",
      { { "a", "gs2", false },
        { "b", "gs2-x", false },
        { "c", " gs2:x", false } } },
};

START_TEST(map_is_read_as_written)
{
    const struct gs2_mapping *got;
    struct gs2_attrmap *map;
    size_t count = 0;

    ck_assert_msg(parse(valid[_i].text, &map) == GS2_OK, "%s", err.text);
    for (; count < ENTRIES && valid[_i].entries[count].property; count++) {
        ck_assert_uint_gt(map->count, count);
        got = &map->mappings[count];
        ck_assert_str_eq(got->property, valid[_i].entries[count].property);
        ck_assert_str_eq(got->attr, valid[_i].entries[count].attr);
        ck_assert_uint_eq(got->attr_len, strlen(got->attr));
        ck_assert_int_eq(got->base64, valid[_i].entries[count].base64);
        ck_assert_ptr_eq(gs2_attrmap_find(map, got->property), got);
    }
    ck_assert_uint_eq(map->count, count);
    gs2_attrmap_free(map);
}
END_TEST

START_TEST(find_compares_octet_by_octet)
{
    struct gs2_attrmap *map;

    ck_assert_int_eq(parse("mail=a Dept=b", &map), GS2_OK);
    ck_assert_ptr_nonnull(gs2_attrmap_find(map, "Dept"));
    ck_assert_ptr_null(gs2_attrmap_find(map, "dept"));
    ck_assert_ptr_null(gs2_attrmap_find(map, "mai"));
    ck_assert_ptr_null(gs2_attrmap_find(map, "mails"));
    ck_assert_ptr_null(gs2_attrmap_find(map, "*mail"));
    ck_assert_ptr_null(gs2_attrmap_find(map, ""));
    gs2_attrmap_free(map);
    gs2_attrmap_free(NULL);
}
END_TEST

#define L1(column) "line 1, column " column ": "
#define NO_PROPERTY "the name of a property expected, "
#define NO_ATTR "the name of an attribute expected, "
#define NO_EQUALS "'=' expected, "
#define NO_SUFFIX "after the name of a property comes '=' or ':base64='"
#define NO_END "the end of the word expected, "
#define QUOTE ", which must be in double quotes"

static const struct {
    const char *text, *error;
} malformed[] = {
    { "", L1("1") "the map is empty" },
    { " ", L1("2") "the map is empty" },
    { "\n\n ", "line 3, column 2: the map is empty" },
    { "=", L1("1") NO_PROPERTY "found '='" },
    { "=x", L1("1") NO_PROPERTY "found '='" },
    { "a", L1("2") NO_EQUALS "where the text ends" },
    { "a=", L1("3") NO_ATTR "where the text ends" },
    { "a =b", L1("2") NO_EQUALS "found white space" },
    { "a= b", L1("3") NO_ATTR "found white space" },
    { "a=b c", L1("6") NO_EQUALS "where the text ends" },
    { "a=b, c=d", L1("4") NO_END "found ','" QUOTE },
    { "a=b=c", L1("4") NO_END "found '='" },
    { "a==b", L1("3") NO_ATTR "found '='" },
    { "a=b\"c\"", L1("4") NO_END "found '\\x22'" },
    { "a=\"b\"c", L1("6") NO_END "found 'c'" },
    { "a=\"b\"\"c\"", L1("6") NO_END "found '\\x22'" },
    { "a=b)", L1("4") "white space or the end expected, found ')'" },
    { "a=(b)", L1("3") NO_ATTR "found '('" },
    { "a=\"b", L1("3") "this quote is not closed" },
    { "a=\"", L1("3") "this quote is not closed" },
    { "a=\"b\\\"", L1("3") "this quote is not closed" },
    { "a=\"b\\", L1("3") "this quote is not closed" },
    { "a=\"b\\\\\\\"", L1("3") "this quote is not closed" },
    { "a=\"b\\n\"", L1("5") "only \\\" and \\\\ are escapes" },
    { "a=\"\"", L1("3") "the name of the attribute is empty" },
    { "a=gs2:realm",
      L1("3") "a gs2: name is a fact of the login and no attribute" },
    { "a=\"gs2:\"",
      L1("3") "a gs2: name is a fact of the login and no attribute" },
    { "\"a\"=b", L1("1") NO_PROPERTY "found '\\x22'" },
    { "*a=b", L1("1") NO_PROPERTY "found '*'" },
    { "a$=b", L1("2") NO_EQUALS "found '$'" QUOTE },
    { "@a=b", L1("1") NO_PROPERTY "found '@a'" },
    { ":base64=b", L1("1") NO_PROPERTY "found ':base64'" },
    { "a:base6=b", L1("2") NO_SUFFIX },
    { "a:base64x=b", L1("2") NO_SUFFIX },
    { "a:BASE64=b", L1("2") NO_SUFFIX },
    { "a:=b", L1("2") NO_SUFFIX },
    { "a/b=c", L1("2") NO_SUFFIX },
    { "a:base64:base64=b", L1("2") NO_SUFFIX },
    { "\xc3\xa9=b", L1("1") NO_PROPERTY "found '\\xc3'" QUOTE },
    { "a=\xc3\xa9", L1("3") NO_ATTR "found '\\xc3'" QUOTE },
    { "a=b\n  c=d\n a=e", "line 3, column 2: property a is named twice" },
    { "mail=b MAIL=e", L1("8") "property MAIL is named twice" },
    { "mail=b mail:base64=e", L1("8") "property mail is named twice" },
#define RESERVED(name)                                                        \
    { name "=x",                                                              \
      L1("1") "property " name " must not be fed from an attribute" }
    RESERVED("userPassword"),
    RESERVED("USERPASSWORD"),
    RESERVED("authPassword"),
    RESERVED("authzTo"),
    RESERVED("authzto"),
    RESERVED("authzFrom"),
    RESERVED("dn"),
    RESERVED("DN"),
    RESERVED("cmusaslsecret"),
    RESERVED("cmusaslsecretOTP"),
    RESERVED("CmuSaslSecretSRP"),
    RESERVED("slap"),
    RESERVED("slapAuthcDN"),
    RESERVED("SLAPx"),
    RESERVED("gss"),
    RESERVED("gss-attributes-json"),
    RESERVED("GSSx"),
    { "a=b userPassword:base64=x",
      L1("5") "property userPassword must not be fed from an attribute" },
};

START_TEST(map_is_refused_with_line_and_column)
{
    struct gs2_attrmap *map;

    ck_assert_int_eq(parse(malformed[_i].text, &map), GS2_BADCONFIG);
    ck_assert_ptr_null(map);
    ck_assert_str_eq(err.text, malformed[_i].error);
    ck_assert_str_eq(err.detail, "");
    ck_assert_int_eq(gs2_attrmap_parse(malformed[_i].text, &map, NULL),
                     GS2_BADCONFIG);
}
END_TEST

/* A map that libsasl may have cut at the end of a line is refused. */
START_TEST(map_of_4000_octets_and_of_one_more)
{
    char text[GS2_ATTRMAP_OCTETS_MAX + 2];
    struct gs2_attrmap *map;

    memset(text, 'x', sizeof(text));
    memcpy(text, "a=", 2);
    text[GS2_ATTRMAP_OCTETS_MAX] = '\0';
    ck_assert_int_eq(parse(text, &map), GS2_OK);
    ck_assert_uint_eq(map->mappings[0].attr_len, GS2_ATTRMAP_OCTETS_MAX - 2);
    gs2_attrmap_free(map);
    text[GS2_ATTRMAP_OCTETS_MAX] = 'x';
    text[GS2_ATTRMAP_OCTETS_MAX + 1] = '\0';
    ck_assert_int_eq(parse(text, &map), GS2_BADCONFIG);
    ck_assert_ptr_null(map);
    ck_assert_str_eq(err.text,
                     L1("4001") "the map is longer than 4000 octets");
}
END_TEST

START_TEST(map_of_six_hundred_properties)
{
    char text[GS2_ATTRMAP_OCTETS_MAX + 1] = "", *end = text;
    struct gs2_attrmap *map;
    const char *property;

    for (int i = 0; i < 600; i++)
        end += sprintf(end, "%c%cx=x ", 'a' + i / 26, 'a' + i % 26);
    ck_assert_int_eq(parse(text, &map), GS2_OK);
    ck_assert_uint_eq(map->count, 600);
    property = map->mappings[599].property;
    ck_assert_ptr_eq(gs2_attrmap_find(map, property), &map->mappings[599]);
    gs2_attrmap_free(map);
}
END_TEST

/* Nothing is read past the end, whatever the text. */
START_TEST(every_prefix_parses_or_is_refused_with_a_text)
{
    char text[128];
    struct gs2_attrmap *map;

    for (size_t len = 0; len <= strlen(valid[_i].text); len++) {
        snprintf(text, sizeof(text), "%.*s", (int)len, valid[_i].text);
        if (parse(text, &map) == GS2_OK) {
            gs2_attrmap_free(map);
            continue;
        }
        ck_assert_ptr_null(map);
        ck_assert_int_eq(strncmp(err.text, "line ", 5), 0);
    }
}
END_TEST

SUITE("attrmap",
      TABLE(map_is_read_as_written, valid),
      TEST(find_compares_octet_by_octet),
      TABLE(map_is_refused_with_line_and_column, malformed),
      TEST(map_of_4000_octets_and_of_one_more),
      TEST(map_of_six_hundred_properties),
      TABLE(every_prefix_parses_or_is_refused_with_a_text, valid))
