/*
 * names.c - the tables of our names (see names.h); the sources of our own
 * attributes are MIT krb5's names for the buffers of a PAC (MS-PAC section
 * 2.4).
 */
#include "names.h"

#include <string.h>

#define OURS "gs2:"
#define AD_GROUPS OURS "ad-groups"
#define AD_USER_SID OURS "ad-user-sid"
#define AD_UPN OURS "ad-upn"
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct gs2_name facts[] = {
    [GS2_FACT_MECH] = { OURS "mech",
        "SASL name of the mechanism, without -PLUS" },
    [GS2_FACT_BINDING] = { OURS "binding",
        "type of the channel binding" },
    [GS2_FACT_LAYER] = { OURS "layer",
        "security layer of the connection: none, integrity or privacy" },
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
    [GS2_FACT_ROLE] = { OURS "role",
        "a role of the login" },
};
_Static_assert(COUNT(facts) == GS2_FACTS, "each fact has a row");

static const struct gs2_own_attr attrs[] = {
    { AD_GROUPS, "urn:mspac:logon-info", GS2_PAC_GROUP_SID },
    { AD_USER_SID, "urn:mspac:logon-info", GS2_PAC_USER_SID },
    { AD_UPN, "urn:mspac:upn-dns-info", GS2_PAC_UPN },
};

static const struct gs2_property properties[] = {
    { { "gss:", "values of an attribute, where all are text" },
      GS2_FILLED_BY_TEXT, NULL },
    { { "gss64:", "values of an attribute in base64" },
      GS2_FILLED_BY_OCTETS, NULL },
    { { "gss-display:", "display values of an attribute" },
      GS2_FILLED_BY_DISPLAY, NULL },
    { { "gss-attributes-json", "all attributes in one JSON document" },
      GS2_FILLED_BY_JSON, NULL },
    { { "gss-composite-name", "exported composite name in base64" },
      GS2_FILLED_BY_EXPORT, NULL },
    { { "gss-ad-groups", "SIDs of the user's groups" },
      GS2_FILLED_BY_TEXT, AD_GROUPS },
    { { "gss-ad-user-sid", "SID of the user" },
      GS2_FILLED_BY_TEXT, AD_USER_SID },
    { { "gss-ad-upn", "user principal name" },
      GS2_FILLED_BY_TEXT, AD_UPN },
    { { "gs2-roles", "roles of the login, in the order of gs2_roles" },
      GS2_FILLED_BY_FACT, OURS "role" },
    { { "gs2-mech", "SASL name of the mechanism, without -PLUS" },
      GS2_FILLED_BY_FACT, OURS "mech" },
    { { "gs2-binding", "type of the channel binding" },
      GS2_FILLED_BY_FACT, OURS "binding" },
    { { "gs2-layer", "security layer of the connection" },
      GS2_FILLED_BY_FACT, OURS "layer" },
    { { "gs2-principal", "displayed name of the user, in full" },
      GS2_FILLED_BY_FACT, OURS "principal" },
    { { "gs2-realm", "the user's realm" },
      GS2_FILLED_BY_FACT, OURS "realm" },
    { { "gs2-acceptor", "name of the service that the ticket is for" },
      GS2_FILLED_BY_FACT, OURS "acceptor" },
    { { "gs2-ticket-service", "service of that name" },
      GS2_FILLED_BY_FACT, OURS "ticket-service" },
    { { "gs2-service", "the server's own name of its service" },
      GS2_FILLED_BY_FACT, OURS "service" },
    { { "gs2-expires", "when the context ends, in seconds since 1970 (UTC), or never" },
      GS2_FILLED_BY_EXPIRY, NULL },
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

const struct gs2_property *
gs2_names_find_property(const char *name, const char **source_out)
{
    for (size_t i = 0; i < COUNT(properties); i++) {
        const struct gs2_property *property = &properties[i];
        const size_t len = strlen(property->row.name);
        const bool is_prefix = property->row.name[len - 1] == ':';

        if (strncmp(name, property->row.name, len) == 0 &&
            (is_prefix || name[len] == '\0')) {
            *source_out = is_prefix ? name + len : property->source;
            return property;
        }
    }
    *source_out = NULL;
    return NULL;
}

const struct gs2_property *
gs2_names_nth_property(size_t n)
{
    return n < COUNT(properties) ? &properties[n] : NULL;
}
