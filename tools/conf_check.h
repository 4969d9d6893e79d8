/*
 * conf_check.h - what is wrong with the GS2 options of a server's
 * configuration, of which libsasl says nothing.
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "conf_file.h"

/* Writes what is wrong to standard error, as compilers do; returns how many
 * errors there are. */
size_t checkconf_report(const struct conffile *conf);

#endif
