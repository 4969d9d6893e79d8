/*
 * prop_sources.h - what a property is filled with: values of an attribute, a
 * fact, or all of them (libgs2(5), PROPERTIES).
 */
#ifndef GS2_PROP_SOURCES_H
#define GS2_PROP_SOURCES_H

#include "server_attempt.h"

/* A property to be filled.  gs2_prop_set() needs no params. */
struct gs2_publication {
    struct gs2_server *s;
    const sasl_server_params_t *params;
    const sasl_utils_t *utils;
    const char *property; /* as requested, with its "*" */
};

/* Adds the values of the attribute or the fact arg to the property: len octets,
 * or NULL where the source needs none.  Where there are no values, or they cannot
 * be a property's, nothing is added; the log says why they cannot.  Needs
 * s->attrs.  GS2_OK, or GS2_NOMEM with the reason in p->s->why. */
typedef gs2_status gs2_prop_source(struct gs2_publication *p, const char *arg,
                                   size_t len);

/* What fills the property `name` (without its "*"): one of names.h, or one that
 * gs2_attributes maps (needs s->config); NULL for any other.  Fills the caller's
 * *arg_out and *len_out, which the source takes, with NULL and 0 for none.
 * Borrows: from the tables, the configuration or name. */
gs2_prop_source *gs2_prop_source_of(const struct gs2_server *s,
                                    const char *name, const char **arg_out,
                                    size_t *len_out);

/* Adds a value to the property: len octets, at most INT_MAX; where len is 0,
 * libsasl reads value up to its NUL.  libsasl copies it; those who ask libsasl
 * for it read it up to its first NUL.  GS2_OK, or GS2_NOMEM with the reason in
 * p->s->why. */
GS2_MUST_USE gs2_status gs2_prop_set(const struct gs2_publication *p,
                                     const char *value, size_t len);

#endif
