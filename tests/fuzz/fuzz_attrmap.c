/*
 * fuzz_attrmap.c - fuzz harness of the parser of gs2_attributes (the grammar
 * is in attrmap.h).
 *
 * The input is a map.  What is taken holds no property that a peer must not
 * feed, none twice, and parses to the same when it is written anew; what is
 * refused says where.
 */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "common/rules/attrmap.h"
#include "common/rules/names.h"
#include "fuzz.h"

static struct gs2_error err;

static bool
is_forbidden(const char *property)
{
    return strcasecmp(property, "userPassword") == 0 ||
           strcasecmp(property, "authPassword") == 0 ||
           strcasecmp(property, "authzTo") == 0 ||
           strcasecmp(property, "authzFrom") == 0 ||
           strcasecmp(property, "dn") == 0 ||
           strncasecmp(property, "cmusaslsecret", 13) == 0 ||
           strncasecmp(property, "slap", 4) == 0 ||
           strncasecmp(property, "gss", 3) == 0;
}

static void
check_mapping(const struct gs2_attrmap *map, size_t at)
{
    const struct gs2_mapping *m = &map->mappings[at];

    MUST(m->property[0] != '\0' && !is_forbidden(m->property));
    MUST(strspn(m->property,
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                "0123456789._-") == strlen(m->property));
    MUST(m->attr_len > 0 && strlen(m->attr) == m->attr_len);
    MUST(!gs2_names_is_ours(m->attr, m->attr_len) ||
         gs2_names_find_attr(m->attr, m->attr_len) != NULL);
    MUST(gs2_attrmap_find(map, m->property) == m);
    for (size_t i = 0; i < at; i++)
        MUST(strcasecmp(map->mappings[i].property, m->property) != 0);
}

/* Writes a mapping with its attribute in quotes. */
static char *
write_mapping(char *out, const struct gs2_mapping *m)
{
    out = stpcpy(stpcpy(out, m->property), m->base64 ? ":base64=\"" : "=\"");
    for (const char *p = m->attr; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            *out++ = '\\';
        *out++ = *p;
    }
    return stpcpy(out, "\" ");
}

/* Quotes make a text longer: one that is too long then is left alone. */
static void
check_again(const struct gs2_attrmap *map)
{
    static char text[4 * GS2_ATTRMAP_OCTETS_MAX];
    struct gs2_attrmap *again;
    char *end = text;

    for (size_t i = 0; i < map->count; i++)
        end = write_mapping(end, &map->mappings[i]);
    if (end - text > GS2_ATTRMAP_OCTETS_MAX)
        return;
    MUST(gs2_attrmap_parse(text, &again, &err) == GS2_OK);
    MUST(again->count == map->count);
    for (size_t i = 0; i < map->count; i++) {
        const struct gs2_mapping *a = &map->mappings[i];
        const struct gs2_mapping *b = &again->mappings[i];

        MUST(strcmp(a->property, b->property) == 0);
        MUST(a->attr_len == b->attr_len && strcmp(a->attr, b->attr) == 0);
        MUST(a->base64 == b->base64);
    }
    gs2_attrmap_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gs2_attrmap *map;
    gs2_status status;
    char *text = malloc(size + 1);

    MUST(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    status = gs2_attrmap_parse(text, &map, &err);
    if (status == GS2_OK) {
        MUST(map->count > 0 && strlen(text) <= GS2_ATTRMAP_OCTETS_MAX);
        for (size_t i = 0; i < map->count; i++)
            check_mapping(map, i);
        check_again(map);
    } else {
        MUST(status == GS2_BADCONFIG && map == NULL);
        MUST(strncmp(err.text, "line ", strlen("line ")) == 0);
        MUST(fuzz_is_line(err.text));
    }
    gs2_attrmap_free(map);
    free(text);
    return 0;
}
