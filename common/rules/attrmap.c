/*
 * attrmap.c - parser of the option gs2_attributes (see attrmap.h); no RFC: the
 * syntax is ours.
 */
#include "attrmap.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "common/text/lexer.h"

/* Properties that libsasl, slapd, 389-ds or we ourselves act upon: an attribute
 * that was put there would be a password, a permission or an identity. */
static const struct {
    const char *name;
    bool prefix;
} reserved[] = {
    { "userPassword", false }, { "authPassword", false },
    { "authzTo", false },      { "authzFrom", false },
    { "dn", false }, /* 389-ds: whom the connection is bound as */
    { "cmusaslsecret", true }, { "slap", true },
    { "gss", true },           { "gs2", true },
};

static bool
is_reserved(const char *property, size_t len)
{
    size_t name_len;

    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        name_len = strlen(reserved[i].name);
        if ((len == name_len || (reserved[i].prefix && len > name_len)) &&
            strncasecmp(property, reserved[i].name, name_len) == 0)
            return true;
    }
    return false;
}

static bool
is_mapped(const struct gs2_attrmap *map, const char *property, size_t len)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strlen(map->mappings[i].property) == len &&
            strncasecmp(map->mappings[i].property, property, len) == 0)
            return true;
    }
    return false;
}

/* PROP [ ":base64" ] "=" */
static gs2_status
take_property(struct gs2_lexer *lexer, const struct gs2_attrmap *map,
              struct gs2_mapping *mapping)
{
    const char *property = lexer->at;
    const size_t all = gs2_lexer_bare(property);
    const size_t len = strcspn(property, ":/@") < all
                       ? strcspn(property, ":/@") : all;

    if (len == 0)
        return gs2_lexer_fail_expected(lexer, property,
                                       "the name of a property");
    if (is_reserved(property, len))
        return gs2_lexer_fail(lexer, property,
                              "property %.*s must not be fed from an "
                              "attribute", (int)len, property);
    if (is_mapped(map, property, len))
        return gs2_lexer_fail(lexer, property, "property %.*s is named twice",
                              (int)len, property);
    mapping->base64 = all - len == strlen(":base64") &&
                      strncmp(property + len, ":base64", all - len) == 0;
    if (all != len && !mapping->base64)
        return gs2_lexer_fail(lexer, property + len,
                              "after the name of a property comes '=' or "
                              "':base64='");
    lexer->at += all;
    if (*lexer->at != '=')
        return gs2_lexer_fail_expected(lexer, lexer->at, "'='");
    lexer->at++;
    mapping->property = strndup(property, len);
    return mapping->property != NULL ? GS2_OK : gs2_fail_nomem(lexer->err);
}

static gs2_status
take_attribute(struct gs2_lexer *lexer, struct gs2_mapping *mapping)
{
    const char *attr = lexer->at;
    gs2_status status;

    if (*attr != '"' && gs2_lexer_bare(attr) == 0)
        return gs2_lexer_fail_expected(lexer, attr,
                                       "the name of an attribute");
    status = gs2_lexer_take(lexer, &mapping->attr, &mapping->attr_len);
    if (status != GS2_OK)
        return status;
    if (mapping->attr_len == 0)
        return gs2_lexer_fail(lexer, attr,
                              "the name of the attribute is empty");
    if (gs2_names_is_ours(mapping->attr, mapping->attr_len) &&
        gs2_names_find_attr(mapping->attr, mapping->attr_len) == NULL)
        return gs2_lexer_fail(lexer, attr,
                              "a gs2: name is a fact of the login and no "
                              "attribute");
    if (*lexer->at == '(' || *lexer->at == ')')
        return gs2_lexer_fail_expected(lexer, lexer->at,
                                       "white space or the end");
    return GS2_OK;
}

/* The next entry of the text, behind those that are in the map. */
static gs2_status
take_entry(struct gs2_lexer *lexer, struct gs2_attrmap *map)
{
    struct gs2_mapping *grown, *mapping;
    gs2_status status;

    grown = reallocarray(map->mappings, map->count + 1, sizeof(*grown));
    if (grown == NULL)
        return gs2_fail_nomem(lexer->err);
    map->mappings = grown;
    mapping = &grown[map->count];
    memset(mapping, 0, sizeof(*mapping));
    status = take_property(lexer, map, mapping);
    if (status == GS2_OK)
        status = take_attribute(lexer, mapping);
    map->count++;
    return status;
}

gs2_status
gs2_attrmap_parse(const char *text, struct gs2_attrmap **map_out,
                  struct gs2_error *err)
{
    gs2_status status = GS2_OK;
    struct gs2_attrmap *map;
    struct gs2_lexer lexer;

    *map_out = NULL;
    gs2_lexer_start(&lexer, text, err);
    if (strnlen(text, GS2_ATTRMAP_OCTETS_MAX + 1) > GS2_ATTRMAP_OCTETS_MAX)
        return gs2_lexer_fail(&lexer, text + GS2_ATTRMAP_OCTETS_MAX,
                              "the map is longer than %d octets",
                              GS2_ATTRMAP_OCTETS_MAX);
    map = calloc(1, sizeof(*map));
    if (map == NULL)
        return gs2_fail_nomem(err);
    gs2_lexer_skip_space(&lexer);
    if (*lexer.at == '\0')
        status = gs2_lexer_fail(&lexer, lexer.at, "the map is empty");
    while (status == GS2_OK && *lexer.at != '\0') {
        status = take_entry(&lexer, map);
        gs2_lexer_skip_space(&lexer);
    }
    if (status != GS2_OK) {
        gs2_attrmap_free(map);
        return status;
    }
    *map_out = map;
    return GS2_OK;
}

void
gs2_attrmap_free(struct gs2_attrmap *map)
{
    if (map == NULL)
        return;
    for (size_t i = 0; i < map->count; i++) {
        free(map->mappings[i].property);
        free(map->mappings[i].attr);
    }
    free(map->mappings);
    free(map);
}

const struct gs2_mapping *
gs2_attrmap_find(const struct gs2_attrmap *map, const char *property)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->mappings[i].property, property) == 0)
            return &map->mappings[i];
    }
    return NULL;
}
