/*
 * bind.c - what slapd calls before and after each Bind (see bind.h).
 *
 * slapd may call either of them twice for one Bind, and also for a Bind that
 * failed or goes on.  Both run in the Bind's own thread, and slapd begins no
 * other operation on the connection before the second one is done: so here,
 * and nowhere else, the connection and its SASL context can be read.
 */
#include "bind.h"

#include <stdbool.h>
#include <stddef.h>

#include "login.h"
#include "message.h"
#include "record.h"

static Slapi_Connection *
connection_of(Slapi_PBlock *pb)
{
    Slapi_Connection *connection = NULL;

    if (slapi_pblock_get(pb, SLAPI_CONNECTION, &connection) != 0)
        return NULL;
    return connection;
}

int
gs2_slapd_before_bind(Slapi_PBlock *pb)
{
    gs2_slapd_record_empty(connection_of(pb));
    return 0;
}

/* True where this Bind is by SASL and somebody is logged in now. */
static bool
has_succeeded(Slapi_PBlock *pb)
{
    int method = 0, result = LDAP_OTHER;

    return slapi_pblock_get(pb, SLAPI_BIND_METHOD, &method) == 0 &&
           slapi_pblock_get(pb, SLAPI_RESULT_CODE, &result) == 0 &&
           method == (int)LDAP_AUTH_SASL && result == LDAP_SUCCESS;
}

int
gs2_slapd_after_bind(Slapi_PBlock *pb)
{
    Slapi_Connection *const connection = connection_of(pb);
    struct gs2_slapd_login login;
    sasl_conn_t *sasl = NULL;
    char *dn = NULL;

    if (connection == NULL || !has_succeeded(pb) ||
        slapi_pblock_get(pb, SLAPI_CONN_DN, &dn) != 0 || dn == NULL ||
        dn[0] == '\0' ||
        slapi_pblock_get(pb, SLAPI_X_CONN_SASL_CONTEXT, &sasl) != 0 ||
        sasl == NULL || !gs2_slapd_login_read(sasl, &login))
        return 0;
    if (!gs2_slapd_record_fill(connection, dn, login.roles, login.count,
                               login.end))
        gs2_slapd_message("the roles of \"%s\" are lost: there is no memory, "
                          "or the connection is older than the plugin",
                          dn);
    return 0;
}
