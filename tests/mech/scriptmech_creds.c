/*
 * scriptmech_creds.c - credentials of the scriptable mechanism (RFC 2743
 * section 2.1).
 */
#include "scriptmech_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct gs2_play_cred *
gs2_play_cred_new(enum gs2_script_oid oid, const struct gs2_play_name *name,
                  gss_cred_usage_t usage)
{
    struct gs2_play_cred *cred = gs2_play_alloc(sizeof(*cred));

    cred->id = gs2_play_born(GS2_PLAY_CRED);
    cred->oid = oid;
    cred->usage = usage;
    cred->name = gs2_play_name_copy(name);
    return cred;
}

static bool
is_text(struct gs2_octets octets, const char *text)
{
    return octets.data != NULL && octets.len == strlen(text) &&
           memcmp(octets.data, text, octets.len) == 0;
}

/* "key=value;key=value" of a credential store. */
static struct gs2_octets
describe_store(gss_const_key_value_set_t store)
{
    size_t len = 0, at = 0;
    char *text;

    if (store == GSS_C_NO_CRED_STORE)
        return (struct gs2_octets){NULL, 0};
    for (OM_uint32 i = 0; i < store->count; i++)
        len += strlen(store->elements[i].key) +
               strlen(store->elements[i].value) + 2;
    text = gs2_play_alloc(len + 1);
    text[0] = '\0';
    for (OM_uint32 i = 0; i < store->count; i++) {
        at = (size_t)(stpcpy(stpcpy(stpcpy(stpcpy(text + at, i > 0 ? ";" : ""),
                                           store->elements[i].key),
                                    "="),
                             store->elements[i].value) -
                      text);
    }
    return (struct gs2_octets){text, at};
}

static struct gs2_call
acquire_call(enum gs2_call_kind kind, const struct gs2_play_name *name,
             const gss_OID_set_desc *mechs, int usage, OM_uint32 time_req)
{
    struct gs2_call call = {.kind = kind, .oid = GS2_OID_COUNT};

    if (mechs != GSS_C_NO_OID_SET && mechs->count > 0)
        call.oid = gs2_play_slot(&mechs->elements[0]);
    if (name != NULL) {
        call.name = name->id;
        call.target = name->text;
    }
    call.usage = usage;
    call.time_req = time_req;
    return call;
}

/* A credential of the name, or of the script's source where there is none. */
static gss_cred_id_t
make_cred(struct gs2_call *call, const struct gs2_script *script,
          const struct gs2_play_name *name)
{
    struct gs2_play_name *source = NULL;
    struct gs2_play_cred *cred;

    if (name == NULL)
        name = source = gs2_play_name_source(call->oid, script);
    cred = gs2_play_cred_new(call->oid, name, call->usage);
    gs2_play_name_free(source);
    call->cred = cred->id;
    return (gss_cred_id_t)cred;
}

static OM_uint32
look_for_cred(const struct gs2_script *script, const struct gs2_call *call,
              OM_uint32 *minor)
{
    if (script->no_store && call->store.data != NULL) {
        *minor = GS2_MINOR_STORE;
        return GSS_S_UNAVAILABLE;
    }
    if (script->holder != NULL && call->usage != GSS_C_ACCEPT &&
        call->target.data != NULL && !is_text(call->target, script->holder)) {
        *minor = GS2_MINOR_NO_CRED;
        return GSS_S_NO_CRED;
    }
    return GSS_S_COMPLETE;
}

