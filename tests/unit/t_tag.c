/*
 * t_tag.c - gs2_tag: what it may be, and in which names it is.
 */
#include <check.h>
#include <string.h>

#include "common/options.h"
#include "common/rules/tag.h"
#include "tests/lib/octets.h"
#include "tests/lib/suite.h"

static struct gs2_error err;

START_TEST(is_taken)
{
    const char text[] = { "+/%~"[_i], '\0' };
    char tag = '\0';

    ck_assert_int_eq(gs2_tag_parse(text, &tag, &err), GS2_OK);
    ck_assert_int_eq(tag, text[0]);
}
END_TEST

static const struct {
    const char *text, *error;
} refused[] = {
    { "", "\"\" is not one of + / % ~" },
    { "//", "\"//\" is not one of + / % ~" },
    { "/ ", "\"/ \" is not one of + / % ~" },
    { "@", "\"@\" is not one of + / % ~" },
    { "-", "\"-\" is not one of + / % ~" },
    { "yes", "\"yes\" is not one of + / % ~" },
    { "\uFF0F", "\"\\xef\\xbc\\x8f\" is not one of + / % ~" },
};

START_TEST(is_refused)
{
    char tag = '/';

    ck_assert_int_eq(gs2_tag_parse(refused[_i].text, &tag, &err),
                     GS2_BADCONFIG);
    ck_assert_str_eq(err.text, refused[_i].error);
    ck_assert_int_eq(tag, '\0');
}
END_TEST

/* A name, and the tags that are in it. */
static const struct {
    const char *name, *tags;
} names[] = {
    { "", "" },
    { "alice", "" },
    { "alice@EXAMPLE.TEST", "" },
    { "alice+card", "+" },
    { "+", "+" },
    { "imap/host", "/" },
    { "alice@A/B", "/" },
    { "alice%example.test", "%" },
    { "a~", "~" },
    { "/+~%", "+/%~" },
    { "alice\\/card", "/" },
    { "alice\\2Fcard", "" },
    { "alice=2Fcard", "" },
    { "k\u00E4rte", "" },
    /* What Unicode calls compatible with them. */
    { "a\u207A", "+" },
    { "a\u208A", "+" },
    { "a\uFB29", "+" },
    { "a\uFE62", "+" },
    { "a\uFF0Bcard", "+" },
    { "a\u2100", "/" },
    { "\u2101", "/" },
    { "\u2105", "/" },
    { "\u2106", "/" },
    { "alice\uFF0Fcard", "/" },
    { "\uFE6A", "%" },
    { "\uFF05b", "%" },
    { "\uFF5E", "~" },
    /* Their neighbours, and what merely looks like them. */
    { "\u2079\u207B\u2089\u208B\uFB28\uFB2A\uFE61\uFE63\uFF0A\uFF0C", "" },
    { "\u20FF\u2102\u2104\u2107\uFF0E\uFF10", "" },
    { "\uFE69\uFE6B\uFF04\uFF06\uFF5D\uFF5F", "" },
    { "\u2044\u2215\u2795\u02DC\u223C\u29F8\u2052", "" },
    { "\U0001D7CE\U0001F100", "" },
};

START_TEST(is_in)
{
    static const char tags[] = "+/%~";

    for (const char *tag = tags; *tag != '\0'; tag++)
        ck_assert_msg(gs2_tag_is_in(*tag, names[_i].name) ==
                      (strchr(names[_i].tags, *tag) != NULL),
                      "%c in %s", *tag, names[_i].name);
}
END_TEST

static const struct {
    const char *roles, *tag, *error; /* NULL: not set, no error */
} options[] = {
    { "card", "+", NULL },
    { "card", NULL, NULL },
    { NULL, NULL, NULL },
    { "card", "++", "option gs2_tag: \"++\" is not one of + / % ~" },
    { NULL, "+", "option gs2_tag: names are tagged with roles, and gs2_roles "
                 "is not set" },
};

START_TEST(as_an_option)
{
    struct gs2_config config = { 0 };
    const bool good = options[_i].error == NULL;

    if (options[_i].roles != NULL) {
        config.texts[GS2_OPT_ROLES] = strdup(options[_i].roles);
        config.texts[GS2_OPTIONS] = strdup("gs2:realm=X");
    }
    if (options[_i].tag != NULL)
        config.texts[GS2_OPT_TAG] = strdup(options[_i].tag);
    ck_assert_int_eq(gs2_options_parse(&config, &err),
                     good ? GS2_OK : GS2_BADCONFIG);
    if (good)
        ck_assert_int_eq(config.tag,
                         options[_i].tag != NULL ? options[_i].tag[0] : '\0');
    else
        ck_assert_str_eq(err.text, options[_i].error);
    gs2_options_clear(&config);
}
END_TEST

SUITE("tag",
      TIMES(is_taken, 4),
      TABLE(is_refused, refused),
      TABLE(is_in, names),
      TABLE(as_an_option, options))
