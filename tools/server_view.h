/*
 * server_view.h - what a server sees of its peer: the identity, and the attributes of
 * the peer's name with their flags (RFC 6680 section 7.5), those that are not
 * authenticated, too.  Of the latter the plugin shows nothing to anybody.
 */
#ifndef SERVER_VIEW_H
#define SERVER_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include <gssapi/gssapi.h>

#include "loopback.h"

struct seen_attr {
    gss_buffer_desc name;  /* a NUL is behind it */
    bool readable;         /* false: listed only; the rest is then empty */
    bool authenticated, complete; /* of every value */
    gss_buffer_desc *values, *displays; /* a display of NULL: none */
    size_t count;
    char **properties;     /* that the plugin fills from it, with "*" */
    size_t property_count;
};

struct seen {
    char *authid, *authzid, *principal;
    char *realm;     /* NULL: the mechanism has none */
    char *local;     /* by auth_to_local; NULL: none */
    struct seen_attr *attrs;
    size_t count;
};

/* Looks at a login that succeeded.  Fills the caller's *seen_out, freed with
 * seen_free(). */
void seen_read(const struct loopback *loop, struct seen *seen_out);

/* Logs in once more, as loop did, and asks the plugin for every property that
 * an attribute could become.  Where there is a PAC decoder, what it makes of
 * them is added to the attributes. */
void seen_ask_properties(const struct loopback *loop, struct seen *seen);

/* An attribute by its name, or NULL.  Borrows. */
struct seen_attr *seen_find(const struct seen *seen, const char *name);

/* Adds one without values, of these flags.  Borrows, until the next one. */
struct seen_attr *seen_add(struct seen *seen, const char *name,
                           bool authenticated, bool complete);

/* Adds a value of text. */
void seen_add_value(struct seen_attr *attr, const char *text);

/* True for UTF-8 without control characters. */
bool seen_is_text(const gss_buffer_desc *value);

void seen_free(struct seen *seen);

#endif
