/*
 * server_environment.c - with which variables a server of this machine is
 * started (see server_environment.h).
 */
#include "server_environment.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "postfix_conf.h"
#include "print.h"
#include "shell_file.h"

bool
server_environment_is_its_own(const struct conf_file *conf)
{
    const char *paths = conf->server != NULL ? conf->server->paths : NULL;
    struct stat own, given;
    bool found = false;
    char *path;
    size_t len;

    for (; paths != NULL && *paths != '\0' && !found;
         paths += len + (paths[len] == ':')) {
        len = strcspn(paths, ":");
        path = need(strndup(paths, len));
        found = strcmp(path, conf->path) == 0 ||
                (stat(path, &own) == 0 && stat(conf->path, &given) == 0 &&
                 own.st_dev == given.st_dev && own.st_ino == given.st_ino);
        free(path);
    }
    return found;
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
                        server->starter == SERVER_STARTED_BY_UNIT
                        ? SHELL_UNIT : SHELL_EXPORTS, value_out, why_out);
}

/* The server's user. */
static void
find_user(const struct conf_file *conf, char **value_out, char **why_out)
{
    const char *word = conf->server->user_word;
    const struct conf_line *line;
    unsigned number;

    *value_out = *why_out = NULL;
    if (conf->imapd) {
        line = conf_file_line(&conf->lines, word);
        if (line != NULL && line->value != NULL)
            *value_out = need(strdup(line->value));
    } else if (conf->server->starter == SERVER_STARTED_BY_POSTFIX) {
        *value_out = postfix_conf_find(word, &number);
        *why_out = postfix_conf_unread();
    } else if (word != NULL) {
        shell_file_find(conf->server->defaults, word, SHELL_SETS, value_out,
                        why_out);
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
    if (!keys)
        return;
    find_user(conf, &value, &why);
    free(value);
    set_unsure(conf, why);
}

char *
server_environment_user(const struct conf_file *conf)
{
    char *user, *why;

    if (conf->server->user_word == NULL)
        return NULL;
    find_user(conf, &user, &why);
    if (user != NULL && user[0] == '\0') {
        free(user);
        user = NULL;
    }
    /* An init script changes the user only where its file names one. */
    if (user == NULL && why == NULL &&
        conf->server->starter == SERVER_STARTED_BY_SHELL)
        user = need(strdup("root"));
    free(why);
    return user;
}
