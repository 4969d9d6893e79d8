/*
 * server_environment.h - with which variables a server of this machine is
 * started, where a file of its own says so.
 */
#ifndef SERVER_ENVIRONMENT_H
#define SERVER_ENVIRONMENT_H

#include <stdbool.h>

#include "conf_file.h"

/*
 * Puts the server's SASL_PATH (SASL_PLUGINDIR) into the environment where conf is
 * the file that it reads, and with its keys KRB5_KTNAME, unless that is set.
 * Before libsasl is looked at.  What cannot be told of them is conf->unsure.
 */
void server_environment_set(struct conf_file *conf, bool keys);

/* As whom the server runs: by its own files, or else as Debian sets it up.  NULL
 * where that is not known; *why_out is why its files cannot be understood, else
 * NULL.  Gives both. */
char *server_environment_user(const struct conf_file *conf, char **why_out);

/* Whether conf is the file that the server of this machine reads. */
bool server_environment_is_its_own(const struct conf_file *conf);

#endif
