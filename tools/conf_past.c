/*
 * conf_past.c - warnings about a configuration in force: ways past gs2_require
 * and gs2_tag, which are for GS2 logins alone (SECURITY.md, "What is not
 * promised"), and past gs2_proxy_require; and a mech_list that a fault of libsasl
 * makes dangerous.  About one that is closed: what lets people in all the same.
 */
#include "conf_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sasl/sasl.h>

#include "conf_names.h"
#include "cyrus_conf.h"
#include "mech_list.h"
#include "mech_name.h"
#include "print.h"
#include "served.h"

/* An option that is for GS2 logins alone. */
struct gate {
    enum gs2_option option;
    const char *alone; /* what it does there */
    const char *whom;  /* whom other logins let in */
};
static const struct gate gates[] = {
    { GS2_OPT_REQUIRE, "gs2_require is asked at GS2 logins alone",
      "people in without it" },
    { GS2_OPT_TAG, "gs2_tag refuses names with the character at GS2 logins "
                   "alone", "in whoever has such a name" },
};

/* One that is not asked where LDAP lets a user act as another in one request;
 * whom: as whom then. */
static const struct gate acting[] = {
    { GS2_OPT_PROXY_REQUIRE, "gs2_proxy_require is asked at logins alone",
      "as others without it" },
    { GS2_OPT_TAG, "gs2_tag refuses names with the character at logins alone",
      "as whoever has such a name" },
};

static void warn(struct findings *warnings, const struct conf_line *line,
                 unsigned column, const char *cure, const char *format, ...)
    GS2_PRINTF(5, 6);

static void
warn(struct findings *warnings, const struct conf_line *line, unsigned column,
     const char *cure, const char *format, ...)
{
    char text[GS2_TEXT_MAX];
    struct finding *found;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    found = findings_add(warnings, CONF_IN_FORCE, line, column, "%s", text);
    (void)snprintf(found->cure, sizeof(found->cure), "%s", cure);
}

/* Whether a word of mech_list is a mechanism whose logins ask the rule: those of
 * GS2, and what gs2_mechs names, though this machine may lack it, unless
 * another's file serves them; GSSAPI where the file is ours.  EXTERNAL does not
 * ask the rule, but counts: the lists that avoid libsasl's fault need it
 * (SECURITY.md), and gs2-inspect(1) says whom it lets in. */
static bool
asks_rule(const struct conf_file *view, const char *word, size_t len)
{
    const char *ours = conf_file_option(view, gs2_options_name(GS2_OPT_MECHS));
    char name[SASL_MECHNAMEMAX + 1] = "";
    struct served served;

    if (len >= sizeof(name))
        return false;
    memcpy(name, word, len);
    served_find(name, &served);
    return strcasecmp(name, "EXTERNAL") == 0 || served.by == SERVED_BY_US ||
           (served.by == SERVED_BY_NONE &&
            (mech_name_is_gs2(name, len) || mech_name_is_in(ours, name)));
}

/* A mech_list that lets in nobody past a rule. */
static void
make_cure(const struct conf_file *view, char *cure, size_t size)
{
    (void)snprintf(cure, size, "%smech_list: %s EXTERNAL",
                   view->imapd ? "sasl_" : "", conf_mechs_ours());
}

/* What else libsasl offers where mech_list is not set, as an example. */
static const char *
find_examples(void)
{
    struct served served;

    if (!served_by_us("GSSAPI"))
        return "GSSAPI, PLAIN";
    conf_mechs_find_file(&served);
    return served.by == SERVED_BY_OTHER ? "GS2-KRB5, PLAIN" : "PLAIN";
}

static void
find_mechs(const struct conf_file *view, const struct gate *gate,
           const struct conf_line *line, struct findings *warnings)
{
    const struct conf_line *list = conf_file_find(view, "mech_list");
    const char *at, *word;
    char cure[64];
    size_t len;

    make_cure(view, cure, sizeof(cure));
    if (list == NULL) {
        warn(warnings, line, 1, cure, "%s, and whatever else is offered "
             "(%s) lets %s: %smech_list is not set", gate->alone,
             find_examples(), gate->whom, view->imapd ? "sasl_" : "");
        return;
    }
    at = list->value;
    while ((word = mech_list_next(&at, &len)) != NULL) {
        if (!mech_list_ignores(word, len) && !asks_rule(view, word, len))
            warn(warnings, list, (unsigned)(word - list->text) + 1, cure,
                 "%s: %.*s lets %s", gate->alone, (int)len, word, gate->whom);
    }
}

