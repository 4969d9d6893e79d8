/*
 * conf_check.h - what a server makes of a configuration: is it in force, is
 * there something in it that is not, does anybody get in at all.  It looks at
 * files alone: no key, no ticket, no server.
 */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include "findings.h"
#include "served.h"

/* One service of an imapd.conf, or the whole of another configuration. */
struct conf_view {
    const char *service; /* NULL: all that have no options of their own;
                          * borrowed of the check */
    enum conf_word word;
    bool has_rule;       /* gs2_require is set, and is asked */
    bool has_others;     /* GS2 is another's, and asks none */
};

struct conf_check {
    char *unsure;             /* why it cannot be told what is in force; NULL:
                               * it can.  There are no views then, and of the
                               * errors those that are so in any case */
    enum conf_word word;      /* of the whole */
    enum conf_word goes_on;   /* of a service that is not closed */
    bool no_start;            /* the server does not start with it */
    bool broken;              /* an option of GS2 cannot be parsed */
    struct conf_view *views;
    size_t view_count;
    struct findings errors;   /* what is not in force, what is closed */
    struct findings warnings; /* conf_past_find() */
    char **services;          /* of cyrus.conf, that have their own options */
    size_t service_count;
};

/* Checks what conf->service sees, or, with all, each service.  Fills the
 * caller's *check_out, freed with conf_check_free(), which borrows conf. */
void conf_check(const struct conf_file *conf, bool all,
                struct conf_check *check_out);

void conf_check_free(struct conf_check *check);

/* True where the plugin can do what the options of a view say, which are
 * parsed; else the errors have why not (conf_options.c). */
bool conf_options_check(const struct conf_file *view,
                        struct gs2_config *config, struct findings *errors);

/* Which file serves GS2; whether mech_list lets the server have GS2, and the file
 * is not ours; and whether there is no GSSAPI of ours beside it, so that no option
 * of GS2 is in force (conf_mechs.c). */
void conf_mechs_find_file(struct served *served_out);
bool conf_mechs_have_others(const struct conf_file *view);
bool conf_mechs_are_others(const struct conf_file *view);

/* Whether mech_list lets the server have GS2, GSSAPI or GSS-SPNEGO, and of a file
 * that may serve it, *served_out, nothing can be told (conf_mechs.c). */
bool conf_mechs_find_unknown(const struct conf_file *view,
                             struct served *served_out);

/* A mechanism that asks rules here, for mech_list (conf_mechs.c). */
const char *conf_mechs_ours(void);

/* True where the parsed options and mech_list let the server offer a mechanism
 * that asks rules; else the errors have why not (conf_mechs.c). */
bool conf_mechs_check(const struct conf_file *view,
                      const struct gs2_config *config,
                      struct findings *errors);

/* Adds the options of GS2 to the errors that another's file at path does not
 * read; false where there are none (conf_unread.c). */
bool conf_unread_by_others(const struct conf_file *view, const char *path,
                           struct findings *errors);

/* Adds the lines that are not read to the errors of a check whose services are
 * known (conf_unread.c). */
void conf_unread_find(struct conf_check *check, const struct conf_file *conf);

/* Adds what lets people in past the rule of a view, and a mech_list that
 * libsasl has a fault with, to the warnings (conf_past.c). */
void conf_past_find(const struct conf_file *view, struct findings *warnings);

/* Adds the mechanisms by which another's file lets people in though a view is
 * closed (conf_past.c). */
void conf_past_closed(const struct conf_file *view, struct findings *warnings);

#endif
