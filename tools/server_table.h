/*
 * server_table.h - what is known of the servers that people run with GS2: the
 * one place that says where each reads its options, and with which key and as
 * whom it runs.
 */
#ifndef SERVER_TABLE_H
#define SERVER_TABLE_H

#include <stdbool.h>

/* Which security layers a server lets a mechanism have. */
enum server_layers {
    SERVER_LAYERS_OUTSIDE_TLS, /* any, up to the strength that TLS has */
    SERVER_LAYERS,             /* any, within TLS as well */
    SERVER_NO_LAYERS
};

/* Who reads the file where a server's environment is set. */
enum server_starter {
    SERVER_STARTED_SOMEHOW,
    SERVER_STARTED_BY_SCRIPT, /* of init: what is exported there; or, if it has
                               * a unit (Debian 13), by that */
    SERVER_STARTED_BY_UNIT,   /* EnvironmentFile= of systemd */
    SERVER_STARTED_BY_POSTFIX
};

struct server_row {
    const char *name;     /* of the program, as -c and conf take it */
    const char *app;      /* what it calls itself to libsasl: APP.conf */
    const char *paths;    /* its own places, a colon list; NULL: libsasl's.
                           * Of smtpd, Debian 12's: see conf_file_places() */
    bool imapd;           /* reads as Cyrus IMAP does (conf_line.h) */
    bool binds;           /* tells libsasl of a channel binding, or can */
    enum server_layers layers; /* as it is installed */
    const char *service;  /* of its key */
    const char *defaults; /* where its environment is set; or NULL */
    enum server_starter starter; /* who reads that */
    const char *user;     /* whom Debian runs it as; NULL: of its caller.  Of
                           * slapd where its defaults cannot be had */
    const char *user_word; /* what says that it is another: in imapd.conf, or in
                            * defaults */
    bool one_group;       /* it takes off the user's other groups */
    bool reads_as_root;   /* its options, before it becomes that user */
    const char *log;      /* where it says why somebody was refused; NULL:
                           * nowhere */
    const char *past;     /* what else lets people in; NULL: nothing known */
    const char *cure;     /* of that */
    const char *acts;     /* what lets people act as others in single requests;
                           * NULL: nothing known */
    const char *acts_cure; /* of that */
};

/* The row of a program by its name, or by APP or APP.conf; NULL for none. */
const struct server_row *server_table_find(const char *name);

/* The nth row, NULL behind the last. */
const struct server_row *server_table_row(unsigned n);

#endif
