/*
 * text_file.c - a short text file, and a value in one (see text_file.h).
 */
#include "text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "print.h"

#define OCTETS_MAX 1000000
#define WHITE " \t\n\v\f\r"

/* NULL, with errno.  It does not wait for whoever writes into a FIFO. */
static FILE *
open_regular(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    int error;

    if (fd < 0)
        return NULL;
    error = fstat(fd, &status) != 0 ? errno
            : S_ISREG(status.st_mode) ? 0 : EINVAL;
    if (error == 0)
        return need(fdopen(fd, "r"));
    (void)close(fd);
    errno = error;
    return NULL;
}

char *
text_file_read(const char *path)
{
    FILE *in = open_regular(path);
    int error = 0;
    char *text;
    size_t len;

    if (in == NULL)
        return NULL;
    text = need(malloc(OCTETS_MAX + 1));
    len = fread(text, 1, OCTETS_MAX, in);
    text[len] = '\0';
    if (ferror(in))
        error = EIO;
    else if (len == OCTETS_MAX)
        error = EFBIG;
    else if (strlen(text) != len)
        error = EINVAL;
    (void)fclose(in);
    if (error == 0)
        return text;
    free(text);
    errno = error;
    return NULL;
}

char *
text_file_value(const char *path, const char *word)
{
    char *line = NULL, *found = NULL, *at;
    const size_t len = strlen(word);
    size_t size = 0;
    FILE *in = fopen(path, "re");

    while (in != NULL && found == NULL && getline(&line, &size, in) >= 0) {
        at = line + strspn(line, WHITE);
        if (strncasecmp(at, word, len) != 0)
            continue;
        at += len + strspn(at + len, WHITE "=\"'");
        at[strcspn(at, WHITE "\"'")] = '\0';
        if (at[0] != '\0')
            found = need(strdup(at));
    }
    free(line);
    if (in != NULL)
        (void)fclose(in);
    return found;
}
