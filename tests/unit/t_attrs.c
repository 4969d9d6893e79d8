/*
 * t_attrs.c - reading attributes of a name (RFC 6680 sections 3 to 7.5 and 9)
 * from the scriptable mechanism, through the GSS library: what is read, what
 * is not and which note says why, and what it costs in GSS calls.
 */
#include <stdio.h>

#include "tests/lib/attrs_login.h"

/* --- values -------------------------------------------------------------- */

START_TEST(rfc6680_7_5_values_in_order_with_duplicates_and_any_octets)
{
    const struct gs2_script_attr scripted[] = {
        { .name = GS2_OCTETS("before"), many, 1, false, false, 0 },
        { .name = GS2_OCTETS("mail"), many, many_count, false, false, 0 },
    };
    const struct gs2_attr *attr;

    log_in(scripted, 2);
    assert_calls(0, 0);
    attr = get(OCTETS("mail"));
    ck_assert_int_eq(attr->state, GS2_ATTR_PRESENT);
    ck_assert(attr->complete);
    ck_assert_uint_eq(attr->count, many_count);
    for (size_t i = 0; i < many_count; i++) {
        assert_buffer(&attr->values[i].value, many[i].value);
        assert_buffer(&attr->values[i].display, many[i].display);
        ck_assert_int_eq(attr->values[i].display.value == NULL,
                         many[i].display.data == NULL);
    }
    /* One call a value, the first with more = -1, and none for others. */
    assert_calls((unsigned)many_count, 0);
    ck_assert_int_eq(gs2_ends_call(GS2_CALL_GET_ATTRIBUTE, 1)->more, -1);
    ck_assert_int_ne(gs2_ends_call(GS2_CALL_GET_ATTRIBUTE, 2)->more, -1);
    ck_assert_ptr_eq(get(OCTETS("mail")), attr);
    assert_calls((unsigned)many_count, 0);
    ck_assert_str_eq(notes, "");
}
END_TEST

START_TEST(rfc6680_7_5_complete_is_passed_on)
{
    static const struct gs2_script_value some[] = {
        { GS2_OCTETS("a"), NO_DISPLAY, true, false, 0, 0 },
        { GS2_OCTETS("b"), NO_DISPLAY, true, false, 0, 0 },
    };
    const struct gs2_script_attr scripted[] = {
        { .name = GS2_OCTETS("mail"), some, 2, false, false, 0 },
    };

    log_in(scripted, 1);
    ck_assert_int_eq(get(OCTETS("mail"))->state, GS2_ATTR_PRESENT);
    ck_assert(!get(OCTETS("mail"))->complete);
}
END_TEST

/* Attributes in different contexts have different names (section 4). */
START_TEST(rfc6680_5_names_are_compared_as_a_whole)
{
    static const struct gs2_script_value a = { GS2_OCTETS("a"), NO_DISPLAY,
                                               YES };
    static const struct gs2_script_value b = { GS2_OCTETS("b"), NO_DISPLAY,
                                               YES };
    const struct gs2_script_attr scripted[] = {
        { .name = GS2_OCTETS("mail"), &a, 1, false, false, 0 },
        { .name = GS2_OCTETS("urn:x:mail"), &b, 1, false, false, 0 },
    };

    log_in(scripted, 2);
    ck_assert_int_eq(*(char *)get(OCTETS("mail"))->values[0].value.value, 'a');
    ck_assert_int_eq(*(char *)get(OCTETS("urn:x:mail"))->values[0].value.value,
                     'b');
    ck_assert_int_eq(get(OCTETS("mai"))->state, GS2_ATTR_ABSENT);
    ck_assert_int_eq(get(OCTETS("mails"))->state, GS2_ATTR_ABSENT);
    ck_assert_int_eq(get(OCTETS("Mail"))->state, GS2_ATTR_ABSENT);
    ck_assert_int_eq(get(OCTETS("mail\0"))->state, GS2_ATTR_ABSENT);
    ck_assert_int_eq(get(OCTETS("mail "))->state, GS2_ATTR_ABSENT);
    ck_assert_int_eq(get(OCTETS(""))->state, GS2_ATTR_ABSENT);
    ck_assert_str_eq(notes, "");
    assert_calls(2 + 6, 1); /* the list is asked for once */
}
END_TEST

