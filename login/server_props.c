/*
 * server_props.c - properties from attributes and facts (see server_props.h;
 * RFC 6680 sections 7.5 and 7.8).
 *
 * Traps of libsasl's property functions: to set a property with a NULL name
 * corrupts the pool; prop_request() keeps its pointers and wipes values; a
 * value is read up to its first NUL (so only text is given as it is).
 */
#include "server_props.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/peer/attr_json.h"
#include "common/rules/names.h"
#include "common/text/base64.h"
#include "server_facts.h"
#include "server_rules.h"

struct publication {
    struct gs2_server *s;
    const sasl_server_params_t *params;
    const sasl_utils_t *utils;
    const char *property; /* as requested, with its "*" */
};

/* Fills one property, from the attribute arg if it has one. */
typedef gs2_status source(struct publication *p, const char *arg, size_t len);

static gs2_status
set(struct publication *p, const char *value, size_t len)
{
    const int code = p->utils->prop_set(p->s->propctx, p->property, value,
                                        (int)len);

    return code == SASL_OK ? GS2_OK : gs2_fail_nomem(p->s->why);
}

/* Sets and frees a string that was made for it; NULL is lack of memory. */
static gs2_status
set_made(struct publication *p, char *value)
{
    gs2_status status;

    if (value == NULL)
        return gs2_fail_nomem(p->s->why);
    status = set(p, value, strlen(value));
    free(value);
    return status;
}

static void
note_unpublished(const struct publication *p, const char *why)
{
    char name[128];

    p->utils->log(p->utils->conn, SASL_LOG_WARN,
                  "%s: property %s is not set: %s",
                  p->s->plugin->configs.family,
                  gs2_escape(name, sizeof(name), p->property,
                             strlen(p->property)), why);
}

/* Other names can be another plugin's; those are ours. */
static void
note_unknown(const struct publication *p, const char *name)
{
    char quoted[128];

    if (strncmp(name, "gss", 3) == 0 || strncmp(name, "gs2", 3) == 0)
        p->utils->log(p->utils->conn, SASL_LOG_NOTE,
                      "%s: the application requests the property %s, which "
                      "does not exist", p->s->plugin->configs.family,
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
    gs2_status status = gs2_attrs_get(s->attrs, arg, len, &attr, s->why);

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
    gs2_status status = gs2_attrs_get(s->attrs, arg, len, &attr, s->why);

    for (size_t i = 0; status == GS2_OK && i < attr->count; i++)
        status = set_made(p, gs2_base64_encode(attr->values[i].value.value,
                                               attr->values[i].value.length));
    return status;
}

/* The names of the login's roles: at most GS2_ROLES_MAX.  How many. */
static size_t
list_roles(const struct gs2_server *s, const char *names[])
{
    const struct gs2_roles *roles = &s->config->roles;
    size_t count = 0;

    for (size_t n = 0; n < roles->count; n++) {
        if ((s->roles >> n & 1) != 0)
            names[count++] = roles->list[n].name;
    }
    return count;
}

static gs2_status
set_roles(struct publication *p)
{
    const char *names[GS2_ROLES_MAX];
    const size_t count = list_roles(p->s, names);
    gs2_status status = GS2_OK;

    for (size_t i = 0; i < count && status == GS2_OK; i++)
        status = set(p, names[i], strlen(names[i]));
    return status;
}

static gs2_status
from_fact(struct publication *p, const char *arg, size_t len)
{
    const enum gs2_fact fact = gs2_names_find_fact(arg, len);
    struct gs2_error why;
    gs2_status status;
    const char *text;

    if (fact == GS2_FACT_ROLE)
        return set_roles(p);
    status = gs2_server_facts_get(p->s, p->params, fact, &text, &why);
    if (status == GS2_NOMEM)
        return gs2_fail_nomem(p->s->why);
    if (status != GS2_OK)
        note_unpublished(p, why.text);
    return status == GS2_OK && text != NULL ? set(p, text, strlen(text))
                                            : GS2_OK;
}

/* GSS tells how many seconds are left. */
static gs2_status
from_expiry(struct publication *p, const char *arg, size_t len)
{
    OM_uint32 major, minor, left;
    char text[32];

    (void)arg;
    (void)len;
    major = gss_context_time(&minor, p->s->nego.context, &left);
    if (GSS_ERROR(major)) {
        note_unpublished(p, "the mechanism does not tell when the context "
                            "ends, or it has ended");
        return GS2_OK;
    }
    if (left == GSS_C_INDEFINITE)
        return set(p, "never", strlen("never"));
    (void)snprintf(text, sizeof(text), "%lld",
                   (long long)time(NULL) + (long long)left);
    return set(p, text, strlen(text));
}

/* All facts that have one value, under their names without "gs2:". */
static gs2_status
read_facts(struct publication *p,
           struct gs2_attr_json_member members[GS2_FACTS], size_t *count_out)
{
    struct gs2_attr_json_member *member = members;
    struct gs2_error why;
    gs2_status status;

    for (size_t i = 0; i < GS2_FACTS; i++) {
        if (i == GS2_FACT_ROLE)
            continue;
        member->name = gs2_names_fact((enum gs2_fact)i)->name + strlen("gs2:");
        status = gs2_server_facts_get(p->s, p->params, (enum gs2_fact)i,
                                      &member->text, &why);
        if (status == GS2_NOMEM)
            return gs2_fail_nomem(p->s->why);
        member++;
    }
    *count_out = (size_t)(member - members);
    return GS2_OK;
}

static gs2_status
from_json(struct publication *p, const char *arg, size_t len)
{
    struct gs2_attr_json_member members[GS2_FACTS];
    const char *roles[GS2_ROLES_MAX];
    struct gs2_attr_json_login login = { members, 0, roles, 0 };
    struct gs2_server *s = p->s;
    const struct gs2_attr **attrs;
    gs2_status status;
    size_t count;
    char *json;

    (void)arg;
    (void)len;
    status = gs2_attrs_all(s->attrs, &attrs, &count, s->why);
    if (status == GS2_OK && attrs == NULL) {
        note_unpublished(p, "the attributes cannot be listed");
        return GS2_OK;
    }
    if (status == GS2_OK)
        status = read_facts(p, members, &login.member_count);
    if (status != GS2_OK)
        return status;
    login.role_count = list_roles(s, roles);
    status = gs2_attr_json_make(&login, attrs, count, &json, s->why);
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
    [GS2_FILLED_BY_FACT] = from_fact,
    [GS2_FILLED_BY_JSON] = from_json,
    [GS2_FILLED_BY_EXPORT] = from_export,
    [GS2_FILLED_BY_EXPIRY] = from_expiry,
};
_Static_assert(sizeof(fillers) / sizeof(fillers[0]) == GS2_FILLINGS,
               "each filling has a function");

/* Who fills a property (its name without "*"), and from which attribute or
 * fact; NULL where we do not fill it. */
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

/* What the plugin itself requests where there are roles.  libsasl keeps the
 * pointers beyond sasl_done(): so this library is never unmapped. */
static const char *const ours[] = { "*gs2-roles", "*gs2-expires" };
#define OURS (sizeof(ours) / sizeof(ours[0]))

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
    /* Without this, a login by another mechanism on this connection would ask
     * each auxprop plugin for what only we have requested. */
    if (s->propctx == NULL || s->config == NULL || s->config->roles.count == 0)
        return;
    for (size_t i = 0; i < OURS; i++)
        (void)utils->prop_set(s->propctx, ours[i], "", 0);
}

