/*
 * shell_file.h - a variable in a file of assignments that a shell reads, or
 * systemd (EnvironmentFile=), as those of /etc/default.
 *
 * What is more than an assignment or "export" is not followed.  Where that could
 * matter, or a value is the shell's to make, it is said that it is not known.
 */
#ifndef SHELL_FILE_H
#define SHELL_FILE_H

enum shell_reader {
    SHELL_SETS,    /* sh: all of its variables */
    SHELL_EXPORTS, /* sh: those that the programs get which it starts */
    SHELL_UNIT     /* systemd, or sh: what both read alike */
};

/*
 * Looks for the variable in the file at path.  Fills the caller's *value_out,
 * NULL where it is not set there (or there is no such file), and *why_out, NULL
 * where that is known: "PATH:LINE: the reason, and what to do".  The caller
 * frees both; at most one of them is not NULL.
 */
void shell_file_find(const char *path, const char *name,
                     enum shell_reader reader, char **value_out,
                     char **why_out);

#endif
