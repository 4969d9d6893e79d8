/*
 * commands.h - the table of commands and options of gs2-inspect.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include <stddef.h>

#include "cmd.h"

struct command_option {
    char letter;
    const char *name, *value, *help; /* value: NULL where it takes none */
};
enum { COMMANDS_OPTIONS = 16 }; /* how many there are */

struct command {
    const char *name, *operand, *help; /* operand: NULL where it takes none */
    const char *options;               /* letters */
    int (*run)(const struct arguments *arguments, struct outcome *outcome);
};

/* The nth; NULL behind the last. */
const struct command *commands_nth(size_t n);
const struct command_option *commands_option(size_t n);

/* The command of this name; NULL for none. */
const struct command *commands_find(const char *name);

/* Prints how to use one command, or, where command is NULL, all. */
void commands_help(const struct command *command);

#endif
