/*
 * server_place.c - as whom a server accepts logins (see server_place.h).
 */
#include "server_place.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "print.h"

#define WHITE " \t\n\v\f\r"

/* This host's name as servers take it: in full.  Gives. */
static char *
find_host(void)
{
    struct addrinfo hints = { .ai_flags = AI_CANONNAME }, *found = NULL;
    char name[256] = "localhost", *full;

    (void)!gethostname(name, sizeof(name) - 1);
    if (strchr(name, '.') == NULL &&
        getaddrinfo(name, NULL, &hints, &found) == 0 &&
        found->ai_canonname != NULL)
        full = strdup(found->ai_canonname);
    else
        full = strdup(name);
    if (found != NULL)
        freeaddrinfo(found);
    return need(full);
}

/* The value behind a word at the start of a line of a file, up to white space,
 * without "=" and quotes around it.  Gives; NULL for none. */
static char *
read_value(const char *path, const char *word)
{
    char *line = NULL, *found = NULL, *at;
    const size_t len = strlen(word);
    size_t size = 0;
    FILE *in = fopen(path, "re");

    while (in != NULL && found == NULL && getline(&line, &size, in) >= 0) {
        at = line + strspn(line, WHITE);
        if (strncasecmp(at, word, len) != 0)
            continue;
        at += len + strspn(at + len, WHITE "=\"'");
        at[strcspn(at, WHITE "\"'")] = '\0';
        if (at[0] != '\0')
            found = need(strdup(at));
    }
    free(line);
    if (in != NULL)
        (void)fclose(in);
    return found;
}

/* The file is the one that the server of this machine reads. */
static bool
is_its_own(const struct conf_file *conf)
{
    const char *paths = conf->server != NULL ? conf->server->paths : NULL;
    size_t len;

    for (; paths != NULL && *paths != '\0';
         paths += len + (paths[len] == ':')) {
        len = strcspn(paths, ":");
        if (strncmp(paths, conf->path, len) == 0 && conf->path[len] == '\0')
            return true;
    }
    return false;
}

/* The value of a variable of the environment where "NAME=" stands in a line of a
 * file, as the variables of Debian's servers do and those in Postfix'
 * import_environment.  With only_exported, which is for a file that a shell
 * reads, the line has "export" as well.  Gives; NULL for none. */
static char *
read_variable(const char *path, const char *name, bool only_exported)
{
    char *line = NULL, *found = NULL, *at;
    FILE *in = fopen(path, "re");
    size_t size = 0;

    while (in != NULL && found == NULL && getline(&line, &size, in) >= 0) {
        line[strcspn(line, "#")] = '\0';
        at = strstr(line, name);
        if (at == NULL || (at > line && strchr(WHITE, at[-1]) == NULL) ||
            (only_exported && strstr(line, "export ") == NULL))
            continue;
        at += strlen(name);
        at += strspn(at, "\"'");
        found = need(strndup(at, strcspn(at, WHITE "\"';")));
    }
    free(line);
    if (in != NULL)
        (void)fclose(in);
    return found;
}

void
server_place_environment(const struct conf_file *conf)
{
    static const struct {
        const char *start, *name;
        int wins; /* over what the caller has set */
    } variables[] = {
        { "KRB5_KTNAME=", "KRB5_KTNAME", 0 },
        { "SASL_PATH=", "SASL_PATH", 1 },
        { "SASL_PLUGINDIR=", "SASL_PLUGINDIR", 1 },
    };
    const struct server_row *server = conf->server;
    char *value;

    if (server == NULL || server->defaults == NULL || !is_its_own(conf))
        return;
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        value = read_variable(server->defaults, variables[i].start,
                              strcmp(server->name, "slapd") == 0);
        if (value != NULL &&
            setenv(variables[i].name, value, variables[i].wins) != 0)
            (void)need(NULL);
        free(value);
    }
}

/* What Cyrus calls its host; NULL where it says nothing.  Gives. */
static char *
read_imapd_host(const struct conf_file *conf)
{
    const struct conf_line *line = conf_file_line(&conf->lines, "servername");

    return line != NULL && line->value != NULL ? need(strdup(line->value))
                                               : NULL;
}

/* The same of slapd. */
static char *
read_slapd_host(void)
{
    char *host = read_value("/etc/ldap/slapd.conf", "sasl-host");

    return host != NULL ? host
                        : read_value("/etc/ldap/slapd.d/cn=config.ldif",
                                     "olcSaslHost:");
}

/* --- Postfix -------------------------------------------------------------- */

/* Whether a line of master.cf runs smtpd where the queue is: its fifth field
 * says so, or says nothing, which meant yes before Postfix 3.0. */
static bool
is_confined(const char *line, bool by_default)
{
    char confined[8], command[64];

    return sscanf(line, "%*s %*s %*s %*s %7s %*s %*s %63s", confined,
                  command) == 2 &&
           line[0] != '#' && strcmp(command, "smtpd") == 0 &&
           (confined[0] == 'y' || (confined[0] == '-' && by_default));
}

/* The directory that smtpd is confined to.  Gives; NULL for none. */
static char *
find_postfix_root(void)
{
    char *level = read_value("/etc/postfix/main.cf", "compatibility_level");
    const bool by_default = level == NULL || strtol(level, NULL, 10) < 1;
    FILE *in = fopen("/etc/postfix/master.cf", "re");
    char *line = NULL, *root = NULL;
    size_t size = 0;

    while (in != NULL && root == NULL && getline(&line, &size, in) >= 0) {
        if (!is_confined(line, by_default))
            continue;
        root = read_value("/etc/postfix/main.cf", "queue_directory");
        if (root == NULL)
            root = need(strdup("/var/spool/postfix"));
    }
    free(line);
    free(level);
    if (in != NULL)
        (void)fclose(in);
    return root;
}

/* As whom its own files say that it runs, and where. */
static void
find_user(const struct server_row *server, struct server_place *place)
{
    if (server->user_file != NULL)
        place->user = read_value(server->user_file, server->user_word);
    if (place->user == NULL && server->user != NULL)
        place->user = need(strdup(server->user));
    place->one_group = server->one_group;
    if (strcmp(server->name, "smtpd") == 0)
        place->root = find_postfix_root();
}

/* --- all of it ------------------------------------------------------------ */

void
server_place_find(const struct arguments *arguments,
                  const struct conf_file *conf,
                  struct server_place *place_out)
{
    const struct server_row *server = conf->server;
    const bool own = server != NULL && is_its_own(conf);
    char *host = NULL;

    place_out->service = arguments->service != NULL ? arguments->service
                         : server != NULL ? server->service : "imap";
    if (conf->imapd)
        host = read_imapd_host(conf);
    else if (own && strcmp(server->name, "slapd") == 0)
        host = read_slapd_host();
    if (own)
        find_user(server, place_out);
    if (arguments->host != NULL) {
        free(host);
        host = need(strdup(arguments->host));
    }
    place_out->host = host != NULL ? host : find_host();
}

void
server_place_free(struct server_place *place)
{
    free(place->host);
    free(place->user);
    free(place->root);
    memset(place, 0, sizeof(*place));
}