/* Commands with a password, which no mech_list takes away, ask libsasl, which
 * asks those that pwcheck_method names. */
static void
find_passwords(const struct conf_file *view, const struct conf_line *rule,
               const char *alone, struct findings *warnings)
{
    static const char *const checkers[] = {
        "auxprop", "auxprop-hashed", "saslauthd", "authdaemond", "alwaystrue",
    };
    static const char cure[] = "sasl_pwcheck_method: none";
    const struct conf_line *line = conf_file_find(view, "pwcheck_method");
    const char *at = line != NULL ? line->value : NULL, *word;
    size_t len;

    if (line == NULL)
        warn(warnings, rule, 1, cure, "%s: a password of sasldb does in the "
             "commands LOGIN of IMAP and USER of POP3, since "
             "sasl_pwcheck_method is not set", alone);
    while (at != NULL && (word = mech_list_next(&at, &len)) != NULL) {
        for (size_t i = 0; i < sizeof(checkers) / sizeof(checkers[0]); i++) {
            if (strlen(checkers[i]) == len &&
                strncasecmp(word, checkers[i], len) == 0)
                warn(warnings, line, (unsigned)(word - line->text) + 1, cure,
                     "%s: a password of %s does in the commands LOGIN of "
                     "IMAP and USER of POP3", alone, checkers[i]);
        }
    }
}

/* The line that sets an option of Cyrus' own for a service, of which NULL is one
 * that is not known; NULL where there is none.  Borrows. */
static const struct conf_line *
find_of_cyrus(const struct conf_file *view, const char *service,
              const char *option)
{
    const struct conf_line *line = NULL;
    char *key;

    if (service != NULL) {
        if (asprintf(&key, "%s_%s", service, option) < 0)
            key = need(NULL);
        line = conf_file_line(&view->lines, key);
        free(key);
    }
    return line != NULL ? line : conf_file_line(&view->lines, option);
}

/* Whether a value is one of Cyrus' words for no, of which the first letters
 * count.  With a word that is neither for no nor for yes it does not start. */
static bool
is_no(const char *value)
{
    return value[0] == '0' || value[0] == 'n' || value[0] == 'f' ||
           strncmp(value, "of", strlen("of")) == 0;
}

/* POP3's APOP goes to the passwords of auxprop plugins, and asks neither
 * mech_list nor pwcheck_method. */
static void
find_apop_of(const struct conf_file *view, const char *service,
             const struct conf_line *rule, const char *alone,
             struct findings *warnings)
{
    static const char option[] = "allowapop";
    const struct conf_line *line = find_of_cyrus(view, service, option);
    char cure[GS2_TEXT_MAX];

    if (line != NULL && is_no(line->value))
        return;
    (void)snprintf(cure, sizeof(cure), "%s: no",
                   line != NULL ? line->key : option);
    warn(warnings, line != NULL ? line : rule,
         line != NULL ? (unsigned)(line->value - line->text) + 1 : 1, cure,
         "%s: the command APOP of POP3 accepts a password of sasldb, or of "
         "another auxprop plugin, whatever sasl_pwcheck_method is%s", alone,
         line != NULL ? "" : ", since allowapop is not set");
}

/* Whether a service of cyrus.conf sees what the view has. */
static bool
is_of_view(const struct conf_file *view, const char *service)
{
    size_t len;

    if (view->service != NULL)
        return strcmp(view->service, service) == 0;
    for (size_t i = 0; i < view->lines.count; i++) {
        const struct conf_line *line = &view->lines.list[i];

        (void)conf_names_base(line->key, &len);
        if (line->ignored == NULL && len > 0 && len == strlen(service) &&
            strncmp(line->key, service, len) == 0)
            return false; /* it has options of its own */
    }
    return true;
}

/* Looks at each service that is POP3, or that may be if no cyrus.conf says which
 * services there are. */
