/*
 * scriptmech.c - the scriptable mechanism: its scripts, the count of calls,
 * the record, and the functions that a test reaches it by (see scriptmech.h).
 *
 * The mechanism itself is in scriptmech_context.c (RFC 2743 section 2.2),
 * scriptmech_message.c (2.3), scriptmech_names.c (2.4 and RFC 6680),
 * scriptmech_creds.c (2.1) and scriptmech_mech.c (RFC 5587, RFC 5801 section
 * 11, display_status).
 */
#include "scriptmech_int.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    const struct gs2_script *script;
    unsigned counts[GS2_CALL_KINDS];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot slots[GS2_OID_COUNT];
static struct gs2_call **record; /* one allocation a call: they stay put */
static size_t record_count, record_room;
static unsigned serials[GS2_PLAY_NAME + 1], alive[GS2_PLAY_NAME + 1];

void *
gs2_play_alloc(size_t len)
{
    void *p = malloc(len > 0 ? len : 1);

    if (p == NULL) {
        fputs("scriptmech: out of memory\n", stderr);
        abort();
    }
    return p;
}

struct gs2_octets
gs2_play_octets_copy(struct gs2_octets octets)
{
    char *data;

    if (octets.data == NULL)
        return (struct gs2_octets){NULL, 0};
    data = gs2_play_alloc(octets.len + 1);
    if (octets.len > 0)
        memcpy(data, octets.data, octets.len);
    data[octets.len] = '\0';
    return (struct gs2_octets){data, octets.len};
}

void
gs2_play_octets_free(struct gs2_octets *octets)
{
    free((void *)(uintptr_t)octets->data);
    octets->data = NULL;
    octets->len = 0;
}

