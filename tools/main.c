/*
 * main.c - gs2-inspect: why GS2 logins do or do not work, for administrators
 * (gs2-inspect(1)).  This file is the command line.
 */
#include "outcome.h"

#include <getopt.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
"usage: gs2-inspect mechs [OPTION]...        what each side offers, why not\n"
"       gs2-inspect login [OPTION]...        log in within this process\n"
"       gs2-inspect imap [OPTION]... SERVER  log in to an IMAP server\n"
"       gs2-inspect conf [-j] CONFIGURATION  look for errors in it\n"
"\n"
"  -a, --authzid=USER    ask to act as USER\n"
"  -b, --binding=TYPE    the channel binding: tls-exporter, tls-unique,\n"
"                        tls-server-end-point or none\n"
"  -c, --conf=CONFIGURATION\n"
"                        the server's options: a file, or an application\n"
"  -j, --json            one JSON document, for programs\n"
"  -k, --keytab=FILE     the server's keys\n"
"  -m, --mech=NAME       the mechanism, such as GS2-KRB5-PLUS\n"
"  -n, --host=NAME       the server's host name; default: this host's\n"
"  -s, --service=NAME    the service; default: imap\n"
"  -w, --watch=SECONDS   log in again every SECONDS, 0 as fast as can be\n"
"  -x, --octets          show the octets of the channel binding\n"
"  -h, --help            this\n"
"\n"
"SERVER is HOST[:PORT] or imaps://HOST[:PORT] for TLS from the first octet,\n"
"and imap://HOST[:PORT] for STARTTLS.  Exit status: 0 yes, 1 no (refused,\n"
"not offered, an error in the configuration), 2 it could not be found out.\n";

static const struct option long_options[] = {
    { "authzid", required_argument, NULL, 'a' },
    { "binding", required_argument, NULL, 'b' },
    { "conf", required_argument, NULL, 'c' },
    { "json", no_argument, NULL, 'j' },
    { "keytab", required_argument, NULL, 'k' },
    { "mech", required_argument, NULL, 'm' },
    { "host", required_argument, NULL, 'n' },
    { "service", required_argument, NULL, 's' },
    { "watch", required_argument, NULL, 'w' },
    { "octets", no_argument, NULL, 'x' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

/* Each command takes some of the options. */
static const struct command {
    const char *name, *options;
    bool operand;
    int (*run)(const struct inspect_options *options);
} commands[] = {
    { "mechs", "cjknsh", false, inspect_mechs },
    { "login", "abcjkmnswxh", false, inspect_login },
    { "imap", "abjmwxh", true, inspect_imap },
    { "conf", "jh", true, inspect_conf },
};

static int
misused(const char *what, const char *which)
{
    inspect_say("%s%s; gs2-inspect --help says how to use it", what, which);
    return INSPECT_ERROR;
}

/* This host's name as servers take it: in full. */
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
    return inspect_need(full);
}

static bool
set_watch(struct inspect_options *options, const char *text)
{
    char *end;

    options->watch = strtod(text, &end);
    return end != text && *end == '\0' && options->watch >= 0 &&
           options->watch < 1e6;
}

/* One option; false where its value cannot be used. */
static bool
set(struct inspect_options *options, int c)
{
    switch (c) {
    case 'a': options->authzid = optarg; break;
    case 'b': options->binding = optarg; break;
    case 'c': options->conf = optarg; break;
    case 'j': options->json = true; break;
    case 'k': return setenv("KRB5_KTNAME", optarg, 1) == 0;
    case 'm': options->mech = optarg; break;
    case 'n': options->host = optarg; break;
    case 's': options->service = optarg; break;
    case 'w': return set_watch(options, optarg);
    case 'x': options->octets = true; break;
    default: break;
    }
    return true;
}

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int
run(const struct command *command, int argc, char **argv,
    struct inspect_options *options)
{
    char name[2] = "";
    int c;

    while ((c = getopt_long(argc, argv, "a:b:c:jk:m:n:s:w:xh", long_options,
                            NULL)) != -1) {
        name[0] = (char)c;
        if (c == '?')
            return misused("the option is unknown or lacks its value", "");
        if (strchr(command->options, c) == NULL)
            return misused("this command has no option -", name);
        if (c == 'h') {
            (void)fputs(help, stdout);
            return INSPECT_YES;
        }
        if (!set(options, c))
            return misused("this value cannot be used for -", name);
    }
    if (command->operand != (optind + 1 == argc))
        return misused(command->operand ? "one operand is wanted by "
                                        : "no operand is taken by ",
                       command->name);
    if (options->json && options->watch >= 0)
        return misused("--json and --watch exclude each other", "");
    options->operand = argv[optind];
    return command->run(options);
}

int
main(int argc, char **argv)
{
    struct inspect_options options = { .service = "imap", .watch = -1 };
    const struct command *command;
    char *host;
    int status;

    opterr = 0;
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 ||
                     strcmp(argv[1], "-h") == 0)) {
        (void)fputs(help, stdout);
        return INSPECT_YES;
    }
    command = argc > 1 ? find_command(argv[1]) : NULL;
    if (command == NULL)
        return misused("a command is wanted: mechs, login, imap or conf", "");
    host = find_host();
    options.host = host;
    status = run(command, argc - 1, argv + 1, &options);
    free(host);
    if (fflush(stdout) != 0) {
        inspect_say("standard output cannot be written");
        status = INSPECT_ERROR;
    }
    return status;
}
