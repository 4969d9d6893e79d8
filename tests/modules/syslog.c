/*
 * syslog.c - what a program says to syslog(), in a file of a test's own.
 *
 * Preloaded into a program, this answers syslog() in libc's place and appends
 * to the file that $GS2_SYSLOG names what libc would send to /dev/log (RFC
 * 3164, without the host), one line a message: <PRI>TIME TAG[PID]: MESSAGE.
 * It works as any user and leaves the machine's /dev/log alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* <syslog.h> would define syslog() inline where _FORTIFY_SOURCE is set. */
#define PRIORITY(value) ((value) & 7)
#define USER (1 << 3) /* the facility of who names none */
int setlogmask(int mask);
void openlog(const char *tag, int option, int facility);
void closelog(void);
void syslog(int priority, const char *format, ...);
void vsyslog(int priority, const char *format, va_list values);
void __syslog_chk(int priority, int flag, const char *format, ...);
void __vsyslog_chk(int priority, int flag, const char *format, va_list values);

#define LINE_MAX_OCTETS 4096

/* What openlog() was told. */
static const char *opened_tag;
static int opened_facility = USER;

void
openlog(const char *tag, int option, int facility)
{
    (void)option;
    opened_tag = tag;
    if (facility != 0)
        opened_facility = facility;
}

void
closelog(void)
{
    opened_tag = NULL;
}

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

/* What stands before the message. */
static void
begin(char *line, size_t size, int priority)
{
    const time_t now = time(NULL);
    char clock[32] = "";
    struct tm broken;

    if (localtime_r(&now, &broken) != NULL)
        (void)strftime(clock, sizeof(clock), "%b %e %H:%M:%S", &broken);
    if (priority == PRIORITY(priority))
        priority |= opened_facility;
    snprintf(line, size, "<%d>%s %s[%d]: ", priority, clock,
             opened_tag != NULL ? opened_tag : program_invocation_short_name,
             (int)getpid());
}

void
vsyslog(int priority, const char *format, va_list values)
{
    char line[LINE_MAX_OCTETS];
    int saved = errno; /* for %m, and for the caller */
    size_t len;

    if (!(setlogmask(0) & (1 << PRIORITY(priority))))
        return;
    begin(line, sizeof(line), priority);
    len = strlen(line);
    errno = saved;
    vsnprintf(line + len, sizeof(line) - len - 1, format, values);
    len = strlen(line);
    for (size_t i = 0; i < len; i++) {
        if (line[i] == '\n' || line[i] == '\t')
            line[i] = ' '; /* one line, as syslogd writes it */
    }
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
