/*
 * cyrus_conf.h - the services of Cyrus IMAP, whose names can stand before an
 * option of imapd.conf.
 */
#ifndef CYRUS_CONF_H
#define CYRUS_CONF_H

#include <stddef.h>

/* The names in SERVICES of the cyrus.conf beside an imapd.conf, in lower case:
 * of the services that run a program, such as "pop3d", or where that is NULL, of
 * all.  Gives *names_out, freed with cyrus_conf_free(); none where the file
 * cannot be read. */
void cyrus_conf_services(const char *imapd_conf, const char *program,
                         char ***names_out, size_t *count_out);

void cyrus_conf_free(char **names, size_t count);

#endif
