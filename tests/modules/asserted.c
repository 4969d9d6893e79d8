/*
 * asserted.c - an authdata module of libkrb5 whose attributes are the user's
 * own word: what an initiator sets by gss_set_name_attribute() travels in its
 * authenticator, and the acceptor sees it with authenticated = 0.  The same
 * data in AD-KDC-ISSUED (kdc-inject.c) is the KDC's word: 1.  In a ticket
 * without that it is the user's word as well: 0.
 *
 * libkrb5 loads such modules from the system's plugin directory alone, so the
 * tests bind-mount one.  The header of the interface is not installed; its
 * table is declared here as krb5 1.8 and later have it.
 */
#include <krb5/krb5.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "asserted.h"

#define USAGE_TGS_REQ    0x02 /* libkrb5 looks into tickets */
#define USAGE_AP_REQ     0x04
#define USAGE_KDC_ISSUED 0x08
#define INFORMATIONAL    0x10
#define VALUES_MAX       16

struct value {
    krb5_data data; /* name, NUL, value */
    krb5_boolean authenticated;
};

struct request {
    struct value values[VALUES_MAX];
    size_t count;
};

static char *
name_of(const struct value *v)
{
    return v->data.data;
}

static krb5_error_code
fill(krb5_data *out, const char *data, size_t len)
{
    out->magic = KV5M_DATA;
    out->length = (unsigned)len;
    out->data = malloc(len + 1);
    if (out->data == NULL)
        return ENOMEM;
    memcpy(out->data, data, len);
    out->data[len] = '\0';
    return 0;
}

static krb5_error_code
add(struct request *r, const void *data, size_t len, krb5_boolean issued)
{
    struct value *v = &r->values[r->count];

    if (r->count == VALUES_MAX || memchr(data, '\0', len) == NULL)
        return EINVAL;
    if (fill(&v->data, data, len) != 0)
        return ENOMEM;
    v->authenticated = issued;
    r->count++;
    return 0;
}

static void
clear(struct request *r)
{
    while (r->count > 0)
        free(r->values[--r->count].data.data);
}

static krb5_error_code
init(krb5_context context, void **plugin_out)
{
    (void)context;
    *plugin_out = NULL;
    return 0;
}

static void
flags(krb5_context context, void *plugin, krb5_authdatatype type,
      krb5_flags *flags_out)
{
    (void)context, (void)plugin, (void)type;
    *flags_out = USAGE_TGS_REQ | USAGE_AP_REQ | USAGE_KDC_ISSUED |
                 INFORMATIONAL;
}

static krb5_error_code
request_init(krb5_context context, void *authdata, void *plugin,
             void **request_out)
{
    (void)context, (void)authdata, (void)plugin;
    *request_out = calloc(1, sizeof(struct request));
    return *request_out != NULL ? 0 : ENOMEM;
}

static void
request_fini(krb5_context context, void *authdata, void *plugin, void *request)
{
    (void)context, (void)authdata, (void)plugin;
    clear(request);
    free(request);
}

/* Each name once. */
static krb5_error_code
get_types(krb5_context context, void *authdata, void *plugin, void *request,
          krb5_data **types_out)
{
    const struct request *r = request;
    size_t count = 0, j;

    (void)context, (void)authdata, (void)plugin;
    if (r->count == 0)
        return ENOENT;
    *types_out = calloc(r->count + 1, sizeof(**types_out));
    if (*types_out == NULL)
        return ENOMEM;
    for (size_t i = 0; i < r->count; i++) {
        for (j = 0; j < i; j++)
            if (strcmp(name_of(&r->values[i]), name_of(&r->values[j])) == 0)
                break;
        if (j == i && fill(&(*types_out)[count++], name_of(&r->values[i]),
                           strlen(name_of(&r->values[i]))) != 0)
            return ENOMEM;
    }
    return 0;
}

/* The next value of that name from index at on; NULL: there is none. */
static const struct value *
next(const struct request *r, const krb5_data *name, size_t *at)
{
    for (; *at < r->count; ++*at) {
        const char *own = name_of(&r->values[*at]);

        if (strlen(own) == name->length &&
            memcmp(own, name->data, name->length) == 0)
            return &r->values[*at];
    }
    return NULL;
}

static krb5_error_code
get(krb5_context context, void *authdata, void *plugin, void *request,
    const krb5_data *name, krb5_boolean *authenticated, krb5_boolean *complete,
    krb5_data *value, krb5_data *display, int *more)
{
    const struct request *r = request;
    size_t at = *more > 0 ? (size_t)*more : 0, skip = name->length + 1;
    const struct value *v = next(r, name, &at);

    (void)context, (void)authdata, (void)plugin;
    if (v == NULL)
        return ENOENT;
    if (fill(value, v->data.data + skip, v->data.length - skip) != 0 ||
        fill(display, v->data.data, strlen(v->data.data)) != 0)
        return ENOMEM;
    *authenticated = v->authenticated;
    *complete = 1;
    at++;
    *more = next(r, name, &at) != NULL ? (int)at : 0;
    return 0;
}

