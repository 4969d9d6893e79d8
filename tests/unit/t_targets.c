/*
 * t_targets.c - names of services are made once and kept for some seconds
 * (common/gss/target_cache.h): what GSS is called with is counted by the
 * scripted mechanism, and the clock is the test's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/gss/target_cache.h"
#include "tests/mech/scriptmech.h"
#include "tests/lib/clock.h"
#include "tests/lib/suite.h"

static const struct gs2_scriptmech *sm;
static struct gs2_script script;
static struct gs2_mech *mechs[2]; /* the scripted ones */
static struct gs2_target_cache targets;

static void
find_mechs(void)
{
    static struct gs2_mech all[GS2_MECHS_MAX];
    struct gs2_error err;
    size_t count;

    ck_assert_int_eq(gs2_mechs_list(all, &count, &err), GS2_OK);
    for (size_t i = 0; i < count; i++) {
        if (gss_oid_equal(&all[i].oid, gs2_script_oid(GS2_OID_A)))
            mechs[0] = &all[i];
        if (gss_oid_equal(&all[i].oid, gs2_script_oid(GS2_OID_B)))
            mechs[1] = &all[i];
    }
    ck_assert(mechs[0] != NULL && mechs[1] != NULL);
}

static void
install(void)
{
    static const struct gs2_octets other = GS2_OCTETS("GS2-OTHER");
    static struct gs2_script second; /* install() keeps a pointer */

    second = script;
    second.saslname = other;
    sm->install(GS2_OID_A, &script);
    sm->install(GS2_OID_B, &second);
}

static void
set_up(void)
{
    sm = gs2_scriptmech_open(NULL, GS2_OID_BIT(GS2_OID_A) |
                                   GS2_OID_BIT(GS2_OID_B));
    gs2_script_honest(&script, 1);
    install();
    find_mechs();
    gs2_cache_init(&targets.cache, &gs2_target_cache_kind);
}

static void
tear_down(void)
{
    clock_ahead = 0;
    gs2_cache_clear(&targets.cache);
}

static struct gs2_target *
hold(size_t mech, const char *text)
{
    struct gs2_target *target;
    struct gs2_error err;

    ck_assert_msg(gs2_target_cache_hold(&targets, mechs[mech], text, &target,
                                        &err) == GS2_OK, "%s", err.text);
    ck_assert_ptr_nonnull(target);
    return target;
}

START_TEST(one_name_is_made_once)
{
    struct gs2_target *a = hold(0, "imap@one.test"), *b;
    const unsigned made = sm->count(GS2_CALL_IMPORT_NAME);

    ck_assert_uint_gt(made, 0);
    ck_assert_ptr_ne(a->canonical, a->imported);
    b = hold(0, "imap@one.test");
    ck_assert_ptr_eq(a, b);
    gs2_target_cache_drop(&targets, &a);
    ck_assert_ptr_null(a);
    gs2_target_cache_drop(&targets, &b);
    b = hold(0, "imap@one.test"); /* nobody held it but the list */
    ck_assert_uint_eq(sm->count(GS2_CALL_IMPORT_NAME), made);
    gs2_target_cache_drop(&targets, &b);
    gs2_target_cache_drop(&targets, &b); /* of nothing */
}
END_TEST

START_TEST(others_are_others)
{
    struct gs2_target *held[] = { hold(0, "imap@one.test"),
                                  hold(0, "imap@two.test"),
                                  hold(0, "smtp@one.test"),
                                  hold(1, "imap@one.test") };

    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < i; j++)
            ck_assert_ptr_ne(held[i], held[j]);
    }
    for (size_t i = 0; i < 4; i++)
        gs2_target_cache_drop(&targets, &held[i]);
}
END_TEST

/* One that is held stays good when the list forgets it. */
START_TEST(it_grows_old)
{
    struct gs2_target *old = hold(0, "imap@one.test"), *young;
    gss_buffer_desc text;
    OM_uint32 minor;

    clock_ahead = GS2_TARGET_SECONDS - 1;
    young = hold(0, "imap@one.test");
    ck_assert_ptr_eq(young, old);
    gs2_target_cache_drop(&targets, &young);
    clock_ahead = GS2_TARGET_SECONDS + 1;
    young = hold(0, "imap@one.test");
    ck_assert_ptr_ne(young, old);
    ck_assert_uint_eq(gss_display_name(&minor, old->imported, &text, NULL),
                      GSS_S_COMPLETE);
    ck_assert_mem_eq(text.value, "imap@one.test", text.length);
    gss_release_buffer(&minor, &text);
    gs2_target_cache_drop(&targets, &old);
    gs2_target_cache_drop(&targets, &young);
}
END_TEST

START_TEST(the_oldest_make_room)
{
    struct gs2_target *target;
    unsigned made;
    char text[32];

    for (int i = 0; i <= GS2_TARGETS_MAX; i++) {
        snprintf(text, sizeof(text), "imap@%d.test", i);
        target = hold(0, text);
        gs2_target_cache_drop(&targets, &target);
    }
    made = sm->count(GS2_CALL_IMPORT_NAME);
    target = hold(0, "imap@1.test");
    gs2_target_cache_drop(&targets, &target);
    ck_assert_uint_eq(sm->count(GS2_CALL_IMPORT_NAME), made);
    target = hold(0, "imap@0.test");
    gs2_target_cache_drop(&targets, &target);
    ck_assert_uint_gt(sm->count(GS2_CALL_IMPORT_NAME), made);
}
END_TEST

/* The mechanism's own error is that of its first turn. */
START_TEST(not_the_mechanisms)
{
    struct gs2_target *target;

    script.faults[0] = (struct gs2_script_fault){ GS2_CALL_IMPORT_NAME, 0,
                                                  GSS_S_BAD_NAME, 5 };
    install();
    target = hold(0, "imap@one.test");
    ck_assert_ptr_eq(target->canonical, target->imported);
    gs2_target_cache_drop(&targets, &target);
}
END_TEST

SUITE("targets",
      FIXTURE(set_up, tear_down),
      TEST(one_name_is_made_once),
      TEST(others_are_others),
      TEST(it_grows_old),
      TEST(the_oldest_make_room),
      TEST(not_the_mechanisms))
