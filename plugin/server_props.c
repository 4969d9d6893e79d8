/*
 * server_props.c - properties from attributes (see server_props.h; RFC 6680
 * sections 7.5 and 7.8).
 *
 * Traps of libsasl's property functions that are kept out of here: a set with
 * a NULL name corrupts the pool, prop_request() keeps its pointers, a value is
 * read up to its first NUL (so only text goes out as it is).
 */
#include "server_props.h"

#include <stdlib.h>
#include <string.h>

#include "common/peer/attr_json.h"
#include "common/rules/names.h"
#include "common/text/base64.h"
#include "server_rules.h"

struct publication {
    struct gs2_server *s;
    const sasl_utils_t *utils;
    const char *property; /* as requested, with its "*" */
};

/* How one property is filled from the attribute arg, if it is of one. */
typedef gs2_status source(struct publication *p, const char *arg, size_t len);

static gs2_status
set(struct publication *p, const char *value, size_t len)
{
    const int code = p->utils->prop_set(p->s->propctx, p->property, value,
                                        (int)len);

    return code == SASL_OK ? GS2_OK : gs2_fail_nomem(&p->s->why);
}

/* Sets and frees a string that was made for it; NULL is lack of memory. */
static gs2_status
set_made(struct publication *p, char *value)
{
    gs2_status status;

    if (value == NULL)
        return gs2_fail_nomem(&p->s->why);
    status = set(p, value, strlen(value));
    free(value);
    return status;
}

static void
note_unpublished(const struct publication *p, const char *why)
{
    char name[128];

    p->utils->log(p->utils->conn, SASL_LOG_WARN,
                  "GS2: property %s is not set: %s",
                  gs2_escape(name, sizeof(name), p->property,
                             strlen(p->property)), why);
}

/* Other names can be another plugin's; those are ours. */
static void
note_unknown(const struct publication *p, const char *name)
{
    char quoted[128];

    if (strncmp(name, "gss", strlen("gss")) == 0)
        p->utils->log(p->utils->conn, SASL_LOG_NOTE,
                      "GS2: the application requests the property %s, which "
                      "does not exist",
                      gs2_escape(quoted, sizeof(quoted), p->property,
                                 strlen(p->property)));
}

/* Values or display values, where all of them are text. */
static gs2_status
set_texts(struct publication *p, const char *arg, size_t len, bool display)
{
    struct gs2_server *s = p->s;
    const struct gs2_attr *attr;
    const gss_buffer_desc *v;
    gs2_status status = gs2_attrs_get(s->attrs, arg, len, &attr, &s->why);

    for (size_t i = 0; status == GS2_OK && i < attr->count; i++) {
        v = display ? &attr->values[i].display : &attr->values[i].value;
        if (display && v->value == NULL) {
            note_unpublished(p, "a value has no display value");
            return GS2_OK;
        }
        if (!gs2_attr_is_text(v)) {
            note_unpublished(p, "a value is not text");
            return GS2_OK;
        }
    }
    for (size_t i = 0; status == GS2_OK && i < attr->count; i++) {
        v = display ? &attr->values[i].display : &attr->values[i].value;
        status = set(p, v->length > 0 ? v->value : "", v->length);
    }
    return status;
}

static gs2_status
from_text(struct publication *p, const char *arg, size_t len)
{
    return set_texts(p, arg, len, false);
}

static gs2_status
from_display(struct publication *p, const char *arg, size_t len)
{
    return set_texts(p, arg, len, true);
}

static gs2_status
from_octets(struct publication *p, const char *arg, size_t len)
{
    struct gs2_server *s = p->s;
    const struct gs2_attr *attr;
    gs2_status status = gs2_attrs_get(s->attrs, arg, len, &attr, &s->why);

    for (size_t i = 0; status == GS2_OK && i < attr->count; i++)
        status = set_made(p, gs2_base64_encode(attr->values[i].value.value,
                                               attr->values[i].value.length));
    return status;
}

static gs2_status
from_json(struct publication *p, const char *arg, size_t len)
{
    const struct gs2_attr **attrs;
    struct gs2_server *s = p->s;
    gs2_status status;
    size_t count;
    char *json;

    (void)arg;
    (void)len;
    status = gs2_attrs_all(s->attrs, &attrs, &count, &s->why);
    if (status != GS2_OK)
        return status;
    if (attrs == NULL) {
        note_unpublished(p, "the attributes cannot be listed");
        return GS2_OK;
    }
    status = gs2_attr_json_make(s->mech->name, s->identity.principal,
                                s->identity.realm, attrs, count, &json,
                                &s->why);
    return status == GS2_OK ? set_made(p, json) : status;
}

