/*
 * t_publish_json.c - *gss-attributes-json for every hostile name and value, as
 * an independent reader of JSON (RFC 8259), Python's, understands it; and the
 * other property that tells of all attributes, *gss-composite-name.
 */
#include "tests/lib/publish_login.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/suite.h"

/*
 * Reads a document and prints it with all strings in hexadecimal, so that the
 * two sides can be compared as text: a line for the login, a line for each
 * attribute, a line for each value.  "b64" of a value is always there and says
 * the same as "text".
 */
static const char reader[] =
    "import base64, json, sys\n"
    "def pairs(found):\n"
    "    assert len(found) == len(dict(found)), found\n"
    "    return dict(found)\n"
    "def octets(s):\n"
    "    if isinstance(s, dict):\n"
    "        assert list(s) == ['b64'], s\n"
    "        return 'b64:' + base64.b64decode(s['b64'], validate=True).hex()\n"
    "    return 'null' if s is None else s.encode().hex()\n"
    "text = open(sys.argv[1], 'rb').read().decode()\n"
    "assert text.isprintable(), text\n"
    "doc = json.loads(text, object_pairs_hook=pairs)\n"
    "assert list(doc) == ['v', 'mech', 'binding', 'layer', 'principal',\n"
    "    'realm', 'acceptor', 'ticket-service', 'service', 'authid', 'authzid',\n"
    "    'roles', 'attributes']\n"
    "assert doc['layer'] == 'none', doc\n"
    "print(doc['service'], doc['binding'], doc['ticket-service'],\n"
    "      doc['roles'])\n"
    "print(doc['v'], doc['mech'], octets(doc['principal']),\n"
    "      octets(doc['realm']))\n"
    "for attr in doc['attributes']:\n"
    "    assert list(attr) == ['name', 'complete', 'values'], attr\n"
    "    print('attribute', octets(attr['name']), attr['complete'])\n"
    "    for v in attr['values']:\n"
    "        assert set(v) <= {'b64', 'text', 'display'}, v\n"
    "        raw = base64.b64decode(v['b64'], validate=True)\n"
    "        assert 'text' not in v or v['text'].encode() == raw, v\n"
    "        print('value', raw.hex() or '-', 'text' in v,\n"
    "              octets(v['display']) or '-' if 'display' in v else None)\n";

static char expected[1 << 17];

static void
expect(const char *text)
{
    ck_assert_uint_lt(strlen(expected) + strlen(text), sizeof(expected));
    strcat(expected, text);
}

static void
expect_hex(struct gs2_octets o)
{
    const unsigned char *s = o.data;
    char hex[3];

    for (size_t i = 0; i < o.len; i++) {
        snprintf(hex, sizeof(hex), "%02x", s[i]);
        expect(hex);
    }
}

