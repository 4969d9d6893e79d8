/*
 * server_table.c - what is known of servers (see server_table.h).  Each row was
 * tried, as doc/servers.md says.
 */
#include "server_table.h"

#include <string.h>

#define CYRUS(program, gss_service, refused) \
    { .name = (program), .app = "Cyrus", .paths = "/etc/imapd.conf", \
      .imapd = true, .binds = true, .service = (gss_service), \
      .defaults = "/etc/default/cyrus-imapd", \
      .starter = SERVER_STARTED_BY_UNIT, .user = "cyrus", \
      .user_word = "cyrus_user", .log = (refused) }

#define SASL_LOG "auth.notice with sasl_log_level: 2"
#define LOG "auth.notice with log_level: 2"

static const struct server_row rows[] = {
    CYRUS("imapd", "imap", "mail.err"),
    CYRUS("pop3d", "pop", SASL_LOG),
    CYRUS("timsieved", "sieve", SASL_LOG),
    CYRUS("lmtpd", "lmtp", SASL_LOG),
    { .name = "slapd", .app = "slapd",
      .paths = "/etc/ldap/sasl2/slapd.conf:/usr/lib/sasl2/slapd.conf",
      .binds = true, .layers = SERVER_LAYERS, .service = "ldap",
      .defaults = "/etc/default/slapd",
      .starter = SERVER_STARTED_BY_SCRIPT, .user = "openldap",
      .user_word = "SLAPD_USER",
      .log = "local4.debug",
      .past = "a simple bind",
      .cure = "\"disallow bind_simple\" in slapd's own configuration",
      .acts = "authz-policy and authzTo or authzFrom",
      .acts_cure = "\"authz-policy none\" in slapd's own configuration, so "
                   "that nobody acts as others" },
    { .name = "smtpd", .app = "smtpd",
      .paths = "/etc/postfix/sasl/smtpd.conf:/usr/lib/sasl/smtpd.conf",
      .layers = SERVER_NO_LAYERS, .service = "smtp",
      .defaults = "/etc/postfix/main.cf",
      .starter = SERVER_STARTED_BY_POSTFIX, .user = "postfix",
      .user_word = "mail_owner",
      .one_group = true, .reads_as_root = true, .log = "mail.warning" },
    { .name = "ns-slapd", .app = "iDS", .layers = SERVER_LAYERS,
      .service = "ldap", .user = "dirsrv", .reads_as_root = true,
      .log = "errors with nsslapd-errorlog-level: 8",
      .past = "a simple bind",
      .cure = "none is known",
      .acts = "ACIs with the right proxy",
      .acts_cure = "no ACI with the right proxy" },
    { .name = "exim", .app = "exim", .service = "smtp",
      .user = "Debian-exim", .log = LOG },
    { .name = "nnrpd", .app = "INN", .service = "nntp", .user = "news",
      .log = LOG },
    { .name = "prosody", .app = "prosody", .service = "xmpp",
      .user = "prosody" },
    { .name = "libvirtd", .app = "libvirt", .service = "libvirt",
      .user = "root", .log = LOG },
    { .name = "qemu", .app = "qemu", .service = "vnc",
      .log = LOG },
    { .name = "svnserve", .app = "svn", .service = "svn",
      .log = LOG },
    { .name = "memcached", .app = "memcached",
      .layers = SERVER_NO_LAYERS, .service = "memcached",
      .user = "memcache", .log = "stderr with -v" },
};

const struct server_row *
server_table_row(unsigned n)
{
    return n < sizeof(rows) / sizeof(rows[0]) ? &rows[n] : NULL;
}

const struct server_row *
server_table_find(const char *name)
{
    static const char end[] = ".conf";
    size_t len = strlen(name);
    const struct server_row *row;

    if (len > strlen(end) && strcmp(name + len - strlen(end), end) == 0)
        len -= strlen(end);
    for (unsigned n = 0; (row = server_table_row(n)) != NULL; n++) {
        if ((strncmp(row->name, name, len) == 0 && row->name[len] == '\0') ||
            (strncmp(row->app, name, len) == 0 && row->app[len] == '\0'))
            return row;
    }
    return NULL;
}