static krb5_error_code
set(krb5_context context, void *authdata, void *plugin, void *request,
    krb5_boolean complete, const krb5_data *name, const krb5_data *value)
{
    const size_t len = name->length + 1 + value->length;
    char *data;
    krb5_error_code code;

    (void)context, (void)authdata, (void)plugin, (void)complete;
    if (name->length < 4 || memcmp(name->data, "urn:", 4) != 0)
        return ENOENT;
    data = malloc(len);
    if (data == NULL)
        return ENOMEM;
    memcpy(data, name->data, name->length);
    data[name->length] = '\0';
    memcpy(data + name->length + 1, value->data, value->length);
    code = add(request, data, len, 0);
    free(data);
    return code;
}

static krb5_error_code
unset(krb5_context context, void *authdata, void *plugin, void *request,
      const krb5_data *name)
{
    (void)context, (void)authdata, (void)plugin, (void)name;
    clear(request);
    return 0;
}

/* Into authenticators; what goes into tickets, the KDC of the tests says. */
static krb5_error_code
to_wire(krb5_context context, void *authdata, void *plugin, void *request,
        krb5_flags usage, krb5_authdata ***list_out)
{
    const struct request *r = request;
    krb5_authdata data[VALUES_MAX], *list[VALUES_MAX + 1] = { NULL };

    (void)authdata, (void)plugin;
    if ((usage & USAGE_AP_REQ) == 0)
        return 0;
    for (size_t i = 0; i < r->count; i++) {
        data[i] = (krb5_authdata){
            .ad_type = ASSERTED_TYPE,
            .length = r->values[i].data.length,
            .contents = (krb5_octet *)r->values[i].data.data
        };
        list[i] = &data[i];
    }
    return krb5_copy_authdata(context, list, list_out);
}

static krb5_error_code
from_wire(krb5_context context, void *authdata, void *plugin, void *request,
          krb5_authdata **list, krb5_boolean issued,
          krb5_const_principal issuer)
{
    krb5_error_code code = 0;

    (void)context, (void)authdata, (void)plugin, (void)issuer;
    clear(request);
    for (; *list != NULL && code == 0; list++)
        code = add(request, (*list)->contents, (*list)->length, issued);
    return code;
}

static krb5_error_code
copy(krb5_context context, void *authdata, void *plugin, void *request,
     void *to_plugin, void *to_request)
{
    const struct request *r = request;
    krb5_error_code code = 0;

    (void)context, (void)authdata, (void)plugin, (void)to_plugin;
    for (size_t i = 0; i < r->count && code == 0; i++)
        code = add(to_request, r->values[i].data.data,
                   r->values[i].data.length, r->values[i].authenticated);
    return code;
}

static krb5_authdatatype types[] = { ASSERTED_TYPE, 0 };

struct authdata_client_table {
    const char *name;
    krb5_authdatatype *types;
    krb5_error_code (*init)(krb5_context, void **);
    void (*fini)(krb5_context, void *);
    void (*flags)(krb5_context, void *, krb5_authdatatype, krb5_flags *);
    krb5_error_code (*request_init)(krb5_context, void *, void *, void **);
    void (*request_fini)(krb5_context, void *, void *, void *);
    krb5_error_code (*get_types)(krb5_context, void *, void *, void *,
                                 krb5_data **);
    krb5_error_code (*get)(krb5_context, void *, void *, void *,
                           const krb5_data *, krb5_boolean *, krb5_boolean *,
                           krb5_data *, krb5_data *, int *);
    krb5_error_code (*set)(krb5_context, void *, void *, void *, krb5_boolean,
                           const krb5_data *, const krb5_data *);
    krb5_error_code (*unset)(krb5_context, void *, void *, void *,
                             const krb5_data *);
    krb5_error_code (*to_wire)(krb5_context, void *, void *, void *,
                               krb5_flags, krb5_authdata ***);
    krb5_error_code (*from_wire)(krb5_context, void *, void *, void *,
                                 krb5_authdata **, krb5_boolean,
                                 krb5_const_principal);
    void (*unused[6])(void); /* internal forms, verification, serialization */
    krb5_error_code (*copy)(krb5_context, void *, void *, void *, void *,
                            void *);
};

extern struct authdata_client_table authdata_client_0;

struct authdata_client_table authdata_client_0 = {
    .name = "asserted",
    .types = types,
    .init = init,
    .flags = flags,
    .request_init = request_init,
    .request_fini = request_fini,
    .get_types = get_types,
    .get = get,
    .set = set,
    .unset = unset,
    .to_wire = to_wire,
    .from_wire = from_wire,
    .copy = copy,
};
