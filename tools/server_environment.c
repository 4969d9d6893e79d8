/*
 * server_environment.c - with which variables a server of this machine is
 * started (see server_environment.h).
 */
#include "server_environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "postfix_conf.h"
#include "print.h"
#include "shell_file.h"

bool
server_environment_is_its_own(const struct conf_file *conf)
{
    const struct server_row *server = conf->server;
    char *places = server != NULL ? conf_file_places(server) : NULL;
    char *rest = places;
    const char *path;
    struct stat own, given;
    bool found = server != NULL && conf->by_name &&
                 server->starter == SERVER_STARTED_BY_POSTFIX;

    while (!found && (path = strsep(&rest, ":")) != NULL)
        found = strcmp(path, conf->path) == 0 ||
                (stat(path, &own) == 0 && stat(conf->path, &given) == 0 &&
                 own.st_dev == given.st_dev && own.st_ino == given.st_ino);
    free(places);
    return found;
}

/* Whether systemd runs (sd_booted(3)) and has a unit of this name that it does
 * not make of an init script. */
static bool
has_unit(const char *name)
{
    static const char *const places[] = {
        "/etc/systemd", "/run/systemd", "/usr/local/lib/systemd",
        "/usr/lib/systemd",
    };
    char path[128];
    bool found = false;

    if (access("/run/systemd/system", F_OK) != 0)
        return false;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !found; i++) {
        (void)snprintf(path, sizeof(path), "%s/system/%s.service", places[i],
                       name);
        found = access(path, F_OK) == 0;
    }
    return found;
}

/* Who reads server->defaults; script, where that is an init script. */
static enum shell_reader
find_reader(const struct server_row *server, enum shell_reader script)
{
    return server->starter == SERVER_STARTED_BY_UNIT || has_unit(server->name)
           ? SHELL_UNIT : script;
}

/* A variable of the environment. */
static void
find_variable(const struct server_row *server, const char *name,
              char **value_out, char **why_out)
{
    if (server->starter == SERVER_STARTED_BY_POSTFIX)
        postfix_conf_variable(name, value_out, why_out);
    else
        shell_file_find(server->defaults, name,
                        find_reader(server, SHELL_EXPORTS), value_out,
                        why_out);
}

/* Whether a word of the options may have -u, by itself or behind other letters. */
static bool
names_user(const char *options)
{
    static const char blanks[] = " \t\n";
    const char *at = options;

    for (at += strspn(at, blanks); *at != '\0'; at += strspn(at, blanks)) {
        if (*at == '-' && memchr(at, 'u', strcspn(at, blanks)) != NULL)
            return true;
        at += strcspn(at, blanks);
    }
    return false;
}

/* slapd's user: SLAPD_USER, or root where that is not set.  Its init script and
 * its unit put SLAPD_OPTIONS last, so that another -u there would count. */
static void
find_slapd_user(const struct server_row *server, char **value_out,
                char **why_out)
{
    const enum shell_reader reader = find_reader(server, SHELL_SETS);
    char *options;

    shell_file_find(server->defaults, "SLAPD_OPTIONS", reader, &options,
                    why_out);
    if (options != NULL && names_user(options) &&
        asprintf(why_out, "%s: SLAPD_OPTIONS has -u: name the user in "
                 "SLAPD_USER instead", server->defaults) < 0)
        *why_out = need(NULL);
    free(options);
    if (*why_out != NULL)
        return;
    shell_file_find(server->defaults, server->user_word, reader, value_out,
                    why_out);
    if (*why_out != NULL || (*value_out != NULL && **value_out != '\0') ||
        access(server->defaults, F_OK) != 0)
        return;
    free(*value_out);
    *value_out = need(strdup("root"));
}

/* The server's user. */
static void
find_user(const struct conf_file *conf, char **value_out, char **why_out)
{
    const struct conf_line *line;
    unsigned number;

    *value_out = *why_out = NULL;
    if (conf->imapd) {
        line = conf_file_line(&conf->lines, conf->server->user_word);
        if (line != NULL && line->value != NULL)
            *value_out = need(strdup(line->value));
    } else if (conf->server->starter == SERVER_STARTED_BY_POSTFIX) {
        *value_out = postfix_conf_find(conf->server->user_word, &number);
        *why_out = postfix_conf_unread();
    } else if (conf->server->user_word != NULL) {
        find_slapd_user(conf->server, value_out, why_out);
    }
}

/* Keeps the first reason. */
static void
set_unsure(struct conf_file *conf, char *why)
{
    if (conf->unsure == NULL)
        conf->unsure = why;
    else
        free(why);
}

void
server_environment_set(struct conf_file *conf, bool keys)
{
    static const struct {
        const char *name;
        bool is_key; /* the caller may have set it instead */
    } variables[] = {
        { "SASL_PATH", false }, { "SASL_PLUGINDIR", false },
        { "KRB5_KTNAME", true },
    };
    const struct server_row *server = conf->server;
    char *value, *why;

    if (server == NULL || server->defaults == NULL ||
        !server_environment_is_its_own(conf))
        return;
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        if (variables[i].is_key && (!keys || getenv("KRB5_KTNAME") != NULL))
            continue;
        find_variable(server, variables[i].name, &value, &why);
        if (value != NULL && setenv(variables[i].name, value, 1) != 0)
            (void)need(NULL);
        free(value);
        set_unsure(conf, why);
    }
    if (server->starter == SERVER_STARTED_BY_POSTFIX)
        set_unsure(conf, postfix_conf_sasl_unsure());
    if (!keys)
        return;
    find_user(conf, &value, &why);
    free(value);
    set_unsure(conf, why);
}

char *
server_environment_user(const struct conf_file *conf, char **why_out)
{
    const char *usual = conf->server->user;
    char *user;

    find_user(conf, &user, why_out);
    if (user != NULL && user[0] != '\0')
        return user;
    free(user);
    return *why_out == NULL && usual != NULL ? need(strdup(usual)) : NULL;
}
