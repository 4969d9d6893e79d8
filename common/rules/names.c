/*
 * names.c - the tables of our names (see names.h); the sources of our own
 * attributes are MIT krb5's names for the buffers of a PAC (MS-PAC section
 * 2.4).
 */
#include "names.h"

#include <string.h>

#define OURS "gs2:"
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct gs2_name facts[] = {
    [GS2_FACT_MECH] = { OURS "mech",
        "SASL name of the mechanism, without -PLUS" },
    [GS2_FACT_BINDING] = { OURS "binding",
        "type of the channel binding" },
    [GS2_FACT_PRINCIPAL] = { OURS "principal",
        "displayed name of the user, in full" },
    [GS2_FACT_REALM] = { OURS "realm",
        "the user's realm" },
    [GS2_FACT_ACCEPTOR] = { OURS "acceptor",
        "displayed name of the service that the user's ticket is for" },
    [GS2_FACT_TICKET_SERVICE] = { OURS "ticket-service",
        "name of the service that the user's ticket is for" },
    [GS2_FACT_SERVICE] = { OURS "service",
        "name of the service, as the server has it" },
    [GS2_FACT_AUTHID] = { OURS "authid",
        "authentication identity, as the application has it" },
    [GS2_FACT_AUTHZID] = { OURS "authzid",
        "authorization identity, as the application has it" },
};
_Static_assert(COUNT(facts) == GS2_FACTS, "each fact has a row");

static const struct gs2_own_attr attrs[] = {
    { OURS "ad-groups", "urn:mspac:logon-info", GS2_PAC_GROUP_SID },
    { OURS "ad-user-sid", "urn:mspac:logon-info", GS2_PAC_USER_SID },
    { OURS "ad-upn", "urn:mspac:upn-dns-info", GS2_PAC_UPN },
};

static bool
is_name(const char *of_row, const void *name, size_t len)
{
    return len == strlen(of_row) && memcmp(name, of_row, len) == 0;
}

bool
gs2_names_is_ours(const void *name, size_t len)
{
    return len >= strlen(OURS) && memcmp(name, OURS, strlen(OURS)) == 0;
}

const struct gs2_name *
gs2_names_fact(enum gs2_fact fact)
{
    return &facts[fact];
}

enum gs2_fact
gs2_names_find_fact(const void *name, size_t len)
{
    size_t fact = 0;

    while (fact < GS2_FACTS && !is_name(facts[fact].name, name, len))
        fact++;
    return (enum gs2_fact)fact;
}

const struct gs2_own_attr *
gs2_names_find_attr(const void *name, size_t len)
{
    for (size_t i = 0; i < COUNT(attrs); i++) {
        if (is_name(attrs[i].name, name, len))
            return &attrs[i];
    }
    return NULL;
}

const struct gs2_own_attr *
gs2_names_nth_attr(size_t n)
{
    return n < COUNT(attrs) ? &attrs[n] : NULL;
}
