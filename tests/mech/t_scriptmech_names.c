/*
 * t_scriptmech_names.c - shows that what a script says of names and attributes
 * really happens when the mechanism is reached through the GSS library's
 * mechanism glue (RFC 2743 section 2.4, RFC 6680 section 7).
 */
#include <string.h>

#include "tests/lib/ends.h"
#include "tests/lib/import.h"

static struct gs2_script script;
static struct gs2_script_name source;

static void
set_up(void)
{
    static const struct gs2_octets text = GS2_OCTETS("scripted@SCRIPT.TEST");

    gs2_ends_set_up();
    gs2_script_honest(&script, 1);
    source = (struct gs2_script_name){.text = text};
    script.source = &source;
    sm->install(GS2_OID_A, &script);
}

/* The name that an acceptor gets; the caller releases it. */
static gss_name_t
accept_source(OM_uint32 *major_out)
{
    gss_name_t name;

    gs2_ends_run();
    name = gs2_ends.acceptor.source;
    *major_out = gs2_ends.acceptor.major;
    gs2_ends.acceptor.source = GSS_C_NO_NAME;
    gs2_ends_drop(&gs2_ends.initiator);
    gs2_ends_drop(&gs2_ends.acceptor);
    return name;
}

static gss_name_t
peer(void)
{
    OM_uint32 major;
    gss_name_t name = accept_source(&major);

    ck_assert_uint_eq(major, GSS_S_COMPLETE);
    return name;
}

static const struct {
    struct gs2_octets text;
    bool anonymous;
} texts[] = {
    {GS2_OCTETS("scripted@SCRIPT.TEST"), false},
    {GS2_OCTETS("bob\0evil"), false},
    {GS2_OCTETS(""), false},
    {GS2_OCTETS("\xff\xfe"), false},
    {GS2_OCTETS("WELLKNOWN/ANONYMOUS"), true},
};

START_TEST(displayed_names)
{
    gss_buffer_desc text;
    gss_name_t name;
    gss_OID type;
    OM_uint32 minor;

    source.text = texts[_i].text;
    source.type =
        texts[_i].anonymous ? GSS_C_NT_ANONYMOUS : GSS_C_NT_USER_NAME;
    name = peer();
    ck_assert_uint_eq(gss_display_name(&minor, name, &text, &type), 0);
    ck_assert_int_eq(gss_oid_equal(type, GSS_C_NT_ANONYMOUS),
                     texts[_i].anonymous);
    gs2_ends_check_buffer(&text, texts[_i].text.data, texts[_i].text.len);
    gss_release_name(&minor, &name);
}
END_TEST

START_TEST(no_name_and_no_type)
{
    gss_buffer_desc text;
    gss_OID type = GSS_C_NT_ANONYMOUS;
    gss_name_t name;
    OM_uint32 major, minor;

    source.untyped = true;
    name = peer();
    gss_display_name(&minor, name, &text, &type);
    ck_assert_ptr_null(type);
    gs2_ends_check_buffer(&text, source.text.data, source.text.len);
    gss_release_name(&minor, &name);
    script.source = NULL;
    ck_assert_ptr_null(accept_source(&major));
    ck_assert_uint_eq(major, GSS_S_COMPLETE);
}
END_TEST

/* The glue's own display_name is the first; the caller's is the second. */
START_TEST(display_name_fails)
{
    gss_buffer_desc text;
    gss_name_t name;
    OM_uint32 major, minor;

    script.faults[0] =
        (struct gs2_script_fault){GS2_CALL_DISPLAY_NAME, 2, GSS_S_BAD_NAME, 5};
    name = peer();
    ck_assert_uint_eq(gss_display_name(&minor, name, &text, NULL),
                      GSS_S_BAD_NAME);
    gss_release_name(&minor, &name);
    script.faults[0].nth = 0;
    ck_assert_ptr_null(accept_source(&major));
    ck_assert_uint_eq(major, GSS_S_BAD_NAME);
}
END_TEST

START_TEST(local_names)
{
    static const struct gs2_octets local = GS2_OCTETS("lo\0cal");
    gss_name_t name = peer(), user = import("root", GSS_C_NT_USER_NAME);
    gss_buffer_desc text;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_localname(&minor, name, GSS_C_NO_OID, &text),
                      GSS_S_UNAVAILABLE);
    source.local = local;
    ck_assert_uint_eq(gss_localname(&minor, name, GSS_C_NO_OID, &text), 0);
    gs2_ends_check_buffer(&text, local.data, local.len);
    script.faults[0] =
        (struct gs2_script_fault){GS2_CALL_LOCALNAME, 0, GSS_S_FAILURE, 3};
    /* The glue falls back on the attribute local-login-user. */
    ck_assert_uint_eq(gss_localname(&minor, name, GSS_C_NO_OID, &text),
                      GSS_S_UNAVAILABLE);
    source.authorized = "root";
    ck_assert_uint_eq(gss_authorize_localname(&minor, name, user), 0);
    source.authorized = "toor";
    ck_assert(GSS_ERROR(gss_authorize_localname(&minor, name, user)));
    ck_assert_uint_eq(sm->count(GS2_CALL_AUTHORIZE_LOCALNAME), 2);
    gss_release_name(&minor, &name);
    gss_release_name(&minor, &user);
}
END_TEST

