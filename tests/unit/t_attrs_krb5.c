/*
 * t_attrs_krb5.c - attributes of a real Kerberos name (RFC 6680): those of the
 * PAC that a KDC puts into each ticket, MIT krb5's from 1.20 on.  Runs in a realm of its own, where
 * alice has a ticket and imap@localhost has a key.
 */
#include <gssapi/gssapi_krb5.h>

#include "common/peer/attrs.h"
#include "tests/lib/octets.h"
#include "tests/lib/import.h"
#include "tests/lib/suite.h"

static gss_name_t peer;
static struct gs2_attrs *attrs;
static struct gs2_error err;
static char notes[4096];

static void
take_note(void *context, const char *note)
{
    (void)context;
    strncat(notes, note, sizeof(notes) - strlen(notes) - 1);
}

/* alice as imap@localhost sees her. */
static void
log_in(void)
{
    gss_name_t target = import("imap@localhost", GSS_C_NT_HOSTBASED_SERVICE);
    gss_ctx_id_t init = GSS_C_NO_CONTEXT, accept = GSS_C_NO_CONTEXT;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER, reply = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    MUST(gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, target,
                              (gss_OID)gss_mech_krb5, 0, 0, NULL, NULL, NULL,
                              &token, NULL, NULL) == GSS_S_COMPLETE);
    MUST(gss_accept_sec_context(&minor, &accept, GSS_C_NO_CREDENTIAL, &token,
                                NULL, &peer, NULL, &reply, NULL, NULL,
                                NULL) == GSS_S_COMPLETE);
    (void)gss_release_buffer(&minor, &token);
    (void)gss_release_buffer(&minor, &reply);
    (void)gss_release_name(&minor, &target);
    (void)gss_delete_sec_context(&minor, &init, NULL);
    (void)gss_delete_sec_context(&minor, &accept, NULL);
}

static void
take_attributes(void)
{
    notes[0] = '\0';
    ck_assert_int_eq(gs2_attrs_new(peer, gss_mech_krb5, take_note, NULL,
                                   &attrs, &err), GS2_OK);
}

static void
set_up(void)
{
    log_in();
    take_attributes();
}

static void
tear_down(void)
{
    OM_uint32 minor;

    gs2_attrs_free(attrs);
    (void)gss_release_name(&minor, &peer);
}

static const struct gs2_attr *
get(const char *name)
{
    const size_t len = strlen(name);
    char *copy = exact_copy(name, len);
    const struct gs2_attr *attr = NULL;

    ck_assert_int_eq(gs2_attrs_get(attrs, copy, len, &attr, &err), GS2_OK);
    free(copy);
    return attr;
}

/* Compares with what a bare call says. */
static void
assert_same_as_bare(const struct gs2_attr *attr)
{
    gss_buffer_desc name = attr->name, value, display;
    int authenticated, complete, more = -1;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_get_name_attribute(&minor, peer, &name,
                                             &authenticated, &complete, &value,
                                             &display, &more),
                      GSS_S_COMPLETE);
    ck_assert_int_eq(more, 0);
    ck_assert_int_eq(authenticated != 0, 1);
    ck_assert_int_eq(attr->state, GS2_ATTR_PRESENT);
    ck_assert_int_eq(attr->complete, complete != 0);
    ck_assert_uint_eq(attr->count, 1);
    ck_assert_uint_eq(attr->values[0].value.length, value.length);
    ck_assert_mem_eq(attr->values[0].value.value, value.value, value.length);
    ck_assert_ptr_null(attr->values[0].display.value);
    (void)gss_release_buffer(&minor, &value);
    (void)gss_release_buffer(&minor, &display);
}

START_TEST(pac_is_listed_authenticated_and_binary)
{
    const struct gs2_attr **list;
    bool pac_listed = false;
    size_t count;

    ck_assert_int_eq(gs2_attrs_all(attrs, &list, &count, &err), GS2_OK);
    ck_assert_uint_ge(count, 2);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(strncmp(list[i]->name.value, "urn:mspac:", 10), 0);
        assert_same_as_bare(list[i]);
        if (strcmp(list[i]->name.value, "urn:mspac:") == 0) {
            pac_listed = true;
            ck_assert(!gs2_attr_is_text(&list[i]->values[0].value));
        }
    }
    ck_assert(pac_listed);
    ck_assert_str_eq(notes, "");
}
END_TEST

