/*
 * user_realm.c - the realm of users without one (see user_realm.h).
 */
#include "user_realm.h"

#include <stdlib.h>
#include <string.h>

#include "postfix_conf.h"
#include "server_environment.h"
#include "text_file.h"

#define PARAMETER "smtpd_sasl_local_domain"

/* Of Postfix, whose default is empty. */
static bool
find_of_postfix(char **realm_out, struct gs2_error *err)
{
    char *why = postfix_conf_unread(), *realm;
    unsigned line;

    if (why != NULL) {
        gs2_error_set(err, "cannot tell which realm smtpd gives to users "
                      "without one: %s", why);
        free(why);
        return false;
    }
    realm = postfix_conf_find(PARAMETER, &line);
    if (realm != NULL && strchr(realm, '$') != NULL) {
        gs2_error_set(err, "cannot tell which realm smtpd gives to users "
                      "without one: /etc/postfix/main.cf:%u: " PARAMETER " is "
                      "more than a word", line);
        gs2_error_detail(err, "write it without \"$\"");
        free(realm);
        return false;
    }
    if (realm != NULL && realm[0] == '\0') {
        free(realm);
        realm = NULL;
    }
    *realm_out = realm;
    return true;
}

static char *
find_of_slapd(void)
{
    char *realm = text_file_value("/etc/ldap/slapd.conf", "sasl-realm");

    return realm != NULL ? realm
                         : text_file_value("/etc/ldap/slapd.d/cn=config.ldif",
                                           "olcSaslRealm:");
}

bool
user_realm_find(const struct conf_file *conf, char **realm_out,
                struct gs2_error *err)
{
    const struct server_row *server = conf->server;

    *realm_out = NULL;
    if (server == NULL || !server_environment_is_its_own(conf))
        return true;
    if (strcmp(server->name, "smtpd") == 0)
        return find_of_postfix(realm_out, err);
    if (strcmp(server->name, "slapd") == 0)
        *realm_out = find_of_slapd();
    return true;
}