/* The name with its attributes, for a back end of equal trust. */
static gs2_status
from_export(struct publication *p, const char *arg, size_t len)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;
    gs2_status status;

    (void)arg;
    (void)len;
    if (!p->s->config->export_names) {
        note_unpublished(p, "gs2_export is not yes");
        return GS2_OK;
    }
    major = gss_export_name_composite(&minor, p->s->nego.initiator, &token);
    if (GSS_ERROR(major)) {
        note_unpublished(p, "the mechanism cannot export the name");
        return GS2_OK;
    }
    status = set_made(p, gs2_base64_encode(token.value, token.length));
    (void)gss_release_buffer(&minor, &token);
    return status;
}

static source *const fillers[] = {
    [GS2_FILLED_BY_TEXT] = from_text,
    [GS2_FILLED_BY_OCTETS] = from_octets,
    [GS2_FILLED_BY_DISPLAY] = from_display,
    [GS2_FILLED_BY_JSON] = from_json,
    [GS2_FILLED_BY_EXPORT] = from_export,
};
_Static_assert(sizeof(fillers) / sizeof(fillers[0]) == GS2_FILLINGS,
               "each filling has a function");

/* Who fills a property (its name without "*"), and from which attribute; NULL
 * where we do not fill it. */
static source *
source_of(const struct gs2_server *s, const char *name, const char **arg_out,
          size_t *len_out)
{
    const struct gs2_property *property;
    const struct gs2_mapping *mapping = NULL;

    property = gs2_names_find_property(name, arg_out);
    *len_out = *arg_out != NULL ? strlen(*arg_out) : 0;
    if (property != NULL)
        return fillers[property->filling];
    if (s->config->map != NULL)
        mapping = gs2_attrmap_find(s->config->map, name);
    if (mapping == NULL)
        return NULL;
    *arg_out = mapping->attr;
    *len_out = mapping->attr_len;
    return mapping->base64 ? from_octets : from_text;
}

static const char *
without_star(const char *property)
{
    return property[0] == '*' ? property + 1 : property;
}

void
gs2_server_props_erase(const struct gs2_server *s)
{
    const sasl_utils_t *utils = s->utils;
    const struct propval *requested;

    requested = s->propctx != NULL ? utils->prop_get(s->propctx) : NULL;
    for (; requested != NULL && requested->name != NULL; requested++) {
        if (requested->values != NULL)
            utils->prop_erase(s->propctx, requested->name);
    }
}

gs2_status
gs2_server_props_reserve(struct gs2_server *s)
{
    struct publication p = { s, s->utils, NULL };
    const struct propval *requested;
    gs2_status status = GS2_OK;
    const char *name, *arg;
    size_t len;

    requested = s->propctx != NULL ? p.utils->prop_get(s->propctx) : NULL;
    for (; status == GS2_OK && requested != NULL && requested->name != NULL;
         requested++) {
        p.property = requested->name;
        name = without_star(p.property);
        if (source_of(s, name, &arg, &len) == NULL)
            note_unknown(&p, name);
        else if (requested->values == NULL)
            status = set(&p, "", 0);
    }
    return status;
}

gs2_status
gs2_server_props_fill(struct gs2_server *s, const sasl_server_params_t *params)
{
    struct publication p = { s, params->utils, NULL };
    const bool self = gs2_server_rules_is_self(s->oparams, params->service);
    const struct propval *requested;
    gs2_status status = GS2_OK;
    const char *arg;
    source *fill;
    size_t len;

    requested = s->propctx != NULL ? p.utils->prop_get(s->propctx) : NULL;
    for (; status == GS2_OK && requested != NULL && requested->name != NULL;
         requested++) {
        p.property = requested->name;
        fill = source_of(s, without_star(p.property), &arg, &len);
        if (fill == NULL)
            continue;
        /* The empty value, or what an auxprop plugin has put there. */
        p.utils->prop_erase(s->propctx, p.property);
        if (self || p.property[0] == '*')
            status = fill(&p, arg, len);
    }
    return status;
}