START_TEST(pac_by_name_is_the_listed_one)
{
    const struct gs2_attr *pac = get("urn:mspac:"), **list;
    bool found = false;
    size_t count;

    assert_same_as_bare(pac);
    ck_assert_int_eq(gs2_attrs_all(attrs, &list, &count, &err), GS2_OK);
    for (size_t i = 0; i < count; i++)
        found = found || list[i] == pac;
    ck_assert(found);
}
END_TEST

/* krb5 reads the number behind the prefix as a terminated string: the name
 * that was asked for is not, what is handed to it must be. */
START_TEST(pac_buffer_by_number)
{
    assert_same_as_bare(get("urn:mspac:10")); /* PAC_CLIENT_INFO */
    ck_assert_int_eq(get("urn:mspac:1")->state, GS2_ATTR_ABSENT);
    ck_assert_str_eq(notes, "");
}
END_TEST

START_TEST(what_the_ticket_lacks_is_absent_without_a_note)
{
    ck_assert_int_eq(get("auth-indicators")->state, GS2_ATTR_ABSENT);
    ck_assert_int_eq(get("urn:mspa")->state, GS2_ATTR_ABSENT);
    ck_assert_int_eq(get("")->state, GS2_ATTR_ABSENT);
    ck_assert_int_eq(get("gs2:realm")->state, GS2_ATTR_ABSENT);
    ck_assert_str_eq(notes, "");
}
END_TEST

/* Names that come from no login: a mechanism name, and another one. */
START_TEST(imported_name_has_no_attributes)
{
    const struct gs2_attr **list;
    gss_name_t imported = import("alice", GSS_C_NT_USER_NAME);
    OM_uint32 minor;
    size_t count;

    tear_down();
    if (_i == 0) {
        ck_assert_uint_eq(gss_canonicalize_name(&minor, imported,
                                                (gss_OID)gss_mech_krb5, &peer),
                          GSS_S_COMPLETE);
        (void)gss_release_name(&minor, &imported);
    } else {
        peer = imported;
    }
    take_attributes();
    ck_assert_int_eq(get("urn:mspac:")->state, GS2_ATTR_ABSENT);
    ck_assert_int_eq(gs2_attrs_all(attrs, &list, &count, &err), GS2_OK);
    ck_assert_uint_eq(count, 0);
    ck_assert_ptr_nonnull(list);
    ck_assert_str_eq(notes, "");
}
END_TEST

/* What a bare call says of a ticket, outside of all tests. */
static bool
has_pac(void)
{
    gss_buffer_desc name = { 10, "urn:mspac:" };
    gss_buffer_desc value = GSS_C_EMPTY_BUFFER, display = GSS_C_EMPTY_BUFFER;
    int authenticated, complete, more = -1;
    OM_uint32 major, minor;

    log_in();
    major = gss_get_name_attribute(&minor, peer, &name, &authenticated,
                                   &complete, &value, &display, &more);
    (void)gss_release_buffer(&minor, &value);
    (void)gss_release_buffer(&minor, &display);
    (void)gss_release_name(&minor, &peer);
    /* The tests show any other failure. */
    return major != GSS_S_UNAVAILABLE;
}

#define WITH_PAC(name)                                                        \
    SOMETIMES(name, 1, has_pac(), "the KDC of MIT krb5 before 1.20 makes no PAC")

SUITE("attrs_krb5",
      FIXTURE(set_up, tear_down),
      WITH_PAC(pac_is_listed_authenticated_and_binary),
      WITH_PAC(pac_by_name_is_the_listed_one),
      WITH_PAC(pac_buffer_by_number),
      TEST(what_the_ticket_lacks_is_absent_without_a_note),
      TIMES(imported_name_has_no_attributes, 2))
