/*
 * prop_sources.c - attributes and facts as the values of a property (see
 * prop_sources.h; RFC 6680 sections 7.5 and 7.8).
 *
 * Traps of libsasl's prop_set(): a NULL name corrupts the pool, and a value is
 * read up to its first NUL, so only text is given as it is.
 */
#include "prop_sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/peer/attr_json.h"
#include "common/rules/names.h"
#include "common/text/base64.h"
#include "server_facts.h"

gs2_status
gs2_prop_set(const struct gs2_publication *p, const char *value, size_t len)
{
    const int code = p->utils->prop_set(p->s->propctx, p->property, value,
                                        (int)len);

    return code == SASL_OK ? GS2_OK : gs2_fail_nomem(p->s->why);
}

/* Sets and frees a string that was made for it; NULL is lack of memory. */
static gs2_status
set_made(struct gs2_publication *p, char *value)
{
    gs2_status status;

    if (value == NULL)
        return gs2_fail_nomem(p->s->why);
    status = gs2_prop_set(p, value, strlen(value));
    free(value);
    return status;
}

static void
note_unpublished(const struct gs2_publication *p, const char *why)
{
    char name[128];

    p->utils->log(p->utils->conn, SASL_LOG_WARN,
                  "%s: property %s is not set: %s",
                  p->s->plugin->configs.family,
                  gs2_escape(name, sizeof(name), p->property,
                             strlen(p->property)), why);
}

/* Values or display values, where all of them are text. */
static gs2_status
set_texts(struct gs2_publication *p, const char *arg, size_t len, bool display)
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
        status = gs2_prop_set(p, v->length > 0 ? v->value : "", v->length);
    }
    return status;
}

static gs2_status
from_text(struct gs2_publication *p, const char *arg, size_t len)
{
    return set_texts(p, arg, len, false);
}

static gs2_status
from_display(struct gs2_publication *p, const char *arg, size_t len)
{
    return set_texts(p, arg, len, true);
}

static gs2_status
from_octets(struct gs2_publication *p, const char *arg, size_t len)
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
set_roles(struct gs2_publication *p)
{
    const char *names[GS2_ROLES_MAX];
    const size_t count = list_roles(p->s, names);
    gs2_status status = GS2_OK;

    for (size_t i = 0; i < count && status == GS2_OK; i++)
        status = gs2_prop_set(p, names[i], strlen(names[i]));
    return status;
}

static gs2_status
from_fact(struct gs2_publication *p, const char *arg, size_t len)
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
    return status == GS2_OK && text != NULL
           ? gs2_prop_set(p, text, strlen(text)) : GS2_OK;
}

/* GSS tells how many seconds are left. */
static gs2_status
from_expiry(struct gs2_publication *p, const char *arg, size_t len)
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
        return gs2_prop_set(p, "never", strlen("never"));
    (void)snprintf(text, sizeof(text), "%lld",
                   (long long)time(NULL) + (long long)left);
    return gs2_prop_set(p, text, strlen(text));
}

/* All facts that have one value, under their names without "gs2:". */
static gs2_status
read_facts(struct gs2_publication *p,
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
from_json(struct gs2_publication *p, const char *arg, size_t len)
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
from_export(struct gs2_publication *p, const char *arg, size_t len)
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

static gs2_prop_source *const fillers[] = {
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

gs2_prop_source *
gs2_prop_source_of(const struct gs2_server *s, const char *name,
                   const char **arg_out, size_t *len_out)
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