static const struct gs2_script_value three[] = {
    {.value = GS2_OCTETS("a\0b"), .authenticated = true, .complete = true},
    {.value = GS2_OCTETS(""),
     .display = GS2_OCTETS("nothing"),
     .authenticated = false,
     .complete = true},
    {.value = {NULL, 0}, .authenticated = true, .complete = false},
};
static const struct gs2_script_value broken[] = {
    {.value = GS2_OCTETS("first"), .authenticated = true},
    {.major = GSS_S_FAILURE, .minor = 9},
};
static const struct gs2_script_attr attrs[] = {
    {.name = GS2_OCTETS("three"), .values = three, .count = 3},
    {.name = GS2_OCTETS("bro\0ken"), .values = broken, .count = 2},
    {.name = GS2_OCTETS("unreadable"), .listed_again = 1},
    {.name = GS2_OCTETS("hidden"),
     .values = broken,
     .count = 1,
     .unlisted = true},
    {.name = GS2_OCTETS("endless"),
     .values = broken,
     .count = 1,
     .endless = true},
};

struct got {
    OM_uint32 major;
    int authenticated, complete, more;
    gss_buffer_desc value, display;
};

static struct got
get(gss_name_t name, struct gs2_octets attr, int more)
{
    gss_buffer_desc buffer = {attr.len, (void *)attr.data};
    struct got got = {.more = more};
    OM_uint32 minor;

    got.major = gss_get_name_attribute(&minor, name, &buffer,
                                       &got.authenticated, &got.complete,
                                       &got.value, &got.display, &got.more);
    return got;
}

START_TEST(values_of_attributes)
{
    gss_name_t name;
    OM_uint32 minor;
    struct got got;

    source.attrs = attrs;
    source.attr_count = COUNT(attrs);
    name = peer();
    got = get(name, attrs[0].name, -1);
    ck_assert_uint_eq(got.major, 0);
    ck_assert(got.authenticated && got.complete && got.more != 0);
    ck_assert_ptr_null(got.display.value);
    gs2_ends_check_buffer(&got.value, "a\0b", 3);
    got = get(name, attrs[0].name, got.more);
    ck_assert(!got.authenticated && got.complete && got.more != 0);
    ck_assert(got.value.length == 0 && got.value.value != NULL);
    gs2_ends_check_buffer(&got.display, "nothing", 7);
    got = get(name, attrs[0].name, got.more);
    ck_assert(got.authenticated && !got.complete && got.more == 0);
    ck_assert_ptr_null(got.value.value);
    ck_assert_int_eq(gs2_ends_call(GS2_CALL_GET_ATTRIBUTE, 1)->more, -1);
    ck_assert_uint_eq(gs2_ends_call(GS2_CALL_GET_ATTRIBUTE, 3)->token.len, 5);
    gss_release_name(&minor, &name);
}
END_TEST

START_TEST(attributes_that_fail)
{
    static const struct gs2_octets absent = GS2_OCTETS("absent");
    gss_name_t name;
    OM_uint32 minor;
    struct got got;

    source.attrs = attrs;
    source.attr_count = COUNT(attrs);
    name = peer();
    got = get(name, attrs[1].name, -1);
    gs2_ends_check_buffer(&got.value, "first", 5);
    ck_assert_uint_eq(get(name, attrs[1].name, got.more).major, GSS_S_FAILURE);
    ck_assert_uint_eq(get(name, attrs[2].name, -1).major, GSS_S_UNAVAILABLE);
    ck_assert_uint_eq(get(name, absent, -1).major, GSS_S_UNAVAILABLE);
    got = get(name, attrs[3].name, -1);
    ck_assert_int_eq(got.more, 0);
    gs2_ends_check_buffer(&got.value, "first", 5);
    got.more = -1;
    for (unsigned i = 0; i < 2000; i++) {
        got = get(name, attrs[4].name, got.more);
        ck_assert(got.major == 0 && got.more != 0);
        gs2_ends_check_buffer(&got.value, "first", 5);
    }
    script.faults[0] = (struct gs2_script_fault){GS2_CALL_GET_ATTRIBUTE, 0,
                                                 GSS_S_BAD_NAME, 1};
    ck_assert_uint_eq(get(name, attrs[0].name, -1).major, GSS_S_BAD_NAME);
    gss_release_name(&minor, &name);
}
END_TEST

