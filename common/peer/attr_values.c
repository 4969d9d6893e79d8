/*
 * attr_values.c - what is kept of an attribute (see attr_values.h).
 */
#include "attr_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text/utf8.h"

bool
gs2_attr_is_text(const gss_buffer_desc *value)
{
    const unsigned char *s = value->value;
    size_t step;

    for (size_t i = 0; i < value->length; i += step) {
        step = gs2_utf8_char(s + i, value->length - i);
        if (step == 0 || s[i] < 0x20 || s[i] == 0x7f ||
            (s[i] == 0xc2 && s[i + 1] < 0xa0) ||
            (step == 3 && memcmp(s + i, "\xe2\x80", 2) == 0 &&
             (s[i + 2] == 0xa8 || s[i + 2] == 0xa9)))
            return false;
    }
    return true;
}

gs2_status
gs2_attr_values_make_room(const struct gs2_attr_login *login,
                          struct gs2_attr_values *values,
                          struct gs2_error *err)
{
    const size_t room = values->room > 0 ? 2 * values->room : 4;
    struct gs2_attr *attr = &values->attr;
    struct gs2_attr_value *larger;

    if (attr->count == GS2_ATTR_VALUES_MAX)
        return gs2_attr_values_give_up(login, values, GS2_ATTR_UNKNOWN,
                                       "it has too many values", NULL);
    if (attr->count == values->room) {
        larger = reallocarray(attr->values, room, sizeof(*larger));
        if (larger == NULL)
            return gs2_fail_nomem(err);
        attr->values = larger;
        values->room = room;
    }
    attr->values[attr->count] = (struct gs2_attr_value){ .value.length = 0 };
    return GS2_OK;
}

bool
gs2_attr_values_count(const struct gs2_attr_login *login,
                      struct gs2_attr_values *values, size_t value_len,
                      size_t display_len)
{
    const size_t left = GS2_ATTR_OCTETS_MAX - values->octets;
    const char *why = NULL;

    if (value_len > left || display_len > left - value_len)
        why = "its values are too long";
    else if (values->octets + value_len + display_len >
             GS2_ATTRS_OCTETS_MAX - login->octets)
        why = "the attributes of this login are too long together";
    if (why != NULL)
        (void)gs2_attr_values_give_up(login, values, GS2_ATTR_UNKNOWN, why,
                                      NULL);
    else
        values->octets += value_len + display_len;
    return why == NULL;
}

void
gs2_attr_values_keep(struct gs2_attr_login *login,
                     struct gs2_attr_values *values, bool complete)
{
    values->attr.state = GS2_ATTR_PRESENT;
    values->attr.complete = complete;
    values->settled = true;
    login->octets += values->octets;
}

gs2_status
gs2_attr_values_give_up(const struct gs2_attr_login *login,
                        struct gs2_attr_values *values,
                        enum gs2_attr_state state, const char *why,
                        const char *detail)
{
    char name[128], note[GS2_TEXT_MAX + 160];

    gs2_attr_values_release(values);
    values->settled = true;
    values->attr.state = state;
    values->attr.why = why;
    (void)snprintf(note, sizeof(note), "attribute \"%s\" is not used: %s",
                   gs2_escape(name, sizeof(name), values->attr.name.value,
                              values->attr.name.length),
                   detail != NULL ? detail : why);
    gs2_attr_values_tell(login, note);
    return GS2_OK;
}

void
gs2_attr_values_release(struct gs2_attr_values *values)
{
    struct gs2_attr *attr = &values->attr;
    OM_uint32 minor;

    for (size_t i = 0; values->texts == NULL && i < attr->count; i++) {
        (void)gss_release_buffer(&minor, &attr->values[i].value);
        (void)gss_release_buffer(&minor, &attr->values[i].display);
    }
    free(values->texts);
    values->texts = NULL;
    free(attr->values);
    attr->values = NULL;
    attr->count = values->room = values->octets = 0;
}

void
gs2_attr_values_tell(const struct gs2_attr_login *login, const char *note)
{
    if (login->note != NULL)
        login->note(login->context, note);
}
