/*
 * server_view.c - what a server sees of its peer (see server_view.h), within
 * the bounds that the plugin keeps (common/peer/attrs.h).
 */
#include "server_view.h"

#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>

#include "common/options.h"
#include "common/peer/attrs.h"
#include "common/gss/gss_name.h"
#include "print.h"

bool
view_is_text(const gss_buffer_desc *value)
{
    return gs2_attr_is_text(value);
}

/* "" if there is none; after a login there is one. */
static char *
get_text(sasl_conn_t *conn, int property)
{
    const void *text = NULL;

    if (sasl_getprop(conn, property, &text) != SASL_OK || text == NULL)
        text = "";
    return need(strdup(text));
}

static gss_name_t
get_name(sasl_conn_t *conn, int property)
{
    const void *name = NULL;

    if (sasl_getprop(conn, property, &name) != SASL_OK)
        return GSS_C_NO_NAME;
    return (gss_name_t)(size_t)name;
}

/* A buffer of GSS as a string of ours; NULL where the call failed. */
static char *
take_string(OM_uint32 major, gss_buffer_desc *buffer)
{
    OM_uint32 minor;
    char *text;

    if (GSS_ERROR(major))
        return NULL;
    text = need(strndup(buffer->value, buffer->length));
    (void)gss_release_buffer(&minor, buffer);
    return text;
}

static char *
display(gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;

    if (name == GSS_C_NO_NAME)
        return NULL;
    major = gss_display_name(&minor, name, &text, NULL);
    return take_string(major, &text);
}

/* --- attributes ----------------------------------------------------------- */

static gss_buffer_desc
take_buffer(gss_buffer_desc *buffer)
{
    gss_buffer_desc copy = { buffer->length, NULL };
    OM_uint32 minor;

    if (buffer->value != NULL) {
        copy.value = need(calloc(1, buffer->length + 1));
        memcpy(copy.value, buffer->value, buffer->length);
    }
    (void)gss_release_buffer(&minor, buffer);
    return copy;
}

/* Makes room for one more value and clears it. */
static void
grow(struct view_attr *attr)
{
    const size_t n = attr->count++;

    attr->values = need(reallocarray(attr->values, n + 1,
                                             sizeof(*attr->values)));
    attr->displays = need(reallocarray(attr->displays, n + 1,
                                               sizeof(*attr->displays)));
    memset(&attr->values[n], 0, sizeof(attr->values[n]));
    memset(&attr->displays[n], 0, sizeof(attr->displays[n]));
}

/* The next value of an attribute; more is the cursor of GSS.  False where it
 * cannot be had. */
static bool
read_value(gss_name_t name, struct view_attr *attr, int *more)
{
    gss_buffer_desc value = GSS_C_EMPTY_BUFFER, shown = GSS_C_EMPTY_BUFFER;
    int authenticated = 0, complete = 0;
    const size_t n = attr->count;
    OM_uint32 minor;

    if (GSS_ERROR(gss_get_name_attribute(&minor, name, &attr->name,
                                         &authenticated, &complete, &value,
                                         &shown, more)))
        return false;
    grow(attr);
    attr->values[n] = take_buffer(&value);
    attr->displays[n] = take_buffer(&shown);
    attr->authenticated = (n == 0 || attr->authenticated) && authenticated;
    attr->complete = (n == 0 || attr->complete) && complete;
    return true;
}

static void
read_attribute(gss_name_t name, const gss_buffer_desc *listed,
               struct view_attr *attr)
{
    int more = -1;

    memset(attr, 0, sizeof(*attr));
    attr->name.value = need(strndup(listed->value, listed->length));
    attr->name.length = strlen(attr->name.value);
    do {
        attr->readable = read_value(name, attr, &more);
    } while (attr->readable && more != 0 && attr->count < GS2_ATTR_VALUES_MAX);
}

