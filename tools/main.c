/*
 * main.c - gs2-inspect: why GS2 logins do or do not work, for administrators
 * (gs2-inspect(1)).  This file is the command line.
 */
#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "near.h"
#include "print.h"
#include "report.h"
#include "server_table.h"
#include "watch.h"

static const struct {
    char letter;
    const char *name, *value, *help; /* value: NULL where it takes none */
} options[] = {
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
    { 'r', "require-rule", NULL, "where there is no rule, the answer is no" },
    { 's', "service", "NAME", "the service; default: that of CONF, or imap" },
    { 'u', "as", "USER", "would this principal get in, without a ticket" },
    { 'v', "verbose", NULL, "attributes whose values are octets as well" },
    { 'w', "watch", "SECONDS",
      "log in again every SECONDS, 0 as fast as can be" },
    { 'x', "octets", NULL, "show the octets of the channel binding" },
    { 'h', "help", NULL, "this" },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static const struct command {
    const char *name, *operand, *help; /* operand: NULL where it takes none */
    const char *options;               /* letters */
    int (*run)(const struct arguments *arguments, struct outcome *outcome);
} commands[] = {
    { "mechs", NULL, "what each side offers, why not", "cjknpsh", cmd_mechs },
    { "login", NULL, "log in within this process", "aAbcjkmnpsuvwxh", cmd_login },
    { "imap", "SERVER", "log in to an IMAP server", "abjmwxh", cmd_imap },
    { "ldap", "SERVER", "log in to an LDAP server", "abjmwxh", cmd_ldap },
    { "smtp", "SERVER", "log in to an SMTP server", "abjmwxh", cmd_smtp },
    { "conf", "CONF", "what a server makes of its options", "jprh", cmd_conf },
};

/* Commands that are no one's but this file's. */
#define HELP "help"

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Whether the command line asks for documents, which is known before it can be
 * read. */
static enum cmd_format format_wanted = CMD_TEXT;

static void
find_format(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-j") == 0 || strcmp(argv[i], "--json") == 0)
            format_wanted = CMD_JSON;
    }
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

/* Of one command, or, where command is NULL, of all. */
static int
print_help(const struct command *command)
{
    const char *before = "usage:";

    for (size_t i = 0; i < COMMANDS; i++) {
        if (command != NULL && command != &commands[i])
            continue;
        print_usage(&commands[i], before);
        before = "      ";
    }
    putchar('\n');
    for (size_t i = 0; i < OPTIONS; i++) {
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
        puts("\ngs2-inspect help COMMAND says it of one command.");
    puts("\nExit status: 0 yes, 1 no (refused, not offered, an error in the\n"
         "configuration), 2 it could not be found out.");
    return CMD_YES;
}

static int misused(const char *format, ...) GS2_PRINTF(1, 2);

/* Whoever wants documents gets one of this, too. */
static int
misused(const char *format, ...)
{
    struct arguments arguments = { .format = format_wanted };
    struct outcome outcome = { 0 };
    va_list args;
    char *text;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = need(NULL);
    va_end(args);
    outcome_fail(&outcome, false, SASL_BADPARAM, "%s", text);
    (void)snprintf(outcome.next, sizeof(outcome.next),
                   "gs2-inspect help says how to use it");
    free(text);
    return report_failure(&arguments, false, &outcome);
}

/* --- options -------------------------------------------------------------- */

/* The next option of the command line by its letter, -1 at the end, '?' where
 * it is unknown or lacks its value. */
static int
next_option(int argc, char **argv)
{
    struct option known[OPTIONS + 1];
    char letters[2 * OPTIONS + 1], *at = letters;

    memset(known, 0, sizeof(known));
    for (size_t i = 0; i < OPTIONS; i++) {
        known[i].name = options[i].name;
        known[i].has_arg = options[i].value != NULL;
        known[i].val = (unsigned char)options[i].letter;
        *at++ = options[i].letter;
        if (options[i].value != NULL)
            *at++ = ':';
    }
    *at = '\0';
    return getopt_long(argc, argv, letters, known, NULL);
}

static const char *
nth_option(size_t n)
{
    return n < OPTIONS ? options[n].name : NULL;
}

static const char *
nth_command(size_t n)
{
    return n < COMMANDS ? commands[n].name : n == COMMANDS ? HELP : NULL;
}

/* A word that is none of those; "did you mean" where one of them is near. */
static int
no_such(const char *what, const char *word, near_word *nth)
{
    char *name = need(strndup(word, strcspn(word, "=")));
    const char *meant = near_find(name, nth, 2);

    (void)misused("there is no %s %s%s%s", what, name,
                  meant != NULL ? "; is it " : "",
                  meant != NULL ? meant : "");
    free(name);
    return CMD_ERROR;
}

/* What getopt_long() has refused. */
static int
bad_option(char **argv)
{
    const char *word = argv[optind - 1];

    for (size_t i = 0; i < OPTIONS; i++) {
        if (options[i].letter == optopt && options[i].value != NULL)
            return misused("a value is wanted by -%c", optopt);
    }
    if (strncmp(word, "--", 2) == 0)
        return no_such("option", word + 2, nth_option);
    return misused("there is no option -%c", optopt);
}

static bool
set_seconds(double *seconds, const char *text)
{
    char *end;

    *seconds = strtod(text, &end);
    return end != text && *end == '\0' && *seconds >= 0 && *seconds < 1e6;
}

/* cyrus.conf's names count without regard to case. */
static void
set_prefix(struct arguments *arguments, char *name)
{
    for (char *p = name; *p != '\0'; p++)
        *p = (char)tolower((unsigned char)*p);
    arguments->prefix = name;
}

static bool
add_assumption(struct arguments *arguments, const char *text)
{
    const size_t max = sizeof(arguments->assumptions) /
                       sizeof(arguments->assumptions[0]);

    if (arguments->assumed == max || strchr(text, '=') == NULL)
        return false;
    arguments->assumptions[arguments->assumed++] = text;
    return true;
}

/* One option; false where its value cannot be used. */
static bool
set(struct arguments *arguments, double *seconds, int letter)
{
    switch (letter) {
    case 'a': arguments->authzid = optarg; break;
    case 'A': return add_assumption(arguments, optarg);
    case 'b': arguments->binding = optarg; break;
    case 'c': arguments->conf = optarg; break;
    case 'j': arguments->format = CMD_JSON; break;
    case 'k': return setenv("KRB5_KTNAME", optarg, 1) == 0;
    case 'm': arguments->mech = optarg; break;
    case 'n': arguments->host = optarg; break;
    case 'p': set_prefix(arguments, optarg); break;
    case 'r': arguments->require_rule = true; break;
    case 's': arguments->service = optarg; break;
    case 'u': arguments->as = optarg; break;
    case 'v': arguments->verbose = true; break;
    case 'w': return set_seconds(seconds, optarg);
    case 'x': arguments->octets = true; break;
    default: break;
    }
    return true;
}

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int
run(const struct command *command, double seconds,
    struct arguments *arguments)
{
    struct outcome outcome = { 0 };

    if (seconds < 0)
        return command->run(arguments, &outcome);
    if (arguments->format == CMD_TEXT)
        arguments->format = CMD_NOTHING;
    return watch(seconds, command->run, arguments);
}

static int
read_options(const struct command *command, int argc, char **argv,
             struct arguments *arguments)
{
    double seconds = -1; /* between two logins; below 0: one */
    int c;

    while ((c = next_option(argc, argv)) != -1) {
        if (c == '?')
            return bad_option(argv);
        if (strchr(command->options, c) == NULL)
            return misused("%s has no option -%c", command->name, c);
        if (c == 'h')
            return print_help(command);
        if (!set(arguments, &seconds, c))
            return misused("this value cannot be used for -%c: %s", c,
                           optarg);
    }
    if (command->operand != NULL && optind == argc)
        return misused("%s wants a %s", command->name, command->operand);
    if (argc > optind + (command->operand != NULL))
        return misused("%s takes no %s", command->name, argv[argc - 1]);
    arguments->operand = argv[optind];
    return run(command, seconds, arguments);
}

/* gs2-inspect help [COMMAND] */
static int
help(int argc, char **argv)
{
    const struct command *command = argc > 2 ? find_command(argv[2]) : NULL;

    if (argc > 3)
        return misused("%s takes no %s", HELP, argv[3]);
    if (argc > 2 && command == NULL)
        return no_such("command", argv[2], nth_command);
    return print_help(command);
}

static bool
is_one_of(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

/* What the first word asks for. */
static int
run_word(int argc, char **argv)
{
    struct arguments arguments = { 0 };
    const struct command *command;

    if (argc < 2)
        return misused("a command is wanted");
    if (is_one_of(argv[1], "--help", "-h"))
        return print_help(NULL);
    if (strcmp(argv[1], HELP) == 0)
        return help(argc, argv);
    if (strcmp(argv[1], "--version") == 0) {
        puts("gs2-inspect " PACKAGE_VERSION);
        return CMD_YES;
    }
    command = find_command(argv[1]);
    if (command == NULL)
        return no_such("command", argv[1], nth_command);
    return read_options(command, argc - 1, argv + 1, &arguments);
}

int
main(int argc, char **argv)
{
    int status;

    opterr = 0;
    find_format(argc, argv);
    status = run_word(argc, argv);
    if (fflush(stdout) != 0) {
        complain("standard output cannot be written");
        status = CMD_ERROR;
    }
    return status;
}
