/*
 * t_scriptmech_creds.c - shows that what a script says of credentials (RFC
 * 2743 section 2.1), of the mechanism itself (RFC 5587, RFC 5801 section 11)
 * and of status texts really happens when the mechanism is reached through the
 * GSS library's mechanism glue.
 */
#include <string.h>

#include "tests/lib/ends.h"
#include "tests/lib/import.h"

static struct gs2_script script;

static void
set_up(void)
{
    gs2_ends_set_up();
    gs2_script_honest(&script, 1);
    sm->install(GS2_OID_A, &script);
}

static OM_uint32
acquire(const char *who, gss_cred_usage_t usage,
        gss_const_key_value_set_t store, OM_uint32 *minor, gss_cred_id_t *cred)
{
    gss_name_t name =
        who != NULL ? import(who, GSS_C_NT_USER_NAME) : GSS_C_NO_NAME;
    gss_OID_set_desc mechs = {1, gs2_script_oid(GS2_OID_A)};
    OM_uint32 major, ignored;

    major = gss_acquire_cred_from(minor, name, 0, &mechs, usage, store, cred,
                                  NULL, NULL);
    gss_release_name(&ignored, &name);
    return major;
}

static void
ck_cred_name(gss_cred_id_t cred, const char *expected)
{
    gss_name_t name = GSS_C_NO_NAME;
    gss_buffer_desc text;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_inquire_cred_by_mech(&minor, cred,
                                               gs2_script_oid(GS2_OID_A),
                                               &name, NULL, NULL, NULL),
                      0);
    ck_assert_uint_eq(gss_display_name(&minor, name, &text, NULL), 0);
    gs2_ends_check_buffer(&text, expected, strlen(expected));
    gss_release_name(&minor, &name);
}

START_TEST(credentials)
{
    gss_key_value_element_desc elements[] = {{"keytab", "FILE:/k"},
                                             {"ccache", "MEMORY:"}};
    gss_key_value_set_desc store = {2, elements};
    gss_cred_id_t cred;
    OM_uint32 minor;

    script.holder = "alice";
    ck_assert_uint_eq(acquire(NULL, GSS_C_INITIATE, NULL, &minor, &cred), 0);
    ck_cred_name(cred, "scripted@SCRIPT.TEST");
    gss_release_cred(&minor, &cred);
    ck_assert_uint_eq(acquire("alice", GSS_C_INITIATE, NULL, &minor, &cred),
                      0);
    ck_cred_name(cred, "alice");
    gss_release_cred(&minor, &cred);
    ck_assert_uint_eq(acquire("bob", GSS_C_INITIATE, NULL, &minor, &cred),
                      GSS_S_NO_CRED);
    ck_assert_uint_eq(acquire("bob", GSS_C_ACCEPT, &store, &minor, &cred), 0);
    ck_assert_str_eq(gs2_ends_call(GS2_CALL_ACQUIRE_CRED, 4)->store.data,
                     "keytab=FILE:/k;ccache=MEMORY:");
    ck_assert_int_eq(gs2_ends_call(GS2_CALL_ACQUIRE_CRED, 4)->usage,
                     GSS_C_ACCEPT);
    gss_release_cred(&minor, &cred);
    script.no_store = true;
    ck_assert_uint_eq(acquire("bob", GSS_C_ACCEPT, &store, &minor, &cred),
                      GSS_S_UNAVAILABLE);
    script.faults[0] = (struct gs2_script_fault){GS2_CALL_ACQUIRE_CRED, 0,
                                                 GSS_S_CREDENTIALS_EXPIRED, 6};
    ck_assert_uint_eq(acquire("alice", GSS_C_INITIATE, NULL, &minor, &cred),
                      GSS_S_CREDENTIALS_EXPIRED);
}
END_TEST

static OM_uint32
acquire_with(const char *password, gss_cred_id_t *cred)
{
    gss_OID_set_desc mechs = {1, gs2_script_oid(GS2_OID_A)};
    gss_buffer_desc secret = {strlen(password), (void *)password};
    gss_name_t name = import("bob", GSS_C_NT_USER_NAME);
    OM_uint32 major, minor;

    major = gss_acquire_cred_with_password(&minor, name, &secret, 0, &mechs,
                                           GSS_C_INITIATE, cred, NULL, NULL);
    gss_release_name(&minor, &name);
    return major;
}