EXPORT OM_uint32
gss_acquire_cred_from(OM_uint32 *minor, gss_name_t desired, OM_uint32 time_req,
                      gss_OID_set mechs, gss_cred_usage_t usage,
                      gss_const_key_value_set_t store, gss_cred_id_t *cred_out,
                      gss_OID_set *mechs_out, OM_uint32 *time_out)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)desired;
    struct gs2_call call =
        acquire_call(GS2_CALL_ACQUIRE_CRED, name, mechs, usage, time_req);
    const struct gs2_script *script;
    OM_uint32 major;

    (void)mechs_out;
    *cred_out = GSS_C_NO_CREDENTIAL;
    call.store = describe_store(store);
    script = gs2_play_begin(&call, &major, minor);
    if (major == GSS_S_COMPLETE)
        major = look_for_cred(script, &call, minor);
    if (major == GSS_S_COMPLETE) {
        *cred_out = make_cred(&call, script, name);
        if (time_out != NULL)
            *time_out = gs2_play_lifetime(script);
    }
    major = gs2_play_end(&call, major, *minor);
    gs2_play_octets_free(&call.store);
    return major;
}

/* The glue calls the function above, but only where this one exists. */
EXPORT OM_uint32
gss_acquire_cred(OM_uint32 *minor, gss_name_t desired, OM_uint32 time_req,
                 gss_OID_set mechs, gss_cred_usage_t usage,
                 gss_cred_id_t *cred_out, gss_OID_set *mechs_out,
                 OM_uint32 *time_out)
{
    (void)desired;
    (void)time_req;
    (void)mechs;
    (void)usage;
    (void)mechs_out;
    (void)time_out;
    *minor = 0;
    *cred_out = GSS_C_NO_CREDENTIAL;
    return GSS_S_UNAVAILABLE;
}

EXPORT OM_uint32
gssspi_acquire_cred_with_password(OM_uint32 *minor, const gss_name_t desired,
                                  const gss_buffer_t password,
                                  OM_uint32 time_req, const gss_OID_set mechs,
                                  int usage, gss_cred_id_t *cred_out,
                                  gss_OID_set *mechs_out, OM_uint32 *time_out)
{
    const struct gs2_play_name *name = (struct gs2_play_name *)desired;
    struct gs2_call call =
        acquire_call(GS2_CALL_ACQUIRE_PASSWORD, name, mechs, usage, time_req);
    const struct gs2_script *script;
    OM_uint32 major;

    (void)mechs_out;
    *cred_out = GSS_C_NO_CREDENTIAL;
    script = gs2_play_begin(&call, &major, minor);
    if (major == GSS_S_COMPLETE && script->password == NULL)
        major = GSS_S_UNAVAILABLE;
    if (major == GSS_S_COMPLETE &&
        !is_text(gs2_play_octets_of(password), script->password)) {
        major = GSS_S_FAILURE;
        *minor = GS2_MINOR_PASSWORD;
    }
    if (major == GSS_S_COMPLETE) {
        *cred_out = make_cred(&call, script, name);
        if (time_out != NULL)
            *time_out = gs2_play_lifetime(script);
    }
    return gs2_play_end(&call, major, *minor);
}

static struct gs2_call
cred_call(enum gs2_call_kind kind, const struct gs2_play_cred *cred)
{
    struct gs2_call call = {.kind = kind, .oid = GS2_OID_COUNT};

    if (cred == NULL)
        return call;
    call.oid = cred->oid;
    call.cred = cred->id;
    call.usage = cred->usage;
    if (cred->name != NULL) {
        call.name = cred->name->id;
        call.target = cred->name->text;
    }
    return call;
}

/* What both ways to inquire a credential have in common. */
static OM_uint32
inquire(OM_uint32 *minor, const struct gs2_play_cred *cred,
        gss_name_t *name_out, OM_uint32 *time_out, OM_uint32 *other_time_out,
        gss_cred_usage_t *usage_out)
{
    struct gs2_call call = cred_call(GS2_CALL_INQUIRE_CRED, cred);
    const struct gs2_script *script;
    OM_uint32 major, life;

    script = gs2_play_begin(&call, &major, minor);
    /* A credential without a name has none to give, and the glue needs one. */
    if (major == GSS_S_COMPLETE && cred->name == NULL && name_out != NULL)
        major = GSS_S_NO_CRED;
    if (major != GSS_S_COMPLETE)
        return gs2_play_end(&call, major, *minor);
    life = gs2_play_lifetime(script);
    if (name_out != NULL)
        *name_out = (gss_name_t)gs2_play_name_copy(cred->name);
    if (time_out != NULL)
        *time_out = life;
    if (other_time_out != NULL)
        *other_time_out = life;
    if (usage_out != NULL)
        *usage_out = cred->usage;
    return gs2_play_end(&call, major, *minor);
}

