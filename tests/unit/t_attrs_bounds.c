/*
 * t_attrs_bounds.c - the bounds of attributes: at each all works, one past it
 * the attribute is unknown, noted, and spoils no other; and which values are
 * text.
 */
#include <stdio.h>

#include "tests/lib/attrs_login.h"

#define KIB 1024

static struct gs2_script_value lots[GS2_ATTR_VALUES_MAX + 1];
static char octets[GS2_ATTR_OCTETS_MAX + 1];

static void
fill_lots(void)
{
    for (size_t i = 0; i <= GS2_ATTR_VALUES_MAX; i++)
        lots[i] = (struct gs2_script_value)VALUE(true, true);
    memset(octets, 'o', sizeof(octets));
}

START_TEST(values_1024_and_one_more)
{
    const struct gs2_script_attr scripted[] = {
        { GS2_OCTETS("at"), lots, GS2_ATTR_VALUES_MAX, false, false, 0 },
        { GS2_OCTETS("past"), lots, GS2_ATTR_VALUES_MAX + 1, false, false, 0 },
        { GS2_OCTETS("endless"), lots, 1, true, false, 0 },
    };

    fill_lots();
    log_in(scripted, 3);
    ck_assert_int_eq(get(OCTETS("at"))->state, GS2_ATTR_PRESENT);
    ck_assert_uint_eq(get(OCTETS("at"))->count, GS2_ATTR_VALUES_MAX);
    ck_assert_str_eq(notes, "");
    ck_assert_int_eq(get(OCTETS("past"))->state, GS2_ATTR_UNKNOWN);
    assert_calls(2 * GS2_ATTR_VALUES_MAX, 0);
    ck_assert_int_eq(get(OCTETS("endless"))->state, GS2_ATTR_UNKNOWN);
    assert_calls(3 * GS2_ATTR_VALUES_MAX, 0);
    ck_assert_str_eq(notes,
                     "attribute \"past\" is not used: it has too many values\n"
                     "attribute \"endless\" is not used: it has too many "
                     "values\n");
}
END_TEST

/* Octets of values and of display values, of which the last is past. */
static const struct {
    size_t value[3], display[3], count;
} sizes[] = {
    { { 64 * KIB }, { 0 }, 1 },
    { { 64 * KIB - 1, 1 }, { 0 }, 2 },
    { { 32 * KIB, 0, 32 * KIB }, { 0 }, 3 },
    { { 1, 1 }, { 64 * KIB - 3, 1 }, 2 },
    { { 0 }, { 64 * KIB }, 1 },
};

START_TEST(octets_64k_and_one_more)
{
    struct gs2_script_value at[3], past[3];
    const struct gs2_script_attr scripted[] = {
        { GS2_OCTETS("at"), at, sizes[_i].count, false, false, 0 },
        { GS2_OCTETS("past"), past, sizes[_i].count, false, false, 0 },
    };
    struct gs2_octets *last;

    fill_lots();
    for (size_t i = 0; i < sizes[_i].count; i++) {
        at[i] = lots[0];
        at[i].value = (struct gs2_octets){ octets, sizes[_i].value[i] };
        if (sizes[_i].display[i] > 0)
            at[i].display = (struct gs2_octets){ octets,
                                                 sizes[_i].display[i] };
        past[i] = at[i];
    }
    last = &past[sizes[_i].count - 1].display;
    if (last->data == NULL)
        last = &past[sizes[_i].count - 1].value;
    last->len++;
    log_in(scripted, 2);
    ck_assert_int_eq(get(OCTETS("at"))->state, GS2_ATTR_PRESENT);
    ck_assert_int_eq(get(OCTETS("past"))->state, GS2_ATTR_UNKNOWN);
    ck_assert_str_eq(notes, "attribute \"past\" is not used: its values are "
                            "too long\n");
}
END_TEST

#define FULL (GS2_ATTRS_OCTETS_MAX / GS2_ATTR_OCTETS_MAX)

/* What is past the bound of a login is unknown, what is not is not. */
START_TEST(octets_of_a_login_1m_and_one_more)
{
    static const struct gs2_script_value empty = { GS2_OCTETS(""), NO_DISPLAY,
                                                   YES };
    struct gs2_script_value full = { { octets, GS2_ATTR_OCTETS_MAX },
                                     NO_DISPLAY, YES };
    struct gs2_script_attr scripted[FULL + 2] = { 0 };
    const struct gs2_attr **list;
    char names[FULL + 2];

    fill_lots();
    for (size_t i = 0; i < FULL + 2; i++) {
        names[i] = (char)('a' + i);
        scripted[i].name = (struct gs2_octets){ &names[i], 1 };
        scripted[i].values = &full;
        scripted[i].count = 1;
    }
    scripted[FULL].values = lots;
    scripted[FULL + 1].values = &empty;
    log_in(scripted, FULL + 2);
    ck_assert_uint_eq(get_all(&list), FULL + 2);
    for (size_t i = 0; i < FULL + 2; i++)
        ck_assert_int_eq(list[i]->state, i == FULL ? GS2_ATTR_UNKNOWN
                                                   : GS2_ATTR_PRESENT);
    ck_assert_str_eq(notes, "attribute \"q\" is not used: the attributes of "
                            "this login are too long together\n");
}
END_TEST

