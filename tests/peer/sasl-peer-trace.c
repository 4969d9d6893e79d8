/*
 * sasl-peer-trace.c - what sasl-peer says about a login: one line an event,
 * the same for a person and for the tests that read it.
 */
#include "sasl-peer.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <sasl/prop.h>

static bool muted;      /* --quiet */
static bool line_muted; /* the line that is being written */

void
trace_mute(bool quiet)
{
    muted = quiet;
}

void
trace_begin(const char *event)
{
    line_muted = muted;
    if (!line_muted)
        fputs(event, stdout);
}

void
trace_always(const char *event)
{
    line_muted = false;
    fputs(event, stdout);
}

void
trace_word(const char *key, const char *word)
{
    if (!line_muted)
        printf(" %s=%s", key, word);
}

void
trace_number(const char *key, long number)
{
    if (!line_muted)
        printf(" %s=%ld", key, number);
}

void
trace_text(const char *key, const void *data, size_t len)
{
    const unsigned char *octets = data;

    if (line_muted)
        return;
    printf(" %s=\"", key);
    for (size_t i = 0; i < len; i++) {
        if (octets[i] < ' ' || octets[i] > '~' || strchr("\"\\", octets[i]))
            printf("\\x%02x", octets[i]);
        else
            putchar(octets[i]);
    }
    putchar('"');
}

void
trace_string(const char *key, const char *string)
{
    if (string == NULL)
        trace_word(key, "none");
    else
        trace_text(key, string, strlen(string));
}

/* A line is out before the next thing happens: the tests read along, and a
 * crash must not take the trace with it. */
void
trace_end(void)
{
    if (!line_muted) {
        putchar('\n');
        fflush(stdout);
    }
}

#define CODE(name) case name: return #name

const char *
peer_code_name(int code)
{
    switch (code) {
    CODE(SASL_CONTINUE);
    CODE(SASL_OK);
    CODE(SASL_INTERACT);
    CODE(SASL_FAIL);
    CODE(SASL_NOMEM);
    CODE(SASL_BUFOVER);
    CODE(SASL_NOMECH);
    CODE(SASL_BADPROT);
    CODE(SASL_NOTDONE);
    CODE(SASL_BADPARAM);
    CODE(SASL_TRYAGAIN);
    CODE(SASL_BADMAC);
    CODE(SASL_BADSERV);
    CODE(SASL_WRONGMECH);
    CODE(SASL_NOTINIT);
    CODE(SASL_BADAUTH);
    CODE(SASL_NOAUTHZ);
    CODE(SASL_TOOWEAK);
    CODE(SASL_ENCRYPT);
    CODE(SASL_TRANS);
    CODE(SASL_EXPIRED);
    CODE(SASL_DISABLED);
    CODE(SASL_NOUSER);
    CODE(SASL_BADVERS);
    CODE(SASL_UNAVAIL);
    CODE(SASL_NOVERIFY);
    CODE(SASL_BADBINDING);
    CODE(SASL_CONFIGERR);
    default: return "other";
    }
}

const char *
peer_callback_name(unsigned long id)
{
    switch (id) {
    CODE(SASL_CB_USER);
    CODE(SASL_CB_AUTHNAME);
    CODE(SASL_CB_PASS);
    CODE(SASL_CB_GETREALM);
    CODE(SASL_CB_ECHOPROMPT);
    CODE(SASL_CB_NOECHOPROMPT);
    default: return "other";
    }
}

static const char *
type_name(enum peer_frame_type type)
{
    switch (type) {
    case FRAME_MECHS: return "mechs";
    case FRAME_START: case FRAME_START_BARE: return "start";
    case FRAME_CONTINUE: case FRAME_CONTINUE_ABSENT: return "continue";
    case FRAME_OK: case FRAME_OK_ABSENT: return "ok";
    case FRAME_FAIL: return "fail";
    case FRAME_ABORT: return "abort";
    }
    return "other";
}

/* Octets of the gs2-header at the front of a first message: up to the second
 * comma, that of "F," not counted; 0 where there is none. */
static size_t
header_length(const char *data, size_t len)
{
    size_t at = len >= 2 && data[0] == 'F' && data[1] == ',' ? 2 : 0;
    int commas = 0;

    for (; at < len; at++)
        if (data[at] == ',' && ++commas == 2)
            return at + 1;
    return 0;
}

/* Mechanisms with a gs2-header, whatever they are called. */
static bool
is_gs2(const char *name)
{
    return strncmp(name, "GS2-", 4) == 0 || strncmp(name, "EAP-", 4) == 0;
}

