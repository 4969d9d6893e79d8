/*
 * shell_code.h - what else a shell may do in a file of assignments, where that
 * is not followed, only looked for.
 */
#ifndef SHELL_CODE_H
#define SHELL_CODE_H

#include <stdbool.h>

/* What the shell's grammar is made of (POSIX, Shell Command Language, 2.2 and
 * 2.3), as far as assignments need it. */
#define SHELL_BLANKS " \t"
#define SHELL_OPERATORS "&|<>()`"
/* The octets of a name, its first one and the others. */
#define SHELL_FIRST "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define SHELL_NAME SHELL_FIRST "0123456789"

/* Whether the name stands in a text as a word of its own, in whatever quotes. */
bool shell_code_names(const char *text, const char *name);

/* Whether this code may set the variable: it has its name, reads another file,
 * or makes a command or a name of something. */
bool shell_code_may_set(const char *text, const char *name);

#endif