/* 512 attributes, 513, and 512 of which one is listed a thousand times. */
START_TEST(attributes_512_and_one_more)
{
    static struct gs2_script_attr scripted[GS2_ATTRS_MAX + 1];
    static char names[GS2_ATTRS_MAX + 1][8];
    const size_t count = _i == 1 ? GS2_ATTRS_MAX + 1 : GS2_ATTRS_MAX;
    const struct gs2_attr **list;

    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof(names[i]), "a%zu", i);
        scripted[i] = (struct gs2_script_attr){
            .name = { names[i], strlen(names[i]) }, .values = many, .count = 1
        };
    }
    scripted[7].listed_again = _i == 2 ? 1000 : 0;
    log_in(scripted, count);
    if (_i == 1) {
        ck_assert_uint_eq(get_all(&list), 0);
        ck_assert_ptr_null(list);
        ck_assert_str_eq(notes, "the name has too many attributes: their list "
                                "is not used\n");
        assert_calls(0, 1);
        return;
    }
    ck_assert_uint_eq(get_all(&list), GS2_ATTRS_MAX);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(list[i]->name.value, names[i]);
        ck_assert_int_eq(list[i]->state, GS2_ATTR_PRESENT);
    }
    ck_assert_str_eq(notes, "");
    assert_calls(GS2_ATTRS_MAX, 1);
}
END_TEST

START_TEST(a_name_of_64k_and_of_one_octet_more)
{
    struct gs2_script_attr scripted[] = {
        { { octets, GS2_ATTR_OCTETS_MAX }, many, 1, false, false, 0 },
        { { octets, GS2_ATTR_OCTETS_MAX + 1 }, many, 1, false, false, 0 },
    };
    const struct gs2_attr **list;

    fill_lots();
    log_in(scripted, 2);
    ck_assert_uint_eq(get_all(&list), 2);
    ck_assert_int_eq(list[0]->state, GS2_ATTR_PRESENT);
    ck_assert_int_eq(list[1]->state, GS2_ATTR_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(notes, "...\" is not used: its name is too "
                                        "long\n"));
    assert_calls(1, 1);
}
END_TEST

/* --- text ---------------------------------------------------------------- */

static const struct {
    struct gs2_octets octets;
    bool text;
} texts[] = {
    { GS2_OCTETS(""), true },
    { GS2_OCTETS(" hard ware, \"x\"~"), true },
    { GS2_OCTETS("J\xc3\xbcrg \xe2\x82\xac \xf0\x9f\x94\x91"), true },
    { GS2_OCTETS("\xc2\xa0"), true },  /* U+00A0 */
    { GS2_OCTETS("a\0b"), false },
    { GS2_OCTETS("a\n"), false },
    { GS2_OCTETS("\x1f"), false },
    { GS2_OCTETS("\x7f"), false },
    { GS2_OCTETS("\xc2\x80"), false }, /* U+0080 */
    { GS2_OCTETS("\xc2\x9f"), false }, /* U+009F */
    { GS2_OCTETS("\xc3\x85"), true },  /* U+00C5 */
    { GS2_OCTETS("a\xe2\x80\xa7"), true },     /* U+2027 */
    { GS2_OCTETS("a\xe2\x80\xa8"), false },    /* U+2028 */
    { GS2_OCTETS("\xe2\x80\xa9 b"), false },   /* U+2029 */
    { GS2_OCTETS("\xe2\x80\xaa"), true },      /* U+202A */
    { GS2_OCTETS("\xe2\x81\xa8"), true },      /* U+2068 */
    { GS2_OCTETS("\xe2\x80"), false },
    { GS2_OCTETS("\xff"), false },
    { GS2_OCTETS("ok\xc3"), false },
    { GS2_OCTETS("\xc0\x80"), false },
    { GS2_OCTETS("\xed\xa0\x80"), false },
};

START_TEST(text_is_utf8_without_control_characters)
{
    gss_buffer_desc value = {
        texts[_i].octets.len,
        exact_copy(texts[_i].octets.data, texts[_i].octets.len),
    };
    const gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;

    ck_assert_int_eq(gs2_attr_is_text(&value), texts[_i].text);
    ck_assert(gs2_attr_is_text(&nothing));
    free(value.value);
}
END_TEST

SUITE("attrs_bounds",
      PREPARE(scripted_without_plugin),
      CASE("bounds"),
      FIXTURE(set_up, tear_down),
      TEST(values_1024_and_one_more),
      TABLE(octets_64k_and_one_more, sizes),
      TEST(octets_of_a_login_1m_and_one_more),
      TIMES(attributes_512_and_one_more, 3),
      TEST(a_name_of_64k_and_of_one_octet_more),
      CASE("text"),
      TABLE(text_is_utf8_without_control_characters, texts))
