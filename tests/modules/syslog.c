/*
 * syslog.c - what a program says to syslog(), in a file of a test's own.
 *
 * Cyrus IMAP logs to syslog and nowhere else.  Preloaded into a program, this
 * answers syslog() in libc's place and appends each message to the file that
 * $GS2_SYSLOG names, as one line: PROGRAM[PID]: MESSAGE.  It works as any user
 * and leaves the machine's /dev/log alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* <syslog.h> would define syslog() inline where _FORTIFY_SOURCE is set. */
#define PRIORITY(value) ((value) & 7)
int setlogmask(int mask);
void syslog(int priority, const char *format, ...);
void vsyslog(int priority, const char *format, va_list values);
void __syslog_chk(int priority, int flag, const char *format, ...);
void __vsyslog_chk(int priority, int flag, const char *format, va_list values);

#define LINE_MAX_OCTETS 4096

/* One write() a line, so that those of several processes do not mix. */
static void
append(const char *line, size_t len)
{
    const char *path = getenv("GS2_SYSLOG");
    int fd = path ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;

    if (fd < 0)
        return;
    if (write(fd, line, len) < 0)
        perror(path);
    close(fd);
}

void
vsyslog(int priority, const char *format, va_list values)
{
    char line[LINE_MAX_OCTETS];
    int saved = errno; /* for %m, and for the caller */
    size_t len;

    if (!(setlogmask(0) & (1 << PRIORITY(priority))))
        return;
    snprintf(line, sizeof(line), "%s[%d]: ", program_invocation_short_name,
             (int)getpid());
    len = strlen(line);
    errno = saved;
    vsnprintf(line + len, sizeof(line) - len - 1, format, values);
    len = strlen(line);
    line[len++] = '\n';
    append(line, len);
    errno = saved;
}

void
syslog(int priority, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    vsyslog(priority, format, values);
    va_end(values);
}

void
__vsyslog_chk(int priority, int flag, const char *format, va_list values)
{
    (void)flag;
    vsyslog(priority, format, values);
}

void
__syslog_chk(int priority, int flag, const char *format, ...)
{
    va_list values;

    (void)flag;
    va_start(values, format);
    vsyslog(priority, format, values);
    va_end(values);
}
