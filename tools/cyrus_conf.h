/*
 * cyrus_conf.h - the services of Cyrus IMAP, whose names can stand before an
 * option of imapd.conf.
 */
#ifndef CYRUS_CONF_H
#define CYRUS_CONF_H

#include <stddef.h>

/* The names in SERVICES of the cyrus.conf beside an imapd.conf, in lower case.
 * Gives *names_out, an array and each of it freed with free(); none where the
 * file cannot be read. */
void cyrus_conf_services(const char *imapd_conf, char ***names_out,
                         size_t *count_out);

#endif
