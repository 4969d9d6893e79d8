/*
 * commands.c - the table of commands and options, and the help that is made of
 * it (see commands.h).
 */
#include "commands.h"

#include <stdio.h>
#include <string.h>

#include "server_table.h"

static const struct command_option options[] = {
    { 'a', "authzid", "USER", "ask to act as USER" },
    { 'A', "assume", "NAME=VALUE", "with --as: what the login has, a fact or a\n"
      "value of an attribute; more than once" },
    { 'b', "binding", "TYPE", "the channel binding: tls-exporter, tls-unique,\n"
      "tls-server-end-point or none" },
    { 'c', "conf", "CONF", "the server's options: a file, or an application" },
    { 'j', "json", NULL, "JSON documents, one a line, for programs" },
    { 'k', "keytab", "FILE", "the server's keys" },
    { 'm', "mech", "NAME", "the mechanism, such as GS2-KRB5-PLUS" },
    { 'n', "host", "NAME", "the server's host name; default: its own, or this\n"
      "host's" },
    { 'p', "prefix", "NAME", "of imapd.conf, the options of this service of\n"
      "cyrus.conf; default: one without its own" },
    { 'r', "require-rule", NULL, "answer no where a service has no rule" },
    { 's', "service", "NAME", "the service; default: that of CONF, or imap" },
    { 'u', "as", "USER", "would this principal get in, without a ticket" },
    { 'v', "verbose", NULL, "attributes whose values are octets as well" },
    { 'w', "watch", "SECONDS",
      "log in again every SECONDS, 0 as fast as can be" },
    { 'x', "octets", NULL, "show the octets of the channel binding" },
    { 'h', "help", NULL, "this" },
};

_Static_assert(sizeof(options) / sizeof(options[0]) == COMMANDS_OPTIONS,
               "each option has a row");

static const struct command commands[] = {
    { "mechs", NULL, "what each side offers, why not", "cjknpsh", cmd_mechs },
    { "login", NULL, "log in within this process", "aAbcjkmnpsuvwxh", cmd_login },
    { "imap", "SERVER", "log in to an IMAP server", "abjmwxh", cmd_imap },
    { "ldap", "SERVER", "log in to an LDAP server", "abjmwxh", cmd_ldap },
    { "smtp", "SERVER", "log in to an SMTP server", "abjmwxh", cmd_smtp },
    { "conf", "CONF", "what a server makes of its options", "jprh", cmd_conf },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct command *
commands_nth(size_t n)
{
    return n < COMMANDS ? &commands[n] : NULL;
}

const struct command *
commands_find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

const struct command_option *
commands_option(size_t n)
{
    return n < COMMANDS_OPTIONS ? &options[n] : NULL;
}

/* --- help ----------------------------------------------------------------- */

static void
print_usage(const struct command *command, const char *before)
{
    char usage[80];

    (void)snprintf(usage, sizeof(usage), "%s [OPTION]...%s%s", command->name,
                   command->operand != NULL ? " " : "",
                   command->operand != NULL ? command->operand : "");
    printf("%s gs2-inspect %-24s %s\n", before, usage, command->help);
}

/* A text of some lines, each from the same column on. */
static void
print_option(size_t i)
{
    char left[80];
    const char *text = options[i].help;
    int len;

    (void)snprintf(left, sizeof(left), "  -%c, --%s%s%s", options[i].letter,
                   options[i].name, options[i].value != NULL ? "=" : "",
                   options[i].value != NULL ? options[i].value : "");
    printf("%-24s", left);
    if (strlen(left) >= 24)
        printf("\n%24s", "");
    for (;; text += len + 1) {
        len = (int)strcspn(text, "\n");
        printf("%.*s\n", len, text);
        if (text[len] == '\0')
            return;
        printf("%24s", "");
    }
}

static bool
takes(const struct command *command, char letter)
{
    return command == NULL || strchr(command->options, letter) != NULL;
}

/* Names of servers, in lines of some. */
static void
print_servers(void)
{
    const struct server_row *row;
    int width = 80;

    printf("\nCONF is a file, or one of");
    for (unsigned n = 0; (row = server_table_row(n)) != NULL; n++) {
        width += 1 + (int)strlen(row->name);
        if (width >= 72)
            printf("\n ");
        width = width >= 72 ? 2 : width;
        printf(" %s", row->name);
    }
    puts(",\nor another NAME with a file NAME.conf where libsasl looks.");
}

void
commands_help(const struct command *command)
{
    const char *before = "usage:";

    for (size_t i = 0; i < COMMANDS; i++) {
        if (command != NULL && command != &commands[i])
            continue;
        print_usage(&commands[i], before);
        before = "      ";
    }
    (void)putchar('\n');
    for (size_t i = 0; i < COMMANDS_OPTIONS; i++) {
        if (takes(command, options[i].letter))
            print_option(i);
    }
    if (command == NULL || (command->operand != NULL &&
                            strcmp(command->operand, "SERVER") == 0))
        puts("\nSERVER is HOST[:PORT] or imaps://HOST[:PORT] for TLS from the "
             "first octet,\nand imap://HOST[:PORT] for STARTTLS; or ldap(s), "
             "smtp(s).");
    if (command == NULL || takes(command, 'c') || command->run == cmd_conf)
        print_servers();
    if (command == NULL)
        puts("\ngs2-inspect help COMMAND shows the help of one command.");
    puts("\nExit status: 0 yes, 1 no (refused, not offered, an error in the\n"
         "configuration), 2 it could not be found out.");
}