START_TEST(passwords)
{
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;

    ck_assert_uint_eq(acquire_with("secret", &cred), GSS_S_UNAVAILABLE);
    script.password = "secret";
    script.holder = "alice";
    ck_assert_uint_eq(acquire_with("wrong", &cred), GSS_S_FAILURE);
    ck_assert_uint_eq(acquire_with("secret", &cred), 0);
    ck_cred_name(cred, "bob");
    gss_release_cred(&minor, &cred);
    /* The password itself goes on no record. */
    ck_assert_uint_eq(gs2_ends_call(GS2_CALL_ACQUIRE_PASSWORD, 1)->token.len,
                      0);
}
END_TEST

START_TEST(storing_a_credential)
{
    gss_key_value_element_desc element = {"ccache", "FILE:/c"};
    gss_key_value_set_desc store = {1, &element};
    gss_cred_id_t cred;
    OM_uint32 minor;

    ck_assert_uint_eq(acquire(NULL, GSS_C_INITIATE, NULL, &minor, &cred), 0);
    ck_assert_uint_eq(gss_store_cred_into(&minor, cred, GSS_C_INITIATE,
                                          gs2_script_oid(GS2_OID_A), 1, 0,
                                          &store, NULL, NULL),
                      0);
    ck_assert_str_eq(gs2_ends_call(GS2_CALL_STORE_CRED, 1)->store.data,
                     "ccache=FILE:/c");
    gss_release_cred(&minor, &cred);
}
END_TEST

static bool
has_attr(gss_const_OID attr)
{
    gss_OID_set set = GSS_C_NO_OID_SET, known = GSS_C_NO_OID_SET;
    OM_uint32 minor;
    int present = 0;

    ck_assert_uint_eq(gss_inquire_attrs_for_mech(
                          &minor, gs2_script_oid(GS2_OID_A), &set, &known),
                      0);
    gss_test_oid_set_member(&minor, (gss_OID)attr, set, &present);
    gss_release_oid_set(&minor, &set);
    gss_release_oid_set(&minor, &known);
    return present != 0;
}

START_TEST(attributes_of_the_mechanism)
{
    const struct {
        unsigned bit;
        gss_const_OID attr;
    } all[] = {
        {GS2_MA_AUTH_TARG, GSS_C_MA_AUTH_TARG},
        {GS2_MA_AUTH_INIT_ANON, GSS_C_MA_AUTH_INIT_ANON},
        {GS2_MA_CBINDINGS, GSS_C_MA_CBINDINGS},
        {GS2_MA_ITOK_FRAMED, GSS_C_MA_ITOK_FRAMED},
        {GS2_MA_DELEG_CRED, GSS_C_MA_DELEG_CRED},
        {GS2_MA_PFS, GSS_C_MA_PFS},
        {GS2_MA_MECH_NEGO, GSS_C_MA_MECH_NEGO},
        {GS2_MA_DEPRECATED, GSS_C_MA_DEPRECATED},
        {GS2_MA_NOT_DFLT_MECH, GSS_C_MA_NOT_DFLT_MECH},
    };
    gss_OID_set set = GSS_C_NO_OID_SET;
    OM_uint32 minor;

    for (size_t i = 0; i < COUNT(all); i++) {
        script.ma = all[i].bit;
        for (size_t j = 0; j < COUNT(all); j++)
            ck_assert_int_eq(has_attr(all[j].attr), i == j);
    }
    script.ma_null = true;
    /* MIT krb5 1.22 makes an empty set of none. */
    gss_inquire_attrs_for_mech(&minor, gs2_script_oid(GS2_OID_A), &set, NULL);
    ck_assert(set == GSS_C_NO_OID_SET || set->count == 0);
    (void)gss_release_oid_set(&minor, &set);
    script.faults[0] =
        (struct gs2_script_fault){GS2_CALL_INQUIRE_ATTRS, 0, GSS_S_FAILURE, 2};
    ck_assert_uint_eq(gss_inquire_attrs_for_mech(
                          &minor, gs2_script_oid(GS2_OID_A), &set, NULL),
                      GSS_S_FAILURE);
}
END_TEST

