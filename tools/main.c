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

#include <sasl/sasl.h>

#include "commands.h"
#include "near.h"
#include "print.h"
#include "report.h"
#include "sasl_lock.h"
#include "watch.h"

/* A command that is in no table. */
#define HELP "help"

/* Whether the command line asks for documents; found out before it is parsed,
 * so that its errors are documents as well. */
static enum cmd_format format_wanted = CMD_TEXT;

static void
find_format(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-j") == 0 || strcmp(argv[i], "--json") == 0)
            format_wanted = CMD_JSON;
    }
}

static int misused(const char *format, ...) GS2_PRINTF(1, 2);

/* Refuses a command line: as a document, if documents are wanted. */
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
    struct option known[COMMANDS_OPTIONS + 1];
    char letters[2 * COMMANDS_OPTIONS + 1], *at = letters;
    const struct command_option *one;

    memset(known, 0, sizeof(known));
    for (size_t i = 0; (one = commands_option(i)) != NULL; i++) {
        known[i].name = one->name;
        known[i].has_arg = one->value != NULL;
        known[i].val = (unsigned char)one->letter;
        *at++ = one->letter;
        if (one->value != NULL)
            *at++ = ':';
    }
    *at = '\0';
    return getopt_long(argc, argv, letters, known, NULL);
}

static const char *
nth_option(size_t n)
{
    const struct command_option *option = commands_option(n);

    return option != NULL ? option->name : NULL;
}

/* The commands of the table, and then help. */
static const char *
nth_command(size_t n)
{
    const struct command *command = commands_nth(n);

    if (command == NULL)
        return n > 0 && commands_nth(n - 1) != NULL ? HELP : NULL;
    return command->name;
}

/* Refuses an unknown word, with "did you mean" if a known one is near. */
static int
no_such(const char *what, const char *word, near_word *nth)
{
    char *name = need(strndup(word, strcspn(word, "=")));
    const char *meant = near_find(name, nth, 2);

    (void)misused("there is no %s %s%s%s%s", what, name,
                  meant != NULL ? "; did you mean " : "",
                  meant != NULL ? meant : "", meant != NULL ? "?" : "");
    free(name);
    return CMD_ERROR;
}

/* What getopt_long() has refused. */
static int
bad_option(char **argv)
{
    const char *word = argv[optind - 1];
    const struct command_option *one;

    for (size_t i = 0; (one = commands_option(i)) != NULL; i++) {
        if (one->letter == optopt && one->value != NULL)
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
        if (c == 'h') {
            commands_help(command);
            return CMD_YES;
        }
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

/* gs2-inspect help [COMMAND], of argc words */
static int
help(int argc, char **argv)
{
    const struct command *command = argc > 2 ? commands_find(argv[2]) : NULL;

    if (argc > 3)
        return misused("%s takes no %s", HELP, argv[3]);
    if (argc > 2 && command == NULL)
        return no_such("command", argv[2], nth_command);
    commands_help(command);
    return CMD_YES;
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
        return help(1, argv);
    if (strcmp(argv[1], HELP) == 0)
        return help(argc, argv);
    if (strcmp(argv[1], "--version") == 0) {
        puts("gs2-inspect " PACKAGE_VERSION);
        return CMD_YES;
    }
    command = commands_find(argv[1]);
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
    sasl_lock_replace();
    status = run_word(argc, argv);
    if (fflush(stdout) != 0) {
        complain("standard output cannot be written");
        status = CMD_ERROR;
    }
    return status;
}
