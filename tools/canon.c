/*
 * canon.c - a name as libsasl hands it to an application (see canon.h).
 *
 * No function of libsasl's interface does that alone.  EXTERNAL, which libsasl
 * has itself, does it of the name that the application gives to it, and nothing
 * else.
 */
#include "canon.h"

#include <string.h>

#include <sasl/sasl.h>

#include "print.h"

#define PROC(function) ((int (*)(void))(void (*)(void))(function))

/* Whatever mech_list of the configuration says; the rest is asked of it. */
static int
get_option(void *context, const char *plugin, const char *option,
           const char **result, unsigned *len)
{
    static const char external[] = "EXTERNAL";

    (void)context;
    (void)plugin;
    if (strcmp(option, "mech_list") != 0)
        return SASL_FAIL;
    *result = external;
    if (len != NULL)
        *len = sizeof(external) - 1;
    return SASL_OK;
}

char *
canon_name(const char *service, const char *host, const char *realm,
           const char *name)
{
    const sasl_callback_t callbacks[] = {
        { SASL_CB_GETOPT, PROC(get_option), NULL },
        { SASL_CB_LIST_END, NULL, NULL },
    };
    sasl_conn_t *conn = NULL;
    const char *out = NULL;
    const void *made = NULL;
    unsigned out_len = 0;
    char *copy = NULL;
    int code;

    code = sasl_server_new(service, host, realm, NULL, NULL, callbacks, 0,
                           &conn);
    if (code == SASL_OK)
        code = sasl_setprop(conn, SASL_AUTH_EXTERNAL, name);
    if (code == SASL_OK)
        code = sasl_server_start(conn, "EXTERNAL", "", 0, &out, &out_len);
    if (code == SASL_OK)
        code = sasl_getprop(conn, SASL_AUTHUSER, &made);
    if (code == SASL_OK && made != NULL && ((const char *)made)[0] != '\0')
        copy = need(strdup(made));
    sasl_dispose(&conn);
    return copy;
}