/* Requests a property, unless somebody has: each request takes memory of the
 * connection.  libsasl keeps the pointer to name. */
static gs2_status
request(struct gs2_server *s, const char *name)
{
    const char *wanted[] = { name, NULL };
    struct propval had[1];

    if (s->utils->prop_getnames(s->propctx, wanted, had) == 1 ||
        s->utils->prop_request(s->propctx, wanted) == SASL_OK)
        return GS2_OK;
    return gs2_fail_nomem(s->why);
}

/* Requests the roles, if there are any, and their end.  No server as it is
 * shipped requests them, and slapd makes a new SASL context for each later
 * bind on a connection, so that nobody else could do it in time. */
static gs2_status
request_roles(struct gs2_server *s)
{
    gs2_status status = GS2_OK;

    if (s->propctx == NULL || s->config->roles.count == 0)
        return GS2_OK;
    for (size_t i = 0; i < OURS && status == GS2_OK; i++)
        status = request(s, ours[i]);
    return status;
}

/* Gives an empty value to each of our properties that has none.  other is
 * called with each property that is not ours; may be NULL. */
static gs2_status
set_empty(struct gs2_server *s,
          void (*other)(const struct publication *p, const char *name))
{
    struct publication p = { .s = s, .utils = s->utils };
    gs2_status status = GS2_OK;
    const struct propval *requested;
    const char *name, *arg;
    size_t len;

    requested = s->propctx != NULL ? p.utils->prop_get(s->propctx) : NULL;
    for (; status == GS2_OK && requested != NULL && requested->name != NULL;
         requested++) {
        p.property = requested->name;
        name = without_star(p.property);
        if (source_of(s, name, &arg, &len) != NULL) {
            if (requested->values == NULL)
                status = set(&p, "", 0);
        } else if (other != NULL) {
            other(&p, name);
        }
    }
    return status;
}

gs2_status
gs2_server_props_reserve(struct gs2_server *s)
{
    const gs2_status status = request_roles(s);

    return status == GS2_OK ? set_empty(s, note_unknown) : status;
}

gs2_status
gs2_server_props_renew(struct gs2_server *s)
{
    gs2_server_props_erase(s);
    return set_empty(s, NULL);
}

gs2_status
gs2_server_props_fill(struct gs2_server *s, const sasl_server_params_t *params)
{
    struct publication p = { s, params, params->utils, NULL };
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
