/*
 * server_log.c - one line of the log for each login (see server_log.h).
 *
 * The client has a say in most of what is logged here.  So the fields have a
 * fixed order, the address, by which machines are locked out, is the first of
 * them, and whatever a peer can choose stands escaped between quotes and is
 * cut to a length: no client can begin a line, end a field or make one up.
 */
#include "server_log.h"

#include <stdio.h>
#include <string.h>

#include "server_canon.h"
#include "server_rules.h"

/* Octets of a field, with quotes and a NUL: all together with the rest of the
 * line are less than the 3,000 that are promised. */
#define NAME_FIELD_MAX 256
#define SHORT_FIELD_MAX 72
#define REASON_FIELD_MAX 832
#define DETAIL_FIELD_MAX 1024
#define ROLES_FIELD_MAX 512
#define LINE_OCTETS_MAX 3000

/* The line is put together by copying, because printf() would take three times
 * as long, at each login. */
struct line {
    size_t len;
    char text[LINE_OCTETS_MAX];
};

/* What is too much for the line is cut. */
static void
add(struct line *line, const char *text)
{
    const size_t room = sizeof(line->text) - 1 - line->len;
    const size_t len = strlen(text) < room ? strlen(text) : room;

    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static void
begin(struct line *line, const struct gs2_server *s, const char *what)
{
    line->len = 0;
    add(line, s->mech->name);
    add(line, what);
}

/* Hands the line to libsasl as one text, because libsasl formats slowly, octet
 * by octet, even if nothing is logged. */
static void
say(const struct gs2_server *s, int level, struct line *line)
{
    line->text[line->len] = '\0';
    s->utils->log(s->utils->conn, level, "%s", line->text);
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

/* A text that a peer may have chosen; with its quotes, less than max octets. */
static void
add_quoted(struct line *line, const char *key, const char *text, size_t max)
{
    char field[DETAIL_FIELD_MAX];

    add(line, key);
    add(line, quote(field, max, text));
}

/* A word of our own or libsasl's, in which nothing needs quotes. */
static void
add_word(struct line *line, const char *key, const char *text)
{
    char field[SHORT_FIELD_MAX];

    add(line, key);
    add(line, text == NULL ? "-" : gs2_escape(field, sizeof(field), text,
                                              strlen(text)));
}

static void
add_number(struct line *line, const char *key, size_t number)
{
    char field[SHORT_FIELD_MAX];

    (void)snprintf(field, sizeof(field), "%zu", number);
    add(line, key);
    add(line, field);
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
    case SASL_TOOWEAK:
        return "SASL_TOOWEAK";
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

/* The roles of the login, as many as there is room for. */
static void
add_roles(struct line *line, const struct gs2_server *s)
{
    static const char cut[] = " ...";
    const struct gs2_roles *roles = &s->config->roles;
    char field[ROLES_FIELD_MAX] = "";
    size_t len = 0, name_len;

    for (size_t n = 0; n < roles->count; n++) {
        if ((s->roles >> n & 1) == 0)
            continue;
        name_len = strlen(roles->list[n].name);
        if (len + 1 + name_len > sizeof(field) - sizeof(cut) - 2) {
            memcpy(field + len, cut, sizeof(cut));
            break;
        }
        len += (size_t)sprintf(field + len, "%s%s", len > 0 ? " " : "",
                               roles->list[n].name);
    }
    add_quoted(line, " roles=", field, sizeof(field));
}

void
gs2_server_log_accepted(const struct gs2_server *s,
                        const sasl_server_params_t *params)
{
    struct line line;

    /* The application may still say no to somebody else's identity. */
    begin(&line, s, gs2_server_rules_is_self(s->oparams, params->service)
                    ? " login accepted:" : " login authenticated:");
    add_word(&line, " client=", params->ipremoteport);
    add_word(&line, " binding=", s->binding);
    add_word(&line, " rules=", rules_word(s->rules));
    add_quoted(&line, " authid=", s->authid, NAME_FIELD_MAX);
    add_quoted(&line, " authzid=", s->authzid, NAME_FIELD_MAX);
    add_quoted(&line, " principal=", s->identity.principal, NAME_FIELD_MAX);
    add_word(&line, " delegated=", delegated_word(s));
    add_roles(&line, s);
    add_quoted(&line, " tag=", gs2_server_canon_suffix(s), SHORT_FIELD_MAX);
    say(s, SASL_LOG_NOTE, &line);
}

void
gs2_server_log_failed(const struct gs2_server *s,
                      const sasl_server_params_t *params, bool blamed)
{
    char code[SHORT_FIELD_MAX];
    struct line line;

    begin(&line, s, " login failed:");
    add_word(&line, " client=", params->ipremoteport);
    add_word(&line, " code=", code_name(code, s->code));
    add_word(&line, " fault=", blamed ? "client" : NULL);
    add_word(&line, " binding=", s->binding);
    add_word(&line, " rules=", rules_word(s->rules));
    /* Not the names in oparams, which may be another attempt's. */
    add_quoted(&line, " authid=", s->identity.authid, NAME_FIELD_MAX);
    add_quoted(&line, " authzid=", s->requested, NAME_FIELD_MAX);
    add_quoted(&line, " principal=", s->identity.principal, NAME_FIELD_MAX);
    add_quoted(&line, " reason=", s->why->text, REASON_FIELD_MAX);
    add_quoted(&line, " detail=", s->why->detail, DETAIL_FIELD_MAX);
    say(s, SASL_LOG_FAIL, &line);
}

void
gs2_server_log_leg(const struct gs2_server *s, size_t in,
                   enum gs2_progress progress)
{
    static const char *const words[] = {
        [GS2_COMPLETE] = "complete",
        [GS2_CONTINUE] = "continue",
        [GS2_FAILED] = "failed",
    };
    struct line line;

    begin(&line, s, "");
    add_number(&line, " leg ", s->nego.legs);
    add_number(&line, ": in=", in);
    add_number(&line, " out=", s->out.length);
    add_word(&line, " context=", words[progress]);
    say(s, SASL_LOG_DEBUG, &line);
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
    struct line line;

    begin(&line, s, " attribute");
    add_quoted(&line, " ", attr->name.value, NAME_FIELD_MAX);
    add_word(&line, ": ", words[attr->state]);
    add_number(&line, " values=", attr->count);
    say(s, SASL_LOG_DEBUG, &line);
}

void
gs2_server_log_attributes(const struct gs2_server *s)
{
    if (s->attrs != NULL)
        gs2_attrs_each_read(s->attrs, tell_attribute, (void *)s);
}
