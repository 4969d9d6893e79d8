/*
 * view_properties.c - the auxiliary properties that the attributes of a login
 * become (see server_view.h): the plugin is asked for all that an attribute
 * could become, and those that it fills are kept.
 */
#include "server_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sasl/prop.h>

#include "common/rules/attrmap.h"
#include "common/options.h"
#include "common/rules/names.h"
#include "print.h"

struct asked {
    const char **names;       /* ended by NULL */
    struct view_attr **attrs; /* of each, the attribute */
    size_t count;
};

static void
add(struct asked *asked, struct view_attr *attr, const char *prefix,
    const char *name)
{
    const size_t n = asked->count;
    char *property;

    if (asprintf(&property, "*%s%s", prefix, name) < 0)
        property = need(NULL);
    asked->names = need(reallocarray(asked->names, n + 2,
                                             sizeof(*asked->names)));
    asked->attrs = need(reallocarray(asked->attrs, n + 1,
                                             sizeof(struct view_attr *)));
    asked->names[n] = property;
    asked->names[n + 1] = NULL;
    asked->attrs[n] = attr;
    asked->count = n + 1;
}

/* Those of gs2_attributes; a map that does not parse lets nobody in, so that
 * there is no login to ask for. */
static void
ask_mapped(struct asked *asked, const struct conf_file *conf,
           struct view_attr *attr)
{
    const char *text = conf_file_option(conf,
                                       gs2_options_name(GS2_OPT_ATTRIBUTES));
    struct gs2_attrmap *map;
    struct gs2_error err;

    if (text == NULL || gs2_attrmap_parse(text, &map, &err) != GS2_OK)
        return;
    for (size_t i = 0; i < map->count; i++) {
        if (map->mappings[i].attr_len == attr->name.length &&
            memcmp(map->mappings[i].attr, attr->name.value,
                   attr->name.length) == 0)
            add(asked, attr, "", map->mappings[i].property);
    }
    gs2_attrmap_free(map);
}

static bool
is_local(const struct view_attr *attr)
{
    return gs2_names_find_attr(attr->name.value, attr->name.length) != NULL;
}

/* Our own, which the plugin makes of the source that the mechanism has. */
static void
add_local(const struct conf_file *conf, struct server_view *view)
{
    const struct gs2_own_attr *local;
    const struct view_attr *source;

    if (conf_file_option(conf, gs2_options_name(GS2_OPT_PAC_DECODER)) == NULL)
        return;
    for (size_t i = 0; (local = gs2_names_nth_attr(i)) != NULL; i++) {
        source = view_find(view, local->source);
        if (source != NULL && source->authenticated)
            view_add(view, local->name, true, source->complete);
    }
}

/* The names of all that an attribute could become. */
static void
ask_all(struct asked *asked, const struct conf_file *conf,
        struct view_attr *attr)
{
    const char *name = attr->name.value;
    const struct gs2_property *own;

    for (size_t i = 0; (own = gs2_names_nth_property(i)) != NULL; i++) {
        if (own->source != NULL && strcmp(own->source, name) == 0)
            add(asked, attr, "", own->row.name);
    }
    add(asked, attr, "gss:", name);
    add(asked, attr, "gss64:", name);
    add(asked, attr, "gss-display:", name);
    ask_mapped(asked, conf, attr);
}

/* A property that the plugin filled.  What is ours has its values from the
 * first of them. */
static void
keep(struct view_attr *attr, const char *property,
     const struct propval *value)
{
    const size_t n = attr->property_count;

    for (size_t i = 0; is_local(attr) && n == 0 && value->values[i] != NULL;
         i++)
        view_add_value(attr, value->values[i]);

    attr->properties = need(reallocarray(attr->properties, n + 1,
                                                 sizeof(char *)));
    attr->properties[n] = need(strdup(property));
    attr->property_count = n + 1;
}

static void
collect(struct loopback *again, const struct asked *asked)
{
    struct propctx *props = sasl_auxprop_getctx(again->server);
    struct propval value;
    const char *name[2] = { NULL, NULL };

    for (size_t i = 0; i < asked->count; i++) {
        name[0] = asked->names[i];
        if (prop_getnames(props, name, &value) == 1 && value.values != NULL &&
            value.values[0] != NULL)
            keep(asked->attrs[i], asked->names[i], &value);
    }
}

void
view_ask_properties(const struct loopback *loop, struct server_view *view)
{
    struct loopback_ask ask = { LOOPBACK_NONE, NULL, NULL };
    struct asked asked = { NULL, NULL, 0 };
    struct loopback again;

    add_local(loop->conf, view);
    for (size_t i = 0; i < view->count; i++)
        ask_all(&asked, loop->conf, &view->attrs[i]);
    if (asked.count > 0) {
        ask.properties = asked.names;
        loopback_again(loop, ask, &again);
        if (again.outcome.in)
            collect(&again, &asked);
        loopback_end(&again);
    }
    for (size_t i = 0; i < asked.count; i++)
        free((char *)(size_t)asked.names[i]);
    free(asked.names);
    free(asked.attrs);
}
