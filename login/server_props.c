/*
 * server_props.c - the properties that were requested (see server_props.h).
 *
 * A trap of libsasl's: prop_request() keeps its pointers, and wipes values.
 */
#include "server_props.h"

#include <string.h>

#include "prop_sources.h"
#include "server_rules.h"

/* Other names can be another plugin's; those are ours. */
static void
note_unknown(const struct gs2_publication *p, const char *name)
{
    char quoted[128];

    if (strncmp(name, "gss", 3) == 0 || strncmp(name, "gs2", 3) == 0)
        p->utils->log(p->utils->conn, SASL_LOG_NOTE,
                      "%s: the application requests the property %s, which "
                      "does not exist", p->s->plugin->configs.family,
                      gs2_escape(quoted, sizeof(quoted), p->property,
                                 strlen(p->property)));
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
     * each auxprop plugin for what only we have requested. Before a request of
     * ours or the application's this does nothing. */
    for (size_t i = 0; s->propctx != NULL && i < OURS; i++)
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
          void (*other)(const struct gs2_publication *p, const char *name))
{
    struct gs2_publication p = { .s = s, .utils = s->utils };
    gs2_status status = GS2_OK;
    const struct propval *requested;
    const char *name, *arg;
    size_t len;

    requested = s->propctx != NULL ? p.utils->prop_get(s->propctx) : NULL;
    for (; status == GS2_OK && requested != NULL && requested->name != NULL;
         requested++) {
        p.property = requested->name;
        name = without_star(p.property);
        if (gs2_prop_source_of(s, name, &arg, &len) != NULL) {
            if (requested->values == NULL)
                status = gs2_prop_set(&p, "", 0);
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
    struct gs2_publication p = { s, params, params->utils, NULL };
    const bool self = gs2_server_rules_is_self(s->oparams, params->service);
    const struct propval *requested;
    gs2_status status = GS2_OK;
    const char *arg;
    gs2_prop_source *fill;
    size_t len;

    requested = s->propctx != NULL ? p.utils->prop_get(s->propctx) : NULL;
    for (; status == GS2_OK && requested != NULL && requested->name != NULL;
         requested++) {
        p.property = requested->name;
        fill = gs2_prop_source_of(s, without_star(p.property), &arg, &len);
        if (fill == NULL)
            continue;
        /* The empty value, or what an auxprop plugin has put there. */
        p.utils->prop_erase(s->propctx, p.property);
        if (self || p.property[0] == '*')
            status = fill(&p, arg, len);
    }
    return status;
}
