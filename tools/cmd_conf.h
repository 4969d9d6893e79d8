/*
 * cmd_conf.h - what is wrong with the GS2 options of a server's
 * configuration, of which libsasl says nothing.
 */
#ifndef CHECKCONF_H
#define CHECKCONF_H

#include "conf_file.h"

/* Writes what is wrong to standard error, as compilers do; returns how many
 * errors there are. */
size_t checkconf_report(const struct conffile *conf);

#endif