/* Runs the reader on the document; what it prints must be as expected. */
static void
check_document(const char *json)
{
    const char *python = getenv("PYTHON");
    char path[] = "/tmp/gs2-json-XXXXXX", command[8192];
    static char got[sizeof(expected)];
    FILE *file = fdopen(mkstemp(path), "w");
    size_t len;
    int status;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(json, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_lt(snprintf(command, sizeof(command), "%s -c \"%s\" %s",
                              python != NULL ? python : "python3", reader,
                              path), (int)sizeof(command));
    file = popen(command, "r");
    ck_assert_ptr_nonnull(file);
    len = fread(got, 1, sizeof(got) - 1, file);
    got[len] = '\0';
    status = pclose(file);
    (void)unlink(path);
    ck_assert_int_eq(status, 0);
    ck_assert_str_eq(got, expected);
}

static const char *
document(void)
{
    const struct propval *p = property("*gss-attributes-json");

    ck_assert_uint_eq(p->nvalues, 1);
    return p->values[0];
}

static void
expect_login(void)
{
    expected[0] = '\0';
    expect("test None None []\n1 GS2-SCRIPT ");
    expect_hex(source.text);
    expect(" null\n");
}

static void
expect_attribute(struct gs2_octets name, bool text, bool complete)
{
    expect("attribute ");
    expect(text ? "" : "b64:");
    expect_hex(name);
    expect(complete ? " True\n" : " False\n");
}

static void
expect_value(struct gs2_octets value, bool text, const char *display)
{
    expect("value ");
    expect_hex(value);
    expect(value.len == 0 ? "-" : "");
    expect(text ? " True " : " False ");
    expect(display);
    expect("\n");
}

/* --- names and values ---------------------------------------------------- */

static const struct {
    struct gs2_octets octets;
    bool text;
} hostile[] = {
    { GS2_OCTETS("plain"), true },
    { GS2_OCTETS("a space"), true },
    { GS2_OCTETS("a \"quote\" \\ \\u0041 \\n"), true },
    { GS2_OCTETS("urn:x:y:"), true },
    { GS2_OCTETS("</script>&'"), true },
    { GS2_OCTETS("{\"v\":2}]}"), true },
    { GS2_OCTETS("gr\xc3\xbcn \xe2\x82\xac \xf0\x9f\x94\x91"), true },
    { GS2_OCTETS("bob\0evil"), false },
    { GS2_OCTETS("two\r\nlines"), false },
    { GS2_OCTETS("\x1b[31m"), false },
    { GS2_OCTETS("\x7f"), false },
    { GS2_OCTETS("\xff\xfe\xfd"), false },
    { GS2_OCTETS("\xc0\xaf"), false },
    { GS2_OCTETS("\xed\xb0\x80"), false },
    { GS2_OCTETS("\xf4\x90\x80\x80"), false },
    { GS2_OCTETS("cut \xe2\x82"), false },
};

#define HOSTILE COUNT(hostile)

START_TEST(hostile_values_and_display_values)
{
    static struct gs2_script_value all[HOSTILE];
    const struct gs2_script_attr attr = { GS2_OCTETS("x"), all, HOSTILE, false,
                                          false, 0 };
    char display[128];

    expect_login();
    expect_attribute(attr.name, true, true);
    for (size_t i = 0; i < HOSTILE; i++) {
        const size_t turned = HOSTILE - 1 - i;
        const struct gs2_octets o = hostile[turned].octets;

        all[i] = (struct gs2_script_value){ hostile[i].octets, o, GOOD };
        snprintf(display, sizeof(display), "None");
        for (size_t n = 0; hostile[turned].text && n < o.len; n++)
            snprintf(display + 2 * n, 3, "%02x",
                     ((const unsigned char *)o.data)[n]);
        expect_value(hostile[i].octets, hostile[i].text, display);
    }
    have(&attr, 1);
    ask("*gss-attributes-json");
    log_in();
    check_document(document());
}
END_TEST

START_TEST(hostile_names)
{
    static struct gs2_script_attr attrs[HOSTILE];
    static const struct gs2_script_value v[] = { V("") };

    expect_login();
    for (size_t i = 0; i < HOSTILE; i++) {
        attrs[i] = (struct gs2_script_attr){ hostile[i].octets, v, 1, false,
                                             false, 0 };
        expect_attribute(attrs[i].name, hostile[i].text, true);
        expect_value(v[0].value, true, "None");
    }
    have(attrs, HOSTILE);
    ask("*gss-attributes-json");
    log_in();
    check_document(document());
}
END_TEST

static const struct gs2_octets principals[] = {
    GS2_OCTETS("a \"b\" \\c@SCRIPT.TEST"),
    GS2_OCTETS("gr\xc3\xbcn@SCRIPT.TEST"),
};

START_TEST(hostile_principals)
{
    source.text = principals[_i];
    expect_login();
    ask("*gss-attributes-json");
    ask("gss-attributes-json");
    log_in();
    check_document(document());
    ck_assert_uint_eq(property("gss-attributes-json")->nvalues, 1);
}
END_TEST

/* --- which attributes ---------------------------------------------------- */

static const struct gs2_script_value good[] = { V("g") };
static const struct gs2_script_value part[] = {
    { GS2_OCTETS("p"), NO_DISPLAY, true, false, 0, 0 }
};
static const struct gs2_script_value asserted[] = {
    { GS2_OCTETS("a"), NO_DISPLAY, false, true, 0, 0 }
};
static const struct gs2_script_value fails[] = {
    { GS2_OCTETS("f"), NO_DISPLAY, true, true, GSS_S_FAILURE, 0 }
};

START_TEST(what_is_in_it)
{
    static const struct gs2_script_attr attrs[] = {
        ATTR("asserted", asserted),
        { GS2_OCTETS("good"), good, 1, false, false, 3 },
        ATTR("fails", fails),
        ATTR("part", part),
        ATTR("gs2:realm", good),
        { GS2_OCTETS("unlisted"), good, 1, false, true, 0 },
    };

    have(attrs, 6);
    ask("*gss-attributes-json");
    log_in();
    expect_login();
    expect_attribute(attrs[1].name, true, true);
    expect_value(good[0].value, true, "None");
    expect_attribute(attrs[3].name, true, false);
    expect_value(part[0].value, true, "None");
    check_document(document());
}
END_TEST

#define MANY 512

START_TEST(attributes_at_the_bound_and_one_past_it)
{
    static struct gs2_script_attr attrs[MANY + 1];
    static char names[MANY + 1][16];

    expect_login();
    for (int i = 0; i < MANY + _i; i++) {
        snprintf(names[i], sizeof(names[i]), "a%04d", i);
        attrs[i] = (struct gs2_script_attr){ { names[i], 5 }, good, 1, false,
                                             false, 0 };
        expect_attribute(attrs[i].name, true, true);
        expect_value(good[0].value, true, "None");
    }
    have(attrs, (size_t)(MANY + _i));
    ask("*gss-attributes-json");
    log_in();
    if (_i == 0) {
        check_document(document());
        return;
    }
    ck_assert_uint_eq(property("*gss-attributes-json")->nvalues, 0);
    ck_assert_ptr_nonnull(strstr(d.server_log, "too many attributes"));
    ck_assert_ptr_nonnull(strstr(d.server_log, "*gss-attributes-json is not "
                                               "set"));
}
END_TEST

#define BIG   65536 /* octets an attribute may have */
#define ALL   16    /* of them are what a login may have */

START_TEST(octets_of_a_login_at_the_bound_and_one_past_it)
{
    static char octets[BIG];
    const struct gs2_script_value big = { { octets, BIG }, NO_DISPLAY, GOOD };
    struct gs2_script_attr attrs[ALL + 1];
    char names[ALL + 1][4];
    const size_t count = ALL + (size_t)_i;

    memset(octets, 'a', sizeof(octets));
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "%c", (char)('a' + i));
        attrs[i] = (struct gs2_script_attr){ { names[i], 1 }, &big, 1, false,
                                             false, 0 };
    }
    if (_i == 1) /* one octet more */
        attrs[ALL] = (struct gs2_script_attr){ { names[ALL], 1 }, good, 1,
                                               false, false, 0 };
    have(attrs, count);
    ask("*gss-attributes-json");
    log_in();
    ck_assert_uint_eq(gs2_dialogue_logged(document(), "{\"name\":"), ALL);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log, "too long together"),
                      (unsigned)_i);
}
END_TEST

