/*
 * loopback.h - a login through libsasl with both ends in this process, each
 * with the plugin that libsasl loads, the caller's ticket and a keytab.
 */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include <sasl/sasl.h>

#include "channel_binding.h"
#include "conf_file.h"
#include "outcome.h"

/* Which rules the server has. */
enum loopback_rules { LOOPBACK_CONF, LOOPBACK_NONE, LOOPBACK_RULE };

/* What differs from one login to the next.  Borrowed. */
struct loopback_ask {
    enum loopback_rules rules;
    const char *rule;        /* with LOOPBACK_RULE */
    const char **properties; /* to request, ended by NULL; NULL for none */
};

struct loopback {
    /* Set by the caller. */
    const struct conf_file *conf; /* the server's options; may be of zeros */
    const char *service, *host;
    const char *realm;            /* of users without one; NULL: none */
    const char *mech;             /* NULL: the best that both have */
    const char *authzid;          /* NULL: none */
    struct channel_binding binding;
    struct loopback_ask ask;

    /* What came of it. */
    struct outcome outcome;
    sasl_conn_t *server, *client; /* for more questions */
    char *log;                    /* the server's warnings, a line each */
    bool asked;                   /* a plugin that knows rules was at work */

    sasl_callback_t server_callbacks[4], client_callbacks[2];
    sasl_channel_binding_t holder;
};

/* Starts libsasl, whose server has the options of conf.  False, with a reason,
 * if that fails. */
bool loopback_start(const struct conf_file *conf, struct gs2_error *err);

void loopback_stop(void);

/* Makes both ends, which can then be asked for their mechanisms.  False, with
 * an outcome, if that fails.  Ended by loopback_end() in any case. */
bool loopback_open(struct loopback *loop);

/* All mechanisms that an end offers, separated by spaces; borrowed until the
 * next call for that end. */
const char *loopback_listed(sasl_conn_t *conn);

/* The mechanisms of GS2 that an end offers, separated by spaces; "" for none.
 * Gives, freed with free(). */
char *loopback_offered(sasl_conn_t *conn);

/* Opens, if that was not done, and logs in; the outcome is in loop. */
void loopback_login(struct loopback *loop);

/* Logs in once more, as first did, but for what is asked.  Fills the caller's
 * *again_out, ended by loopback_end(). */
void loopback_again(const struct loopback *first, struct loopback_ask ask,
                    struct loopback *again_out);

/* Frees what came of it; what the caller has set stays. */
void loopback_end(struct loopback *loop);

#endif
