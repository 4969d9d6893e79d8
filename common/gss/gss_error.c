/*
 * gss_error.c - words for a GSS status (see gss_error.h).
 */
#include "gss_error.h"

#include <stdio.h>
#include <string.h>

char *
gs2_oid_text(char *out, const gss_OID_desc *oid)
{
    const unsigned char *s = oid != NULL ? oid->elements : NULL;
    unsigned long arc = 0;
    size_t at = 0;

    memcpy(out, "no OID", sizeof("no OID"));
    for (OM_uint32 i = 0; s != NULL && i < oid->length; i++) {
        if (arc > 0xffffff || at + 24 > GS2_OID_TEXT_MAX)
            break;
        arc = arc << 7 | (s[i] & 0x7f);
        if (s[i] & 0x80)
            continue;
        if (at == 0)
            at += (size_t)sprintf(out, "%lu.%lu", arc < 80 ? arc / 40 : 2,
                                  arc < 80 ? arc % 40 : arc - 80);
        else
            at += (size_t)sprintf(out + at, ".%lu", arc);
        arc = 0;
    }
    return out;
}

/* True where a minor text tells nobody anything. */
static int
says_nothing(const gss_buffer_desc *text)
{
    static const char *const empty[] = { "", "Success", "No error",
                                         "Unknown error" };

    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        if (text->length == strlen(empty[i]) &&
            (text->length == 0 ||
             memcmp(text->value, empty[i], text->length) == 0))
            return 1;
    }
    return 0;
}

/* Appends the words for one status code to out, each behind separator. */
static void
append_words(char *out, size_t size, const char *separator, OM_uint32 code,
             int type, const gss_OID_desc *mech)
{
    OM_uint32 minor, more = 0, major;
    gss_buffer_desc text;
    size_t at;

    for (int i = 0; i < 8; i++) {
        text = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
        major = gss_display_status(&minor, code, type, (gss_OID)mech, &more,
                                   &text);
        if (GSS_ERROR(major))
            return;
        at = strlen(out);
        if (!says_nothing(&text))
            (void)snprintf(out + at, size - at, "%s%.*s", separator,
                           (int)(text.length < size ? text.length : size),
                           (const char *)text.value);
        (void)gss_release_buffer(&minor, &text);
        if (more == 0)
            return;
    }
}

/* True where the major text says less than any minor text does. */
static bool
is_vague(OM_uint32 major)
{
    return GSS_ERROR(major) == GSS_S_FAILURE ||
           GSS_ERROR(major) == GSS_S_NO_CRED;
}

void
gs2_gss_error_set(struct gs2_error *err, const char *what, OM_uint32 major,
                  OM_uint32 minor, const gss_OID_desc *mech)
{
    char major_words[GS2_TEXT_MAX / 2] = "", minor_words[GS2_TEXT_MAX / 2] = "";
    char oid[GS2_OID_TEXT_MAX];

    /* The minor text first: asking for the major's may replace it. */
    if (minor != 0)
        append_words(minor_words, sizeof(minor_words), ": ", minor,
                     GSS_C_MECH_CODE, mech);
    append_words(major_words, sizeof(major_words), ": ", major,
                 GSS_C_GSS_CODE, mech);
    if (major_words[0] == '\0')
        (void)snprintf(major_words, sizeof(major_words),
                       ": major status 0x%08x", major);
    if (!is_vague(major))
        gs2_error_set(err, "%s%s%s", what, major_words, minor_words);
    else if (minor_words[0] != '\0')
        gs2_error_set(err, "%s%s", what, minor_words);
    else if (GSS_ERROR(major) == GSS_S_FAILURE)
        gs2_error_set(err, "%s: the mechanism gives no reason", what);
    else
        gs2_error_set(err, "%s%s", what, major_words);
    gs2_error_detail(err, "%s; mechanism %s", major_words + strlen(": "),
                     gs2_oid_text(oid, mech));
}

void
gs2_gss_error_in_log(struct gs2_error *err, const char *what, OM_uint32 major,
                     OM_uint32 minor, const gss_OID_desc *mech)
{
    struct gs2_error why;

    gs2_gss_error_set(&why, what, major, minor, mech);
    gs2_error_set(err, "%s; its log says why", what);
    gs2_error_detail(err, "%s; %s", why.text, why.detail);
}
