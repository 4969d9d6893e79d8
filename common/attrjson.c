/*
 * attrjson.c - attributes as JSON (see attrjson.h).
 *
 * libc's memory streams do the growing; a write that fails shows at the end.
 */
#include "attrjson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"

/* A JSON string of what is text: no control character is in it. */
static void
put_text(FILE *out, const gss_buffer_desc *text)
{
    const char *s = text->value;

    putc('"', out);
    for (size_t i = 0; i < text->length; i++) {
        if (s[i] == '"' || s[i] == '\\')
            putc('\\', out);
        putc(s[i], out);
    }
    putc('"', out);
}

/* "b64":s.  False where there is no memory. */
static bool
put_base64(FILE *out, const gss_buffer_desc *octets)
{
    char *text = gs2_base64_encode(octets->value, octets->length);

    if (text == NULL)
        return false;
    fprintf(out, "\"b64\":\"%s\"", text);
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
    putc('{', out);
    ok = put_base64(out, name);
    putc('}', out);
    return ok;
}

static bool
put_string(FILE *out, const char *key, const char *text)
{
    const gss_buffer_desc octets = { text != NULL ? strlen(text) : 0,
                                     (void *)text };

    fprintf(out, "\"%s\":", key);
    if (text == NULL)
        return fputs("null", out) >= 0;
    return put_name(out, &octets);
}

static bool
put_value(FILE *out, const struct gs2_attr_value *value)
{
    bool ok;

    putc('{', out);
    ok = put_base64(out, &value->value);
    if (gs2_attr_is_text(&value->value)) {
        fputs(",\"text\":", out);
        put_text(out, &value->value);
    }
    if (value->display.value != NULL && gs2_attr_is_text(&value->display)) {
        fputs(",\"display\":", out);
        put_text(out, &value->display);
    }
    putc('}', out);
    return ok;
}

static bool
put_attr(FILE *out, const struct gs2_attr *attr)
{
    bool ok;

    fputs("{\"name\":", out);
    ok = put_name(out, &attr->name);
    fprintf(out, ",\"complete\":%s,\"values\":[",
            attr->complete ? "true" : "false");
    for (size_t i = 0; ok && i < attr->count; i++) {
        if (i > 0)
            putc(',', out);
        ok = put_value(out, &attr->values[i]);
    }
    fputs("]}", out);
    return ok;
}

static bool
put_attrs(FILE *out, const struct gs2_attr *const *attrs, size_t count)
{
    bool first = true, ok = true;

    fputs(",\"attributes\":[", out);
    for (size_t i = 0; ok && i < count; i++) {
        if (attrs[i]->state != GS2_ATTR_PRESENT)
            continue;
        if (!first)
            putc(',', out);
        first = false;
        ok = put_attr(out, attrs[i]);
    }
    fputs("]}", out);
    return ok;
}

gs2_status
gs2_attrjson_make(const char *mech, const char *principal, const char *realm,
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
    fprintf(out, "{\"v\":1,\"mech\":\"%s\",", mech);
    ok = put_string(out, "principal", principal);
    putc(',', out);
    ok = ok && put_string(out, "realm", realm) && put_attrs(out, attrs, count);
    if (ferror(out))
        ok = false;
    if (fclose(out) != 0 || !ok) {
        free(json);
        return gs2_fail_nomem(err);
    }
    *json_out = json;
    return GS2_OK;
}