void
trace_message(const char *direction, enum peer_frame_type type,
              const char *name, const char *data, size_t len)
{
    trace_begin(direction);
    trace_word("type", type_name(type));
    if (name != NULL)
        trace_string("mech", name);
    if (type == FRAME_MECHS || type == FRAME_FAIL) {
        trace_text("text", data, len);
    } else if (data == NULL) {
        trace_word("size", "none");
    } else {
        trace_number("size", (long)len);
        if (name != NULL && is_gs2(name))
            trace_text("header", data, header_length(data, len));
    }
    trace_end();
}

/* The text of a failure alone: what sasl_errdetail() says of a success is
 * left over. */
void
trace_result(const char *call, int code, sasl_conn_t *conn)
{
    trace_begin("result");
    trace_word("call", call);
    trace_word("code", peer_code_name(code));
    if ((code < 0 || code == SASL_INTERACT) && conn != NULL)
        trace_string("detail", sasl_errdetail(conn));
    trace_end();
}

static void
trace_gss_name(const char *key, gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;

    major = gss_display_name(&minor, name, &text, NULL);
    if (GSS_ERROR(major))
        trace_word(key, "unreadable");
    else
        trace_text(key, text.value, text.length);
    gss_release_buffer(&minor, &text);
}

static void
trace_gss_cred(const char *key, gss_cred_id_t cred)
{
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 major, minor;

    major = gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL);
    if (GSS_ERROR(major) || name == GSS_C_NO_NAME)
        trace_word(key, "unreadable");
    else
        trace_gss_name(key, name);
    gss_release_name(&minor, &name);
}

/* Returns the property, or NULL where the connection does not have it. */
static const void *
property(sasl_conn_t *conn, int number)
{
    const void *value = NULL;

    return sasl_getprop(conn, number, &value) == SASL_OK ? value : NULL;
}

/* The names are handed out as they are, the delegated credential by a pointer
 * to where it is kept: so do the plugins of Cyrus SASL, and applications have
 * it so. */
static void
trace_handle(sasl_conn_t *conn, const char *key, int number)
{
    void *handle = (void *)(size_t)property(conn, number);

    if (handle == NULL)
        trace_word(key, "none");
    else if (number != SASL_DELEGATEDCREDS)
        trace_gss_name(key, handle);
    else if (*(void **)handle == handle)
        /* MIT's credentials begin with their own address: no pointer to
         * where one is kept, but the credential. */
        trace_word(key, "misplaced");
    else
        trace_gss_cred(key, *(gss_cred_id_t *)handle);
}

void
trace_identities(sasl_conn_t *conn)
{
    trace_begin("identity");
    trace_string("authzid", property(conn, SASL_USERNAME));
    trace_string("authid", property(conn, SASL_AUTHUSER));
    trace_handle(conn, "peer", SASL_GSS_PEER_NAME);
    trace_handle(conn, "local", SASL_GSS_LOCAL_NAME);
    trace_handle(conn, "delegated", SASL_DELEGATEDCREDS);
    trace_string("mech", property(conn, SASL_MECHNAME));
    trace_end();
}

void
trace_auxprops(const char *at, const struct peer_options *options,
               struct propctx *propctx)
{
    for (size_t i = 0; i < options->nprops; i++) {
        struct propval found[2] = { { 0 } };
        const char *names[2] = { options->props[i], NULL };

        trace_begin("auxprop");
        trace_word("at", at);
        trace_string("name", names[0]);
        if (propctx == NULL || prop_getnames(propctx, names, found) < 0 ||
            found[0].name == NULL || found[0].values == NULL) {
            trace_number("values", 0);
        } else {
            trace_number("values", (long)found[0].nvalues);
            for (unsigned v = 0; v < found[0].nvalues; v++)
                trace_string("value", found[0].values[v]);
        }
        trace_end();
    }
}

/* Resident kilobytes, or -1. */
static long
resident(void)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    long kilobytes = -1;

    if (status == NULL)
        return -1;
    while (kilobytes < 0 && fgets(line, sizeof(line), status) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kilobytes) != 1)
            kilobytes = -1;
    fclose(status);
    return kilobytes;
}

/* Open descriptors but the one that counts them, or -1. */
static long
descriptors(void)
{
    DIR *open_files = opendir("/proc/self/fd");
    long count = 0;

    if (open_files == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(open_files)) != NULL;)
        if (entry->d_name[0] != '.')
            count++;
    closedir(open_files);
    return count - 1;
}

void
trace_sample(long logins)
{
    trace_always("sample");
    trace_number("logins", logins);
    trace_number("descriptors", descriptors());
    trace_number("rss", resident());
    trace_end();
}