static void
find_apop(const struct conf_file *view, const struct conf_line *rule,
          const char *alone, struct findings *warnings)
{
    char **names;
    size_t count;

    if (view->service_count == 0)
        find_apop_of(view, view->service, rule, alone, warnings);
    cyrus_conf_services(view->path, "pop3d", &names, &count);
    for (size_t i = 0; i < count; i++) {
        if (is_of_view(view, names[i]))
            find_apop_of(view, names[i], rule, alone, warnings);
    }
    cyrus_conf_free(names, count);
}

/* libsasl 2.1.28 has no room for a separator where it lists each mechanism
 * once more, with -PLUS, as on a channel with a binding (SECURITY.md). */
static void
find_overrun(const struct conf_file *view, struct findings *warnings)
{
    const struct conf_line *list = conf_file_find(view, "mech_list");
    const char *ours = conf_file_option(view, gs2_options_name(GS2_OPT_MECHS));
    char cure[GS2_TEXT_MAX];

    if (list == NULL || !mech_list_is_plus(list->value, ours) ||
        (view->server != NULL && !view->server->binds))
        return;
    /* In front, because libsasl knows -PLUS in the last word alone. */
    (void)snprintf(cure, sizeof(cure), "%s: EXTERNAL %s", list->key,
                   list->value);
    warn(warnings, list, (unsigned)(list->value - list->text) + 1, cure,
         "libsasl 2.1.28 writes past the end of its memory when it lists "
         "these mechanisms under TLS with a channel binding, and the server "
         "may abort: each of them has a -PLUS, or no plugin, and EXTERNAL has "
         "no -PLUS");
}

/* A request of LDAP can name another user, for whom it is then done. */
static void
find_acting(const struct conf_file *view, struct findings *warnings)
{
    const struct server_row *server = view->server;
    const struct conf_line *line;

    if (server == NULL || server->acts == NULL)
        return;
    for (size_t i = 0; i < sizeof(acting) / sizeof(acting[0]); i++) {
        line = conf_file_find(view, gs2_options_name(acting[i].option));
        if (line != NULL)
            warn(warnings, line, 1, server->acts_cure, "%s: after one, "
                 "proxied authorization (RFC 4370) lets people act %s, where "
                 "%s allow it", acting[i].alone, acting[i].whom, server->acts);
    }
}

void
conf_past_find(const struct conf_file *view, struct findings *warnings)
{
    const struct server_row *server = view->server;
    const struct conf_line *line;

    find_overrun(view, warnings);
    for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
        line = conf_file_find(view, gs2_options_name(gates[i].option));
        if (line == NULL)
            continue;
        find_mechs(view, &gates[i], line, warnings);
        if (gates[i].option != GS2_OPT_REQUIRE)
            continue;
        if (view->imapd) {
            find_passwords(view, line, gates[i].alone, warnings);
            find_apop(view, line, gates[i].alone, warnings);
        }
        if (server != NULL && server->past != NULL)
            warn(warnings, line, 1, server->cure, "%s: %s of %s lets people "
                 "in without it", gates[i].alone, server->past, server->name);
    }
    find_acting(view, warnings);
}

/* Whether the server has this mechanism from another's file. */
static bool
is_others(const struct conf_file *view, const char *name,
          struct served *served_out)
{
    served_find(name, served_out);
    return served_out->by == SERVED_BY_OTHER &&
           (mech_name_is_gs2(name, strlen(name))
            ? conf_mechs_have_others(view)
            : mech_list_has(conf_file_option(view, "mech_list"), name));
}

void
conf_past_closed(const struct conf_file *view, struct findings *warnings)
{
    static const char *const names[] = { "GS2-KRB5", "GSSAPI", "GSS-SPNEGO" };
    const struct conf_line *list = conf_file_find(view, "mech_list");
    struct served served;
    char cure[64];

    make_cure(view, cure, sizeof(cure));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (is_others(view, names[i], &served))
            warn(warnings, list, 1, cure, "%s lets in whoever has a ticket: "
                 "libsasl has it from %s, which is not of cyrus-sasl-gs2 and "
                 "asks no rule", names[i], served.path);
    }
}
