/*
 * names.c - the table of our own attributes (see names.h); the names of
 * their sources are MIT krb5's for the buffers of a PAC (MS-PAC section 2.4).
 */
#include "names.h"

#include <string.h>

static const struct gs2_own_attr table[] = {
    { "gs2:ad-groups", "urn:mspac:logon-info", GS2_PAC_GROUP_SID },
    { "gs2:ad-user-sid", "urn:mspac:logon-info", GS2_PAC_USER_SID },
    { "gs2:ad-upn", "urn:mspac:upn-dns-info", GS2_PAC_UPN },
};

const struct gs2_own_attr *
gs2_names_find_attr(const void *name, size_t len)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (len == strlen(table[i].name) &&
            memcmp(name, table[i].name, len) == 0)
            return &table[i];
    }
    return NULL;
}

const struct gs2_own_attr *
gs2_names_nth_attr(size_t n)
{
    return n < sizeof(table) / sizeof(table[0]) ? &table[n] : NULL;
}