START_TEST(list_of_attributes)
{
    gss_buffer_set_t set;
    gss_name_t name;
    OM_uint32 minor;

    source.attrs = attrs;
    source.attr_count = COUNT(attrs);
    name = peer();
    ck_assert_uint_eq(gss_inquire_name(&minor, name, NULL, NULL, &set), 0);
    ck_assert_uint_eq(set->count, 5); /* unreadable twice, hidden never */
    ck_assert_mem_eq(set->elements[1].value, "bro\0ken", 7);
    ck_assert_mem_eq(set->elements[3].value, "unreadable", 10);
    ck_assert_mem_eq(set->elements[4].value, "endless", 7);
    gss_release_buffer_set(&minor, &set);
    source.attr_count = 0;
    gss_inquire_name(&minor, name, NULL, NULL, &set);
    ck_assert_uint_eq(set->count, 0);
    gss_release_buffer_set(&minor, &set);
    source.null_set = true;
    gss_inquire_name(&minor, name, NULL, NULL, &set);
    ck_assert_ptr_null(set);
    script.faults[0] =
        (struct gs2_script_fault){GS2_CALL_INQUIRE_NAME, 0, GSS_S_FAILURE, 1};
    ck_assert_uint_eq(gss_inquire_name(&minor, name, NULL, NULL, &set),
                      GSS_S_FAILURE);
    gss_release_name(&minor, &name);
}
END_TEST

START_TEST(exported_names)
{
    gss_buffer_desc plain, composite, text;
    gss_name_t name, again;
    OM_uint32 minor;
    int equal;

    source.attrs = attrs;
    source.attr_count = 1;
    name = peer();
    ck_assert_uint_eq(gss_export_name(&minor, name, &plain), 0);
    ck_assert_uint_eq(gss_export_name_composite(&minor, name, &composite), 0);
    ck_assert_mem_eq(plain.value, "\x04\x01\0\x0c\x06\x0a", 6);
    ck_assert_mem_eq(composite.value, "\x04\x02\0\x0c\x06\x0a", 6);
    gss_import_name(&minor, &plain, GSS_C_NT_EXPORT_NAME, &again);
    ck_assert_uint_eq(gss_display_name(&minor, again, &text, NULL), 0);
    gs2_ends_check_buffer(&text, "scripted@SCRIPT.TEST", 20);
    gss_compare_name(&minor, name, again, &equal);
    ck_assert_int_eq(equal, 1);
    ck_assert_uint_eq(get(again, attrs[0].name, -1).major, GSS_S_UNAVAILABLE);
    gss_release_name(&minor, &again);
    /* The composite one comes back with its attributes. */
    gss_import_name(&minor, &composite, GSS_C_NT_COMPOSITE_EXPORT, &again);
    ck_assert_uint_eq(get(again, attrs[2].name, -1).major, GSS_S_UNAVAILABLE);
    text = get(again, attrs[0].name, -1).value;
    gs2_ends_check_buffer(&text, "a\0b", 3);
    gss_release_name(&minor, &again);
    /* Cut short by one octet it does not come back. */
    composite.length--;
    ck_assert(GSS_ERROR(gss_import_name(&minor, &composite,
                                        GSS_C_NT_COMPOSITE_EXPORT, &again)));
    gss_release_buffer(&minor, &plain);
    gss_release_buffer(&minor, &composite);
    gss_release_name(&minor, &name);
}
END_TEST

START_TEST(copied_names)
{
    gss_name_t name, copy, canonical;
    gss_buffer_desc value;
    OM_uint32 minor;

    source.attrs = attrs;
    source.attr_count = 1;
    name = peer();
    ck_assert_uint_eq(gss_duplicate_name(&minor, name, &copy), 0);
    value = get(copy, attrs[0].name, -1).value;
    gs2_ends_check_buffer(&value, "a\0b", 3);
    gss_release_name(&minor, &copy);
    gss_release_name(&minor, &name);
    name = import("carol", GSS_C_NT_USER_NAME);
    ck_assert_uint_eq(gss_canonicalize_name(
                          &minor, name, gs2_script_oid(GS2_OID_A), &canonical),
                      0);
    ck_assert_int_eq(gs2_ends_call(GS2_CALL_IMPORT_NAME, 2)->oid, GS2_OID_A);
    ck_assert_ptr_eq(gs2_ends_call(GS2_CALL_IMPORT_NAME, 2)->name_type,
                     GSS_C_NT_USER_NAME);
    gss_release_name(&minor, &canonical);
    gss_release_name(&minor, &name);
}
END_TEST

SUITE("scriptmech names",
      PREPARE(scripted_without_plugin),
      FIXTURE(set_up, gs2_ends_tear_down),
      TABLE(displayed_names, texts),
      TEST(no_name_and_no_type),
      TEST(display_name_fails),
      TEST(local_names),
      TEST(values_of_attributes),
      TEST(attributes_that_fail),
      TEST(list_of_attributes),
      TEST(exported_names),
      TEST(copied_names))