START_TEST(sasl_names)
{
    gss_buffer_desc name, asked = {10, "GS2-SCRIPT"};
    gss_OID mech = GSS_C_NO_OID;
    OM_uint32 minor;

    sm->install(GS2_OID_SPKM1, &script);
    gss_inquire_saslname_for_mech(&minor, gs2_script_oid(GS2_OID_A), &name,
                                  NULL, NULL);
    gs2_ends_check_buffer(&name, "GS2-SCRIPT", 10);
    ck_assert_uint_eq(gss_inquire_mech_for_saslname(&minor, &asked, &mech), 0);
    ck_assert(gss_oid_equal(mech, gs2_script_oid(GS2_OID_A)));
    /* Named by nobody: the glue makes the name of the OID's hash. */
    script.saslname.data = NULL;
    gss_inquire_saslname_for_mech(&minor, gs2_script_oid(GS2_OID_SPKM1), &name,
                                  NULL, NULL);
    gs2_ends_check_buffer(&name, "GS2-DT4PIK22T6A", 15);
    ck_assert_uint_eq(gss_inquire_mech_for_saslname(&minor, &asked, &mech),
                      GSS_S_BAD_MECH);
    script.faults[0] = (struct gs2_script_fault){GS2_CALL_INQUIRE_SASLNAME, 0,
                                                 GSS_S_FAILURE, 2};
    ck_assert_uint_eq(gss_inquire_saslname_for_mech(&minor,
                                                    gs2_script_oid(GS2_OID_A),
                                                    &name, NULL, NULL),
                      GSS_S_FAILURE);
}
END_TEST

/* Fails with the minor status and gives one of its texts. */
static OM_uint32
status_text(OM_uint32 minor, OM_uint32 context, gss_buffer_t text)
{
    gss_cred_id_t cred;
    OM_uint32 mapped, ignored;

    script.faults[0] = (struct gs2_script_fault){GS2_CALL_ACQUIRE_CRED, 0,
                                                 GSS_S_FAILURE, minor};
    ck_assert(GSS_ERROR(acquire(NULL, GSS_C_INITIATE, NULL, &mapped, &cred)));
    ck_assert_uint_eq(gss_display_status(&ignored, mapped, GSS_C_MECH_CODE,
                                         gs2_script_oid(GS2_OID_A), &context,
                                         text),
                      0);
    return context;
}

START_TEST(texts_of_minor_statuses)
{
    gss_buffer_desc text;
    OM_uint32 context;

    script.texts[0] = (struct gs2_script_text){11, GS2_OCTETS("one\r\n\x1b")};
    script.texts[1] = (struct gs2_script_text){12, GS2_OCTETS("")};
    script.texts[2] = (struct gs2_script_text){11, GS2_OCTETS("two")};
    context = status_text(11, 0, &text);
    gs2_ends_check_buffer(&text, "one\r\n\x1b", 6);
    ck_assert_uint_ne(context, 0);
    ck_assert_uint_eq(status_text(11, context, &text), 0);
    gs2_ends_check_buffer(&text, "two", 3);
    ck_assert_uint_eq(status_text(12, 0, &text), 0);
    ck_assert_ptr_nonnull(text.value);
    gs2_ends_check_buffer(&text, "", 0);
    ck_assert_uint_eq(status_text(13, 0, &text), 0);
    gs2_ends_check_buffer(&text, "scripted minor status 13", 24);
    script.texts_endless = true;
    ck_assert_uint_ne(status_text(11, 7, &text), 0);
    gs2_ends_check_buffer(&text, "two", 3);
}
END_TEST

SUITE("scriptmech credentials",
      PREPARE(scripted_without_plugin),
      FIXTURE(set_up, gs2_ends_tear_down),
      TEST(credentials),
      TEST(passwords),
      TEST(storing_a_credential),
      TEST(attributes_of_the_mechanism),
      TEST(sasl_names),
      TEST(texts_of_minor_statuses))
