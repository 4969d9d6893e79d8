/*
 * attr_json.c - attributes as JSON (see attr_json.h).
 *
 * libc's memory streams do the growing; a write that fails shows at the end.
 */
#include "attr_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text/base64.h"

/* What fails here, ferror() tells at the end. */
static void
put(FILE *out, const char *text)
{
    (void)fputs(text, out);
}

/* A JSON string of a text, in which there is no control character. */
static void
put_text(FILE *out, const gss_buffer_desc *text)
{
    const char *s = text->value;

    put(out, "\"");
    for (size_t i = 0; i < text->length; i++) {
        if (s[i] == '"' || s[i] == '\\')
            put(out, "\\");
        (void)putc(s[i], out);
    }
    put(out, "\"");
}

/* "b64":s.  False where there is no memory. */
static bool
put_base64(FILE *out, const gss_buffer_desc *octets)
{
    char *text = gs2_base64_encode(octets->value, octets->length);

    if (text == NULL)
        return false;
    put(out, "\"b64\":\"");
    put(out, text);
    put(out, "\"");
    free(text);
    return true;
}

/* Text as a string, else an object. */
static bool
put_name(FILE *out, const gss_buffer_desc *name)
{
    bool ok;

    if (gs2_attr_is_text(name)) {
        put_text(out, name);
        return true;
    }
    put(out, "{");
    ok = put_base64(out, name);
    put(out, "}");
    return ok;
}

static bool
put_string(FILE *out, const char *text)
{
    const gss_buffer_desc octets = { text != NULL ? strlen(text) : 0,
                                     (void *)text };

    if (text != NULL)
        return put_name(out, &octets);
    put(out, "null");
    return true;
}

static bool
put_login(FILE *out, const struct gs2_attr_json_login *login)
{
    bool ok = true;

    for (size_t i = 0; ok && i < login->member_count; i++) {
        (void)fprintf(out, ",\"%s\":", login->members[i].name);
        ok = put_string(out, login->members[i].text);
    }
    put(out, ",\"roles\":[");
    for (size_t i = 0; ok && i < login->role_count; i++) {
        put(out, i > 0 ? "," : "");
        ok = put_string(out, login->roles[i]);
    }
    put(out, "]");
    return ok;
}

static bool
put_value(FILE *out, const struct gs2_attr_value *value)
{
    bool ok;

    put(out, "{");
    ok = put_base64(out, &value->value);
    if (gs2_attr_is_text(&value->value)) {
        put(out, ",\"text\":");
        put_text(out, &value->value);
    }
    if (value->display.value != NULL && gs2_attr_is_text(&value->display)) {
        put(out, ",\"display\":");
        put_text(out, &value->display);
    }
    put(out, "}");
    return ok;
}

static bool
put_attr(FILE *out, const struct gs2_attr *attr)
{
    bool ok;

    put(out, "{\"name\":");
    ok = put_name(out, &attr->name);
    put(out, ",\"complete\":");
    put(out, attr->complete ? "true" : "false");
    put(out, ",\"values\":[");
    for (size_t i = 0; ok && i < attr->count; i++) {
        if (i > 0)
            put(out, ",");
        ok = put_value(out, &attr->values[i]);
    }
    put(out, "]}");
    return ok;
}

static bool
put_attrs(FILE *out, const struct gs2_attr *const *attrs, size_t count)
{
    bool first = true, ok = true;

    put(out, ",\"attributes\":[");
    for (size_t i = 0; ok && i < count; i++) {
        if (attrs[i]->state != GS2_ATTR_PRESENT)
            continue;
        if (!first)
            put(out, ",");
        first = false;
        ok = put_attr(out, attrs[i]);
    }
    put(out, "]}");
    return ok;
}

gs2_status
gs2_attr_json_make(const struct gs2_attr_json_login *login,
                   const struct gs2_attr *const *attrs, size_t count,
                   char **json_out, struct gs2_error *err)
{
    char *json = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&json, &len);
    bool ok;

    *json_out = NULL;
    if (out == NULL)
        return gs2_fail_nomem(err);
    put(out, "{\"v\":1");
    ok = put_login(out, login) && put_attrs(out, attrs, count);
    if (ferror(out))
        ok = false;
    if (fclose(out) != 0 || !ok) {
        free(json);
        return gs2_fail_nomem(err);
    }
    *json_out = json;
    return GS2_OK;
}
