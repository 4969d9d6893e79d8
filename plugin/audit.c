/*
 * audit.c - one line of the log for each login (see audit.h).
 *
 * The client has a say in most of what is logged here.  So the fields have a
 * fixed order, the address, by which machines are locked out, is the first of
 * them, and whatever a peer can choose stands escaped between quotes and is
 * cut to a length: no client can begin a line, end a field or make one up.
 */
#include "audit.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Octets of a field, with quotes and a NUL: all together with the rest of the
 * line are less than the 3,000 that are promised. */
#define NAME_FIELD_MAX 256
#define SHORT_FIELD_MAX 72
#define REASON_FIELD_MAX 832
#define DETAIL_FIELD_MAX 1024

/* Less than the 3,000 octets that are promised. */
#define LINE_OCTETS_MAX 3000

/*
 * Logs a line at a level.  libsasl's own formatting goes octet by octet, even
 * where nobody listens: it costs ten times ours, at every login.
 */
static void say(const struct gs2_server *s, int level, const char *format, ...)
    GS2_PRINTF(3, 4);

static void
say(const struct gs2_server *s, int level, const char *format, ...)
{
    char line[LINE_OCTETS_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    s->utils->log(s->utils->conn, level, "%s", line);
}

/* text in quotes, "-" for none; in out, which has size octets. */
static const char *
quote(char *out, size_t size, const char *text)
{
    char *end;

    if (text == NULL || text[0] == '\0')
        return "-";
    out[0] = '"';
    (void)gs2_escape(out + 1, size - 2, text, strlen(text));
    end = out + strlen(out);
    end[0] = '"';
    end[1] = '\0';
    return out;
}

/* A word of our own or libsasl's, in which nothing needs quotes. */
static const char *
word(char *out, const char *text)
{
    return text == NULL ? "-"
                        : gs2_escape(out, SHORT_FIELD_MAX, text, strlen(text));
}

static const char *
code_name(char *out, int code)
{
    switch (code) {
    case SASL_BADPROT:
        return "SASL_BADPROT";
    case SASL_BADBINDING:
        return "SASL_BADBINDING";
    case SASL_BADAUTH:
        return "SASL_BADAUTH";
    case SASL_NOAUTHZ:
        return "SASL_NOAUTHZ";
    case SASL_CONFIGERR:
        return "SASL_CONFIGERR";
    case SASL_NOMEM:
        return "SASL_NOMEM";
    case SASL_FAIL:
        return "SASL_FAIL";
    default: /* one of the application's canon_user */
        (void)snprintf(out, SHORT_FIELD_MAX, "%d", code);
        return out;
    }
}

static const char *
rules_word(enum gs2_rules rules)
{
    static const char *const words[] = {
        [GS2_RULES_NOT_ASKED] = "-",
        [GS2_RULES_NONE] = "none",
        [GS2_RULES_MET] = "met",
        [GS2_RULES_NOT_MET] = "not-met",
    };

    return words[rules];
}

static const char *
delegated_word(const struct gs2_server *s)
{
    if (s->oparams->client_creds == NULL)
        return "no";
    return s->kept ? "kept" : "yes";
}

void
gs2_audit_accepted(const struct gs2_server *s,
                   const sasl_server_params_t *params)
{
    char client[SHORT_FIELD_MAX], binding[SHORT_FIELD_MAX];
    char authid[NAME_FIELD_MAX], authzid[NAME_FIELD_MAX];
    char principal[NAME_FIELD_MAX];

    say(s, SASL_LOG_NOTE,
        "%s login accepted: client=%s binding=%s rules=%s authid=%s "
        "authzid=%s principal=%s delegated=%s",
        s->mech->name, word(client, params->ipremoteport),
        word(binding, s->header.cb_name), rules_word(s->rules),
        quote(authid, sizeof(authid), s->oparams->authid),
        quote(authzid, sizeof(authzid), s->oparams->user),
        quote(principal, sizeof(principal), s->identity.principal),
        delegated_word(s));
}

void
gs2_audit_failed(const struct gs2_server *s,
                 const sasl_server_params_t *params)
{
    char client[SHORT_FIELD_MAX], binding[SHORT_FIELD_MAX];
    char code[SHORT_FIELD_MAX], reason[REASON_FIELD_MAX];
    char authid[NAME_FIELD_MAX], authzid[NAME_FIELD_MAX];
    char principal[NAME_FIELD_MAX], detail[DETAIL_FIELD_MAX];

    /* Not those of oparams: they can be another attempt's. */
    say(s, SASL_LOG_FAIL,
        "%s login failed: client=%s code=%s binding=%s rules=%s authid=%s "
        "authzid=%s principal=%s reason=%s detail=%s",
        s->mech->name, word(client, params->ipremoteport),
        code_name(code, s->code), word(binding, s->header.cb_name),
        rules_word(s->rules),
        quote(authid, sizeof(authid), s->identity.authid),
        quote(authzid, sizeof(authzid), s->header.authzid),
        quote(principal, sizeof(principal), s->identity.principal),
        quote(reason, sizeof(reason), s->why.text),
        quote(detail, sizeof(detail), s->why.detail));
}

void
gs2_audit_leg(const struct gs2_server *s, size_t in, enum gs2_verdict verdict)
{
    static const char *const words[] = {
        [GS2_COMPLETE] = "complete",
        [GS2_CONTINUE] = "continue",
        [GS2_FAILED] = "failed",
    };

    say(s, SASL_LOG_DEBUG, "%s leg %u: in=%u out=%u context=%s", s->mech->name,
        s->nego.legs, (unsigned)in, (unsigned)s->out.length, words[verdict]);
}

static void
tell_attribute(void *context, const struct gs2_attr *attr)
{
    static const char *const words[] = {
        [GS2_ATTR_PRESENT] = "present",
        [GS2_ATTR_ABSENT] = "absent",
        [GS2_ATTR_UNKNOWN] = "unknown",
    };
    const struct gs2_server *s = context;
    char name[NAME_FIELD_MAX];

    say(s, SASL_LOG_DEBUG, "%s attribute %s: %s values=%u", s->mech->name,
        quote(name, sizeof(name), attr->name.value), words[attr->state],
        (unsigned)attr->count);
}

void
gs2_audit_attributes(const struct gs2_server *s)
{
    if (s->attrs != NULL)
        gs2_attrs_each_read(s->attrs, tell_attribute, (void *)s);
}
