/*
 * member.c - slapd asks whether somebody is a member of a group, for an access
 * rule (see member.h).
 *
 * Nothing of the connection or of its SASL context is read here: a Bind may be
 * freeing both at this moment (see record.c).  The answer is made of what
 * slapd gives with the question and of the connection's record.
 */
#include "member.h"

#include <stdbool.h>

#include "groups.h"
#include "record.h"

/* What a function of SLAPI returns: slapd is to look at the entry; the result
 * code is the answer. */
#define ASK_THE_ENTRY 0
#define ANSWERED (-1)

static int
answer(Slapi_PBlock *pb, bool yes)
{
    int code = yes ? LDAP_SUCCESS : LDAP_NO_SUCH_ATTRIBUTE;

    (void)slapi_pblock_set(pb, SLAPI_RESULT_CODE, &code);
    return ANSWERED;
}

/* The normalized DN of the group in question, freed with
 * slapi_ch_free_string(); NULL where slapd does not give it. */
static char *
group_dn(Slapi_PBlock *pb)
{
    Slapi_Entry *entry = NULL;
    char *dn;

    if (slapi_pblock_get(pb, SLAPI_X_GROUP_ENTRY, &entry) != 0 ||
        entry == NULL)
        return NULL;
    dn = slapi_entry_get_dn(entry);
    return dn != NULL ? slapi_dn_normalize_case(dn) : NULL;
}

/* True where whoever asks has the role, on this connection. */
static bool
has(Slapi_PBlock *pb, const char *role)
{
    Slapi_Connection *connection = NULL;
    char *dn = NULL;

    return slapi_pblock_get(pb, SLAPI_CONNECTION, &connection) == 0 &&
           slapi_pblock_get(pb, SLAPI_X_GROUP_OPERATION_DN, &dn) == 0 &&
           connection != NULL && dn != NULL &&
           gs2_slapd_record_has(connection, dn, role);
}

int
gs2_slapd_is_member(Slapi_PBlock *pb)
{
    char *group = group_dn(pb);
    const char *role;

    /* The unknown group could have a role: no. */
    if (group == NULL)
        return answer(pb, false);
    role = gs2_slapd_groups_role(group);
    slapi_ch_free_string(&group);
    return role != NULL ? answer(pb, has(pb, role)) : ASK_THE_ENTRY;
}
