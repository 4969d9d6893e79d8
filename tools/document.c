/*
 * document.c - pieces of JSON documents (see document.h).
 */
#include "document.h"

#include <stdlib.h>
#include <string.h>

#include "common/text/base64.h"
#include "print.h"

json_t *
document_octets(const void *octets, size_t len)
{
    json_t *value = json_stringn(octets != NULL ? octets : "",
                                 len); /* NULL: not UTF-8 as well */
    char *base64;

    if (value != NULL)
        return value;
    base64 = need(gs2_base64_encode(octets, len));
    value = need(json_pack("{s:s}", "b64", base64));
    free(base64);
    return value;
}

json_t *
document_text(const char *text)
{
    return text != NULL ? document_octets(text, strlen(text)) : json_null();
}

const char *
document_get(const json_t *object, const char *name)
{
    const json_t *member = json_object_get(object, name);

    return json_string_value(json_is_object(member)
                             ? json_object_get(member, "b64") : member);
}

json_t *
document_tickets(const struct tickets *tickets)
{
    return need(json_pack("{s:o, s:I, s:o}",
                          "principal", document_text(tickets->principal),
                          "until", (json_int_t)tickets->until,
                          "cache", document_text(tickets->cache)));
}

json_t *
document_failure(const struct outcome *outcome, const char *log,
                 const char *next)
{
    return need(json_pack("{s:s, s:s?, s:i, s:o, s:o, s:o}",
                          "side", outcome->by_server ? "server" : "client",
                          "cause", outcome->cause,
                          "code", outcome->code,
                          "text", document_text(outcome->text),
                          "log", document_text(log),
                          "next", document_text(next)));
}

void
document_set(json_t *document, const char *name, json_t *value)
{
    if (json_object_set_new(document, name, value) != 0)
        (void)need(NULL);
}

void
document_update(json_t *document, json_t *other)
{
    if (other != NULL && json_object_update(document, other) != 0)
        (void)need(NULL);
}

void
document_add(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        (void)need(NULL);
}

void
document_print(json_t *document)
{
    (void)json_dumpf(document, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
    (void)putchar('\n');
    json_decref(document);
}