/* So many longer names that some fall into the bucket of the shorter one. */
START_TEST(rfc6680_5_no_name_is_found_by_its_beginning)
{
    const struct gs2_script_attr scripted[] = {
        { GS2_OCTETS("mail"), many, 1, false, false, 0 },
    };
    char name[16];

    log_in(scripted, 1);
    for (int i = 0; i < 4000; i++) {
        snprintf(name, sizeof(name), "mail%d", i);
        if (get(name, strlen(name))->state != GS2_ATTR_ABSENT)
            ck_abort_msg("%s", name);
    }
    ck_assert_int_eq(get(OCTETS("mail"))->state, GS2_ATTR_PRESENT);
}
END_TEST

START_TEST(names_of_facts_do_not_exist)
{
    const struct gs2_script_attr scripted[] = {
        { .name = GS2_OCTETS("gs2:realm"), many, 1, false, false, 0 },
        { .name = GS2_OCTETS("gs2:"), many, 1, false, false, 0 },
        { .name = GS2_OCTETS("gs2"), many, 1, false, false, 0 },
    };
    const struct gs2_attr **list;

    log_in(scripted, 3);
    ck_assert_int_eq(get(OCTETS("gs2:realm"))->state, GS2_ATTR_ABSENT);
    ck_assert_int_eq(get(OCTETS("gs2:"))->state, GS2_ATTR_ABSENT);
    assert_calls(0, 0);
    ck_assert_uint_eq(get_all(&list), 1);
    ck_assert_str_eq(list[0]->name.value, "gs2");
    ck_assert_int_eq(list[0]->state, GS2_ATTR_PRESENT);
    assert_calls(1, 1);
}
END_TEST

/* --- what is not used ---------------------------------------------------- */

#define NOT_USED "attribute \"mail\" is not used: "
#define NOT_AUTHENTICATED                                                     \
    NOT_USED "it is asserted by the peer, not authenticated\n"
#define FLAGS_CHANGE NOT_USED "its flags change from value to value\n"
#define WENT_AWAY NOT_USED "it became unavailable while it was read\n"
#define CANNOT_BE_READ NOT_USED "it cannot be read: "

#define ERROR(major, minor)                                                   \
    {                                                                         \
        { NULL, 0 }, NO_DISPLAY, true, true, major, minor                     \
    }

static const struct {
    struct gs2_script_value values[3];
    size_t count;
    enum gs2_attr_state state;
    unsigned get, inquire;
    const char *notes;
} unused[] = {
    /* RFC 6680 section 9: asserted attributes must not be used. */
    { { VALUE(false, true) }, 1, GS2_ATTR_ABSENT, 1, 0, NOT_AUTHENTICATED },
    { { VALUE(false, true), VALUE(false, true) }, 2, GS2_ATTR_ABSENT, 1, 0,
      NOT_AUTHENTICATED },
    /* Section 7.5.1: flags must not change between calls. */
    { { VALUE(false, true), VALUE(true, true) }, 2, GS2_ATTR_ABSENT, 1, 0,
      NOT_AUTHENTICATED },
    { { VALUE(true, true), VALUE(false, true), VALUE(true, true) }, 3,
      GS2_ATTR_ABSENT, 2, 0, FLAGS_CHANGE },
    { { VALUE(true, true), VALUE(true, true), VALUE(false, true) }, 3,
      GS2_ATTR_ABSENT, 3, 0, FLAGS_CHANGE },
    { { VALUE(true, true), VALUE(true, false) }, 2, GS2_ATTR_ABSENT, 2, 0,
      FLAGS_CHANGE },
    { { VALUE(true, false), VALUE(true, false), VALUE(true, true) }, 3,
      GS2_ATTR_ABSENT, 3, 0, FLAGS_CHANGE },
    /* Listed, but not readable. */
    { { VALUE(true, true) }, 0, GS2_ATTR_ABSENT, 1, 1,
      NOT_USED "it is listed, but unavailable\n" },
    { { ERROR(GSS_S_UNAVAILABLE | GSS_S_OLD_TOKEN, 1) }, 1, GS2_ATTR_ABSENT, 1,
      1, NOT_USED "it is listed, but unavailable\n" },
    { { VALUE(true, true), ERROR(GSS_S_UNAVAILABLE, 1) }, 2, GS2_ATTR_ABSENT,
      2, 0, WENT_AWAY },
    /* Any other error: all values or none. */
    { { ERROR(GSS_S_FAILURE, 4711) }, 1, GS2_ATTR_UNKNOWN, 1, 0,
      CANNOT_BE_READ
      "scripted minor status 4711\n" },
    { { VALUE(true, true), ERROR(GSS_S_FAILURE, 4711) }, 2, GS2_ATTR_UNKNOWN,
      2, 0, CANNOT_BE_READ
      "scripted minor status 4711\n" },
    { { VALUE(true, true), VALUE(true, true), ERROR(GSS_S_BAD_NAME, 1) }, 3,
      GS2_ATTR_UNKNOWN, 3, 0, CANNOT_BE_READ
      "An invalid name was supplied: scripted minor status 1\n" },
    { { ERROR(GSS_S_CALL_INACCESSIBLE_READ | GSS_S_UNAVAILABLE, 0) }, 1,
      GS2_ATTR_UNKNOWN, 1, 0, NULL },
};