EXPORT OM_uint32
gss_inquire_cred(OM_uint32 *minor, gss_cred_id_t handle, gss_name_t *name_out,
                 OM_uint32 *time_out, gss_cred_usage_t *usage_out,
                 gss_OID_set *mechs_out)
{
    (void)mechs_out;
    return inquire(minor, (struct gs2_play_cred *)handle, name_out, time_out,
                   NULL, usage_out);
}

EXPORT OM_uint32
gss_inquire_cred_by_mech(OM_uint32 *minor, gss_cred_id_t handle, gss_OID mech,
                         gss_name_t *name_out, OM_uint32 *init_time_out,
                         OM_uint32 *accept_time_out,
                         gss_cred_usage_t *usage_out)
{
    (void)mech;
    return inquire(minor, (struct gs2_play_cred *)handle, name_out,
                   init_time_out, accept_time_out, usage_out);
}

/* An octet into the file that "ccache=FILE:path" names, if it is there. */
static void
write_file(const struct gs2_octets *store, unsigned mode)
{
    static const char key[] = "ccache=FILE:";
    const char *text = store->data;
    FILE *file;

    if (mode == 0 || text == NULL || strncmp(text, key, strlen(key)) != 0)
        return;
    file = fopen(text + strlen(key), "r+");
    if (file == NULL)
        return;
    (void)fputc('x', file);
    (void)fchmod(fileno(file), mode);
    (void)fclose(file);
}

EXPORT OM_uint32
gss_store_cred_into(OM_uint32 *minor, gss_cred_id_t handle,
                    gss_cred_usage_t usage, gss_OID mech, OM_uint32 overwrite,
                    OM_uint32 as_default, gss_const_key_value_set_t store,
                    gss_OID_set *stored_out, gss_cred_usage_t *usage_out)
{
    struct gs2_call call =
        cred_call(GS2_CALL_STORE_CRED, (struct gs2_play_cred *)handle);
    const struct gs2_script *script;
    OM_uint32 major;

    (void)mech;
    (void)overwrite;
    (void)as_default;
    (void)stored_out;
    call.usage = usage;
    call.store = describe_store(store);
    script = gs2_play_begin(&call, &major, minor);
    if (major == GSS_S_COMPLETE && script->no_store && store != NULL) {
        major = GSS_S_UNAVAILABLE;
        *minor = GS2_MINOR_STORE;
    }
    if (major == GSS_S_COMPLETE)
        write_file(&call.store, script->store_mode);
    if (major == GSS_S_COMPLETE && usage_out != NULL)
        *usage_out = usage;
    major = gs2_play_end(&call, major, *minor);
    gs2_play_octets_free(&call.store);
    return major;
}

/* Releases whatever the fault says, or each failure would leak. */
EXPORT OM_uint32
gss_release_cred(OM_uint32 *minor, gss_cred_id_t *handle)
{
    struct gs2_play_cred *cred = (struct gs2_play_cred *)*handle;
    struct gs2_call call = cred_call(GS2_CALL_RELEASE_CRED, cred);
    OM_uint32 major = GSS_S_COMPLETE;

    *minor = 0;
    if (gs2_play_script(call.oid) != NULL)
        gs2_play_begin(&call, &major, minor);
    major = gs2_play_end(&call, major, *minor);
    *handle = GSS_C_NO_CREDENTIAL;
    if (cred == NULL)
        return major;
    gs2_play_name_free(cred->name);
    free(cred);
    gs2_play_died(GS2_PLAY_CRED);
    return major;
}
