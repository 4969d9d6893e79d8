/*
 * text_file.c - a short text file (see text_file.h).
 */
#include "text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "print.h"

#define OCTETS_MAX 1000000

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