START_TEST(no_attributes_at_all)
{
    source.null_set = _i == 1;
    expect_login();
    ask("*gss-attributes-json");
    log_in();
    check_document(document());
}
END_TEST

/* --- the composite name -------------------------------------------------- */

static const char *const leave[] = { NULL, "no", "yes" };

START_TEST(composite_name_with_leave_alone)
{
    const bool allowed = _i == 2;

    source.composite = (struct gs2_octets)GS2_OCTETS("a\0composite\xff");
    gs2_dialogue_set(d.server_options, "gs2_export", leave[_i]);
    ask("*gss-composite-name");
    log_in();
    ck_assert_str_eq(values("*gss-composite-name"),
                     allowed ? "YQBjb21wb3NpdGX/|" : "");
    ck_assert_uint_eq(sm->count(GS2_CALL_EXPORT_COMPOSITE), allowed);
    ck_assert_uint_eq(gs2_dialogue_logged(d.server_log,
                                          "gs2_export is not yes"), !allowed);
}
END_TEST

SUITE("publish-json",
      PREPARE(scripted_one),
      FIXTURE(set_up, tear_down),
      TIMEOUT(60),
      TEST(hostile_values_and_display_values),
      TEST(hostile_names),
      TABLE(hostile_principals, principals),
      TEST(what_is_in_it),
      TIMES(attributes_at_the_bound_and_one_past_it, 2),
      TIMES(octets_of_a_login_at_the_bound_and_one_past_it, 2),
      TIMES(no_attributes_at_all, 2),
      TABLE(composite_name_with_leave_alone, leave))
