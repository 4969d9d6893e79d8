/*
 * prop_sources.h - what a property is filled with: values of an attribute, a
 * fact, or all of them (libgs2(5), PROPERTIES).
 */
#ifndef GS2_PROP_SOURCES_H
#define GS2_PROP_SOURCES_H

#include "server_attempt.h"

/* A property to be filled. */
struct gs2_publication {
    struct gs2_server *s;
    const sasl_server_params_t *params;
    const sasl_utils_t *utils;
    const char *property; /* as requested, with its "*" */
};

/* Fills the property, from the attribute or fact arg, of len octets, if it has
 * one.  What it cannot be filled with is logged, and leaves it empty.  GS2_OK,
 * or GS2_NOMEM with the reason in p->s->why. */
typedef gs2_status gs2_prop_source(struct gs2_publication *p, const char *arg,
                                   size_t len);

/* What fills the property `name` (without its "*"); NULL where it is not ours.
 * Fills the caller's *arg_out and *len_out, with NULL and 0 for none; they are
 * the configuration's, or a part of name. */
gs2_prop_source *gs2_prop_source_of(const struct gs2_server *s,
                                    const char *name, const char **arg_out,
                                    size_t *len_out);

/* Adds a value to the property: the len octets at value, of which libsasl reads
 * those before the first NUL.  It copies them.  GS2_OK, or GS2_NOMEM with the
 * reason in p->s->why. */
GS2_MUST_USE gs2_status gs2_prop_set(const struct gs2_publication *p,
                                     const char *value, size_t len);

#endif
