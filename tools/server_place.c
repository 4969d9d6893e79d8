/*
 * server_place.c - as whom a server accepts logins (see server_place.h).
 */
#include "server_place.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "postfix_conf.h"
#include "print.h"
#include "server_environment.h"
#include "text_file.h"

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
    char *host = text_file_value("/etc/ldap/slapd.conf", "sasl-host");

    return host != NULL ? host
                        : text_file_value("/etc/ldap/slapd.d/cn=config.ldif",
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
    unsigned line;
    char *level = postfix_conf_find("compatibility_level", &line);
    const bool by_default = level == NULL || strtol(level, NULL, 10) < 1;
    FILE *in = fopen("/etc/postfix/master.cf", "re");
    char *text = NULL, *root = NULL;
    size_t size = 0;

    while (in != NULL && root == NULL && getline(&text, &size, in) >= 0) {
        if (!is_confined(text, by_default))
            continue;
        root = postfix_conf_find("queue_directory", &line);
        if (root == NULL)
            root = need(strdup("/var/spool/postfix"));
    }
    free(text);
    free(level);
    if (in != NULL)
        (void)fclose(in);
    return root;
}

/* As whom its own files say that it runs, and where. */
static void
find_user(const struct conf_file *conf, struct server_place *place)
{
    const struct server_row *server = conf->server;
    char *why; /* is conf->unsure already */

    place->user = server_environment_user(conf, &why);
    free(why);
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
    const bool own = server != NULL && server_environment_is_its_own(conf);
    char *host = NULL;

    place_out->service = arguments->service != NULL ? arguments->service
                         : server != NULL ? server->service : "imap";
    if (conf->imapd)
        host = read_imapd_host(conf);
    else if (own && strcmp(server->name, "slapd") == 0)
        host = read_slapd_host();
    if (own)
        find_user(conf, place_out);
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