START_TEST(rfc6680_9_what_is_not_used_and_the_note)
{
    const struct gs2_script_attr scripted[] = {
        { GS2_OCTETS("mail"), unused[_i].values, unused[_i].count, false,
          false, 0 },
        { GS2_OCTETS("good"), many, many_count, false, false, 0 },
    };
    const struct gs2_attr **list, *attr;

    log_in(scripted, 2);
    attr = get(OCTETS("mail"));
    ck_assert_int_eq(attr->state, unused[_i].state);
    if (unused[_i].notes != NULL)
        ck_assert_str_eq(notes, unused[_i].notes);
    assert_calls(unused[_i].get, unused[_i].inquire);
    /* It is remembered, noted once, and does not spoil the others. */
    ck_assert_ptr_eq(get(OCTETS("mail")), attr);
    ck_assert_uint_eq(get_all(&list), 2);
    ck_assert_ptr_eq(list[0], attr);
    ck_assert_int_eq(list[1]->state, GS2_ATTR_PRESENT);
    ck_assert_uint_eq(list[1]->count, many_count);
    assert_calls(unused[_i].get + (unsigned)many_count, 1);
    if (unused[_i].notes != NULL)
        ck_assert_str_eq(notes, unused[_i].notes);
}
END_TEST

/* An attribute that the peer does not have is no news. */
START_TEST(what_is_not_there_has_no_note)
{
    static const struct gs2_script_attr unlisted = {
        .name = GS2_OCTETS("mail"), .unlisted = true
    };

    log_in(&unlisted, (size_t)_i);
    ck_assert_int_eq(get(OCTETS("mail"))->state, GS2_ATTR_ABSENT);
    ck_assert_str_eq(notes, "");
    assert_calls(1, 1);
    ck_assert_int_eq(get(OCTETS("phone"))->state, GS2_ATTR_ABSENT);
    assert_calls(2, 1);
    ck_assert_str_eq(notes, "");
}
END_TEST

/* An attribute may be readable though it is not listed. */
START_TEST(what_is_not_listed_can_be_asked_for_by_name)
{
    const struct gs2_script_attr unlisted = {
        GS2_OCTETS("mail"), many, many_count, false, true, 0
    };
    const struct gs2_attr **list;

    log_in(&unlisted, 1);
    ck_assert_uint_eq(get_all(&list), 0);
    ck_assert_ptr_nonnull(list);
    ck_assert_uint_eq(get(OCTETS("mail"))->count, many_count);
}
END_TEST

START_TEST(without_a_listener_absence_costs_one_call)
{
    log_in(NULL, 0);
    gs2_attrs_free(attrs);
    ck_assert_int_eq(gs2_attrs_new(peer, NULL, NULL, NULL, &attrs, &err),
                     GS2_OK);
    ck_assert_int_eq(get(OCTETS("mail"))->state, GS2_ATTR_ABSENT);
    assert_calls(1, 0);
}
END_TEST

START_TEST(a_note_is_one_line_with_the_name_escaped)
{
    const struct gs2_script_attr scripted = {
        GS2_OCTETS("a\"b\0c\n\xff"), unused[0].values, 1, false, false, 0
    };

    log_in(&scripted, 1);
    ck_assert_int_eq(get(OCTETS("a\"b\0c\n\xff"))->state, GS2_ATTR_ABSENT);
    ck_assert_str_eq(notes, "attribute \"a\\x22b\\x00c\\x0a\\xff\" is not "
                     "used: it is asserted by the peer, not authenticated\n");
}
END_TEST

/* --- the list ------------------------------------------------------------ */

