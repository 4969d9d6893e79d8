/*
 * postfix_conf.h - what main.cf of Postfix says (postconf(5)).
 */
#ifndef POSTFIX_CONF_H
#define POSTFIX_CONF_H

/* The value of a parameter as it stands there, the last one; NULL where it is
 * not set.  *line_out is its line.  The caller frees it. */
char *postfix_conf_find(const char *name, unsigned *line_out);

/* Why main.cf cannot be read, which the caller frees; NULL where it can, or is
 * not there. */
char *postfix_conf_unread(void);

/*
 * Where smtpd looks for smtpd.conf, a colon list: Debian 12's Postfix in its own
 * places, whatever main.cf says; a newer one in the directories that
 * cyrus_sasl_config_path names.  NULL where it names none: then smtpd looks where
 * libsasl does.  Gives.
 */
char *postfix_conf_sasl_places(const char *places_of_debian_12);

/* Why that cannot be told, which the caller frees; NULL where it can. */
char *postfix_conf_sasl_unsure(void);

/*
 * Looks for a variable in import_environment, with which master starts smtpd.
 * Fills the caller's *value_out, NULL where it is not set there, and *why_out,
 * NULL where that is known, as shell_file_find() does.
 */
void postfix_conf_variable(const char *name, char **value_out,
                           char **why_out);

#endif