bool
gs2_play_octets_equal(struct gs2_octets a, struct gs2_octets b)
{
    return a.len == b.len && (a.data == NULL) == (b.data == NULL) &&
           (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

struct gs2_octets
gs2_play_octets_of(const gss_buffer_desc *buffer)
{
    if (buffer == NULL || buffer->value == NULL)
        return (struct gs2_octets){NULL, 0};
    return (struct gs2_octets){buffer->value, buffer->length};
}

/* gss_release_buffer() frees nothing where the length is 0, so an empty buffer
 * that is not NULL must not be from malloc(). */
void
gs2_play_fill(gss_buffer_t buffer, struct gs2_octets octets)
{
    static char nothing[1];

    if (buffer == NULL)
        return;
    buffer->length = 0;
    buffer->value = octets.data == NULL ? NULL : nothing;
    if (octets.data == NULL || octets.len == 0)
        return;
    buffer->length = octets.len;
    buffer->value = gs2_play_alloc(octets.len);
    memcpy(buffer->value, octets.data, octets.len);
}

unsigned
gs2_play_born(enum gs2_play_object object)
{
    unsigned id;

    pthread_mutex_lock(&lock);
    id = ++serials[object];
    alive[object]++;
    pthread_mutex_unlock(&lock);
    return id;
}

void
gs2_play_died(enum gs2_play_object object)
{
    pthread_mutex_lock(&lock);
    alive[object]--;
    pthread_mutex_unlock(&lock);
}

const struct gs2_script *
gs2_play_script(enum gs2_script_oid oid)
{
    const struct gs2_script *script;

    if (oid >= GS2_OID_COUNT)
        return NULL;
    pthread_mutex_lock(&lock);
    script = slots[oid].script;
    pthread_mutex_unlock(&lock);
    return script;
}

static const struct gs2_script_fault *
find_fault(const struct gs2_script *script, enum gs2_call_kind kind,
           unsigned nth)
{
    for (size_t i = 0; i < GS2_SCRIPT_FAULTS; i++) {
        const struct gs2_script_fault *fault = &script->faults[i];

        if (fault->kind == kind && (fault->nth == 0 || fault->nth == nth))
            return fault;
    }
    return NULL;
}

const struct gs2_script *
gs2_play_begin(const struct gs2_call *call, OM_uint32 *major_out,
               OM_uint32 *minor_out)
{
    const struct gs2_script *script = gs2_play_script(call->oid);
    const struct gs2_script_fault *fault;
    unsigned nth;

    if (script == NULL) {
        *major_out = GSS_S_UNAVAILABLE;
        *minor_out = GS2_MINOR_NO_SCRIPT;
        return NULL;
    }
    pthread_mutex_lock(&lock);
    nth = ++slots[call->oid].counts[call->kind];
    pthread_mutex_unlock(&lock);
    fault = find_fault(script, call->kind, nth);
    *major_out = fault != NULL ? fault->major : GSS_S_COMPLETE;
    *minor_out = fault != NULL ? fault->minor : 0;
    return script;
}

static void
own_octets(struct gs2_call *call)
{
    call->token = gs2_play_octets_copy(call->token);
    call->target = gs2_play_octets_copy(call->target);
    call->store = gs2_play_octets_copy(call->store);
    call->initiator_address = gs2_play_octets_copy(call->initiator_address);
    call->acceptor_address = gs2_play_octets_copy(call->acceptor_address);
    call->application_data = gs2_play_octets_copy(call->application_data);
}

static void
free_call(struct gs2_call *call)
{
    gs2_play_octets_free(&call->token);
    gs2_play_octets_free(&call->target);
    gs2_play_octets_free(&call->store);
    gs2_play_octets_free(&call->initiator_address);
    gs2_play_octets_free(&call->acceptor_address);
    gs2_play_octets_free(&call->application_data);
    free(call);
}

OM_uint32
gs2_play_end(struct gs2_call *call, OM_uint32 major, OM_uint32 minor)
{
    struct gs2_call *kept = gs2_play_alloc(sizeof(*kept));

    call->major = major;
    call->minor = minor;
    *kept = *call;
    own_octets(kept);
    pthread_mutex_lock(&lock);
    if (record_count == record_room) {
        record_room = record_room == 0 ? 64 : 2 * record_room;
        record = realloc(record, record_room * sizeof(struct gs2_call *));
        if (record == NULL)
            abort();
    }
    record[record_count++] = kept;
    pthread_mutex_unlock(&lock);
    return major;
}

static void
install(enum gs2_script_oid oid, const struct gs2_script *script)
{
    if (oid >= GS2_OID_COUNT)
        return;
    pthread_mutex_lock(&lock);
    slots[oid] = (struct slot){.script = script};
    pthread_mutex_unlock(&lock);
}

static void
forget(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < record_count; i++)
        free_call(record[i]);
    free(record);
    record = NULL;
    record_count = record_room = 0;
    pthread_mutex_unlock(&lock);
}

static void
reset(void)
{
    forget();
    pthread_mutex_lock(&lock);
    memset(slots, 0, sizeof(slots));
    memset(serials, 0, sizeof(serials));
    pthread_mutex_unlock(&lock);
}

static const struct gs2_call *
find_call(enum gs2_call_kind kind, unsigned nth)
{
    const struct gs2_call *found = NULL;
    unsigned seen = 0;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < record_count && found == NULL; i++) {
        if (kind == GS2_CALL_NONE || record[i]->kind == kind) {
            if (++seen == nth)
                found = record[i];
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static unsigned
count_calls(enum gs2_call_kind kind)
{
    unsigned count = 0;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < record_count; i++) {
        if (kind == GS2_CALL_NONE || record[i]->kind == kind)
            count++;
    }
    pthread_mutex_unlock(&lock);
    return count;
}

static bool
same_bindings(const struct gs2_call *a, const struct gs2_call *b)
{
    return a->bindings == b->bindings &&
           a->initiator_addrtype == b->initiator_addrtype &&
           a->acceptor_addrtype == b->acceptor_addrtype &&
           gs2_play_octets_equal(a->initiator_address, b->initiator_address) &&
           gs2_play_octets_equal(a->acceptor_address, b->acceptor_address) &&
           gs2_play_octets_equal(a->application_data, b->application_data);
}

static const char *
compare_inputs(const struct gs2_call *a, const struct gs2_call *b)
{
    if (a->cred != b->cred)
        return "credential";
    if (!gs2_play_octets_equal(a->target, b->target))
        return "target";
    if (a->oid != b->oid)
        return "mechanism";
    if (a->req_flags != b->req_flags)
        return "flags";
    if (a->time_req != b->time_req)
        return "time";
    return same_bindings(a, b) ? NULL : "bindings";
}

static const char *
varied_input(unsigned context)
{
    const struct gs2_call *first = NULL;
    const char *varied = NULL;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < record_count && varied == NULL; i++) {
        const struct gs2_call *call = record[i];

        if (call->context != context ||
            (call->kind != GS2_CALL_INIT && call->kind != GS2_CALL_ACCEPT))
            continue;
        if (first == NULL)
            first = call;
        varied = compare_inputs(first, call);
    }
    pthread_mutex_unlock(&lock);
    return varied;
}

static struct gs2_script_live
count_live(void)
{
    struct gs2_script_live live;

    pthread_mutex_lock(&lock);
    live.contexts = alive[GS2_PLAY_CONTEXT];
    live.creds = alive[GS2_PLAY_CRED];
    live.names = alive[GS2_PLAY_NAME];
    pthread_mutex_unlock(&lock);
    return live;
}

EXPORT const struct gs2_scriptmech *
gs2_scriptmech_functions(void)
{
    static const struct gs2_scriptmech functions = {
        .install = install,
        .reset = reset,
        .forget = forget,
        .count = count_calls,
        .call = find_call,
        .varied_input = varied_input,
        .live = count_live,
    };

    return &functions;
}
