/*
 * attrs_login.h - what the tests of attributes share: a login of a peer whose
 * attributes the scriptable mechanism plays.
 */
#ifndef GS2_TESTS_ATTRS_LOGIN_H
#define GS2_TESTS_ATTRS_LOGIN_H

#include "common/peer/attrs.h"
#include "octets.h"
#include "ends.h"

#define YES true, true, 0, 0 /* authenticated, complete, no error */
#define NO_DISPLAY                                                            \
    {                                                                         \
        NULL, 0                                                               \
    }
/* A value "v" with these flags. */
#define VALUE(auth, complete)                                                 \
    {                                                                         \
        GS2_OCTETS("v"), NO_DISPLAY, auth, complete, 0, 0                     \
    }

static struct gs2_script script;
static struct gs2_script_name source;
static gss_name_t peer;
static struct gs2_attrs *attrs;
static struct gs2_error err;
static char notes[4096];

static inline void
take_note(void *context, const char *note)
{
    ck_assert_ptr_eq(context, &script);
    ck_assert_uint_lt(strlen(notes) + strlen(note) + 2, sizeof(notes));
    strcat(notes, note);
    strcat(notes, "\n");
}

static inline void
set_up(void)
{
    gs2_ends_set_up();
    gs2_script_honest(&script, 1);
    source = (struct gs2_script_name){ .text = GS2_OCTETS("a@SCRIPT.TEST") };
    script.source = &source;
    notes[0] = '\0';
}

static inline void
tear_down(void)
{
    OM_uint32 minor;

    gs2_attrs_free(attrs);
    (void)gss_release_name(&minor, &peer);
    gs2_ends_tear_down();
}

/* A login of a peer with these attributes. */
static inline void
log_in(const struct gs2_script_attr *scripted, size_t count)
{
    source.attrs = scripted;
    source.attr_count = count;
    sm->install(GS2_OID_A, &script);
    gs2_ends_run();
    ck_assert_uint_eq(gs2_ends.acceptor.major, GSS_S_COMPLETE);
    peer = gs2_ends.acceptor.source;
    gs2_ends.acceptor.source = GSS_C_NO_NAME;
    sm->forget();
    ck_assert_int_eq(gs2_attrs_new(peer, gs2_script_oid(GS2_OID_A), take_note,
                                   &script, &attrs, &err), GS2_OK);
}

static inline void
assert_calls(unsigned get, unsigned inquire)
{
    ck_assert_uint_eq(sm->count(GS2_CALL_GET_ATTRIBUTE), get);
    ck_assert_uint_eq(sm->count(GS2_CALL_INQUIRE_NAME), inquire);
    /* And none but those that make the text of a note. */
    ck_assert_uint_eq(sm->count(GS2_CALL_NONE) -
                          sm->count(GS2_CALL_DISPLAY_STATUS),
                      get + inquire);
}

/* Looks an attribute up, by a name in an allocation of its exact size. */
static inline const struct gs2_attr *
get(const void *name, size_t len)
{
    void *copy = exact_copy(name, len);
    const struct gs2_attr *attr = NULL;

    ck_assert_int_eq(gs2_attrs_get(attrs, copy, len, &attr, &err), GS2_OK);
    free(copy);
    ck_assert_uint_eq(attr->name.length, len);
    ck_assert(len == 0 || memcmp(attr->name.value, name, len) == 0);
    ck_assert_int_eq(((char *)attr->name.value)[len], '\0');
    if (attr->state != GS2_ATTR_PRESENT) {
        ck_assert_uint_eq(attr->count, 0);
        ck_assert_ptr_null(attr->values);
    }
    return attr;
}

static inline size_t
get_all(const struct gs2_attr ***list_out)
{
    size_t count;

    ck_assert_int_eq(gs2_attrs_all(attrs, list_out, &count, &err), GS2_OK);
    return count;
}

static inline void
assert_buffer(const gss_buffer_desc *buffer, struct gs2_octets octets)
{
    ck_assert_uint_eq(buffer->length, octets.len);
    ck_assert(octets.len == 0 ||
              memcmp(buffer->value, octets.data, octets.len) == 0);
}

/* Values of all kinds, all authenticated. */
static const struct gs2_script_value many[] = {
    { GS2_OCTETS("b"), GS2_OCTETS("display of b"), YES },
    { GS2_OCTETS("a"), NO_DISPLAY, YES },
    { GS2_OCTETS("b"), NO_DISPLAY, YES },
    { GS2_OCTETS(""), NO_DISPLAY, YES },
    { GS2_OCTETS("n\0ul\n"), GS2_OCTETS("n\0l"), YES },
    { GS2_OCTETS("\xff\xfe"), NO_DISPLAY, YES },
};
static const size_t many_count = COUNT(many);

#endif