START_TEST(rfc6680_7_4_list_in_order_each_name_once)
{
    static const struct gs2_octets names[] = {
        GS2_OCTETS("z"),          GS2_OCTETS("urn:a b"), GS2_OCTETS("q\"\\"),
        GS2_OCTETS("n\0ul"),      GS2_OCTETS("n"),       GS2_OCTETS("a\n"),
        GS2_OCTETS("urn:mspac:"), GS2_OCTETS("\xff"),    GS2_OCTETS("a"),
    };
    struct gs2_script_attr scripted[9] = { 0 };
    const struct gs2_attr **list, **again;

    for (size_t i = 0; i < 9; i++) {
        scripted[i].name = names[i];
        scripted[i].values = many;
        scripted[i].count = i % 2 == 0 ? 2 : 0;
        scripted[i].listed_again = (unsigned)i % 3;
    }
    log_in(scripted, 9);
    ck_assert_uint_eq(get_all(&list), 9);
    for (size_t i = 0; i < 9; i++) {
        assert_buffer(&list[i]->name, names[i]);
        ck_assert_int_eq(list[i]->state, i % 2 == 0 ? GS2_ATTR_PRESENT
                                                    : GS2_ATTR_ABSENT);
        ck_assert_ptr_eq(list[i], get(names[i].data, names[i].len));
    }
    ck_assert_uint_eq(get_all(&again), 9);
    ck_assert_ptr_eq(again, list);
    assert_calls(5 * 2 + 4, 1);
}
END_TEST

/* No attributes: an empty set, or none at all. */
START_TEST(rfc6680_7_4_a_name_without_attributes)
{
    const struct gs2_attr **list;

    source.null_set = _i != 0;
    log_in(NULL, 0);
    ck_assert_uint_eq(get_all(&list), 0);
    ck_assert_ptr_nonnull(list);
    ck_assert_str_eq(notes, "");
    assert_calls(0, 1);
}
END_TEST

START_TEST(a_list_that_fails_is_unknown_and_noted)
{
    const struct gs2_script_attr scripted = {
        GS2_OCTETS("mail"), many, many_count, false, false, 0
    };
    const struct gs2_attr **list;

    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_INQUIRE_NAME, 1, GSS_S_FAILURE, 4712
    };
    log_in(&scripted, 1);
    ck_assert_uint_eq(get_all(&list), 0);
    ck_assert_ptr_null(list);
    ck_assert_str_eq(notes, "the attributes of the name cannot be listed: "
                     "scripted minor status 4712\n");
    ck_assert_uint_eq(get_all(&list), 0);
    ck_assert_ptr_null(list);
    ck_assert_uint_eq(sm->count(GS2_CALL_INQUIRE_NAME), 1);
    ck_assert_uint_eq(get(OCTETS("mail"))->count, many_count);
}
END_TEST

START_TEST(a_mechanism_without_lists_has_an_empty_one)
{
    const struct gs2_attr **list;

    script.faults[0] = (struct gs2_script_fault){
        GS2_CALL_INQUIRE_NAME, 1, GSS_S_UNAVAILABLE, 0
    };
    log_in(NULL, 0);
    ck_assert_uint_eq(get_all(&list), 0);
    ck_assert_ptr_nonnull(list);
    ck_assert_str_eq(notes, "");
}
END_TEST

SUITE("attrs",
      PREPARE(scripted_without_plugin),
      FIXTURE(set_up, tear_down),
      TEST(rfc6680_7_5_values_in_order_with_duplicates_and_any_octets),
      TEST(rfc6680_7_5_complete_is_passed_on),
      TEST(rfc6680_5_names_are_compared_as_a_whole),
      TEST(rfc6680_5_no_name_is_found_by_its_beginning),
      TEST(names_of_facts_do_not_exist),
      TABLE(rfc6680_9_what_is_not_used_and_the_note, unused),
      TIMES(what_is_not_there_has_no_note, 2),
      TEST(what_is_not_listed_can_be_asked_for_by_name),
      TEST(without_a_listener_absence_costs_one_call),
      TEST(a_note_is_one_line_with_the_name_escaped),
      TEST(rfc6680_7_4_list_in_order_each_name_once),
      TIMES(rfc6680_7_4_a_name_without_attributes, 2),
      TEST(a_list_that_fails_is_unknown_and_noted),
      TEST(a_mechanism_without_lists_has_an_empty_one))