static void
read_attributes(gss_name_t name, struct server_view *view)
{
    gss_buffer_set_t listed = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;

    if (GSS_ERROR(gss_inquire_name(&minor, name, NULL, NULL, &listed)) ||
        listed == GSS_C_NO_BUFFER_SET)
        return;
    view->attrs = need(calloc(listed->count + 1,
                                      sizeof(*view->attrs)));
    for (size_t i = 0; i < listed->count && i < GS2_ATTRS_MAX; i++)
        read_attribute(name, &listed->elements[i],
                       &view->attrs[view->count++]);
    (void)gss_release_buffer_set(&minor, &listed);
}

/* Takes the tag off: nobody's own name has the character of gs2_tag. */
static void
untag(const struct loopback *loop, struct server_view *view)
{
    const char *tag = conf_file_option(loop->conf,
                                       gs2_options_name(GS2_OPT_TAG));
    const char *at = tag != NULL ? strrchr(view->authid, tag[0]) : NULL;
    size_t len;

    if (at == NULL)
        return;
    len = (size_t)(at - view->authid);
    view->tagged = need(strdup(view->authid));
    view->tag = view->tagged + len;
    if (strcmp(view->authzid, view->authid) == 0)
        view->authzid[len] = '\0';
    view->authid[len] = '\0';
}

void
view_read(const struct loopback *loop, struct server_view *view_out)
{
    const gss_name_t peer = get_name(loop->server, SASL_GSS_PEER_NAME);
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;
    const char *realm;

    memset(view_out, 0, sizeof(*view_out));
    view_out->authid = get_text(loop->server, SASL_AUTHUSER);
    view_out->authzid = get_text(loop->server, SASL_USERNAME);
    untag(loop, view_out);
    view_out->principal = display(peer);
    if (peer == GSS_C_NO_NAME)
        return;
    realm = view_out->principal != NULL
            ? gs2_gss_name_realm(view_out->principal) : NULL;
    if (realm != NULL)
        view_out->realm = need(strdup(realm));
    major = gss_localname(&minor, peer, GSS_C_NO_OID, &text);
    view_out->local = take_string(major, &text);
    read_attributes(peer, view_out);
}

struct view_attr *
view_find(const struct server_view *view, const char *name)
{
    for (size_t i = 0; i < view->count; i++) {
        if (strcmp(view->attrs[i].name.value, name) == 0)
            return &view->attrs[i];
    }
    return NULL;
}

struct view_attr *
view_add(struct server_view *view, const char *name, bool authenticated,
         bool complete)
{
    struct view_attr *attr;

    view->attrs = need(reallocarray(view->attrs, view->count + 1,
                                            sizeof(*attr)));
    attr = &view->attrs[view->count++];
    memset(attr, 0, sizeof(*attr));
    attr->name.value = need(strdup(name));
    attr->name.length = strlen(name);
    attr->readable = true;
    attr->authenticated = authenticated;
    attr->complete = complete;
    return attr;
}

void
view_add_value(struct view_attr *attr, const char *text)
{
    grow(attr);
    attr->values[attr->count - 1].value = need(strdup(text));
    attr->values[attr->count - 1].length = strlen(text);
}

static void
free_attribute(struct view_attr *attr)
{
    for (size_t i = 0; i < attr->count; i++) {
        free(attr->values[i].value);
        free(attr->displays[i].value);
    }
    for (size_t i = 0; i < attr->property_count; i++)
        free(attr->properties[i]);
    free(attr->values);
    free(attr->displays);
    free(attr->properties);
    free(attr->name.value);
}

void
view_free(struct server_view *view)
{
    for (size_t i = 0; i < view->count; i++)
        free_attribute(&view->attrs[i]);
    free(view->attrs);
    free(view->authid);
    free(view->authzid);
    free(view->tagged);
    free(view->principal);
    free(view->realm);
    free(view->local);
    memset(view, 0, sizeof(*view));
}
