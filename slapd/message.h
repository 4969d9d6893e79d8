/*
 * message.h - what the module has to say to the administrator.
 */
#ifndef GS2_SLAPD_MESSAGE_H
#define GS2_SLAPD_MESSAGE_H

/* Writes a line where slapd writes its own: to syslog, and to stderr, which
 * slaptest and `slapd -d' show. */
void gs2_slapd_message(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
