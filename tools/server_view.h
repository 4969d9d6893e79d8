/*
 * server_view.h - what a server sees of its peer: the identity, and the
 * attributes of the peer's name with their flags (RFC 6680 section 7.5),
 * including those that are not authenticated, which the plugin shows to
 * nobody.
 */
#ifndef SERVER_VIEW_H
#define SERVER_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include <gssapi/gssapi.h>

#include "loopback.h"

struct view_attr {
    gss_buffer_desc name;  /* a NUL is behind it */
    bool readable;         /* false: listed only; the rest is then empty */
    bool authenticated, complete; /* of every value */
    gss_buffer_desc *values, *displays; /* a display of NULL: none */
    size_t count;
    char **properties;     /* that the plugin fills from it, with "*" */
    size_t property_count;
};

struct server_view {
    char *authid, *authzid, *principal; /* the names without their tag */
    char *tagged;    /* authid as the server has it, by gs2_tag; NULL */
    const char *tag; /* in tagged: the character, and the role; NULL */
    char *realm;     /* NULL: the mechanism has none */
    char *local;     /* by auth_to_local; NULL: none */
    struct view_attr *attrs;
    size_t count;
};

/* Looks at a login that succeeded.  Fills the caller's *view_out, freed with
 * view_free(). */
void view_read(const struct loopback *loop, struct server_view *view_out);

/* Logs in once more, as loop did, and asks the plugin for every property that
 * an attribute could become.  Where there is a PAC decoder, what it makes of
 * them is added to the attributes. */
void view_ask_properties(const struct loopback *loop, struct server_view *view);

/* An attribute by its name, or NULL.  Borrows. */
struct view_attr *view_find(const struct server_view *view, const char *name);

/* Adds one without values, of these flags.  Borrows, until the next one. */
struct view_attr *view_add(struct server_view *view, const char *name,
                           bool authenticated, bool complete);

/* Adds a value of text. */
void view_add_value(struct view_attr *attr, const char *text);

/* True for UTF-8 without control characters. */
bool view_is_text(const gss_buffer_desc *value);

void view_free(struct server_view *view);

#endif
